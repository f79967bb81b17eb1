"""Rules on how people answer: how long they take, and whether they still look."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.cleaning.rules.set_rules import caught, judge


def times(*people: tuple[int, list[float]]) -> dict[str, Any]:
    return {
        "person": np.concatenate([np.full(len(seconds), person) for person, seconds in people]),
        "seconds": np.concatenate([np.array(seconds, float) for _person, seconds in people]),
    }


STEADY = [18.0, 20, 22] * 10


def test_an_answer_is_compared_with_the_same_persons_others() -> None:
    """Three seconds are strange of one who takes twenty, and usual of one who takes three."""
    columns = times((1, [*STEADY, 3.0]), (2, [second / 7 for second in STEADY]))
    found = judge("lead_time", columns)
    assert caught(found) == [30] and round(found.details["usual"][30], 6) == 20
    # log(3/20) by the median deviation log(22/20) as a normal's.
    assert abs(found.scores[30] - abs(np.log(3 / 20)) / (1.4826 * np.log(22 / 20))) < 1e-9


def test_who_has_few_answers_is_compared_with_everybody() -> None:
    found = judge("lead_time", times((1, STEADY), (2, [20.0, 21, 400])))
    assert caught(found) == [32] and round(found.details["usual"][32], 6) == 20


def test_sides_may_be_chosen() -> None:
    columns = times((1, [*STEADY, 1.0, 900.0]))
    assert caught(judge("lead_time", columns)) == [30, 31]
    assert caught(judge("lead_time", columns, sides="fast")) == [30]
    assert caught(judge("lead_time", columns, sides="slow")) == [31]


def test_the_score_grows_with_the_distance() -> None:
    scores = [judge("lead_time", times((1, [*STEADY, seconds]))).scores[-1] for seconds in (25.0, 50, 100, 200, 400)]
    assert scores == sorted(scores) and len(set(scores)) == 5


def test_unknown_times_and_imports_say_nothing_and_equal_times_are_not_strange() -> None:
    found = judge("lead_time", times((0, [5.0] * 30), (1, [10.0] * 30 + [0.0, np.nan])))
    assert np.isnan(found.scores[[*range(30), 60, 61]]).all() and (found.scores[30:60] == 0).all()
    assert judge("lead_time", times((0, []))).scores.size == 0


def answers(*people: tuple[int, list[int]], objects: int = 1) -> dict[str, Any]:
    """Answers in the order of answering; answer 9 is the one without objects."""
    person = np.concatenate([np.full(len(given), who) for who, given in people])
    answer = np.concatenate([np.array(given, np.uint64) for _who, given in people])
    return {
        "person": person,
        "answer": answer,
        "answered": np.arange(len(person), dtype=float),
        "objects": np.where(answer == 9, 0.0, float(objects)),
    }


VARIED = [1, 2, 3, 4, 5, 6, 7, 8] * 10


def test_the_same_answer_more_than_ten_times_in_a_row_is_straight_lining() -> None:
    columns = answers((1, VARIED), (2, [1, *[2] * 11, 3, *[4] * 10, 5]))
    found = judge("straight_lining", columns)
    assert caught(found) == list(range(81, 92))
    assert found.scores[81] == 11 and found.scores[93] == 10 and found.scores[80] == 1
    assert found.partners is not None and found.partners[81] == -1 and set(found.partners[82:92]) == {81}


def test_runs_are_of_one_person_in_the_order_of_answering() -> None:
    columns = answers((1, VARIED), (2, [2, 3] * 12), (3, [2] * 6), (4, [2] * 6))
    assert not judge("straight_lining", columns).caught.any()
    columns["answered"][80:104] = np.where(columns["answer"][80:104] == 2, 0, 100) + np.arange(24)  # first all the 2, then all the 3
    assert caught(judge("straight_lining", columns)) == list(range(80, 104))


def test_a_run_that_the_others_answers_make_likely_says_nothing() -> None:
    often = ([1] * 9 + [2]) * 20  # nine of ten are 1
    assert judge("straight_lining", answers((1, often), (2, [2, *[1] * 20]))).scores.max() == 1
    assert caught(judge("straight_lining", answers((1, often), (2, [1, *[2] * 12])))) == list(range(201, 213))


def test_answers_without_objects_neither_count_nor_break_a_run() -> None:
    columns = answers((1, VARIED), (2, [2, 9] * 11), (3, [9] * 30))
    found = judge("straight_lining", columns)
    assert caught(found) == list(range(80, 102, 2)) and np.isnan(found.scores[columns["answer"] == 9]).all()
    assert caught(judge("straight_lining", columns, empty=True)) == list(range(102, 132))


def test_where_items_are_only_classified_answers_without_objects_count() -> None:
    assert caught(judge("straight_lining", answers((1, VARIED), (2, [9] * 11), objects=0))) == list(range(80, 91))


def test_someone_alone_is_judged_as_by_tossing_a_coin() -> None:
    """Eleven equal answers are to be expected every other time among a thousand, and twenty in one of a thousand times."""
    assert not judge("straight_lining", answers((1, [*[1, 2] * 500, *[1, 2] * 5, *[3] * 11]))).caught.any()
    assert caught(judge("straight_lining", answers((1, [*[1, 2] * 500, *[3] * 20])))) == list(range(1000, 1020))


def test_the_entropy_of_a_persons_answers_stands_beside_the_score() -> None:
    found = judge("straight_lining", answers((1, VARIED), (2, [5] * 12)))
    assert abs(found.details["entropy"][0] - 3) < 1e-9 and found.details["entropy"][80] == 0
