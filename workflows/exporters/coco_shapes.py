"""One object as COCO says it: `bbox`, `area`, `segmentation`, `keypoints`. Pure; numbers stay exactly as they were drawn.

`area` is width × height for a box (research: scores by size depend on it), the polygon's own area less its holes, a mask's
pixels. COCO's polygons have no holes: such a polygon is written as its pixels (RLE), and exactly under `polygon` and `holes`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from annotate.labels import masks

Points = Sequence[Sequence[float]]


def _hull(points: Points) -> list[float]:
    left, top = min(point[0] for point in points), min(point[1] for point in points)
    return [left, top, max(point[0] for point in points) - left, max(point[1] for point in points) - top]


def _flat(points: Points) -> list[float]:
    return [value for point in points for value in point[:2]]


def ring_area(points: Points) -> float:
    """Shoelace formula, in square pixels."""
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, [*points[1:], points[0]], strict=True))
    return abs(twice) / 2


def corners(box: Sequence[float], degrees: float) -> list[list[float]]:
    """Corners of a box turned clockwise (y grows downwards) about its centre."""
    x, y, width, height = box
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    middle_x, middle_y = x + width / 2, y + height / 2
    ends = ((-width / 2, -height / 2), (width / 2, -height / 2), (width / 2, height / 2), (-width / 2, height / 2))
    return [[middle_x + a * cos - b * sin, middle_y + a * sin + b * cos] for a, b in ends]


def _box(thing: dict[str, Any], notes: Counter[str], width: int | None, height: int | None) -> dict[str, Any]:
    box = thing["box"]
    turned = thing.get("rotation")
    if not turned:
        return {"bbox": box, "area": box[2] * box[3], "segmentation": []}
    ends = corners(box, turned)
    notes["turned_boxes_as_polygons"] += 1
    return {"bbox": _hull(ends), "area": box[2] * box[3], "segmentation": [_flat(ends)], "box": box, "rotation": turned}


def _polygon(thing: dict[str, Any], notes: Counter[str], width: int | None, height: int | None) -> dict[str, Any]:
    points, holes = thing["points"], thing.get("holes") or []
    made: dict[str, Any] = {
        "bbox": _hull(points),
        "area": ring_area(points) - sum(ring_area(hole) for hole in holes),
        "segmentation": [_flat(points)],
    }
    if holes:
        made |= {"polygon": _flat(points), "holes": [_flat(hole) for hole in holes]}
        if width and height:
            from workflows.exporters.raster import filled, run_lengths

            notes["holes_as_masks"] += 1
            made["segmentation"] = run_lengths(*filled([points, *holes], width, height), width, height)
        else:  # nothing to count pixels in
            notes["polygons_with_holes"] += 1
    return made


def mask_box(counts: str, height: int) -> list[int]:
    """[x, y, w, h] in whole pixels of what column-major run lengths cover; zeros when that is nothing."""
    left, right, top, bottom, place = None, 0, height, -1, 0
    for index, run in enumerate(masks.decode(counts)):
        if index % 2 and run:
            first, last = place // height, (place + run - 1) // height
            left = first if left is None else left
            right = last
            if first == last:
                top, bottom = min(top, place % height), max(bottom, (place + run - 1) % height)
            else:
                top, bottom = 0, height - 1
        place += run
    return [0, 0, 0, 0] if left is None else [left, top, right - left + 1, bottom - top + 1]


def _mask(thing: dict[str, Any], notes: Counter[str], width: int | None, height: int | None) -> dict[str, Any]:
    rle = thing["rle"]
    height, width = rle["size"]
    return {
        "bbox": mask_box(rle["counts"], height),
        "area": masks.area(rle["counts"], height * width),
        "segmentation": {"size": [height, width], "counts": rle["counts"]},
    }


def _keypoints(thing: dict[str, Any], notes: Counter[str], width: int | None, height: int | None) -> dict[str, Any]:
    points = thing["points"]
    seen = [point for point in points if point[2]]
    box = _hull(seen) if seen else [0, 0, 0, 0]
    return {
        "bbox": box,
        "area": box[2] * box[3],
        "segmentation": [],
        "keypoints": [value for point in points for value in point],
        "num_keypoints": len(seen),
    }


_SHAPES: dict[str, Callable[[dict[str, Any], Counter[str], int | None, int | None], dict[str, Any]]] = {
    "box": _box,
    "polygon": _polygon,
    "mask": _mask,
    "keypoints": _keypoints,
}


def shape(thing: dict[str, Any], notes: Counter[str] | None = None, width: int | None = None, height: int | None = None) -> dict[str, Any] | None:
    """COCO's fields of an object in a picture of this size, or None for a kind that COCO has no place for (lines, points,
    spans, relations)."""
    maker = _SHAPES.get(thing["kind"])
    return maker(thing, notes if notes is not None else Counter(), width, height) if maker is not None else None
