"""Measures of reviewers: when two judge alike, and when one parts from all others."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.quality import reviewing
from workflows.quality.agreement.intervals import wilson
from workflows.quality.reviewing import Pair

FIRST = dt.date(2026, 3, 2)  # a Monday
NEXT = FIRST + dt.timedelta(days=7)


def test_a_week_begins_on_monday() -> None:
    assert [reviewing.monday(FIRST + dt.timedelta(days=n)) for n in (0, 6, 7)] == [FIRST, FIRST, NEXT]


def test_one_parts_from_the_others_when_the_intervals_have_no_point_in_common() -> None:
    found = reviewing.drift({(1, FIRST): (30, 60), (2, FIRST): (6, 60), (3, FIRST): (5, 60)})
    [strict] = found[1]
    assert (strict.own["low"], strict.own["high"]) == pytest.approx(wilson(30, 60)) and strict.own["value"] == 0.5
    assert (strict.others["value"], strict.others["of"]) == (11 / 120, 120)
    assert strict.own["low"] > strict.others["high"] and strict.parts == 1
    assert found[2][0].parts == -1, "lenient beside the two others together"
    assert reviewing.flagged(found[1])


def test_intervals_that_meet_flag_nobody() -> None:
    found = reviewing.drift({(1, FIRST): (9, 60), (2, FIRST): (6, 60)})
    assert [week.parts for weeks in found.values() for week in weeks] == [0, 0]


def test_too_little_says_nothing_on_either_side() -> None:
    found = reviewing.drift({(1, FIRST): (9, 9), (2, FIRST): (0, 60)})
    assert found[1][0].own == {"value": None, "low": None, "high": None, "of": 9, "why": "not_enough"}
    assert found[2][0].others["why"] == "not_enough" and found[2][0].parts == 0
    assert not reviewing.flagged(found[1]) and not reviewing.flagged([])


def test_the_newest_telling_week_decides() -> None:
    apart = {(1, FIRST): (60, 60), (2, FIRST): (0, 60)}
    alike = {(1, NEXT): (6, 60), (2, NEXT): (6, 60)}
    little = {(1, NEXT): (0, 3), (2, NEXT): (6, 60)}
    assert not reviewing.flagged(reviewing.drift(apart | alike)[1])
    assert reviewing.flagged(reviewing.drift(apart | little)[1])


@given(st.dictionaries(st.tuples(st.integers(1, 4), st.sampled_from([FIRST, NEXT])), st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda pair: (min(pair), max(pair)))))
def test_drift_accounts_for_every_verdict(counts: dict[tuple[int, dt.date], tuple[int, int]]) -> None:
    found = reviewing.drift(counts)
    assert sum(week.own["of"] for weeks in found.values() for week in weeks) == sum(of for _returned, of in counts.values())
    for weeks in found.values():
        for week in weeks:
            assert week.own["of"] + week.others["of"] == sum(of for (_person, monday), (_returned, of) in counts.items() if monday == week.week)


def pairs(*said: tuple[bool, bool], people: tuple[int, int] = (1, 2)) -> list[Pair]:
    return [Pair(unit, *people, *both) for unit, both in enumerate(said)]


def test_agreement_counts_for_both_and_kappa_takes_chance_out() -> None:
    """Cohen's own kind of table: 20 both right, 15 both wrong, 5 and 10 apart: p_o .70, p_e .50, κ .40."""
    found = pairs(*[(True, True)] * 20, *[(True, False)] * 5, *[(False, True)] * 10, *[(False, False)] * 15)
    of = reviewing.agreement(found)
    assert of[1] == of[2] and (of[1]["value"], of[1]["of"]) == (0.7, 50)
    [(two, figure)] = reviewing.between(found).items()
    assert two == (1, 2) and figure["value"] == 0.7 and figure["kappa"] == pytest.approx(0.4)


def test_who_was_first_does_not_matter_to_a_pair() -> None:
    there, back = pairs(*[(True, False)] * 6, *[(True, True)] * 6), pairs(*[(False, True)] * 6, *[(True, True)] * 6, people=(2, 1))
    assert reviewing.between(there) == reviewing.between(back)


def test_below_the_least_there_is_neither_share_nor_kappa() -> None:
    [(_two, figure)] = reviewing.between(pairs(*[(True, True)] * 9)).items()
    assert (figure["value"], figure["kappa"], figure["why"], figure["of"]) == (None, None, "not_enough", 9)
    [(_two, same)] = reviewing.between(pairs(*[(True, True)] * 12)).items()
    assert same["value"] == 1.0 and same["kappa"] is None, "all say the same one thing: chance cannot be told from agreement"
