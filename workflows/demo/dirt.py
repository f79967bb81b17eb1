"""What goes wrong with pictures in real life, done on purpose to some frames: the cleaning rules' daily bread."""

from __future__ import annotations

import io
import random
from collections.abc import Callable

from PIL import Image, ImageEnhance, ImageFilter

KINDS = ("blurred", "dark", "over-exposed", "truncated", "exact duplicate", "near duplicate", "small", "tall")


def jpeg(picture: Image.Image, quality: int = 82) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _near(picture: Image.Image) -> Image.Image:
    """The same moment, a hair brighter and one pixel over: other bytes, equal to the eye."""
    return ImageEnhance.Brightness(picture.transform(picture.size, Image.Transform.AFFINE, (1, 0, 1, 0, 1, 0))).enhance(1.03)


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "blurred": lambda picture: picture.filter(ImageFilter.GaussianBlur(7)),
    "dark": lambda picture: ImageEnhance.Brightness(picture).enhance(0.08),
    "over-exposed": lambda picture: ImageEnhance.Brightness(picture).enhance(3.2),
    "near duplicate": _near,
    "small": lambda picture: picture.resize((96, 54)),
    "tall": lambda picture: picture.crop((420, 0, 540, 540)),
}


def spoil(picture: Image.Image, kind: str, *, seed: int) -> bytes:
    """The bytes of a picture with one fault. A truncated file ends in the middle; an exact duplicate is the picture itself."""
    if kind == "truncated":
        whole = jpeg(picture)
        return whole[: int(len(whole) * random.Random(seed).uniform(0.3, 0.6))]
    change = CHANGES.get(kind)
    return jpeg(change(picture) if change else picture)
