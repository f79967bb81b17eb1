"""Whether outlines cross themselves: against trying every two edges one by one in exact numbers."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cleaning.documents import measured, polygon
from workflows.cleaning.measures.outlines import FEW, MATRIX, crossing, outline
from workflows.quality.matching import areas

spots = st.tuples(st.integers(0, 12), st.integers(0, 12))


def side(a: Any, b: Any, c: Any) -> int:
    turn = Fraction(b[0] - a[0]) * Fraction(c[1] - a[1]) - Fraction(b[1] - a[1]) * Fraction(c[0] - a[0])
    return (turn > 0) - (turn < 0)


def crosses_by_force(ring: list[tuple[float, float]]) -> bool:
    edges = list(zip(ring, ring[1:] + ring[:1], strict=True))
    return any(
        side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0 for index, (a, b) in enumerate(edges) for c, d in edges[index + 1 :]
    )


def star(count: int, seed: int) -> list[tuple[float, float]]:
    """A simple polygon: points in the order of their angles about a middle, each at whatever distance."""
    chance = np.random.default_rng(seed)
    turns = (np.arange(count) + chance.uniform(0.05, 0.95, count)) * (2 * math.pi / count)
    away = chance.uniform(5, 100, count)
    return list(zip((200 + away * np.cos(turns)).tolist(), (200 + away * np.sin(turns)).tolist(), strict=True))


@given(st.lists(spots, min_size=3, max_size=FEW + 6))
@settings(max_examples=300, deadline=None)
def test_an_outline_crosses_itself_when_two_of_its_edges_do(ring: list[tuple[int, int]]) -> None:
    assert crossing(np.array(ring, dtype=float)) == crosses_by_force(ring)


@given(st.integers(0, 2**32 - 1), st.sampled_from([5, FEW + 4, MATRIX + 20]))
@settings(max_examples=40, deadline=None)
def test_many_edges_and_few_are_judged_alike(seed: int, count: int) -> None:
    chance = np.random.default_rng(seed)
    ring = np.array(star(count, seed))
    assert not crossing(ring)
    one, other = chance.choice(count, 2, replace=False)
    ring[[one, other]] = ring[[other, one]]
    assert crossing(ring) == crosses_by_force([(x, y) for x, y in ring.tolist()])


@given(st.integers(4, 200), st.integers(0, 2**32 - 1), st.booleans(), st.floats(1e-3, 1e5), st.floats(0, 1e5))
@settings(max_examples=80, deadline=None)
def test_a_simple_polygon_is_never_said_to_cross_itself(count: int, seed: int, closed: bool, scale: float, shift: float) -> None:
    ring = star(count, seed)
    ring = [(x * scale + shift, y * scale + shift) for x, y in (ring + ring[:1] if closed else ring)]
    assert not measured(polygon(ring))[0]["crosses"]


def test_touching_itself_is_no_crossing() -> None:
    for ring in (
        [[0, 0], [10, 0], [10, 10], [5, 0], [0, 10]],  # a corner on an edge
        [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0], [0, 5], [0, 0]],  # there and back
        [[0, 0], [5, 5], [10, 0], [10, 10], [5, 5], [0, 10]],  # two halves that meet in a point
    ):
        assert not crossing(np.array(ring, dtype=float))
    assert crossing(np.array([[0, 0], [10, 10], [10, 0], [0, 10]], dtype=float))


def test_a_hole_that_crosses_itself_counts() -> None:
    bow = [[2, 2], [8, 8], [8, 2], [2, 8]]
    assert measured(polygon([[0, 0], [10, 0], [10, 10], [0, 10]], holes=[bow]))[0]["crosses"]


@given(st.integers(3, 300), st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_the_area_of_an_outline_is_the_same_by_another_way(count: int, seed: int) -> None:
    ring = star(count, seed)
    assert outline(polygon(ring)).area == pytest.approx(areas.size([np.array(ring)]), rel=1e-6)


def test_an_outline_of_twenty_thousand_points_is_looked_at_quickly() -> None:
    turns = np.linspace(0, 2 * math.pi, 20_000, endpoint=False)
    ring = np.stack([3000 + 2000 * np.cos(turns), 3000 + 2000 * np.sin(turns)], axis=1)
    assert not crossing(ring)
    ring[[100, 103]] = ring[[103, 100]]
    assert crossing(ring)


def test_points_in_one_place_count_once() -> None:
    records = measured(polygon([[0, 0], [5, 0], [5, 0], [0, 5], [0, 0]]), {"kind": "polyline", "label": "car", "points": [[1, 1], [1, 1]]})
    assert records["points"].tolist() == [3, 1]
    keypoints = {"kind": "keypoints", "label": "car", "points": [[1, 1, 2], [1, 1, 1], [0, 0, 0]]}
    assert measured(keypoints)["points"].tolist() == [2]
