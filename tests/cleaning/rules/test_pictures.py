"""Rules on pictures: each catches its defect on real and drawn pictures, says nothing of what was not measured, and follows its threshold."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from annotate.media.probe import Refused, probe
from workflows.cleaning.measures.picture import PictureFacts, measure, unreadable
from workflows.cleaning.rules import kinds
from workflows.cleaning.rules.columns import ITEMS, PICTURES
from workflows.cleaning.rules.kind import BELOW, TYPES, Verdict, wrong_parameters
from workflows.cleaning.rules.wrong_extension import ending, tail
from workflows.cleaning.words.pictures import WORDS

Data = Callable[[str], Path]
NAMES = sorted(
    ["dark", "bright", "blurred", "low_information", "low_contrast", "odd_aspect", "odd_size", "too_small", "greyscale", "rotated", "wrong_extension", "unreadable", "exact_duplicate", "near_duplicate", "similar_neighbours"]
)
LINES = ("dark", "bright", "blurred", "low_information", "low_contrast", "greyscale")


def columns(n: int, **given: Any) -> dict[str, Any]:
    """Columns of `n` measured pictures about which nothing is odd, but for what is given."""
    usual: dict[str, Any] = {
        "item": np.arange(1, n + 1) * 10,
        "batch": 1,
        "key": [f"a/{place}.jpg" for place in range(n)],
        "group": 0,
        "frame": np.nan,
        "width": 640,
        "height": 480,
        "content": np.arange(1, n + 1),
        "format": "JPEG",
        "fault": "",
        "bright_p5": 0.2,
        "bright_p99": 0.9,
        "information": 0.8,
        "blur": 0.6,
        "contrast": 0.6,
        "colour": 0.5,
        "orientation": 1,
        "phash": np.arange(n, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15),
        "pixels": np.arange(101, n + 101),
        "seen": True,
    }
    out = {}
    for name, values in (usual | given).items():
        kind = (ITEMS | PICTURES)[name].type
        column = np.empty(n, dtype=object if kind == "text" else kind)
        column[:] = values
        out[name] = column
    out["tail"] = np.array([tail(key) for key in out["key"]], np.uint64)
    return out


def judge(name: str, facts: dict[str, Any], **given: Any) -> Verdict:
    kind = kinds()[name]
    parameters = kind.defaults() | given
    assert not wrong_parameters(kind, parameters)
    verdict = kind.judge({column: facts[column] for column in kind.needs(parameters)}, parameters)
    n = len(facts["item"])
    assert verdict.scores.shape == verdict.caught.shape == (n,)
    assert (verdict.scores.dtype, verdict.caught.dtype) == (np.float64, np.bool_)
    assert not (verdict.caught & np.isnan(verdict.scores)).any()
    assert all(len(values) == n for values in verdict.details.values())
    if verdict.partners is not None:
        assert verdict.partners.dtype == np.int64 and ((verdict.partners >= 0) == verdict.caught).all()
        assert not verdict.caught[verdict.partners[verdict.caught]].any()  # who is pointed to is kept
    return verdict


def caught(verdict: Verdict) -> list[int]:
    return np.flatnonzero(verdict.caught).tolist()


def measured(paths: list[Path]) -> dict[str, Any]:
    """Columns of real files, as probing and measuring see them; a row for each."""
    facts: list[PictureFacts] = []
    found = []
    for path in paths:
        try:
            found.append(probe(path))
            with Image.open(path) as opened:
                facts.append(measure(ImageOps.exif_transpose(opened), found[-1].orientation))
        except Refused as refused:
            found.append(None)
            facts.append(unreadable(refused.code))
    named = {
        name: [np.nan if (value := getattr(one, name)) is None else value for one in facts] for name in PictureFacts.__dataclass_fields__
    }
    return columns(
        len(paths),
        **named,
        key=[path.name for path in paths],
        content=[int(hashlib.sha256(path.read_bytes()).hexdigest()[:16], 16) for path in paths],
        pixels=[int(one.pixels, 16) if one else 0 for one in found],
        format=[one.format if one else None for one in found],
        width=[one.width if one else np.nan for one in found],
        height=[one.height if one else np.nan for one in found],
    )


def test_every_rule_on_pictures_is_registered_with_words_for_all_it_has() -> None:
    found = {name: kind for name, kind in kinds().items() if kind.about == "picture"}
    assert sorted(found) == NAMES == sorted(WORDS)
    for name, kind in found.items():
        words = WORDS[name]
        assert {parameter.name for parameter in kind.parameters} == set(words.parameters), name
        assert not wrong_parameters(kind, {}) and kind.source and (not kind.line or kind.line in kind.defaults()), name
        assert all(parameter.type in TYPES for parameter in kind.parameters)
        facts = columns(3)
        verdict = judge(name, facts)
        said = {"score": 0.5, "threshold": 0.5} | {key: values[0] for key, values in verdict.details.items()}
        assert str(words.says) % said


@pytest.mark.parametrize("name", NAMES)
def test_what_was_not_measured_is_neither_caught_nor_passed(name: str) -> None:
    nothing = dict.fromkeys(("bright_p5", "bright_p99", "information", "blur", "contrast", "colour", "width", "height"), np.nan)
    texts = columns(4, **nothing, seen=False, fault=None, orientation=-1, phash=0, pixels=0, content=5, format="TEXT", group=3, frame=1)
    verdict = judge(name, texts)
    assert np.isnan(verdict.scores).all() and not verdict.caught.any()
    empty = judge(name, columns(0))
    assert len(empty.scores) == 0


@pytest.mark.parametrize("name", LINES)
def test_the_line_parts_what_is_caught_from_what_is_not(name: str) -> None:
    kind = kinds()[name]
    (column,) = kind.needs(kind.defaults())
    default = kind.defaults()[kind.line]
    step = 0.01 if kind.side == BELOW else -0.01
    facts = columns(4, **{column: [default - step, default + step, np.nan, default]})
    assert caught(judge(name, facts))[0] == 0 and 1 not in caught(judge(name, facts))
    wide = judge(name, facts, **{kind.line: 1 if kind.side == BELOW else 0})
    assert caught(wide) == [0, 1, 3]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.sampled_from(LINES), st.floats(0, 1), st.floats(0, 1))
def test_moving_the_line_outwards_never_frees_anything(values: list[float], name: str, one: float, other: float) -> None:
    kind = kinds()[name]
    (column,) = kind.needs(kind.defaults())
    facts = columns(len(values), **{column: values})
    inner, outer = sorted((one, other), reverse=kind.side != BELOW)
    assert set(caught(judge(name, facts, threshold=inner))) <= set(caught(judge(name, facts, threshold=outer)))


def test_strips_and_small_pictures_are_caught_by_their_sides() -> None:
    facts = columns(5, width=[640, 1000, 300, np.nan, 63], height=[480, 300, 1000, np.nan, 64])
    assert caught(judge("odd_aspect", facts)) == [1, 2]
    assert judge("odd_aspect", facts).scores[[1, 2]].tolist() == [0.3, 0.3]
    assert caught(judge("too_small", facts)) == [4]
    assert caught(judge("too_small", facts, pixels=481)) == [0, 1, 2, 4]


def test_odd_sizes_are_those_beyond_three_ranges_of_the_quartiles() -> None:
    sides = [*range(100, 200), 5000, 1, np.nan, 340, 320]
    facts = columns(105, width=sides, height=sides)
    first, third = np.percentile([float(side) for side in sides if side == side], (25, 75))
    low, high = first - 3 * (third - first), third + 3 * (third - first)
    assert caught(judge("odd_size", facts)) == [row for row, side in enumerate(sides) if side < low or side > high] == [100, 103]
    assert 101 in caught(judge("odd_size", facts, factor=0.5))
    same = columns(8, width=[640] * 3 + [641] + [640] * 4, height=480)
    assert caught(judge("odd_size", same)) == [3] and judge("odd_size", same).scores[0] == 1


def test_exif_rotation_is_caught_for_two_to_eight(data: Data) -> None:
    paths = sorted(data("exif_orientation").glob("Landscape_*.jpg"))
    verdict = judge("rotated", measured(paths))
    assert [paths[row].stem for row in caught(verdict)] == [f"Landscape_{n}" for n in range(2, 9)]
    assert caught(judge("rotated", columns(3, orientation=[0, -1, 6]))) == [2]


@pytest.mark.parametrize(
    ("key", "format", "score"),
    [
        ("a.jpg", "JPEG", 1),
        ("A.JPEG", "JPEG", 1),
        ("a.png", "JPEG", 0),
        ("a/b.c/d", "JPEG", None),
        ("a.TIF", "TIFF", 1),
        ("frame.0001", "PNG", None),
        ("图片.png", "JPEG", 0),
        ("a.photographs", "JPEG", None),
        (".png", "JPEG", None),
        ("a.heic", "JPEG", 0),
        ("a.png.gif", "GIF", 1),
        ("a.txt", "TEXT", None),
        ("a.png", None, None),
        (None, "PNG", None),
        ("a\\b.webp", "PNG", 0),
    ],
)
def test_endings_are_compared_with_bytes(key: str | None, format: str | None, score: int | None) -> None:
    verdict = judge("wrong_extension", columns(1, key=key, format=format))
    assert (None if np.isnan(verdict.scores[0]) else verdict.scores[0]) == score
    assert verdict.caught[0] == (score == 0)


def test_endings_are_the_last_part_of_the_last_part() -> None:
    assert [ending(key) for key in ("a.b/c", "x.Y.Z", "c.", None, "")] == ["", "z", "", "", ""]


def test_faults_are_caught_and_named() -> None:
    verdict = judge("unreadable", columns(3, fault=["", "truncated", None], seen=[True, True, False]))
    assert caught(verdict) == [1] and verdict.details["fault"][1] == "truncated"
    assert verdict.scores[:2].tolist() == [0, 1] and np.isnan(verdict.scores[2])


def test_every_bad_picture_is_caught_that_pillow_cannot_load(data: Data) -> None:
    folder = data("bad_images_pillow")
    seen = json.loads((folder / "observed.json").read_text())["files"]
    verdict = judge("unreadable", measured([folder / "files" / name for name in seen]))
    bad = {row for row, fate in enumerate(seen.values()) if not (fate.get("open") == fate.get("load") == "ok")}
    assert bad <= set(caught(verdict)) and len(bad) == 27


def test_greys_are_caught_whatever_their_mode() -> None:
    grey = Image.linear_gradient("L")
    tinted = Image.merge("RGB", (grey, grey, grey.point(lambda v: min(255, v + 40))))
    facts = [measure(one, 1).colour for one in (grey, grey.convert("RGB"), grey.convert("RGBA"), tinted)]
    assert caught(judge("greyscale", columns(4, colour=facts))) == [0, 1, 2]


def test_microscope_pictures_are_not_dirt(data: Data) -> None:
    facts = measured(sorted(data("bccd_bbox").rglob("*.jpg"))[:20])
    for name in NAMES:
        assert len(caught(judge(name, facts))) <= 1, name
