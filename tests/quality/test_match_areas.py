"""Areas and what they share, against pycocotools and against drawing."""

from __future__ import annotations

import math
import tracemalloc
import uuid
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from annotate.labels.masks import encode
from workflows.quality.matching import areas, runs
from workflows.quality.matching.likeness import alike, like
from workflows.quality.matching.overlap import Area, Kept, area_of

outlines = st.lists(st.tuples(st.floats(0, 60), st.floats(0, 60)), min_size=3, max_size=8)
numbers = st.integers(0, 60)
boxes = st.tuples(numbers, numbers, st.integers(1, 60), st.integers(1, 60)).map(lambda one: [float(side) for side in one])


def likeness(ones: list[dict[str, Any]], others: list[dict[str, Any]], threshold: float = 0.0) -> np.ndarray[Any, Any]:
    """Of every pair, as a table; 0 below the threshold."""
    table = np.zeros((len(ones), len(others)))
    for rows, columns, found in alike(ones, others, 1.0, threshold):
        table[rows, columns] = found
    return table


def box(found: list[float], **more: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "kind": "box", "label": "car", "box": found, **more}


def polygon(points: Any, *holes: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "kind": "polygon", "label": "car", "points": points, **({"holes": list(holes)} if holes else {})}


def mask(drawn: np.ndarray[Any, Any]) -> dict[str, Any]:
    found = coco.encode(np.asfortranarray(drawn.astype(np.uint8)))
    return {"id": str(uuid.uuid4()), "kind": "mask", "label": "car", "rle": {"size": list(found["size"]), "counts": found["counts"].decode()}}


@given(st.lists(boxes, min_size=1, max_size=8), st.lists(boxes, min_size=1, max_size=8))
@settings(max_examples=50, deadline=None)
def test_boxes_overlap_as_in_pycocotools(ones: list[list[float]], others: list[list[float]]) -> None:
    expected = coco.iou(others, ones, [0] * len(ones)).T
    assert likeness([box(one) for one in ones], [box(other) for other in others]) == pytest.approx(expected, abs=1e-9)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_masks_overlap_as_in_pycocotools(seed: int) -> None:
    chance = np.random.default_rng(seed)
    drawn = [chance.random((23, 17)) < share for share in (0.1, 0.5, 0.9)]
    codes = [coco.encode(np.asfortranarray(one.astype(np.uint8))) for one in drawn]
    assert likeness([mask(one) for one in drawn], [mask(one) for one in drawn]) == pytest.approx(coco.iou(codes, codes, [0] * 3), abs=1e-9)


@given(boxes, st.floats(0, 360), boxes, st.floats(0, 360))
@settings(max_examples=60, deadline=None)
def test_turned_boxes_share_what_clipping_says(one: list[float], turn: float, other: list[float], back: float) -> None:
    mine, theirs = areas.corners(one, turn), areas.corners(other, back)
    assert areas.size([mine]) == pytest.approx(one[2] * one[3], rel=1e-6)
    assert areas.shared([mine], [theirs]) == pytest.approx(clipped(mine, theirs), abs=1e-4)


def clipped(subject: Any, window: Any) -> float:
    """Sutherland and Hodgman's clipping of convex polygons, an independent way to the same number."""
    found = [tuple(point) for point in subject]
    for index in range(len(window)):
        (ax, ay), (bx, by) = window[index], window[(index + 1) % len(window)]
        side = [(bx - ax) * (y - ay) - (by - ay) * (x - ax) for x, y in found]
        kept: list[tuple[float, float]] = []
        for place, (point, here) in enumerate(zip(found, side, strict=True)):
            (px, py), before = found[place - 1], side[place - 1]
            if (here >= 0) != (before >= 0):
                along = before / (before - here)
                kept.append((px + along * (point[0] - px), py + along * (point[1] - py)))
            if here >= 0:
                kept.append(point)
        found = kept
        if not found:
            return 0.0
    return abs(sum(found[n - 1][0] * found[n][1] - found[n][0] * found[n - 1][1] for n in range(len(found)))) / 2


