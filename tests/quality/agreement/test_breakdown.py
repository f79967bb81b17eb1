"""Parts of a whole: each measured as if there were nothing else."""

from __future__ import annotations

import datetime
from functools import partial

import pytest

from workflows.quality.agreement import breakdown, krippendorff, many, pairs
from workflows.quality.agreement.tables import read

TABLE = [["car", "car", None], ["car", "van", "van"], ["bus", "bus", "bus"], ["van", "van", "car"], [None, "car", "bus"]]


def test_each_label_against_all_others() -> None:
    found = breakdown.by_label(TABLE)
    assert list(found) == ["bus", "car", "van"]
    for label, measured in found.items():
        assert measured == krippendorff.alpha([[None if said is None else said == label for said in unit] for unit in TABLE])
    six = [[int(said) for said in unit] for unit in ("444444", "222555", "233335", "113334")]
    for label, measured in breakdown.by_label(six, many.fleiss).items():
        assert measured.value == pytest.approx(many.fleiss_by_category(six)[label].value)


def test_a_label_nobody_gave_has_no_agreement() -> None:
    assert breakdown.by_label(TABLE, categories=["bus", "car", "van", "tram"])["tram"].why == "one_category"


def test_sets_of_options_by_option() -> None:
    found = breakdown.by_label([[["wet", "dark"], ["dark"]], [["wet"], ["wet"]], [[], ["dark"]]])
    assert list(found) == ["dark", "wet"]
    assert found["dark"] == krippendorff.alpha([[True, True], [False, False], [False, True]])


def test_every_two_people() -> None:
    found = breakdown.by_pair(TABLE)
    assert list(found) == [(0, 1), (0, 2), (1, 2)]
    for (one, other), measured in found.items():
        assert measured == pairs.kappa([[unit[one], unit[other]] for unit in TABLE])
    assert list(breakdown.by_pair(TABLE, least=4)) == [(0, 1), (1, 2)]
    alone = breakdown.by_pair([("a", 1, "x"), ("b", 1, "x"), ("c", 2, "x"), ("b", 2, "y"), ("a", 3, "z"), ("d", 3, "z"), ("c", 4, "z")], pairs.percent)
    assert {pair: (measured.value, measured.units) for pair, measured in alone.items()} == {("a", "b"): (1.0, 1), ("b", "c"): (0.0, 1), ("a", "d"): (1.0, 1)}


def test_every_batch_and_every_attribute() -> None:
    rows = [(rater, unit, value, f"batch {unit % 2}") for unit, said in enumerate(TABLE) for rater, value in enumerate(said)]
    found = breakdown.by_key(rows, partial(krippendorff.alpha, seed=3))
    assert found == {f"batch {odd}": krippendorff.alpha(TABLE[odd::2], seed=3) for odd in (0, 1)}
    with pytest.raises(ValueError, match="row 1"):
        breakdown.by_key([*rows[:1], ("a", "b", "c")])  # type: ignore[list-item]


def test_a_unit_belongs_to_the_period_of_its_last_answer() -> None:
    day = datetime.date
    rows = [("a", 1, "x", day(2026, 3, 1)), ("b", 1, "x", day(2026, 3, 2)), ("a", 2, "y", day(2026, 3, 3)), ("b", 2, "y", day(2026, 3, 4)), ("a", 3, "x", day(2025, 12, 31))]
    found = breakdown.by_period(rows, "week")
    assert {name: measured.units for name, measured in found.items()} == {"2026-W01": 0, "2026-W10": 2}
    assert list(found) == ["2026-W01", "2026-W10"]
    assert found["2026-W10"].value == 1.0
    assert [breakdown.period(day(2026, 3, 14), step) for step in breakdown.STEPS] == ["2026-03-14", "2026-W11", "2026-03", "2026-Q1", "2026"]
    with pytest.raises(ValueError, match="day, week"):
        breakdown.period(day(2026, 3, 14), "hour")
    with pytest.raises(ValueError, match="row 0"):
        breakdown.by_period([("a", 1, "x", "2026")])  # type: ignore[list-item]


def test_what_was_read_once_serves_every_measure() -> None:
    table = read(TABLE)
    assert krippendorff.alpha(table) == krippendorff.alpha(TABLE)
    assert breakdown.by_label(table) == breakdown.by_label(TABLE)
