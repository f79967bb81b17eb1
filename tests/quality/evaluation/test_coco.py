"""COCO's figures: the published ones, and pycocotools' own on made-up pictures with crowds."""

from __future__ import annotations

import contextlib
import copy
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from workflows.quality.evaluation.coco import NAMES, average_precision

PRINTED = (0.503647, 0.696973, 0.571667, 0.593252, 0.557991, 0.489363, 0.386813, 0.593680, 0.595353, 0.654764, 0.603130, 0.553744)


def test_the_twelve_figures_to_the_sixth_digit(data: Callable[[str], Path]) -> None:
    folder = data("coco_ap_reference")
    truth, found = (json.loads((folder / name).read_text()) for name in ("gt_sampled_coco2014val.json", "dets_sampled.json"))
    figures = average_precision(truth, found)
    for name, printed in zip(NAMES, PRINTED, strict=True):
        value = figures.values[name]
        assert value is not None and abs(value - printed) < 5.0001e-7, name
    assert (figures.truths, figures.found) == (830, 734)
    listed = average_precision(truth, json.loads((folder / "instances_val2014_fakebbox100_results.json").read_text()))
    assert listed.values["AP"] == pytest.approx(0.5036, abs=5e-4)
    known = [row["AP"] for row in figures.by_category.values() if row["AP"] is not None]
    assert sum(known) / len(known) == pytest.approx(figures.values["AP"])


sides = st.sampled_from([20, 24, 60, 70, 100])
places = st.integers(0, 12)
boxes = st.tuples(places, places, sides, sides)
pictures = st.sampled_from([1, 1, 1, 2])
kinds = st.sampled_from([1, 1, 1, 3])
truths = st.lists(st.tuples(boxes, pictures, kinds, st.sampled_from([0, 0, 1]), st.sampled_from([0, 1])), min_size=1, max_size=12)
results = st.lists(st.tuples(boxes, pictures, kinds, st.sampled_from([0.1, 0.3, 0.5, 0.5, 0.9])), min_size=1, max_size=14)


@settings(max_examples=25, deadline=None)
@given(truths, results)
def test_pycocotools_says_the_same(wanted: Any, given: Any) -> None:
    document = {
        "info": {},
        "images": [{"id": 1}, {"id": 2}],
        "categories": [{"id": 1}, {"id": 2}, {"id": 3}],
        "annotations": [
            {"id": number, "bbox": list(box), "image_id": image, "category_id": category, "iscrowd": crowd, "ignore": ignore, "area": box[2] * box[3] * 0.8}
            for number, (box, image, category, crowd, ignore) in enumerate(wanted, 1)
        ],
    }
    found = [{"bbox": list(box), "image_id": image, "category_id": category, "score": score} for box, image, category, score in given]
    figures = average_precision(document, found).values
    for name, said in zip(NAMES, by_pycocotools(document, found), strict=True):
        assert figures[name] == (None if said < 0 else pytest.approx(said, abs=1e-12)), name


def by_pycocotools(document: dict[str, Any], found: list[dict[str, Any]]) -> np.ndarray:
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = copy.deepcopy(document)
        truth.createIndex()
        measured = COCOeval(truth, truth.loadRes(copy.deepcopy(found)), "bbox")
        measured.evaluate()
        measured.accumulate()
        measured.summarize()
    return np.asarray(measured.stats)


def test_nothing_to_find_has_no_figures_and_nothing_found_has_none_right() -> None:
    image = {"images": [{"id": 0}], "categories": [{"id": 0}]}
    assert set(average_precision(image | {"annotations": []}, [{"image_id": 0, "category_id": 0, "bbox": [0, 0, 5, 5], "score": 1}]).values.values()) == {None}
    one = image | {"annotations": [{"id": 0, "image_id": 0, "category_id": 0, "bbox": [0, 0, 50, 50]}]}
    assert average_precision(one, []).values["AP"] == 0.0
    right = average_precision(one, [{"image_id": 0, "category_id": 0, "bbox": [0, 0, 50, 50], "score": 0.2}])
    assert right.values["AP"] == pytest.approx(1.0) and right.values["APs"] is None and right.values["APm"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"image_id": 9}, "result 0: picture 9 is not among"),
        ({"bbox": [1, 2, 3]}, "result 0: [1, 2, 3] is no box"),
        ({"bbox": [0, 0, -1, 2]}, "is no box"),
        ({"score": float("nan")}, "result 0: nan is no score"),
        ({"score": None}, 'result 0 has no "score"'),
    ],
)
def test_a_row_that_lacks_something_is_named(row: dict[str, Any], said: str) -> None:
    truth = {"images": [{"id": 1}], "categories": [{"id": 1}], "annotations": []}
    with pytest.raises(ValueError) as error:
        average_precision(truth, [{"image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1], "score": 1} | row])
    assert said in str(error.value)
    with pytest.raises(ValueError, match="images"):
        average_precision({}, [])


def test_what_is_gathered_of_all_sizes_alone_has_the_same_average_precision() -> None:
    from workflows.quality.evaluation.precision import Gathered, figures, picture

    dice = np.random.default_rng(11)
    whole, narrow = Gathered(), Gathered(1)
    for _picture in range(30):
        found, truths = int(dice.integers(0, 7)), int(dice.integers(0, 5))
        scores = np.sort(dice.random(found))[::-1]
        one = picture(scores.tolist(), dice.random((found, truths)), dice.random(found) * 2e4, dice.random(truths) * 2e4)
        whole.add(one)
        narrow.add(one)
    full, short = figures([whole.table()]), figures([narrow.table(most=(100,))])
    assert len(whole) == len(narrow) and {name: full[name] for name in ("AP", "AP50", "AP75", "AR100")} == {name: short[name] for name in ("AP", "AP50", "AP75", "AR100")}
    best = whole.best()
    assert best is not None and 0 < best[1] <= 1 and best == narrow.best()
