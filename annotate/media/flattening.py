"""Any picture as plain RGB or grey, the way it is shown; in bands, so that a large one takes little more memory than it has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PIL import Image

BAND = 4_000_000  # pixels that are converted at once
_DEEP = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")


def flat(picture: Image.Image) -> Image.Image:
    """As RGB or L: transparent parts on white, deep and float pictures stretched to 8 bits. Band by band, to spare memory."""
    if picture.mode in ("RGB", "L"):
        return picture
    low, high = _extent(picture) if picture.mode in _DEEP else (0.0, 0.0)
    whole: Image.Image | None = None
    for top, band in _bands(picture):
        part = _stretched(band, low, high) if picture.mode in _DEEP else _flat_band(band)
        whole = whole or Image.new(part.mode, picture.size)
        whole.paste(part, (0, top))
    assert whole is not None
    if picture.mode in ("P", "RGBA", "RGBa", "PA") and "icc_profile" in picture.info:
        whole.info["icc_profile"] = picture.info["icc_profile"]
    return whole


def _bands(picture: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """(its first row, a part of the picture from edge to edge), from the top down."""
    rows = max(1, BAND // picture.width)
    for top in range(0, picture.height, rows):
        yield top, picture.crop((0, top, picture.width, min(picture.height, top + rows)))


def _values(band: Image.Image) -> Any:
    import numpy as np

    return np.nan_to_num(np.asarray(band, dtype=np.float32), posinf=0, neginf=0)


def _extent(picture: Image.Image) -> tuple[float, float]:
    found = [(float(values.min()), float(values.max())) for values in (_values(band) for _top, band in _bands(picture))]
    return min(low for low, _high in found), max(high for _low, high in found)


def _stretched(band: Image.Image, low: float, high: float) -> Image.Image:
    import numpy as np

    values = _values(band)
    scaled = (values - low) * (255.0 / (high - low)) if high > low else values * 0
    return Image.fromarray(scaled.astype(np.uint8))


def _flat_band(band: Image.Image) -> Image.Image:
    if band.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in band.info:
        layered = band.convert("RGBA")
        ground = Image.new("RGB", layered.size, (255, 255, 255))
        ground.paste(layered, mask=layered.getchannel("A"))
        return ground
    return band.convert("L" if band.mode == "1" else "RGB")