def test_a_hole_is_outside() -> None:
    ring = [[0, 0], [10, 0], [10, 10], [0, 10]]
    hole = [[2, 2], [8, 2], [8, 8], [2, 8]]
    assert areas.size(areas.rings(polygon(ring, hole))) == pytest.approx(64)
    assert areas.shared(areas.rings(polygon(ring, hole)), areas.rings(polygon(hole))) == pytest.approx(0, abs=1e-9)
    assert likeness([polygon(ring, hole)], [polygon(ring)])[0, 0] == pytest.approx(0.64)


def test_a_finely_drawn_circle_is_measured_within_a_thousandth() -> None:
    def circle(x: float, count: int) -> list[list[float]]:
        return [[x + 100 * math.cos(turn), 200 + 100 * math.sin(turn)] for turn in np.linspace(0, 2 * math.pi, count, endpoint=False)]

    lens = 2 * 100**2 * math.acos(0.5) - 50 * math.sqrt(4 * 100**2 - 100**2)
    found = areas.shared(areas.rings(polygon(circle(200, 3000))), areas.rings(polygon(circle(300, 3000))))
    assert found == pytest.approx(lens, rel=1e-3)
    assert areas.shared(areas.rings(polygon(circle(200, 200))), areas.rings(polygon(circle(300, 200)))) == pytest.approx(lens, rel=1e-3)


@given(st.lists(st.tuples(st.floats(0, 40), st.floats(0, 40)), min_size=3, max_size=9))
@settings(max_examples=50, deadline=None)
def test_a_polygon_as_pixels_holds_the_middles_that_lie_inside(points: list[tuple[float, float]]) -> None:
    ring = np.array(points)
    drawn, doubtful = np.zeros((40, 40), dtype=bool), np.zeros((40, 40), dtype=bool)
    for row in range(40):
        for column in range(40):
            x, y, inside = column + 0.5, row + 0.5, False
            for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1], strict=True):
                if (ax > x) != (bx > x):
                    edge = ay + (x - ax) * (by - ay) / (bx - ax)
                    inside ^= y > edge
                    doubtful[row, column] |= abs(y - edge) < 1e-9
            drawn[row, column] = inside
    found = np.zeros(1600, dtype=bool)
    for start, end in runs.of_area([ring], 40, 40):
        found[start:end] = True
    assert not ((drawn != found.reshape(40, 40).T) & ~doubtful).any()


def test_a_mask_and_the_polygon_it_was_drawn_from_are_the_same_thing() -> None:
    drawn = np.zeros((60, 80), dtype=bool)
    drawn[10:40, 20:50] = True
    found = likeness([mask(drawn)], [polygon([[20, 10], [50, 10], [50, 40], [20, 40]]), box([20, 10, 30, 30]), box([20, 10, 30, 15])])
    assert found[0].tolist() == pytest.approx([1.0, 1.0, 0.5])


@given(
    st.lists(st.tuples(boxes, st.sampled_from([0.0, 30.0])), min_size=1, max_size=12),
    st.lists(st.tuples(boxes, st.sampled_from([0.0, 75.0])), min_size=1, max_size=12),
    st.floats(0.1, 0.9),
)
@settings(max_examples=30, deadline=None)
def test_what_is_left_out_early_is_below_the_threshold(ones: list[Any], others: list[Any], threshold: float) -> None:
    mine, theirs = [box(one, rotation=turn) for one, turn in ones], [box(other, rotation=turn) for other, turn in others]
    every, kept = likeness(mine, theirs), likeness(mine, theirs, threshold)
    assert kept.tolist() == np.where(every >= threshold, every, 0.0).tolist()


