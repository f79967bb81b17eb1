"""What is taken for what, and which kinds of errors that makes."""

from __future__ import annotations

import itertools
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.quality.test_match_laws import documents
from workflows.quality.evaluation.confusion import cell, confusion
from workflows.quality.evaluation.errors import KINDS, Error, counted, errors
from workflows.quality.evaluation.shares import Shares
from workflows.quality.evaluation.taken import Taken, of_answers, taken, taken_of_many
from workflows.quality.matching.score import score


def box(x: float, label: str = "car", **attributes: Any) -> dict[str, Any]:
    return {"id": f"{x}-{label}", "kind": "box", "label": label, "box": [x, 0, 10, 10]} | ({"attributes": attributes} if attributes else {})


TRUTH = [box(0), box(100), box(200, "van"), box(300), box(400, colour="red")]
ANSWER = [box(1), box(101, "van"), box(205, "van"), box(500, "bus"), box(400, colour="blue")]


def test_rows_are_the_truth_columns_the_answer_and_the_last_is_nothing() -> None:
    rows = taken("a", TRUTH, ANSWER)
    found = confusion(rows)
    assert found.labels == ("bus", "car", "van")
    assert found.counts.tolist() == [[0, 0, 0, 0], [0, 2, 1, 1], [0, 0, 0, 1], [1, 0, 1, 0]]
    assert (found.right, found.total, found.all()) == (2, 7, Shares(2, 5, 5))
    assert found.by_label()["car"] == Shares(2, 4, 2)
    assert found.by_label()["car"].jaccard == 0.5
    accuracy = found.accuracy()
    assert (accuracy.value, accuracy.units, accuracy.ratings) == (2 / 7, 7, 10)
    assert accuracy.low is not None and accuracy.high is not None and 0 < accuracy.low < 2 / 7 < accuracy.high < 1
    assert cell(rows, "car", "van") == [Taken("a", "car", "van", 1, 1, pytest.approx(9 / 11))]
    assert [(row.truth_at, row.answer_at) for row in cell(rows, None, "bus")] == [(None, 3)]
    assert found.mistaken() == [("car", "van", 1), ("car", None, 1), ("van", None, 1), (None, "bus", 1), (None, "van", 1)]


def test_the_order_of_labels_may_be_said() -> None:
    found = confusion(taken("a", TRUTH, ANSWER), ["van", "tram"])
    assert found.labels == ("van", "tram", "bus", "car")
    assert found.counts[3].tolist() == [1, 0, 0, 2, 1]


def test_no_objects_are_no_accuracy() -> None:
    found = confusion(taken("a", [], []))
    assert found.accuracy().why == "no_pairs" and found.accuracy().value is None
    assert found.counts.shape == (1, 1)


def test_answers_about_the_item_make_a_table_too() -> None:
    rows = list(of_answers([(1, "fog", "fog"), (2, "fog", "rain"), (3, "rain", None), (4, None, None), (5, True, True), (6, ["b", "a"], ["a", "b"])]))
    found = confusion(rows)
    assert found.labels == (frozenset("ab"), "fog", "rain", "true")
    assert found.right == 3 and found.total == 5
    assert [row.item for row in cell(rows, "rain", None)] == [3]


def test_each_kind_of_error() -> None:
    found = errors("a", TRUTH, ANSWER)
    assert [(error.kind, error.label, error.said, error.truth_at, error.answer_at) for error in found] == [
        ("wrong_label", "car", "van", 1, 1),
        ("badly_placed", "van", None, 2, 2),
        ("missing", "car", None, 3, None),
        ("attribute", "car", None, 4, 4),
        ("extra", "bus", None, None, 3),
    ]
    assert found[1].alike == pytest.approx(1 / 3)
    assert found[3].attributes == ("colour",)
    assert counted(found)["car"] == {"missing": 1, "extra": 0, "wrong_label": 1, "badly_placed": 0, "attribute": 1}


def test_badly_placed_is_between_two_bounds_and_of_one_label() -> None:
    def kinds(truth: dict[str, Any], answer: dict[str, Any], **how: Any) -> list[str]:
        return [error.kind for error in errors("a", [truth], [answer], **how)]

    assert kinds(box(0), box(3)) == []
    assert kinds(box(0), box(4)) == ["badly_placed"]
    assert kinds(box(0), box(8)) == ["badly_placed"]
    assert kinds(box(0), box(9)) == ["missing", "extra"]
    assert kinds(box(0), box(5, "van")) == ["missing", "extra"]
    assert kinds(box(0), box(5), badly=0.5) == ["missing", "extra"]
    with pytest.raises(ValueError, match="badly"):
        errors("a", [], [], badly=0.6)


