"""Outlines and pixels: one comes from the other and back, and an independent reader counts the same pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from tests.exporters.rows import box, thing
from workflows.exporters.outlines import bounds, grid, mask_rings, within
from workflows.exporters.raster import filled, run_lengths


def placed(found: Any, height: int, width: int) -> Any:
    part, left, top = found
    whole = np.zeros((height, width), dtype=bool)
    whole[top : top + part.shape[0], left : left + part.shape[1]] = part
    return whole


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 8), st.integers(1, 8), st.data())
def test_the_outline_of_a_mask_filled_again_is_the_mask(height: int, width: int, data: Any) -> None:
    bits = data.draw(st.lists(st.booleans(), min_size=height * width, max_size=height * width))
    there = np.array(bits, dtype=bool).reshape(height, width)
    rle = run_lengths(there, 0, 0, width, height)
    assert (grid(rle) == there).all() and (coco_mask.decode(rle) == there).all()
    outer, holes = mask_rings(rle)
    assert bool(outer) == there.any()
    if outer:
        assert (placed(filled([*outer, *holes], width, height), height, width) == there).all()


def test_diagonal_neighbours_are_one_part_and_a_hole_is_a_hole() -> None:
    there = np.ones((5, 5), dtype=bool)
    there[1, 1] = there[2, 2] = False
    there[3:, 3:] = False
    outer, holes = mask_rings(run_lengths(there, 0, 0, 5, 5))
    assert len(outer) == 1 and len(holes) == 2
    assert outer[0] == [[0, 0], [5, 0], [5, 3], [3, 3], [3, 5], [0, 5]]
    apart = np.zeros((2, 5), dtype=bool)
    apart[0, 0] = apart[1, 1] = apart[0, 4] = True
    assert len(mask_rings(run_lengths(apart, 0, 0, 5, 2))[0]) == 2


def test_a_square_covers_the_pixels_whose_centres_it_holds() -> None:
    square = [[10, 10], [20, 10], [20, 20], [10, 20]]
    assert placed(filled([square], 30, 30), 30, 30).sum() == 100
    hole = [[12, 12], [14, 12], [14, 14], [12, 14]]
    assert placed(filled([square, hole], 30, 30), 30, 30).sum() == 96


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 30)), min_size=4, max_size=4, unique=True))
def test_pixels_of_a_polygon_agree_with_pycocotools_but_for_its_edge(points: list[tuple[int, int]]) -> None:
    middle = np.mean(points, axis=0)
    ring = sorted(points, key=lambda point: np.arctan2(point[1] - middle[1], point[0] - middle[0]))
    ours = placed(filled([ring], 40, 30), 30, 40)
    theirs = coco_mask.decode(coco_mask.merge(coco_mask.frPyObjects([[value for point in ring for value in point]], 30, 40))).astype(bool)
    around = sum(np.hypot(b[0] - a[0], b[1] - a[1]) for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))
    assert (ours != theirs).sum() <= around


def test_bounds_of_each_shape() -> None:
    assert bounds(box(1, 2, 3, 4)) == [1, 2, 3, 4]
    assert np.allclose(bounds(box(10, 10, 20, 10, rotation=90)) or [], [15, 5, 10, 20])
    assert bounds(thing("pose", kind="keypoints", points=[[5, 6, 2], [0, 0, 0], [15, 26, 1]])) == [5, 6, 10, 20]
    assert bounds(thing("pose", kind="polyline", points=[[1, 1], [5, 5]])) is None
    assert within([-5, 10, 20, 50], 64, 48) == [0, 10, 15, 38]
