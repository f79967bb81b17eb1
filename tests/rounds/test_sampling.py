"""Laws of a sample: the same whatever the order, as large as asked, each stratum in it, what is disagreed on first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.rounds.sampling import KINDS, LEAST, MOST, Candidate, Plan, Record, draw, larger, number, rate

names = st.sampled_from(["car", "person", "sign", "tram"])
candidates = st.lists(
    st.builds(
        Candidate,
        id=st.integers(1, 10_000),
        person=st.sampled_from([None, 1, 2, 3]),
        strata=st.lists(names, max_size=3).map(tuple),
        disagreement=st.none() | st.floats(0, 1),
    ),
    max_size=60,
    unique_by=lambda item: item.id,
)
records = st.dictionaries(st.sampled_from([None, 1, 2, 3]), st.builds(Record, st.integers(0, 500), st.integers(0, 500)))
percent = st.floats(0.1, 100)
plans = st.builds(Plan, st.sampled_from([kind for kind in KINDS if kind not in ("all", "count")]), percent, st.integers(0, 99)) | st.builds(
    Plan, st.just("count"), st.integers(1, 70).map(float), st.integers(0, 99)
)


@given(candidates, plans, records, st.randoms(use_true_random=False))
def test_the_order_in_which_items_come_changes_nothing(items, plan, known, random) -> None:
    mixed = list(items)
    random.shuffle(mixed)
    assert draw(plan, items, records=known) == draw(plan, mixed, records=known)


@given(candidates, plans, records)
def test_a_sample_is_of_the_items_and_has_each_once(items, plan, known) -> None:
    ids = draw(plan, items, records=known).ids
    assert len(set(ids)) == len(ids)
    assert set(ids) <= {item.id for item in items}
    assert bool(ids) == bool(items)


@given(candidates, percent, st.integers(0, 99))
def test_a_share_is_rounded_up_and_a_number_is_that_number(items, share, seed) -> None:
    assert len(draw(Plan("percent", share, seed), items).ids) == number(share, len(items))
    assert len(draw(Plan("disagreement", share, seed), items).ids) == number(share, len(items))
    assert len(draw(Plan("count", 7, seed), items).ids) == min(7, len(items))
    assert set(draw(Plan("all"), items).ids) == {item.id for item in items}


@given(candidates, st.sampled_from(["percent", "stratified", "disagreement", "adaptive"]), percent, percent, records)
def test_with_the_same_seed_a_larger_share_contains_the_smaller(items, kind, one, other, known) -> None:
    small, large = sorted((one, other))
    assert set(draw(Plan(kind, small, 3), items, records=known).ids) <= set(draw(Plan(kind, large, 3), items, records=known).ids)


@given(candidates, percent)
def test_each_stratum_has_its_share_and_at_least_one(items, share) -> None:
    drawn = draw(Plan("stratified", share, 5, "label"), items)
    for name in {stratum for item in items for stratum in item.strata or ("",)}:
        members = {item.id for item in items if name in (item.strata or ("",))}
        taken = members & set(drawn.ids)
        assert len(taken) >= number(share, len(members)) >= 1
        assert drawn.strata[name] == (len(members), len(taken))


@given(candidates, percent)
def test_what_is_agreed_on_less_comes_first_and_what_was_never_measured_last(items, share) -> None:
    known = {item.id: -1.0 if item.disagreement is None else item.disagreement for item in items}
    ids = draw(Plan("disagreement", share, 1), items).ids
    taken = [known[item] for item in ids]
    assert taken == sorted(taken, reverse=True)
    left = [known[item.id] for item in items if item.id not in set(ids)]
    assert not left or not taken or min(taken) >= max(left)


@given(percent, st.integers(0, 500), st.integers(0, 500), st.floats(0, 0.5))
def test_a_persons_rate_falls_with_accepted_work_and_rises_with_returned_within_bounds(base, accepted, erring, tolerated) -> None:
    now = rate(base, Record(accepted, erring), tolerated=tolerated)
    assert min(100, LEAST * base) - 1e-9 <= now <= min(100.0, MOST * base) + 1e-9
    assert rate(base, Record(accepted + 1, erring), tolerated=tolerated) <= now + 1e-9
    assert rate(base, Record(accepted, erring + 1), tolerated=tolerated) >= now - 1e-9
    assert rate(base, Record(), tolerated=tolerated) == pytest.approx(min(100, base))


def test_the_rate_is_what_its_formula_says() -> None:
    assert rate(10, Record(90, 0), tolerated=0.05) == pytest.approx(LEAST * 10)  # 0.5 / 100 is a tenth of the 5 % tolerated
    assert rate(10, Record(15, 5), tolerated=0.05) == pytest.approx(10 * (5.5 / 30) / 0.05)
    assert rate(10, Record(10, 10), tolerated=0.05) == pytest.approx(MOST * 10)


def test_another_seed_draws_another_sample_and_the_same_one_the_same() -> None:
    items = [Candidate(pk) for pk in range(1, 1001)]
    first = draw(Plan("percent", 10, 7), items)
    assert first.ids[:5] == draw(Plan("count", 5, 7), items).ids == (203, 930, 430, 770, 232)  # as sha256sum says
    assert len(set(first.ids) & set(draw(Plan("percent", 10, 8), items).ids)) < 30


@settings(max_examples=50)
@given(plans, st.integers(1, 1000))
def test_an_escalated_sample_is_larger_until_it_is_all(plan, sampled) -> None:
    following = larger(replace(plan, by="label" if plan.kind == "stratified" else ""), sampled)
    assert following.seed == plan.seed + 1
    if following.kind == "all":
        return
    assert following.value is not None and following.value >= (2 * sampled if following.kind == "count" else min(100.0, 2 * (plan.value or 0)))
    assert following.kind in (plan.kind, "count")
