"""The largest overlap of every object with another: against pycocotools, and many at once as few at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pycocotools import mask as coco

from tests.cleaning.documents import box, mask_of, measured, polygon, shapes, span
from tests.cleaning.measures.test_outlines import star
from workflows.cleaning.measures import overlaps
from workflows.cleaning.measures.outlines import outline
from workflows.cleaning.measures.overlaps import Part, exact

numbers = st.integers(0, 60)
sides = st.tuples(numbers, numbers, st.integers(1, 60), st.integers(1, 60))
labels = st.sampled_from(["car", "bus"])


def largest(table: Any, names: list[str], alike: bool) -> list[float]:
    """Of each row of a table of overlaps, the largest with another object of the same, or another, name."""
    fits = (np.array(names)[:, None] == np.array(names)[None]) == alike
    return np.where(fits & ~np.eye(len(names), dtype=bool), table, 0).max(axis=1).tolist()


@given(st.lists(st.tuples(sides, labels), min_size=1, max_size=40))
@settings(max_examples=100, deadline=None)
def test_boxes_overlap_as_in_pycocotools(given_boxes: list[Any]) -> None:
    names = [label for _, label in given_boxes]
    every = [[float(side) for side in sides] for sides, _ in given_boxes]
    table = coco.iou(every, every, [0] * len(every))
    records = measured(*[box(*one, label) for one, label in zip(every, names, strict=True)])
    assert records["same"].tolist() == pytest.approx(largest(table, names, True), abs=1e-6)
    assert records["other"].tolist() == pytest.approx(largest(table, names, False), abs=1e-6)
    for place, record in enumerate(records):
        if record["twin"] >= 0:
            assert names[record["twin"]] == names[place] and table[place, record["twin"]] == pytest.approx(record["same"], abs=1e-6)
        if record["rival"] >= 0:
            assert names[record["rival"]] != names[place] and table[place, record["rival"]] == pytest.approx(record["other"], abs=1e-6)


@given(st.lists(st.tuples(shapes, labels), min_size=2, max_size=14))
@settings(max_examples=60, deadline=None)
def test_many_are_compared_as_few_are(given_shapes: list[Any]) -> None:
    objects = [shape | {"label": label} for shape, label in given_shapes]
    few = measured(*objects)
    before, overlaps.FEW = overlaps.FEW, 0
    try:
        many = measured(*objects)
    finally:
        overlaps.FEW = before
    assert few["same"].tolist() == pytest.approx(many["same"].tolist(), abs=1e-6)
    assert few["other"].tolist() == pytest.approx(many["other"].tolist(), abs=1e-6)


def test_nuclei_overlap_as_in_pycocotools(data: Any) -> None:
    folder = data("dsb2018_nuclei_masks")
    seen = 0
    for changed in sorted(folder.glob("*/masks_original_if_changed"))[:4]:
        drawn = [np.asarray(Image.open(path).convert("L")) > 0 for part in (changed, changed.parent / "masks_corrected") for path in sorted(part.glob("*.png"))[:30]]
        records = measured(*[mask_of(one) for one in drawn], width=None, height=None)
        codes = [coco.encode(np.asfortranarray(one.astype(np.uint8))) for one in drawn]
        table = coco.iou(codes, codes, [0] * len(codes))
        table[table < overlaps.FLOOR] = 0
        wanted = np.array(largest(table, ["car"] * len(drawn), True))
        assert np.where(records["same"] < overlaps.FLOOR, 0, records["same"]).tolist() == pytest.approx(wanted.tolist(), abs=1e-6)
        assert records["area"].tolist() == coco.area(codes).tolist()
        seen += int((wanted > 0.5).sum())
    assert seen > 4  # a mask as it was before its correction, and as it was after


def test_boxes_turned_boxes_polygons_and_masks_stand_on_common_ground() -> None:
    drawn = np.zeros((60, 60), dtype=bool)
    drawn[10:20, 10:30] = True
    same = [box(10, 10, 20, 10), box(15, 5, 10, 20, rotation=90), polygon([[10, 10], [30, 10], [30, 20], [10, 20]]), mask_of(drawn)]
    for one in same:
        for other in same:
            assert measured(one, other)["same"].tolist() == pytest.approx([1, 1], abs=1e-6)
    hollow = polygon([[0, 0], [20, 0], [20, 20], [0, 20]], holes=[[[5, 5], [15, 5], [15, 15], [5, 15]]])
    assert measured(hollow, box(5, 5, 10, 10))["same"].tolist() == pytest.approx([0, 0], abs=1e-6)
    assert measured(hollow, box(0, 0, 20, 20))["same"].tolist() == pytest.approx([0.75, 0.75])


def test_spans_overlap_by_characters_and_lines_and_points_do_not() -> None:
    records = measured(span(0, 10), span(0, 8), span(4, 8, "bus"), box(0, 0, 10, 1))
    assert records["same"].tolist() == pytest.approx([0.8, 0.8, 0, 0]) and records["twin"].tolist() == [1, 0, -1, -1]
    assert records["other"].tolist() == pytest.approx([0.4, 0.5, 0.5, 0]) and records["rival"].tolist() == [2, 2, 1, -1]
    line = {"kind": "polyline", "label": "car", "points": [[0, 0], [9, 9]]}
    person = {"kind": "keypoints", "label": "car", "points": [[0, 0, 2], [9, 9, 2]]}
    assert not measured(line, line, person, person)["same"].any()


@pytest.mark.parametrize("seed", range(5))
def test_fine_outlines_are_compared_on_a_grid_within_half_a_hundredth(seed: int) -> None:
    parts = []
    for place in range(2):
        shape = polygon([(x + 20 * place, y) for x, y in star(150, seed)])
        found = outline(shape)
        assert found.bounds is not None
        parts.append(Part(place, 1, found.bounds, found.area, found.drawn))
    assert parts[0].drawn is not None and parts[1].drawn is not None
    assert exact(*parts) == pytest.approx(parts[0].drawn.iou(parts[1].drawn), abs=0.005)


@given(st.integers(0, 50), st.integers(0, 50))
def test_the_overlap_falls_as_boxes_part(near: int, far: int) -> None:
    near, far = sorted((near, far))
    found = [measured(box(0, 0, 40, 40), box(away, 0, 40, 40))[0]["same"] for away in (near, far)]
    assert found[0] >= found[1]
