"""Facts of pictures: the published hashes, numbers that hardly depend on how a picture was decoded, and every mode."""

from __future__ import annotations

import dataclasses
import io
import itertools
import json
import math
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps, ImageStat

from annotate.media.flattening import flat
from annotate.media.probe import TYPES, Refused, orientation_of, probe
from workflows.cleaning.measures.picture import PictureFacts, measure, phash, unreadable

Data = Callable[[str], Path]
SHOWN = 512  # pixels to which a decoder may reduce what is measured
FLOATS = ("bright_p5", "bright_p99", "information", "blur", "contrast", "colour")
MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "HSV", "LAB", "I;16", "I", "F")


@cache
def scene(width: int = 1280, height: int = 720) -> Image.Image:
    """A colourful picture with coarse shapes, fine texture and a little noise."""
    rng = np.random.default_rng(5)
    coarse = Image.fromarray(rng.integers(0, 256, (9, 16, 3), dtype=np.uint8)).resize((width, height), Image.Resampling.BICUBIC)
    fine = rng.normal(0, 18, (height // 4, width // 4, 1)).repeat(4, 0).repeat(4, 1)
    pixels = np.asarray(coarse, dtype=float) + fine[:height, :width] + rng.normal(0, 4, (height, width, 1))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def in_mode(picture: Image.Image, mode: str) -> Image.Image:
    if mode in ("I;16", "I", "F"):
        grey = np.asarray(picture.convert("L"))
        kind: Any = {"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode]
        return Image.fromarray((grey * 200.0).astype(kind))
    if mode == "PA":
        return picture.convert("P").convert("PA")
    if mode == "LAB":
        return Image.merge("LAB", picture.split())
    return picture.convert(mode)


def whole(facts: PictureFacts) -> None:
    """Every number is there and within its range."""
    assert facts.fault == ""
    for name in FLOATS:
        value = getattr(facts, name)
        assert isinstance(value, float) and math.isfinite(value) and 0 <= value <= 1, (name, value)
    assert type(facts.phash) is int and 0 <= facts.phash < 2**64


def apart(a: int, b: int) -> int:
    return (a ^ b).bit_count()


def _reference(picture: Image.Image) -> int:
    """ImageHash's recipe, written out: a whole DCT-II of 32 × 32, its low corner, the median."""
    pixels = np.asarray(picture.convert("L").resize((32, 32), Image.Resampling.LANCZOS), dtype=float)
    n = np.arange(32)
    cosines = 2 * np.cos(np.pi * (2 * n[None] + 1) * n[:, None] / 64)
    low = (cosines @ pixels @ cosines.T)[:8, :8]
    return int("".join("1" if bit else "0" for bit in (low > np.median(low)).ravel()), 2)


def _readable(folder: Path) -> Iterator[tuple[str, Image.Image]]:
    for path in sorted(folder.rglob("*.*")):
        if path.suffix in (".jpg", ".jpeg", ".png"):
            try:
                picture = Image.open(path)
                picture.load()
            except OSError:
                continue
            yield str(path.relative_to(folder)), picture


def test_the_hash_is_that_of_imagehash_bit_for_bit(data: Data) -> None:
    pictures = dict(_readable(data("near_duplicates_ukbench")))
    assert len(pictures) == 24
    assert {name: phash(picture) for name, picture in pictures.items()} == {name: _reference(one) for name, one in pictures.items()}


def test_published_distances_between_pictures_hold(data: Data) -> None:
    folder = data("near_duplicates_ukbench")
    groups = json.loads((folder / "groups.json").read_text())
    hashes = {name: phash(picture) for name, picture in _readable(folder)}
    alike = [set(group) for group in (*groups["same_scene_near"], *groups["exact"])]
    for (a, left), (b, right) in itertools.combinations(hashes.items(), 2):
        if any({a, b} <= group for group in alike):
            assert left == right, (a, b)
        elif "mixed_nested_images" not in a + b and not any(a in group and (group & {b} or b in group) for group in alike):
            same_bytes = (folder / a).read_bytes() == (folder / b).read_bytes()
            near = {a, b} <= {name for group in alike for name in group} and left == right
            assert same_bytes or near or apart(left, right) > 10, (a, b)


def test_measured_hashes_differ_by_two_bits_at_most_from_those_of_the_full_picture(data: Data) -> None:
    for name, picture in _readable(data("near_duplicates_ukbench")):
        assert apart(measure(picture, 1).phash, phash(picture)) <= 2, name


def test_a_decoder_that_reduces_changes_the_numbers_little() -> None:
    out = io.BytesIO()
    scene().save(out, "JPEG", quality=88)
    full, half = Image.open(io.BytesIO(out.getvalue())), Image.open(io.BytesIO(out.getvalue()))
    half.draft(None, (SHOWN, SHOWN * 9 // 16))
    assert half.size == (640, 360)
    a, b = measure(full, 1), measure(half, 1)
    for name in FLOATS:
        assert getattr(a, name) == pytest.approx(getattr(b, name), abs=0.04 if name == "colour" else 0.015), name
    assert apart(a.phash, b.phash) <= 2
    boxed = measure(scene().reduce(2), 1)
    assert boxed.blur == pytest.approx(a.blur, abs=0.02) and apart(boxed.phash, a.phash) <= 2


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_is_measured(mode: str) -> None:
    facts = measure(in_mode(scene(200, 120), mode), 1)
    whole(facts)
    if mode not in ("1", "LAB", "HSV"):
        assert apart(facts.phash, phash(scene(200, 120))) <= 6


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (1, 900), (900, 1), (3, 3), (5000, 2), (513, 512)])
@pytest.mark.parametrize("mode", ["L", "RGB", "F"])
def test_every_size_is_measured(mode: str, size: tuple[int, int]) -> None:
    whole(measure(Image.new(mode, size, 7), 1))


def test_floats_that_are_no_numbers_are_measured() -> None:
    pixels = np.full((20, 30), np.nan, dtype=np.float32)
    pixels[3, 4], pixels[5, 6] = np.inf, -1e30
    whole(measure(Image.fromarray(pixels), 0))


def test_transparent_parts_count_as_white() -> None:
    facts = measure(Image.new("RGBA", (40, 30), (0, 0, 0, 0)), 1)
    assert facts.bright_p5 == facts.bright_p99 == 1.0


def test_a_plain_picture_has_the_same_hash_in_every_shade() -> None:
    assert len({phash(Image.new("L", (100, 80), shade)) for shade in (1, 60, 128, 255)}) == 1


def test_known_values_of_brightness_and_information() -> None:
    facts = measure(Image.new("RGB", (64, 64), (255, 0, 0)), 3)
    assert facts.bright_p99 == pytest.approx(math.sqrt(0.241), abs=1e-4)
    assert (facts.colour, facts.contrast, facts.orientation) == (1.0, 0.0, 3)
    grey = measure(Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16)), 1)
    assert grey.information == pytest.approx(0.8)
    assert grey.contrast == pytest.approx(0.9, abs=0.01)


def test_the_numbers_are_those_of_their_source_on_real_pictures(data: Data) -> None:
    """cleanvision's formulas written out on the full picture; what is measured may differ by the reduction alone."""
    for path in sorted((data("bccd_bbox")).rglob("*.jpg"))[:12]:
        picture = Image.open(path).convert("RGB")
        pixels = np.asarray(picture, dtype=float)
        bright = np.sqrt(0.241 * pixels[..., 0] ** 2 + 0.691 * pixels[..., 1] ** 2 + 0.068 * pixels[..., 2] ** 2) / 255
        ratio = max(picture.size) / 64
        small = picture.resize((int(picture.width // ratio), int(picture.height // ratio))).convert("L")
        edges = math.sqrt(ImageStat.Stat(small.filter(ImageFilter.FIND_EDGES)).var[0])
        few = 1 - math.exp(-0.01 * float(np.std(small.histogram())))
        facts = measure(picture, 1)
        assert facts.bright_p5 == pytest.approx(np.percentile(bright, 5), abs=0.02)
        assert facts.bright_p99 == pytest.approx(np.percentile(bright, 99), abs=0.02)
        assert facts.blur == pytest.approx(min(1, 1 - math.exp(-0.01 * edges) + (few if few > 0.18 else 0)), abs=0.03)
        assert facts.information == pytest.approx(min(1, 0.1 * picture.entropy()), abs=0.02)


def test_darker_is_never_brighter() -> None:
    ladder = [measure(scene(320, 180).point(lambda v, k=k: v * k // 10), 1) for k in range(10, -1, -1)]
    bright = [facts.bright_p99 or 0.0 for facts in ladder]
    assert bright == sorted(bright, reverse=True) and bright[0] > 0.8 and bright[-1] == 0


def test_lighter_is_never_darker() -> None:
    ladder = [measure(scene(320, 180).point(lambda v, k=k: 255 - (255 - v) * k // 10), 1) for k in range(10, -1, -1)]
    dark = [facts.bright_p5 or 0.0 for facts in ladder]
    assert dark == sorted(dark) and dark[-1] == 1.0
    contrast = [facts.contrast or 0.0 for facts in ladder]
    assert contrast == sorted(contrast, reverse=True) and contrast[-1] == 0


def test_more_blur_is_never_sharper() -> None:
    """A ramp keeps the histogram wide; without it, cells that melt into one grey look like a drawing to the source's formula."""
    cells = np.random.default_rng(8).normal(0, 50, (45, 80)).repeat(16, 0).repeat(16, 1)
    picture = Image.fromarray((np.linspace(0, 150, 1280)[None] + cells).clip(0, 255).astype(np.uint8))
    ladder = [measure(picture.filter(ImageFilter.GaussianBlur(radius)), 1).blur or 0.0 for radius in (0, 4, 8, 12, 16, 20)]
    assert ladder == sorted(ladder, reverse=True) and ladder[0] > 0.4 and ladder[-1] < 0.29


def test_more_noise_is_never_less_information() -> None:
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 1, (90, 160))
    ladder = [
        measure(Image.fromarray((128 + noise * spread).clip(0, 255).astype(np.uint8)), 1).information or 0.0
        for spread in (0, 0.5, 1, 2, 5, 10, 25)
    ]
    assert ladder == sorted(ladder) and ladder[0] == 0 and ladder[-1] > 0.6


def test_cells_under_a_microscope_are_neither_dark_nor_blurred(data: Data) -> None:
    facts = [measure(Image.open(path), 1) for path in sorted(data("bccd_bbox").rglob("*.jpg"))[:40]]
    assert len(facts) == 40
    assert not [one for one in facts if (one.bright_p99 or 0) < 0.32 or (one.bright_p5 or 0) > 0.95 or (one.information or 0) < 0.3]
    assert sum((one.blur or 0) < 0.29 for one in facts) <= 2


def test_all_orientations_of_one_scene_have_one_hash(data: Data) -> None:
    facts = []
    for path in sorted(data("exif_orientation").glob("Landscape_*.jpg")):
        with Image.open(path) as opened:
            opened.draft(None, (SHOWN, SHOWN))
            orientation = orientation_of(opened)
            facts.append(measure(ImageOps.exif_transpose(opened), orientation))
    assert len(facts) == 9
    assert sorted(one.orientation for one in facts) == [1, 1, 2, 3, 4, 5, 6, 7, 8]
    assert max(apart(a.phash, b.phash) for a, b in itertools.combinations(facts, 2)) <= 4


def test_every_bad_picture_has_a_fault_or_facts(data: Data) -> None:
    folder = data("bad_images_pillow")
    seen = json.loads((folder / "observed.json").read_text())["files"]
    fates = {}
    for name in seen:
        path = folder / "files" / name
        try:
            found = probe(path)
            with Image.open(path) as opened:
                facts = measure(opened, found.orientation)
            whole(facts)
        except Refused as refused:
            facts = unreadable(refused.code)
            assert all(getattr(facts, column) is None for column in FLOATS) and facts.orientation == -1
        fates[name] = facts.fault
    fine = {name for name, fate in seen.items() if fate.get("open") == fate.get("load") == "ok"}
    others = {name for name in fine if seen[name]["format"] not in TYPES}  # formats that are not taken
    cut = {"apng__chunk_no_fdat.png"}  # its first frame is whole, its third is not
    assert {name for name, fault in fates.items() if not fault} == fine - others - cut
    assert (len(fates), len(fine), len(others)) == (80, 53, 5)


@settings(max_examples=60)
@given(st.sampled_from(MODES), st.integers(1, 90), st.integers(1, 90), st.integers(0, 2**32 - 1))
def test_any_picture_is_measured_the_same_twice(mode: str, width: int, height: int, seed: int) -> None:
    pixels: NDArray[np.uint8] = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    picture = in_mode(Image.fromarray(pixels), mode)
    facts = measure(picture, 1)
    whole(facts)
    assert dataclasses.astuple(facts) == dataclasses.astuple(measure(picture, 1))
    if mode not in ("LAB",):
        assert facts == measure(flat(picture), 1)