def test_relations_without_their_ends_are_missing_and_extra() -> None:
    ends = [box(0) | {"id": "a"}, box(50) | {"id": "b"}]
    arrow = {"id": "r", "kind": "relation", "label": "pulls", "from": "a", "to": "b"}
    assert errors("a", [*ends, arrow], [*ends, arrow]) == []
    assert [error.kind for error in errors("a", [*ends, arrow], [ends[0], arrow | {"to": "c"}])] == ["missing", "missing", "extra"]


drawings = documents.map(lambda document: document["objects"])
things = st.lists(st.builds(box, st.integers(0, 60), st.sampled_from(["car", "van", "bus"])), max_size=7)


@settings(max_examples=30, deadline=None)
@given(things, things)
def test_every_object_is_counted_once(truth: list[dict[str, Any]], answer: list[dict[str, Any]]) -> None:
    rows = taken("a", truth, answer)
    found = errors("a", truth, answer)
    table = confusion(rows)
    assert sorted(row.truth_at for row in rows if row.truth_at is not None) == list(range(len(truth)))
    assert sorted(row.answer_at for row in rows if row.answer_at is not None) == list(range(len(answer)))
    assert table.all() == Shares(table.right, len(truth), len(answer))
    per = {kind: sum(error.kind == kind for error in found) for kind in KINDS}
    assert len(truth) == table.right + per["wrong_label"] + per["missing"] + per["badly_placed"]
    assert len(answer) == table.right + per["wrong_label"] + per["extra"] + per["badly_placed"]
    parts = score({"objects": truth}, {"objects": answer}).parts
    assert sum(row["right"] for row in parts["labels"].values()) == table.right
    assert sum(times for _one, _other, times in parts["confused"]) == per["wrong_label"]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.one_of(things, drawings), st.one_of(things, drawings)), max_size=4), st.sampled_from([0.0, 5000.0]))
def test_many_items_at_a_time_are_as_one_by_one(sides: list[tuple[list[dict[str, Any]], list[dict[str, Any]]]], picture: float) -> None:
    schema = {"labels": [{"name": "a", "attributes": [{"name": "make", "type": "text"}]}]}
    items = [(at, truth, answer, picture) for at, (truth, answer) in enumerate(sides)]
    expected = [row for at, truth, answer, _picture in items for row in taken(at, truth, answer, schema, picture=picture)]
    assert list(taken_of_many(items, schema)) == expected


def test_items_in_which_there_is_a_choice_keep_their_turn() -> None:
    items = [(1, [box(0), box(1)], [box(0.5)], 0.0), (2, TRUTH, ANSWER, 0.0), (3, [], ANSWER, 0.0), (4, [box(0), box(2)], [box(1), box(3)], 0.0), (5, TRUTH, [], 0.0)]
    assert list(taken_of_many(items)) == [row for item, truth, answer, _picture in items for row in taken(item, truth, answer)]


def test_who_mistakes_in_a_known_way_is_found_out() -> None:
    """Each label has a confusion of its own; the table comes out as it was made."""
    chance, labels = random.Random(4), ["car", "van", "bus"]
    made = np.zeros((4, 4), dtype=int)
    rows, mistakes = [], []
    for item in range(120):
        truth, answer = [], []
        for place in range(4):
            label = chance.choice(labels)
            said = chance.choices([label, "van", None], [8, 1, 1])[0]
            truth.append(box(30 * place, label))
            if said:
                answer.append(box(30 * place + chance.uniform(-1, 1), said))
            made[labels.index(label), labels.index(said) if said else 3] += 1
        rows += taken(item, truth, chance.sample(answer, len(answer)))
        mistakes += errors(item, truth, answer)
    assert (confusion(rows, labels).counts == made).all()
    assert {error.kind for error in mistakes} == {"wrong_label", "missing"}
    assert len(mistakes) == made.sum() - made.trace()
    assert all(isinstance(error, Error) for error in itertools.islice(mistakes, 3))
