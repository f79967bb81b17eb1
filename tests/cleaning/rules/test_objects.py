"""Rules on objects: what each catches, what it leaves, and that its scores and thresholds agree."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cleaning.documents import box, columns, keypoints, measured, polygon, span, things, voc_boxes
from workflows.cleaning.measures.objects import KINDS
from workflows.cleaning.rules import kinds
from workflows.cleaning.rules.columns import COLUMNS, OBJECTS
from workflows.cleaning.rules.kind import ABOVE, OBJECT, Kind, Verdict, wrong_parameters
from workflows.cleaning.words.objects import WORDS

ABOUT = {name: kind for name, kind in kinds().items() if kind.about == "object"}


def judged(name: str, loaded: dict[str, Any], **parameters: Any) -> Verdict:
    kind = ABOUT[name]
    assert not wrong_parameters(kind, parameters)
    return kind.judge({column: loaded[column] for column in kind.needs(parameters)}, kind.defaults() | parameters)


def caught(name: str, *objects: dict[str, Any], text: str | None = None, **parameters: Any) -> list[int]:
    """Places of the objects of one document that are caught."""
    return np.flatnonzero(judged(name, columns([measured(*objects, text=text)]), **parameters).caught).tolist()


@pytest.mark.parametrize("name", sorted(ABOUT))
def test_a_kind_asks_for_columns_that_there_are(name: str) -> None:
    kind = ABOUT[name]
    assert set(kind.needs(kind.defaults())) <= set(OBJECTS if kind.rows == OBJECT else COLUMNS)
    assert not wrong_parameters(kind, {}) and (not kind.line or kind.line in kind.defaults())


@pytest.mark.parametrize("name", sorted(ABOUT))
def test_a_kind_has_words_for_itself_its_parameters_and_its_findings(name: str) -> None:
    words, kind = WORDS[name], ABOUT[name]
    loaded = columns([measured(box(0, 0, 5, 5), box(0, 0, 5, 5))]) | {"objects": np.array([2.0, 3.0])}
    found = judged(name, loaded)
    assert set(words.parameters) == {parameter.name for parameter in kind.parameters}
    assert str(words.says) % ({"score": 1.0, "threshold": 1.0} | {detail: values[0] for detail, values in found.details.items()})
    assert words.title and words.help and words.score


@pytest.mark.parametrize("kind", [kind for kind in ABOUT.values() if kind.rows == OBJECT], ids=lambda kind: kind.name)
@given(given_documents=st.lists(st.lists(things, max_size=6), max_size=4))
@settings(max_examples=25, deadline=None)
def test_verdicts_stand_in_line_with_their_rows(kind: Kind, given_documents: list[list[dict[str, Any]]]) -> None:
    loaded = columns([measured(*objects) for objects in given_documents] or [measured()])
    found = judged(kind.name, loaded)
    count = len(loaded["item"])
    assert found.scores.dtype == np.float64 and found.caught.dtype == bool
    assert all(len(column) == count for column in (found.scores, found.caught, *found.details.values()))
    assert not found.caught[np.isnan(found.scores)].any()
    if found.partners is not None:
        known = found.partners >= 0
        assert (loaded["item"][found.partners[known]] == loaded["item"][known]).all()


@pytest.mark.parametrize("name", [name for name, kind in ABOUT.items() if kind.line])
def test_a_stricter_threshold_catches_no_fewer(name: str) -> None:
    chance = np.random.default_rng(3)
    documents = [measured(*[box(*(chance.random(4) * 90).tolist(), str(chance.integers(2)), rotation=place % 2 * 10) for place in range(8)], width=120, height=100) for _ in range(20)]
    kind, loaded = ABOUT[name], columns(documents)
    bounds = next((one.least, one.most) for one in kind.parameters if one.name == kind.line)
    whole = next(one.type == "whole" for one in kind.parameters if one.name == kind.line)
    lines = [type(0 if whole else 0.0)(line) for line in np.linspace(bounds[0] or 0, min(bounds[1] or 1, 200), 21)]
    before = np.zeros(len(loaded["item"]), dtype=bool)
    for line in reversed(lines) if kind.side == ABOVE else lines:
        now = judged(name, loaded, **{kind.line: line}).caught
        assert (now | ~before).all()
        before = now


def test_no_area_finds_the_two_empty_boxes_of_a_real_corpus(data: Any) -> None:
    files = sorted((data("bccd_bbox") / "Annotations").glob("*.xml"))
    loaded = columns([measured(*voc_boxes(path), width=640, height=480) for path in files])
    found = judged("no_area", loaded)
    assert [files[item - 1].name for item in loaded["item"][found.caught]] == ["BloodImage_00338.xml", "BloodImage_00343.xml"]
    assert not judged("outside_picture", loaded).caught.any()
    assert not judged("outside_picture", loaded, threshold=0.0).caught.any()


def test_what_covers_something_or_never_could_is_left_by_no_area() -> None:
    broken = {"kind": "mask", "label": "car", "rle": {"size": [4, 4], "counts": "!"}}
    objects = [box(0, 0, 1, 1), box(0, 0, -3, -3), box(0, 0, float("nan"), 3), broken, polygon([[0, 0], [5, 5], [2, 2]]), {"kind": "point", "label": "car", "points": [[1, 1]]}, span(0, 2)]
    assert caught("no_area", *objects) == [1, 2, 3, 4]


def test_outside_picture_has_a_tolerance() -> None:
    objects = [box(990, 0, 10.5, 5), box(990, 0, 12, 5), box(-3, 0, 9, 9)]
    assert caught("outside_picture", *objects) == [1, 2]
    assert caught("outside_picture", *objects, threshold=2.5) == [2]


def test_tiny_is_by_pixels_and_by_share() -> None:
    objects = [box(0, 0, 3, 3), box(0, 0, 10, 10), box(0, 0, 200, 200), span(0, 1)]
    assert caught("tiny", *objects) == [0]
    assert caught("tiny", *objects, area=0.0, share=0.001) == [0, 1]


def datumaro(values: list[float], sigma: float) -> list[bool]:
    """Its `_far_from_mean`, with mean and deviation over the label's boxes of at least a pixel."""
    mean, spread = np.mean(values), np.std(values)
    return [bool(value > mean + sigma * spread or value < mean - sigma * spread) for value in values]