def test_a_mask_of_an_8k_picture_is_measured_without_drawing_it() -> None:
    height, width = 4320, 7680

    def strip(left: int) -> dict[str, Any]:
        """A column-wise band of 100 columns: one run."""
        counts = encode([left * height, 100 * height, (width - left - 100) * height])
        return {"id": "x", "kind": "mask", "label": "car", "rle": {"size": [height, width], "counts": counts}}

    tracemalloc.start()
    assert likeness([strip(500)], [strip(550)])[0, 0] == pytest.approx(1 / 3)
    assert likeness([strip(500)], [polygon([[500, 0], [600, 0], [600, height / 2], [500, height / 2]])])[0, 0] == pytest.approx(0.5)
    assert tracemalloc.get_traced_memory()[1] < 4_000_000
    tracemalloc.stop()


def test_masks_of_pictures_of_different_sizes_have_nothing_in_common() -> None:
    assert not likeness([mask(np.ones((4, 6)))], [mask(np.ones((6, 4)))]).any()


def test_a_polygon_that_crosses_itself_is_what_an_odd_number_of_crossings_says() -> None:
    bow = [np.array([[0.0, 0.0], [10.0, 10.0], [10.0, 0.0], [0.0, 10.0]])]
    assert areas.size(bow) == pytest.approx(50)
    assert areas.shared(bow, bow) == pytest.approx(50)
    assert areas.shared(bow, [areas.corners([0, 0, 5, 10])]) == pytest.approx(25)


@given(outlines, outlines)
@settings(max_examples=30, deadline=None)
def test_polygons_share_what_fine_pixels_say(one: list[tuple[float, float]], other: list[tuple[float, float]]) -> None:
    mine, theirs = [np.array(one)], [np.array(other)]
    fine = [runs.of_area([ring * 16 for ring in area], 960, 960) for area in (mine, theirs)]
    assert areas.shared(mine, theirs) == pytest.approx(runs.shared(*fine) / 256, abs=6)
    assert areas.shared(mine, theirs) == pytest.approx(areas.shared(theirs, mine), abs=1e-6)
    assert areas.size(mine) == pytest.approx(runs.size(fine[0]) / 256, abs=6)


def test_a_hair_thin_box_over_a_mask_is_the_pixels_whose_middles_it_covers() -> None:
    drawn = np.zeros((30, 30), dtype=bool)
    drawn[:, 10] = True
    assert likeness([mask(drawn)], [box([10.4, 0, 0.3, 30])], 0.5)[0, 0] == 1.0


small = st.tuples(*[st.one_of(st.integers(0, 9).map(float), st.floats(0, 60))] * 2, *[st.one_of(st.just(0.0), st.floats(0.01, 40))] * 2)


@settings(max_examples=80, deadline=None)
@given(small, st.lists(st.tuples(small, st.sampled_from([0, 0, 0, 30])), min_size=1, max_size=8), st.sampled_from([0.1, 0.3, 0.5]))
def test_what_is_like_one_thing_is_what_all_at_once_say_to_the_last_digit(one: Any, others: Any, least: float) -> None:
    thing = {"kind": "box", "label": "a", "box": list(one)}
    some = [{"kind": "box", "label": "a", "box": list(box)} | ({"rotation": turn} if turn else {}) for box, turn in others]
    found = [(value, column) for _rows, columns, values in alike([thing], some, 0.0, least) for column, value in zip(columns.tolist(), values.tolist(), strict=True)]
    assert sorted(like(thing, some, 0.0, least)) == sorted(found)
    assert sorted(like(thing, [*some, {"kind": "point", "label": "a", "points": [[1, 1]]}], 0.0, least)) == sorted(found)


def test_what_two_share_is_worked_out_once() -> None:
    one, other = (Kept({"kind": "polygon", "label": "a", "points": [[0, 0], [9 + far, 0], [9, 9]]}) for far in (0, 1))
    assert area_of(one) is area_of(one) and area_of(one).iou(area_of(other)) == Area(dict(one)).iou(Area(dict(other)))
    assert area_of(one)._known[area_of(other)] == area_of(one).iou(area_of(other))
