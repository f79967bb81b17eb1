"""The pictures of guidelines: an uploaded one as it is, or the part of an item that an example is about, cut out on demand.

Nothing of an item is kept here, so an erased item's examples are left with their words alone.
"""

from __future__ import annotations

import io
from typing import Any

from django.core.files.storage import default_storage
from PIL import Image, ImageDraw

from annotate.kernel.errors import Missing
from annotate.media.facts import Refused
from annotate.media.renditions import remake, rendition
from annotate.projects.models import GuidelinePicture

AROUND = 0.6  # of the object's longer side, on each side of it
LEAST = 160  # pixels of the original shown around a point
EDGE = 640  # longest side of what is sent


def stored(picture: GuidelinePicture) -> tuple[str, str]:
    """(path, type) of an uploaded picture as pages show it."""
    if picture.blob is None:
        raise Missing()
    try:
        path, kind = rendition(picture.blob, "display")
        return (path, kind) if default_storage.exists(path) else remake(picture.blob, "display")
    except (Refused, FileNotFoundError) as error:
        raise Missing() from error


def part(picture: GuidelinePicture) -> bytes:
    """JPEG of the item around the object, the object framed; `Missing` when the item is erased or has no picture."""
    item = picture.item
    if item is None or item.state == "erased" or item.blob is None or not item.width:
        raise Missing()
    try:
        path, _kind = rendition(item.blob, "display")
        if not default_storage.exists(path):
            path, _kind = remake(item.blob, "display")
        with default_storage.open(path, "rb") as file:
            whole = Image.open(file).convert("RGB")
    except (Refused, FileNotFoundError, OSError) as error:
        raise Missing() from error
    scale = whole.width / item.width
    bounds = _bounds(picture.shape)
    if bounds is not None:
        x0, y0, x1, y1 = (side * scale for side in bounds)
        _frame(whole, (x0, y0, x1, y1))
        room = max((x1 - x0) * AROUND, (y1 - y0) * AROUND, LEAST * scale / 2)
        whole = whole.crop((max(0, round(x0 - room)), max(0, round(y0 - room)), min(whole.width, round(x1 + room)), min(whole.height, round(y1 + room))))
    whole.thumbnail((EDGE, EDGE))
    out = io.BytesIO()
    whole.save(out, "JPEG", quality=85)
    return out.getvalue()


def _frame(whole: Any, sides: tuple[float, float, float, float]) -> None:
    """A line that shows on any ground: light within dark."""
    draw = ImageDraw.Draw(whole)
    x0, y0, x1, y1 = sides
    if x1 - x0 < 2 and y1 - y0 < 2:
        x0, y0, x1, y1 = x0 - 8, y0 - 8, x1 + 8, y1 + 8
    draw.rectangle((x0 - 2, y0 - 2, x1 + 2, y1 + 2), outline=(20, 25, 26), width=1)
    draw.rectangle((x0 - 1, y0 - 1, x1 + 1, y1 + 1), outline=(240, 189, 98), width=2)


def _bounds(shape: Any) -> tuple[float, float, float, float] | None:
    """(left, top, right, bottom) of an object in pixels; None for what has no place of its own, or a mask."""
    if not isinstance(shape, dict):
        return None
    try:
        if "box" in shape:
            x, y, w, h = (float(side) for side in shape["box"])
            return x, y, x + w, y + h
        points = [point for point in shape.get("points") or [] if len(point) < 3 or point[2] > 0]
        xs, ys = [float(point[0]) for point in points], [float(point[1]) for point in points]
        return (min(xs), min(ys), max(xs), max(ys)) if points else None
    except (TypeError, ValueError, IndexError):
        return None
