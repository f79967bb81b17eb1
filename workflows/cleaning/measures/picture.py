"""Facts of a decoded picture that rules judge by: brightness, information, sharpness, contrast, colour, and a perceptual hash.

All are taken from one canonical reduction, at most 320 pixels on the longer side, made here by averaging. A caller may therefore hand in the
full picture or one that its decoder reduced to no less than 512, and gets nearly the same numbers. Nothing here raises for a picture,
whatever its mode: transparent parts count as white, deep and float pictures are stretched to 8 bits, as people are shown them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter, ImageStat

from annotate.media.flattening import flat

VERSION = 1
EDGE = 320  # longer side of what is measured
_SMALL = 64  # longer side of what sharpness is told from
_WEIGHTS = np.array([0.241, 0.691, 0.068], dtype=np.float32)  # of squared red, green and blue in brightness
# The first eight rows of a DCT-II of 32 values.
_COSINES = np.cos(np.pi / 64 * np.outer(np.arange(8), 2 * np.arange(32) + 1))


@dataclass(frozen=True)
class PictureFacts:
    """`fault` is empty, or the code of annotate.media.probe that says why there is nothing to measure; then the floats are None.

    `bright_p5`, `bright_p99`: percentiles of brightness, 0 to 1. `information`: a tenth of the histogram's entropy in bits, at most 1. `blur`:
    0 blurred to 1 sharp. `contrast`: 95th less 5th percentile of grey, 0 to 1. `colour`: largest difference of channels in any place,
    0 to 1. `orientation`: as given, -1 when not measured. `phash`: unsigned 64 bits.
    """

    fault: str
    bright_p5: float | None
    bright_p99: float | None
    information: float | None
    blur: float | None
    contrast: float | None
    colour: float | None
    orientation: int
    phash: int


def unreadable(code: str) -> PictureFacts:
    """The facts of bytes that are no whole picture."""
    return PictureFacts(code or "broken", None, None, None, None, None, None, -1, 0)


def measure(picture: Image.Image, orientation: int) -> PictureFacts:
    """The facts of an upright picture; `orientation` is what its file says (EXIF tag 274; 0 for nothing) and is only handed on."""
    if min(picture.size) < 1:
        return unreadable("broken")
    reduced = _reduced(_plain(picture))
    grey = reduced if reduced.mode == "L" else reduced.convert("L")
    dark, bright = _brightness(reduced)
    counts = np.asarray(grey.histogram())
    return PictureFacts(
        fault="",
        bright_p5=dark,
        bright_p99=bright,
        information=min(1.0, max(0.0, 0.1 * float(reduced.entropy()))),
        blur=_sharpness(grey),
        contrast=(_level(counts, 0.95) - _level(counts, 0.05)) / 255,
        colour=_colour(reduced),
        orientation=orientation,
        phash=phash(grey),
    )


def phash(picture: Image.Image) -> int:
    """64 bits that change little when a picture is resized, recompressed or turned grey: signs of the lowest 8 × 8 frequencies of 32 × 32
    pixels against their median, as ImageHash makes them; the first bit, of the lowest frequency, is the highest."""
    grey = _plain(picture).convert("L").resize((32, 32), Image.Resampling.LANCZOS)
    low = _COSINES @ np.asarray(grey, dtype=np.float64) @ _COSINES.T
    low = np.round(low, 6)  # of a plain picture only rounding would be left to tell bits from
    return int.from_bytes(np.packbits(low > np.median(low)).tobytes(), "big")


def _plain(picture: Image.Image) -> Image.Image:
    """As RGB or L. A mode that cannot be shown (LAB…) is measured by its first channel."""
    try:
        return flat(picture)
    except Exception:  # noqa: BLE001  conversions raise what they like
        first = picture.getchannel(0)
        return first if first.mode == "L" else flat(first)


def _reduced(picture: Image.Image) -> Image.Image:
    longer = max(picture.size)
    if longer <= EDGE:
        return picture
    size = (max(1, round(picture.width * EDGE / longer)), max(1, round(picture.height * EDGE / longer)))
    return picture.resize(size, Image.Resampling.BOX, reducing_gap=1.0)


def _brightness(picture: Image.Image) -> tuple[float, float]:
    """(5th, 99th percentile) of the root of weighted squares of the channels, as cleanvision takes it; of grey, of the values."""
    if picture.mode == "L":
        counts = np.asarray(picture.histogram())
        return _level(counts, 0.05) / 255, _level(counts, 0.99) / 255
    squares = np.asarray(picture).reshape(-1, 3).astype(np.float32)
    np.square(squares, out=squares)
    counts = np.bincount((squares @ _WEIGHTS + 0.5).astype(np.int32))
    return min(1.0, math.sqrt(_level(counts, 0.05)) / 255), min(1.0, math.sqrt(_level(counts, 0.99)) / 255)


def _sharpness(grey: Image.Image) -> float:
    """cleanvision's: how much edges vary at 64 pixels, helped by a histogram of few levels, where flat areas are meant to be flat."""
    ratio = max(grey.size) / _SMALL
    if ratio > 1:
        grey = grey.resize((max(1, int(grey.width // ratio)), max(1, int(grey.height // ratio))), Image.Resampling.BICUBIC)
    edges = float(ImageStat.Stat(grey.filter(ImageFilter.FIND_EDGES)).stddev[0])
    few = 1 - math.exp(-0.01 * float(np.std(grey.histogram())))
    return min(1.0, 1 - math.exp(-0.01 * edges) + (few if few > 0.18 else 0.0))


def _level(counts: NDArray[np.int64], share: float) -> float:
    """The lowest level at or below which this share of the pixels lies, told from how many lie on each."""
    summed = np.cumsum(counts)
    return float(np.searchsorted(summed, math.ceil(share * int(summed[-1]))))


def _colour(picture: Image.Image) -> float:
    if picture.mode == "L":
        return 0.0
    red, green, blue = picture.split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    least = ImageChops.darker(ImageChops.darker(red, green), blue)
    return int(np.asarray(ImageChops.subtract(most, least)).max()) / 255
