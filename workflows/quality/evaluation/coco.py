"""COCO's average precision and recall of scored boxes: the twelve figures of its table. Pure numpy.

This one definition matches in its own way: detections take, in the order of their scores, the truth they overlap most, so that a
figure here can stand beside those of papers. All else is matched by `matching`.
Source: Lin et al., "Microsoft COCO" (2014), as `pycocotools.cocoeval` computes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Row = Mapping[str, Any]
THRESHOLDS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0.0, 1.0, 101)
AREAS = np.array([[0, 1e10], [0, 32**2], [32**2, 96**2], [96**2, 1e10]])  # all, small, medium, large; pixels²
MOST = (1, 10, 100)  # detections of a category in a picture
NAMES = ("AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl")


@dataclass(frozen=True)
class Figures:
    """`values`: the figures by name (`NAMES`), 0 to 1, None where there is no truth to find. `by_category`: the same of each
    category, by id. `truths` and `found` are how many boxes were looked at, crowds and what no category has left out."""

    values: Mapping[str, float | None]
    by_category: Mapping[int, Mapping[str, float | None]]
    truths: int
    found: int


@dataclass(frozen=True, eq=False)
class Picture:
    """A category in a picture, D detections from the highest score on: `scores` (D,), `hit` and `ignored` (areas, thresholds, D), and
    how many truths count in each range of areas."""

    scores: Floats
    hit: Flags
    ignored: Flags
    truths: NDArray[np.intp]


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
    tables = {category: _category(wanted.get(category, {}), given.get(category, {})) for category in categories}
    return Figures(
        _figures(list(tables.values())),
        {category: _figures([table]) for category, table in tables.items()},
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


def _category(wanted: Mapping[Any, list[Row]], given: Mapping[Any, list[Row]]) -> tuple[Floats, Floats]:
    """(precision (areas, most, thresholds, recalls), recall (areas, most, thresholds)), nan where there is nothing to find."""
    pictures = [_picture(wanted.get(image, []), given.get(image, [])) for image in _ordered(wanted.keys() | given.keys())]
    shape = len(AREAS), len(MOST), len(THRESHOLDS)
    precision, recall = np.full((*shape, len(RECALLS)), np.nan), np.full(shape, np.nan)
    truths = sum((picture.truths for picture in pictures), np.zeros(len(AREAS), dtype=np.intp))
    for place, most in enumerate(MOST):
        order = np.argsort(-np.concatenate([np.empty(0), *(picture.scores[:most] for picture in pictures)]), kind="stable")
        for area in np.flatnonzero(truths).tolist():
            hit, ignored = (
                np.concatenate([getattr(picture, name)[area][:, :most] for picture in pictures], axis=1)[:, order] for name in ("hit", "ignored")
            )
            right, wrong = (np.cumsum(flags & ~ignored, axis=1).astype(np.float64) for flags in (hit, ~hit))
            for step in range(len(THRESHOLDS)):
                curve = _curve(right[step], wrong[step], int(truths[area]))
                precision[area, place, step], recall[area, place, step] = curve
    return precision, recall


def _curve(right: Floats, wrong: Floats, truths: int) -> tuple[Floats, float]:
    """Precision at each of `RECALLS`, never less than at a higher one; and the recall in the end."""
    found = np.zeros(len(RECALLS))
    if not len(right):
        return found, 0.0
    recall = right / truths
    precise = np.maximum.accumulate((right / (right + wrong + np.spacing(1)))[::-1])[::-1]
    places = np.searchsorted(recall, RECALLS, side="left")
    inside = places < len(recall)
    found[inside] = precise[places[inside]]
    return found, float(recall[-1])


def _picture(wanted: Sequence[Row], given: Sequence[Row]) -> Picture:
    scores = np.array([row["score"] for row in given], dtype=np.float64)
    order = np.argsort(-scores, kind="stable")[: MOST[-1]]
    boxes = np.array([given[place]["bbox"] for place in order], dtype=np.float64).reshape(-1, 4)
    truths = np.array([row["bbox"] for row in wanted], dtype=np.float64).reshape(-1, 4)
    crowd = np.array([bool(row.get("iscrowd")) for row in wanted], dtype=bool)
    sizes = np.array([row["area"] if row.get("area") is not None else row["bbox"][2] * row["bbox"][3] for row in wanted], dtype=np.float64)
    aside = crowd | (sizes < AREAS[:, :1]) | (sizes > AREAS[:, 1:])
    own = boxes[:, 2] * boxes[:, 3]
    outside = (own < AREAS[:, :1]) | (own > AREAS[:, 1:])
    hit, ignored = _taken(_overlaps(boxes, truths, crowd), crowd, aside)
    return Picture(scores[order], hit, ignored | (~hit & outside[:, None, :]), (~aside).sum(axis=1))


def _taken(overlaps: Floats, crowd: Flags, aside: Flags) -> tuple[Flags, Flags]:
    """(hit, hit on what is set aside), (areas, thresholds, D), when every detection takes in turn what it overlaps most.

    A truth that counts goes before one that is set aside, however little it overlaps; of equals the last.
    """
    count, truths = overlaps.shape
    shape = len(AREAS), len(THRESHOLDS)
    hit, ignored = np.zeros((2, *shape, count), dtype=bool)
    if not truths:
        return hit, ignored
    free = np.ones((*shape, truths), dtype=bool)
    least = np.minimum(THRESHOLDS, 1 - 1e-10)[:, None]
    areas, steps = np.indices(shape)
    for place, row in enumerate(overlaps):
        if row.max() < least[0]:
            continue
        possible = (free | crowd) & (row >= least)
        counted = possible & ~aside[:, None, :]
        choice = np.where(counted.any(axis=-1, keepdims=True), counted, possible)
        best = truths - 1 - np.where(choice, row, -1.0)[..., ::-1].argmax(axis=-1)
        made = choice.any(axis=-1)
        hit[..., place] = made
        ignored[..., place] = made & aside[areas, best]
        free[areas[made], steps[made], best[made]] = False
    return hit, ignored


def _overlaps(boxes: Floats, truths: Floats, crowd: Flags) -> Floats:
    """(D, G) intersection over union; over the detection's own area where the truth is a crowd."""
    a, b = boxes[:, None, :], truths[None, :, :]
    wide = np.minimum(a[..., 0] + a[..., 2], b[..., 0] + b[..., 2]) - np.maximum(a[..., 0], b[..., 0])
    high = np.minimum(a[..., 1] + a[..., 3], b[..., 1] + b[..., 3]) - np.maximum(a[..., 1], b[..., 1])
    both = np.where((wide > 0) & (high > 0), wide * high, 0.0)
    mine, theirs = a[..., 2] * a[..., 3], b[..., 2] * b[..., 3]
    return np.asarray(both / np.maximum(np.where(crowd, mine, mine + theirs - both), 1e-300))


def _figures(tables: Sequence[tuple[Floats, Floats]]) -> dict[str, float | None]:
    values = list(_means(tables)) if tables else [None] * len(NAMES)
    return dict(zip(NAMES, values, strict=True))


def _means(tables: Sequence[tuple[Floats, Floats]]) -> Iterator[float | None]:
    precision, recall = (np.stack(side) for side in zip(*tables, strict=True))
    last = len(MOST) - 1
    yield _mean(precision[:, 0, last])
    yield _mean(precision[:, 0, last, 0])
    yield _mean(precision[:, 0, last, 5])
    for area in (1, 2, 3):
        yield _mean(precision[:, area, last])
    for most in range(len(MOST)):
        yield _mean(recall[:, 0, most])
    for area in (1, 2, 3):
        yield _mean(recall[:, area, last])


def _mean(values: Floats) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else None
