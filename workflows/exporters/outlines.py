"""What a shape's edge is, for formats that say less than the shape: bounds, corners, rings, parts of a mask. Pure.

Points are pixels of the upright picture, y downwards; a mask's outline runs along the edges of its pixels, so that whoever
fills it gets the same pixels back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from annotate.labels import masks
from workflows.exporters.coco_shapes import corners, mask_box

Ring = Sequence[Sequence[float]]

def hull(points: Ring) -> list[float]:
    """[x, y, w, h] around the points."""
    across, down = [point[0] for point in points], [point[1] for point in points]
    return [min(across), min(down), max(across) - min(across), max(down) - min(down)]


def bounds(thing: dict[str, Any]) -> list[float] | None:
    """The upright box [x, y, w, h] around an object, None for what has no area (lines, points, relations)."""
    kind = thing["kind"]
    if kind == "box":
        return hull(corners(thing["box"], thing["rotation"])) if thing.get("rotation") else thing["box"]
    if kind == "mask":
        rle = thing["rle"]
        found: list[float] = [*mask_box(rle["counts"], rle["size"][0])]
    elif kind == "keypoints":
        found = hull([point for point in thing["points"] if point[2]] or [(0, 0)])
    elif kind == "polygon":
        found = hull(thing["points"])
    else:
        return None
    return found if found[2] > 0 and found[3] > 0 else None


def within(box: Sequence[float], width: float, height: float) -> list[float]:
    """The part of [x, y, w, h] that lies in the picture: a turned box may stick out."""
    left, top = max(0, box[0]), max(0, box[1])
    right, bottom = min(width, box[0] + box[2]), min(height, box[1] + box[3])
    if left == box[0] and top == box[1] and right == box[0] + box[2] and bottom == box[1] + box[3]:
        return list(box)
    return [left, top, max(0, right - left), max(0, bottom - top)]


def grid(rle: dict[str, Any]) -> Any:
    """A mask as a boolean array of [height, width]."""
    import numpy as np

    height, width = rle["size"]
    runs = masks.decode(rle["counts"])
    values = np.zeros(len(runs), dtype=bool)
    values[1::2] = True
    return np.repeat(values, runs).reshape(width, height).T


def mask_rings(rle: dict[str, Any]) -> tuple[list[Ring], list[Ring]]:
    """(outer rings, holes) of a mask, in the order of their topmost, then leftmost corner. Pixels that touch at a corner belong together."""
    left, top, width, height = mask_box(rle["counts"], rle["size"][0])
    if not width:
        return [], []
    outer: list[Ring] = []
    holes: list[Ring] = []
    for ring in _traced(grid(rle)[top : top + height, left : left + width]):
        placed = [[x + left, y + top] for x, y in ring]
        twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(placed, [*placed[1:], placed[0]], strict=True))
        (outer if twice > 0 else holes).append(placed)
    return outer, holes


def _edges(filled: Any) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Steps along pixel edges by where they start, with the filled side on the right hand."""
    import numpy as np

    padded = np.pad(filled, 1).astype(np.int8)
    found: dict[tuple[int, int], list[tuple[int, int]]] = {}
    level = np.diff(padded, axis=0)[:, 1:-1]  # 1 where a filled pixel begins below the line
    upright = np.diff(padded, axis=1)[1:-1, :]
    for across, sign, dx, dy in ((True, 1, 1, 0), (True, -1, -1, 0), (False, 1, 0, -1), (False, -1, 0, 1)):
        rows, columns = np.nonzero((level if across else upright) == sign)
        for y, x in zip(rows.tolist(), columns.tolist(), strict=True):
            start = (x + (dx < 0), y + (dy < 0))
            found.setdefault(start, []).append((dx, dy))
    return found


def _traced(filled: Any) -> Iterator[list[list[int]]]:
    """Closed rings along the edges, corners only; at a crossing the turn to the left keeps diagonal neighbours together."""
    edges = _edges(filled)
    for start in sorted(edges, key=lambda point: (point[1], point[0])):
        while edges.get(start):
            place, step, ring = start, edges[start].pop(), []
            while True:
                ring.append((place, step))
                place = (place[0] + step[0], place[1] + step[1])
                ways = edges.get(place) or []
                if place == start and not (ways and _left(step) in ways):
                    break
                step = _turn(step, ways)
                ways.remove(step)
            yield [list(point) for (point, way), before in zip(ring, [ring[-1], *ring[:-1]], strict=True) if way != before[1]]


def _left(step: tuple[int, int]) -> tuple[int, int]:
    return step[1], -step[0]


def _turn(step: tuple[int, int], ways: list[tuple[int, int]]) -> tuple[int, int]:
    left = _left(step)
    right = (-step[1], step[0])
    return next(way for way in (left, step, right) if way in ways)


def rings(thing: dict[str, Any]) -> tuple[list[Ring], list[Ring]] | None:
    """(outer rings, holes) of an object with an area: box, polygon, mask; None for other kinds."""
    kind = thing["kind"]
    if kind == "box":
        return [corners(thing["box"], thing.get("rotation") or 0)], []
    if kind == "polygon":
        return [thing["points"]], list(thing.get("holes") or ())
    return mask_rings(thing["rle"]) if kind == "mask" else None