def test_size_outlier_is_datumaro_s_far_from_label_mean(data: Any) -> None:
    boxes = [one for path in sorted((data("bccd_bbox") / "Annotations").glob("*.xml")) for one in voc_boxes(path)]
    loaded = columns([measured(one, width=640, height=480) for one in boxes])
    for sigma in (2.0, 3.0, 5.0):
        expected = np.zeros(len(boxes), dtype=bool)
        for label in ("RBC", "WBC", "Platelets"):
            mine = [place for place, one in enumerate(boxes) if one["label"] == label and min(one["box"][2:]) >= 1]
            for values in ([boxes[place]["box"][2] for place in mine], [boxes[place]["box"][3] for place in mine], [boxes[place]["box"][2] * boxes[place]["box"][3] for place in mine]):
                expected[mine] |= datumaro(values, sigma)
        found = judged("size_outlier", loaded, threshold=sigma).caught
        counted = np.array([min(one["box"][2:]) >= 1 for one in boxes])
        assert found[counted].tolist() == expected[counted].tolist() and expected.any()


def test_a_label_of_few_objects_or_of_one_size_has_no_outlier() -> None:
    odd = [*[box(index, 0, 10, 10) for index in range(9)], box(0, 0, 500, 500)]
    assert caught("size_outlier", *odd, threshold=2.0) == [] and caught("size_outlier", *odd, threshold=2.0, enough=10) == [9]
    assert caught("size_outlier", *[box(index, 0, 10.1, 7.3) for index in range(50)], threshold=0.5) == []


def test_of_two_that_lie_on_each_other_the_later_is_caught() -> None:
    objects = [box(0, 0, 10, 10), box(500, 0, 10, 10), box(1, 0, 10, 10), box(0, 0, 10, 10, "bus")]
    loaded = columns([measured(box(0, 0, 5, 5)), measured(*objects)])
    found = judged("duplicate_objects", loaded)
    assert np.flatnonzero(found.caught).tolist() == [3]
    assert found.partners is not None and found.partners[3] == 1 and found.details["twin"][3] == 0
    assert found.scores[3] == pytest.approx(9 / 11, abs=1e-6) and found.scores[1] == 0


def test_in_a_chain_of_three_two_are_caught() -> None:
    assert caught("duplicate_objects", box(0, 0, 10, 10), box(2, 0, 10, 10), box(2.5, 0, 10, 10)) == [1, 2]
    assert caught("duplicate_objects", *[box(0, 0, 10, 10)] * 4) == [1, 2, 3]


@given(st.lists(st.integers(0, 30), min_size=2, max_size=12))
def test_a_pair_of_duplicates_never_both_stay_nor_all_go(lefts: list[int]) -> None:
    objects = [box(left, 0, 20, 20) for left in lefts]
    gone = caught("duplicate_objects", *objects)
    records = measured(*objects)
    for place in np.flatnonzero(records["same"] >= np.float32(0.6)):
        assert max(place, records["twin"][place]) in gone
    assert 0 not in gone


