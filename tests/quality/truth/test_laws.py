"""What holds of every method of truth inference, whatever the answers."""

from __future__ import annotations

import random
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.quality.truth.best import best
from workflows.quality.truth.dawid_skene import dawid_skene
from workflows.quality.truth.glad import glad
from workflows.quality.truth.majority import majority
from workflows.quality.truth.one_coin import one_coin
from workflows.quality.truth.wawa import wawa
from workflows.quality.truth.zero_based import zero_based

METHODS = [majority, wawa, zero_based, dawid_skene, one_coin, glad, best]
VOTES = [majority, wawa, zero_based, glad, one_coin]
answers = st.dictionaries(st.tuples(st.integers(0, 5), st.integers(0, 9)), st.sampled_from("abc"), min_size=1, max_size=40).map(
    lambda said: [(f"p{worker}", item, label) for (worker, item), label in said.items()]
)


def sure(found: Any) -> dict[Any, Any]:
    """Labels of items that are not as good as tied."""
    rows = np.sort(found.scores, axis=1)
    clear = rows[:, -1] - (rows[:, -2] if rows.shape[1] > 1 else 0) > 1e-6
    return {item: found[item] for item, is_clear in zip(found, clear, strict=True) if is_clear}


@pytest.mark.parametrize("method", METHODS)
@given(said=answers, chance=st.randoms())
@settings(max_examples=12, deadline=None)
def test_the_order_of_answers_is_of_no_account(method: Any, said: list[Any], chance: random.Random) -> None:
    mixed = list(said)
    chance.shuffle(mixed)
    one, other = method(said), method(mixed)
    assert dict(one) == dict(other) and one.ties == other.ties
    assert np.array_equal(one.scores, other.scores) and np.array_equal(one.weights, other.weights)
    assert [one.explain(item) for item in one] == [other.explain(item) for item in other]


@pytest.mark.parametrize("method", METHODS)
@given(said=answers, people=st.permutations(range(6)), items=st.permutations(range(10)))
@settings(max_examples=12, deadline=None)
def test_people_and_items_may_have_any_names(method: Any, said: list[Any], people: list[int], items: list[int]) -> None:
    renamed = method([(people[int(worker[1:])], items[item], label) for worker, item, label in said])
    here = method(said)
    assert {items[item]: label for item, label in sure(here).items()} == sure(renamed)
    assert {items[item]: pytest.approx(value, abs=1e-6) for item, value in here.confidence.items()} == renamed.confidence


@pytest.mark.parametrize("method", [*VOTES, partial(dawid_skene, rounds=20, tolerance=-1)])
@given(said=answers, names=st.permutations("abc"))
@settings(max_examples=12, deadline=None)
def test_other_names_of_labels_give_other_names_of_truths(method: Any, said: list[Any], names: list[str]) -> None:
    other = dict(zip("abc", names, strict=True))
    here, renamed = method(said, ties="none"), method([(worker, item, other[label]) for worker, item, label in said], ties="none")
    assert {item: other[label] for item, label in sure(here).items()} == sure(renamed)


@pytest.mark.parametrize("method", VOTES)
@given(said=answers)
@settings(max_examples=12, deadline=None)
def test_whatever_all_say_is_so_where_most_agree_elsewhere(method: Any, said: list[Any]) -> None:
    crowd = [(f"q{worker}", item, "abc"[item % 3]) for worker in range(3) for item in range(20, 50)]  # people known to be right
    crowd += [(f"p{worker}", item, "abc"[item % 3]) for worker in range(6) for item in range(20, 50)]
    found = method([*said, *crowd])
    for item in range(10):
        given_labels = {label for _worker, one, label in said if one == item}
        if len(given_labels) == 1:
            assert found[item] == given_labels.pop()


@given(said=answers)
@settings(max_examples=25, deadline=None)
def test_a_majority_keeps_what_is_unanimous_and_an_explanation_adds_up(said: list[Any]) -> None:
    found = majority(said)
    for item in found:
        told = found.explain(item)
        assert sum(row["score"] for row in told["scores"]) == pytest.approx(1)
        votes = [vote["label"] for vote in told["votes"]]
        assert votes.count(told["label"]) == max(map(votes.count, votes))
        assert (told["tie"] is None) == (sum(votes.count(label) == votes.count(told["label"]) for label in set(votes)) == 1)
        if len(set(votes)) == 1:
            assert told["confidence"] == 1


@given(said=answers)
@settings(max_examples=25, deadline=None)
def test_the_likelihood_never_falls_and_the_votes_add_up_to_the_odds(said: list[Any]) -> None:
    likelihoods = [dawid_skene(said, stop="likelihood", tolerance=-1, rounds=rounds).log_likelihood or 0.0 for rounds in range(1, 8)]
    assert all(after >= before - 1e-6 for before, after in pairwise(likelihoods))
    found = one_coin(said, smoothing=1)
    for item in found:
        told = found.explain(item)
        if told["second"] and told["second"]["score"] > 1e-9 and found.priors is not None:
            codes = [found.answers.labels.index(row["label"]) for row in told["scores"][:2]]
            odds = np.log(found.priors[codes[0]] / found.priors[codes[1]]) + sum(vote["weight"] for vote in told["votes"])
            assert odds == pytest.approx(np.log(told["scores"][0]["score"] / told["second"]["score"]), abs=1e-6)
