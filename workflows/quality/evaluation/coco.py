"""COCO's average precision and recall of scored boxes: the twelve figures of its table, of a whole document. Pure numpy.

How they are matched and averaged stands in `precision`, which takes them picture by picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workflows.quality.evaluation.names import AREAS as NAMES
from workflows.quality.evaluation.precision import (
    THRESHOLDS,
    Flags,
    Floats,
    Gathered,
    Picture,
    figures,
    leading,
    picture,
)

__all__ = ["NAMES", "THRESHOLDS", "Figures", "average_precision", "overlap", "overlaps"]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Figures:
    """`values`: the figures by name (`NAMES`), 0 to 1, None where there is no truth to find. `by_category`: the same of each
    category, by id. `truths` and `found` are how many boxes were looked at, crowds and what no category has left out."""

    values: Mapping[str, float | None]
    by_category: Mapping[int, Mapping[str, float | None]]
    truths: int
    found: int


def average_precision(truth: Row, found: Row | Sequence[Row]) -> Figures:
    """The figures of a COCO document against a document or a list of results.

    `truth` has "images", "categories" and "annotations" (image_id, category_id, bbox [x, y, w, h] in pixels; area, by default w · h;
    iscrowd). Results have image_id, category_id, bbox and score, and their area is w · h. A crowd is no box to find: what lies in it by
    its own area is neither right nor wrong, and however many may. As with pycocotools a mark "ignore" is of no account, only
    "iscrowd" is; an id of 0 is one like any other (there it counts as no match). Detections of unknown categories are left out.
    Errors: ValueError that names the row that lacks something, or whose picture is not among "images".
    """
    images = {row["id"] for row in _rows(truth, "images")}
    categories = _ordered({row["id"] for row in _rows(truth, "categories")})
    results = list(_rows(found, "annotations")) if isinstance(found, Mapping) else list(found)
    wanted = _grouped(_rows(truth, "annotations"), images, "truth", ("bbox",))
    given = _grouped(results, images, "result", ("bbox", "score"))
    tables = {category: _category(wanted.get(category, {}), given.get(category, {})).table() for category in categories}
    return Figures(
        figures(list(tables.values())),
        {category: figures([table]) for category, table in tables.items()},
        sum(not row.get("iscrowd") for category in categories for rows in wanted.get(category, {}).values() for row in rows),
        sum(len(rows) for category in categories for rows in given.get(category, {}).values()),
    )


def _rows(document: Row, name: str) -> Sequence[Row]:
    rows = document.get(name)
    if not isinstance(rows, Sequence):
        raise ValueError(f'a COCO document has a list of "{name}"')
    return rows


def _ordered(ids: Iterable[Any]) -> list[Any]:
    return sorted(ids, key=lambda one: (isinstance(one, str), one))


def _grouped(rows: Sequence[Row], images: set[Any], side: str, needed: Sequence[str]) -> dict[Any, dict[Any, list[Row]]]:
    """By category and picture, in their order."""
    found: dict[Any, dict[Any, list[Row]]] = {}
    for place, row in enumerate(rows):
        for name in ("image_id", "category_id", *needed):
            if row.get(name) is None:
                raise ValueError(f'{side} {place} has no "{name}"')
        if row["image_id"] not in images:
            raise ValueError(f"{side} {place}: picture {row['image_id']!r} is not among the images")
        box = row["bbox"]
        if len(box) != 4 or not np.isfinite(box).all() or box[2] < 0 or box[3] < 0:
            raise ValueError(f"{side} {place}: {box!r} is no box [x, y, w, h]")
        if not np.isfinite(row.get("score") or 0.0):
            raise ValueError(f"{side} {place}: {row['score']!r} is no score")
        found.setdefault(row["category_id"], {}).setdefault(row["image_id"], []).append(row)
    return found


def _category(wanted: Mapping[Any, list[Row]], given: Mapping[Any, list[Row]]) -> Gathered:
    found = Gathered()
    for image in _ordered(wanted.keys() | given.keys()):
        found.add(_picture(wanted.get(image, []), given.get(image, [])))
    return found


def _picture(wanted: Sequence[Row], given: Sequence[Row]) -> Picture:
    order = leading([row["score"] for row in given])
    boxes = np.array([given[place]["bbox"] for place in order], dtype=np.float64).reshape(-1, 4)
    truths = np.array([row["bbox"] for row in wanted], dtype=np.float64).reshape(-1, 4)
    crowd = np.array([bool(row.get("iscrowd")) for row in wanted], dtype=bool)
    sizes = np.array([row["area"] if row.get("area") is not None else row["bbox"][2] * row["bbox"][3] for row in wanted], dtype=np.float64)
    return picture([given[place]["score"] for place in order], overlaps(boxes, truths, crowd), boxes[:, 2] * boxes[:, 3], sizes, crowd)


def overlaps(boxes: Floats, truths: Floats, crowd: Flags | None = None) -> Floats:
    """(D, G) of boxes [x, y, w, h]: intersection over union; over the detection's own area where the truth is a crowd."""
    return overlap(boxes[:, None, :], truths[None, :, :], crowd)


def overlap(a: Floats, b: Floats, crowd: Flags | None = None) -> Floats:
    """The same of boxes side by side, shapes (…, 4)."""
    wide = np.minimum(a[..., 0] + a[..., 2], b[..., 0] + b[..., 2]) - np.maximum(a[..., 0], b[..., 0])
    high = np.minimum(a[..., 1] + a[..., 3], b[..., 1] + b[..., 3]) - np.maximum(a[..., 1], b[..., 1])
    both = np.where((wide > 0) & (high > 0), wide * high, 0.0)
    mine, theirs = a[..., 2] * a[..., 3], b[..., 2] * b[..., 3]
    of = mine + theirs - both
    return np.asarray(both / np.maximum(of if crowd is None else np.where(crowd, mine, of), 1e-300))