def test_the_threshold_itself_is_caught() -> None:
    assert caught("duplicate_objects", box(0, 0, 10, 10), box(0, 0, 7, 10), threshold=0.7) == [1]
    assert caught("class_conflict", box(0, 0, 10, 10), box(0, 0, 7, 10, "bus"), threshold=0.7) == [0, 1]


def test_two_labels_on_one_thing_are_both_caught() -> None:
    objects = [box(0, 0, 10, 10), box(0, 0, 10, 9, "bus"), box(0, 0, 10, 7, "van")]
    found = judged("class_conflict", columns([measured(*objects)]))
    assert found.caught.tolist() == [True, True, False] and found.partners is not None and found.partners.tolist() == [1, 0, 1]
    assert found.details["rival"].tolist() == [1, 0, 1]


def test_outlines_that_cross_themselves_are_caught_and_boxes_are_not_judged() -> None:
    found = judged("crossing_outline", columns([measured(polygon([[0, 0], [9, 9], [9, 0], [0, 9]]), polygon([[0, 0], [9, 0], [9, 9]]), box(0, 0, 1, 1))]))
    assert found.caught.tolist() == [True, False, False] and np.isnan(found.scores).tolist() == [False, False, True]


def test_few_points_counts_by_kind() -> None:
    objects = [polygon([[0, 0], [1, 1], [0, 0]]), polygon([[0, 0], [9, 0], [9, 9]]), {"kind": "polyline", "label": "car", "points": [[1, 1], [1, 1]]}, keypoints([[1, 1, 2], [0, 0, 0]]), box(0, 0, 1, 1)]
    assert caught("few_points", *objects) == [0, 2]
    assert caught("few_points", *objects, polygon=4, keypoints=2) == [0, 1, 2, 3]


def test_the_five_bad_answers_of_a_reading_corpus_are_caught(data: Any) -> None:
    corpus = json.loads((data("cmrc2018_zh_spans") / "cmrc2018_trial.json").read_text())
    documents, names = [], []
    for paragraph in (paragraph for article in corpus["data"] for paragraph in article["paragraphs"]):
        answers = [answer for question in paragraph["qas"] for answer in question["answers"]]
        names += [paragraph["context"].startswith(answer["text"], answer["answer_start"]) for answer in answers]
        spans = [span(answer["answer_start"], answer["answer_start"] + len(answer["text"]), text=answer["text"]) for answer in answers]
        documents.append(measured(*spans, width=None, height=None, text=paragraph["context"]))
    found = judged("misquoted_span", columns(documents)).caught
    assert found.tolist() == [not fits for fits in names] and found.sum() == 5


def test_spans_that_split_a_character_are_caught_unless_allowed() -> None:
    objects = [span(0, 1), span(0, 2), span(0, 2, text="e"), box(0, 0, 1, 1)]
    assert caught("misquoted_span", *objects, text="e\u0301t") == [0, 2]
    assert caught("misquoted_span", *objects, text="e\u0301t", characters=False) == [2]
    assert caught("misquoted_span", *objects) == []


def test_missing_attributes_undefined_labels_and_stray_keypoints_are_caught() -> None:
    assert caught("missing_attribute", box(0, 0, 1, 1, "bus"), box(0, 0, 1, 1), box(0, 0, 1, 1, "bus", attributes={"parked": False})) == [0]
    loaded = columns([measured(box(0, 0, 1, 1), box(0, 0, 1, 1, "tram"))]) | {"undefined": np.array([False, True])}
    assert judged("undefined_label", loaded).caught.tolist() == [False, True]
    person = [[10, 10, 2], [20, 10, 2], [10, 30, 2], [90, 30, 2], [95, 30, 2]]
    assert caught("stray_keypoint", keypoints(person), box(5, 5, 30, 30)) == [0]
    assert caught("stray_keypoint", keypoints(person), box(5, 5, 30, 30), threshold=2) == []


def test_an_odd_number_of_objects_is_caught_among_items() -> None:
    counts = np.array([4.0, 5, 6, 5, 4] * 8 + [np.nan, 0, 30, 8, 10])
    found = judged("object_count", {"objects": counts})
    assert counts[found.caught].tolist() == [0, 30, 10] and np.isnan(found.scores[40])
    assert counts[judged("object_count", {"objects": counts}, factor=0.0, least=1, most=8).caught].tolist() == [0, 30, 10]
    assert not judged("object_count", {"objects": counts}, factor=0.0).caught.any()
    assert not judged("object_count", {"objects": np.array([1.0, 99])}).caught.any()
    assert not len(judged("object_count", {"objects": np.array([])}).caught)


def test_kinds_keep_their_places() -> None:
    """They are stored."""
    assert KINDS == ("box", "polygon", "polyline", "keypoints", "point", "mask", "span", "relation")
