"""The digest of pixels is the same for the same picture in other bytes, and for nothing else."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from annotate.media import pixels
from annotate.media.pixels import digest
from annotate.media.probe import probe


def _digest(picture: Image.Image, format: str, **options: Any) -> str:
    out = io.BytesIO()
    picture.save(out, format, **options)
    return probe(io.BytesIO(out.getvalue())).pixels


def _noise(width: int = 40, height: int = 30) -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8))


def test_another_packing_or_format_has_the_same_digest() -> None:
    found = {_digest(_noise(), format, **options) for format, options in (
        ("PNG", {}), ("PNG", {"compress_level": 1}), ("BMP", {}), ("TIFF", {}), ("WEBP", {"lossless": True}), ("PNG", {"dpi": (72, 72)}))}  # fmt: skip
    assert len(found) == 1 and len(found.pop()) == 16


def test_metadata_does_not_count_but_orientation_does() -> None:
    exif = Image.Exif()
    exif[0x010F] = "camera"
    plain = _digest(_noise(), "JPEG")
    assert _digest(_noise(), "JPEG", exif=exif, comment=b"words") == plain
    exif[0x0112] = 6
    assert _digest(_noise(), "JPEG", exif=exif) != plain


def test_size_mode_and_palette_count() -> None:
    grey = Image.new("L", (8, 2), 7)
    assert len({digest(Image.new("L", size, 7)) for size in ((8, 2), (4, 4), (2, 8), (16, 1))}) == 4
    assert digest(grey) != digest(grey.convert("RGB")) != digest(grey.convert("RGBA"))
    palettes = []
    for colours in ([255, 0, 0, 0, 255, 0], [0, 0, 255, 0, 255, 0]):
        indexed = Image.new("P", (4, 4), 0)
        indexed.putpalette(colours)
        palettes.append(_digest(indexed, "PNG"))
    assert palettes[0] != palettes[1]


def test_one_other_pixel_is_another_picture() -> None:
    other = _noise()
    other.putpixel((39, 29), (1, 2, 3))
    assert digest(other) != digest(_noise())


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "I;16", "F", "P"])
def test_large_pictures_are_read_in_bands_with_the_same_result(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    grey = _noise().convert("L")
    picture = Image.fromarray(np.asarray(grey).astype(np.uint16) * 9) if mode == "I;16" else grey.convert(mode)
    whole = digest(picture)
    monkeypatch.setattr(pixels, "BAND", 130)
    assert digest(picture) == whole


def test_an_animation_is_told_by_its_first_frame() -> None:
    first, *rest = (Image.new("RGB", (20, 10), (shade, 0, 0)) for shade in (10, 90, 200))
    moving = _digest(first, "PNG", save_all=True, append_images=rest)
    assert moving == _digest(first, "PNG")
