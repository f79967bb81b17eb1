"""Ties, repeats, known truths and what is refused, each in a handful of answers."""

from __future__ import annotations

import json

import numpy as np
import pytest

from workflows.quality.truth.answers import read
from workflows.quality.truth.best import best
from workflows.quality.truth.dawid_skene import dawid_skene
from workflows.quality.truth.majority import majority
from workflows.quality.truth.one_coin import one_coin
from workflows.quality.truth.result import choose
from workflows.quality.truth.wawa import wawa

SPLIT = [("ann", 1, "car"), ("bob", 1, "bus")]


def test_a_tie_is_ruled_by_the_order_of_the_schema_and_told() -> None:
    found = majority(SPLIT, labels=["truck", "car", "bus"])
    assert found[1] == "car" and found.ties == {1: ("car", "bus")}
    assert found.explain(1) == {
        "item": 1,
        "method": "majority",
        "label": "car",
        "confidence": 0.5,
        "votes": [{"worker": "ann", "label": "car", "weight": 1.0}, {"worker": "bob", "label": "bus", "weight": 1.0}],
        "scores": [{"label": "car", "score": 0.5}, {"label": "bus", "score": 0.5}],
        "second": {"label": "bus", "score": 0.5},
        "tie": {"labels": ["car", "bus"], "rule": "first"},
        "fixed": False,
    }


@pytest.mark.parametrize(("rule", "label"), [("first", "car"), ("lowest", "bus"), ("highest", "car"), ("none", None)])
def test_each_rule_for_ties(rule: str, label: str | None) -> None:
    found = majority(SPLIT, labels=["car", "bus"], ties=rule)  # type: ignore[arg-type]
    assert found[1] == label and json.dumps(found.explain(1))


def test_sums_of_weights_that_are_as_good_as_equal_tie() -> None:
    said = read(SPLIT)
    assert choose(said, np.array([[0.3, 0.1 + 0.2]]), "none")[0].tolist() == [-1]
    assert choose(said, np.array([[0.3, 0.3001]]), "none")[0].tolist() == [1]
    assert majority([("v", 1, "a"), ("w", 1, "a"), ("x", 1, "b"), ("y", 1, "b"), ("z", 1, "c")]).ties == {1: ("a", "b")}


def test_a_second_answer_to_the_same_item_is_refused_unless_a_rule_is_named() -> None:
    said = [("ann", 1, "a"), ("bob", 1, "b"), ("ann", 1, "b")]
    with pytest.raises(ValueError, match=r"worker 'ann' answered item 1 more than once.*repeats='last' or 'every'"):
        majority(said)
    assert majority(said, repeats="last").confidence == {1: 1.0}
    assert len(read(said, repeats="every")) == 3


@pytest.mark.parametrize(
    ("said", "how", "told"),
    [
        ([("ann", 1)], {}, r"answers\[0\] must be \(worker, item, label\)"),
        ([("ann", 1, "a"), ("bob", 1, ["a"])], {}, r"answers\[1\] must be"),
        ([("ann", 1, float("nan"))], {}, r"answers\[0\] has NaN"),
        ([("ann", 1, "a")], {"labels": ["b"]}, "label 'a' is not among the labels"),
        ([("ann", 1, "a")], {"ties": "any"}, "ties must be"),
    ],
)
def test_bad_answers_are_named(said: list[tuple[object, ...]], how: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        majority(said, **how)  # type: ignore[arg-type]


def test_no_answers_give_no_truths_and_none_is_no_answer() -> None:
    for method in (majority, wawa, dawid_skene, one_coin, best):
        assert dict(method([])) == {} and dict(method([("ann", 1, None)])) == {}
        assert dict(method([("ann", 1, "a"), ("bob", 1, None)])) == {1: "a"}


def test_labels_of_different_types_have_an_order() -> None:
    assert read([("ann", 1, "a"), ("bob", 1, 2), ("cat", 1, "b")]).labels == (2, "a", "b")


def test_known_truths_stay_and_teach() -> None:
    """Two who always err outvote one who is right, until gold says who is who."""
    items = range(12)
    truth = {item: "ab"[item % 2] for item in items}
    other = {"a": "b", "b": "a"}
    said = [("good", item, truth[item]) for item in items] + [(worker, item, other[truth[item]]) for worker in ("bad", "worse") for item in items]
    assert all(majority(said)[item] != truth[item] for item in items)
    gold = {item: truth[item] for item in range(8)}
    for method in (dawid_skene, one_coin, best):
        found = method(said, truth=gold)
        assert dict(found) == truth
        assert found.explain(0)["fixed"] and not found.explain(9)["fixed"]
        assert found.skills["good"] > 0.9 > 0.1 > found.skills["bad"]


def test_gold_may_name_a_label_that_nobody_gave_and_items_nobody_saw() -> None:
    found = best([("ann", 1, "a"), ("bob", 1, "a"), ("ann", 2, "a")], truth={1: "c", 7: "a"}, labels=["a", "b", "c"])
    assert dict(found) == {1: "c", 2: "a"}
    with pytest.raises(ValueError, match="label 'x' is not among"):
        dawid_skene([("ann", 1, "a")], truth={1: "x"}, labels=["a"])


def test_smoothing_draws_a_person_with_one_answer_to_what_people_are_like() -> None:
    said = [(worker, item, "ab"[item % 2]) for worker in "xyz" for item in range(20)] + [("new", 0, "a")]
    plain, smooth = (dawid_skene(said, smoothing=smoothing) for smoothing in (0.0, 1.0))
    new = plain.answers.workers.index("new")
    assert plain.confusion is not None and smooth.confusion is not None
    assert plain.confusion[new, 1].tolist() == [0.5, 0.5]  # nothing is known
    assert smooth.confusion[new, 1, 1] > 0.95
    assert np.allclose(smooth.confusion.sum(axis=2), 1)
    with pytest.raises(ValueError, match="smoothing must be 0 or more"):
        dawid_skene(said, smoothing=-1)
