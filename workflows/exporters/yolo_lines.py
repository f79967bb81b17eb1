"""The label lines of YOLO's forms: class, then numbers from 0 to 1 of the picture's size, six decimals. Pure.

detect `class cx cy w h` · segment `class x1 y1 x2 y2 …` · pose `class cx cy w h (x y v)…` · obb `class x1 y1 … x4 y4`, corners
top left, top right, bottom right, bottom left of the box before it was turned. A box is turned in pixels, then divided.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from annotate.labels.schema import Schema
from workflows.exporters.coco_shapes import corners
from workflows.exporters.outlines import Ring, bounds, hull, rings, within


@dataclass(frozen=True)
class Frame:
    """The picture's size in pixels, what the format could not say, and how many keypoints every row has."""

    width: int
    height: int
    notes: Counter[str]
    points: int = 0


Lines = Callable[[dict[str, Any], Frame], Iterator[str]]


def _numbers(values: Iterable[float]) -> str:
    return " ".join(f"{min(1.0, max(0.0, value)):.6f}" for value in values)


def _centred(box: Sequence[float], frame: Frame) -> str:
    x, y, width, height = within(box, frame.width, frame.height)
    return _numbers(((x + width / 2) / frame.width, (y + height / 2) / frame.height, width / frame.width, height / frame.height))


def _ends(points: Ring, frame: Frame) -> str:
    return _numbers(value for point in points for value in (point[0] / frame.width, point[1] / frame.height))


def detect(thing: dict[str, Any], frame: Frame) -> Iterator[str]:
    """The upright box around whatever has an area."""
    box = bounds(thing)
    if box is None:
        frame.notes[f"left_out_{thing['kind']}"] += 1
        return
    if thing["kind"] != "box":
        frame.notes[f"{thing['kind']}_as_box"] += 1
    elif thing.get("rotation"):
        frame.notes["turned_boxes_as_bounds"] += 1
    yield _centred(box, frame)


def segment(thing: dict[str, Any], frame: Frame) -> Iterator[str]:
    """One row per part: the form has neither parts nor holes."""
    found = rings(thing)
    if found is None:
        frame.notes[f"left_out_{thing['kind']}"] += 1
        return
    outer, holes = found
    if holes:
        frame.notes["holes_left_out"] += len(holes)
    if len(outer) > 1:
        frame.notes["parts_as_objects"] += len(outer)
    if thing["kind"] == "box":
        frame.notes["boxes_as_polygons"] += 1
    for ring in outer:
        yield _ends(ring, frame)


def pose(thing: dict[str, Any], frame: Frame) -> Iterator[str]:
    """Every row has as many points as the longest skeleton; the box is the one around the labelled points."""
    if thing["kind"] != "keypoints":
        frame.notes[f"left_out_{thing['kind']}"] += 1
        return
    points = thing["points"]
    if len(points) > frame.points:
        frame.notes["longer_than_the_skeleton"] += 1
        return
    box = hull([point for point in points if point[2]])
    padded = [*points, *([[0, 0, 0]] * (frame.points - len(points)))]
    rest = (f"{_numbers((x / frame.width, y / frame.height))} {v}" for x, y, v in padded)
    yield " ".join((_centred(box, frame), *rest))


def obb(thing: dict[str, Any], frame: Frame) -> Iterator[str]:
    """The box as it is turned; of other shapes the upright box around them."""
    box = thing["box"] if thing["kind"] == "box" else bounds(thing)
    if box is None:
        frame.notes[f"left_out_{thing['kind']}"] += 1
        return
    if thing["kind"] != "box":
        frame.notes[f"{thing['kind']}_as_box"] += 1
    ends = corners(box, thing.get("rotation") or 0)
    if any(not (-1e-6 <= x <= frame.width + 1e-6 and -1e-6 <= y <= frame.height + 1e-6) for x, y in ends):
        frame.notes["corners_cut_at_the_edge"] += 1  # readers refuse the whole picture for a number outside 0 to 1
    yield _ends(ends, frame)


def longest_skeleton(schema: Schema) -> int:
    return max((len(label.points) for label in schema.labels.values()), default=0)


YOLO: dict[str, tuple[str, Lines]] = {
    "yolo": ("YOLO boxes", detect),
    "yolo_segment": ("YOLO segments", segment),
    "yolo_pose": ("YOLO poses", pose),
    "yolo_obb": ("YOLO turned boxes", obb),
}
TASKS: dict[Lines, str] = {detect: "detect", segment: "segment", pose: "pose", obb: "obb"}
