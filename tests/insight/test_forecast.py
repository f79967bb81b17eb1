"""A queue's finish: a date with its range where there is enough to say so, and else in words why not."""

from __future__ import annotations

import datetime as dt

import pytest

from workflows.insight.forecast import forecast

NOW = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)


def days(at: dt.datetime | None) -> float:
    assert at is not None
    return (at - NOW).total_seconds() / 86400


def test_a_steady_queue_is_done_when_what_is_left_is_divided_by_its_rate() -> None:
    told = forecast(100, [20] * 10, state="open", now=NOW)
    assert told.why == "" and told.rate == 20
    assert (days(told.finish), days(told.earliest), days(told.latest)) == (5, 5, 5)


def test_uneven_days_widen_the_range() -> None:
    calm, wild = (forecast(100, spans, state="open", now=NOW) for spans in ([19, 21] * 5, [5, 35] * 5))
    assert days(calm.finish) == days(wild.finish) == 5
    assert days(wild.earliest) < days(calm.earliest) < 5 < days(calm.latest) < days(wild.latest)


def test_days_without_work_slow_it_down() -> None:
    assert days(forecast(100, [20, 20, 0, 0] * 2, state="open", now=NOW).finish) == 10


def test_a_range_may_have_no_end() -> None:
    told = forecast(100, [60, 0, 0, 0, 0], state="open", now=NOW)
    assert told.why == "" and told.latest is None and told.earliest is not None


@pytest.mark.parametrize("spans", [[], [500], [500, 500], [6, 6, 6]])
def test_too_little_is_not_enough_to_say(spans: list[int]) -> None:
    assert forecast(100, spans, state="open", now=NOW).why == "few"


def test_what_will_not_move_has_no_date() -> None:
    assert forecast(0, [20] * 5, state="open", now=NOW).why == "done"
    assert forecast(9, [20] * 5, state="paused", now=NOW).why == "paused"
    assert forecast(9, [20] * 5, state="closed", now=NOW).why == "closed"
    assert forecast(9, [0] * 14, state="open", now=NOW).why == "still"
    assert forecast(10**9, [7] * 14, state="open", now=NOW).why == "few"
