"""A suspect in its picture: a square around what was frozen and what was predicted, cut from the picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from annotate.kernel.errors import Missing
from annotate.media.serving import POLICY
from workflows.evaluations.models import Suspect

BESIDE = 1.6  # the square's side, by the longer side of what it shows
LEAST = 32.0  # pixels
Square = tuple[float, float, float]  # left, top, side


def square(one: Suspect) -> Square | None:
    """In pixels of the upright picture; None of what has no place in one, whose whole picture is shown then."""
    item, found = one.item, [bounds for thing in (one.drawn, one.shape) if thing and (bounds := _bounds(thing))]
    if not found or not item.width or not item.height or item.text is not None:
        return None
    left, top, right, bottom = (pick(bounds[place] for bounds in found) for place, pick in enumerate((min, min, max, max)))
    side = min(max((right - left) * BESIDE, (bottom - top) * BESIDE, LEAST), max(item.width, item.height))
    return round(_start((left + right) / 2, item.width, side), 2), round(_start((top + bottom) / 2, item.height, side), 2), round(side, 2)


def _start(middle: float, size: float, side: float) -> float:
    return (size - side) / 2 if side >= size else min(max(middle - side / 2, 0.0), size - side)


def _bounds(thing: Mapping[str, Any]) -> tuple[float, float, float, float] | None:
    from workflows.quality.matching.likeness import AREAS  # numpy, which idle processes do without
    from workflows.quality.matching.overlap import Area
    from workflows.quality.matching.points import bounds as around

    if thing["kind"] in AREAS:
        return Area(dict(thing)).bounds
    points = [point for point in thing.get("points") or () if thing["kind"] != "keypoints" or point[2] > 0]
    return around(points) if points else None


def picture(one: Suspect) -> HttpResponse:
    """The square as a JPEG; `Missing` where there is none, or no bytes of it."""
    from annotate.media.crops import Square, crops  # with the decoder, which idle processes do without

    place = square(one)
    if place is None or one.item.blob is None:
        raise Missing(_("There is no picture of this."))
    [data] = crops([(one.item.blob, Square(*place))])
    if data is None:
        raise Missing(_("The bytes of this item cannot be shown as a picture."), code="not_a_picture")
    response = HttpResponse(data, content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=300"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = POLICY
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
