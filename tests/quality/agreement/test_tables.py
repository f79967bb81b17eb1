"""What ratings may look like, and which place is named when they do not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from workflows.quality.agreement import krippendorff, many, pairs, tables


def test_a_table_an_array_and_triples_say_the_same() -> None:
    rows = [["a", "a", None], ["b", "a", "b"], [None, "b", "b"]]
    triples = [(f"p{rater}", f"u{unit}", value) for unit, row in enumerate(rows) for rater, value in enumerate(row)]
    numbers = np.array([[0, 0, np.nan], [1, 0, 1], [np.nan, 1, 1]])
    found = krippendorff.alpha(rows)
    assert found == krippendorff.alpha(triples) == krippendorff.alpha(numbers) == krippendorff.alpha(tables.table(rows))
    assert (found.units, found.ratings) == (3, 7)
    assert float(found) == found.value


def test_true_is_not_one_but_one_is_one_point_nought() -> None:
    assert tables.read([[True, 1], [1.0, 1]]).categories == (1, True)


def test_options_count_in_whatever_order_they_were_chosen() -> None:
    assert tables.read([[["x", "y"], ["y", "x"]]]).categories == (frozenset("xy"),)


def test_rows_of_two_may_be_tuples() -> None:
    assert pairs.percent(list(zip("aab", "aba", strict=True))).value == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("ratings", "said"),
    [
        ([[1, 2], [1]], "unit 1: 1 ratings where unit 0 has 2"),
        (["12", "11"], "unit 0: a row of ratings is a list, not str"),
        (np.zeros(4), "1 dimensions"),
        ([[1, {"x": 1}]], "unit 0, rater 1"),
        ([[1, float("inf")]], "unit 0, rater 1"),
        ([[1, [None]]], "unit 0, rater 1"),
        ([[1, ([],)]], "unit 0, rater 1"),
        ([("p", "u", 1), ("p", "v", 1), ("p", "u", 2)], "unit 'u': rater 'p' is there twice"),
        ([(1, 2, 1), (1, 2, 2)], "as lists, not tuples"),
        ([("p", None, 1)], "row 0: None names no unit"),
        ([([], "u", 1)], "row 0: [] names no rater"),
    ],
)
def test_what_is_no_rating_is_named(ratings: Any, said: str) -> None:
    with pytest.raises(ValueError) as error:
        krippendorff.alpha(ratings)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        (lambda: krippendorff.alpha([["a", 1]], "interval"), "'a' is no number"),
        (lambda: krippendorff.alpha([["a", "b"]], "ordinal"), "give `categories` from least to most"),
        (lambda: krippendorff.alpha([[-1, 2]], "ratio"), "below 0"),
        (lambda: krippendorff.alpha([[1, 2]], "cubic"), "nominal, ordinal"),
        (lambda: krippendorff.alpha([[1, 2]], [[0, 1], [1, 0]]), "needs `categories`"),
        (lambda: krippendorff.alpha([[1, 2]], [[0, 1], [2, 0]], categories=[1, 2]), "row 0, column 1"),
        (lambda: krippendorff.alpha([[1, 2]], [[0, 1]], categories=[1, 2]), "shape (1, 2)"),
        (lambda: krippendorff.alpha([[1, 2], [3, 1]], categories=[1, 2]), "unit 1, rater 0: 3 is not among"),
        (lambda: krippendorff.alpha([[1, 2]], categories=[1, 2, 2]), "name one twice"),
        (lambda: krippendorff.alpha([[1, 2]], level=95), "between 0 and 1"),
        (lambda: krippendorff.alpha([[1, 2]], resamples=-1), "resamples -1"),
        (lambda: pairs.kappa([[1, 2, 3]]), "3 raters"),
        (lambda: pairs.weighted_kappa([[1, 2]], "cubic"), "linear, quadratic"),
        (lambda: many.fleiss([[1, 2, 1], [1, 1, 1], [1, 1, None]]), "unit 2 has 2 answers where others have 3"),
    ],
)
def test_what_does_not_fit_the_measure_is_named(measure: Any, said: str) -> None:
    with pytest.raises(ValueError) as error:
        measure()
    assert said in str(error.value)


@pytest.mark.parametrize("measure", [krippendorff.alpha, pairs.kappa, pairs.scott, pairs.bennett, pairs.greatest_kappa, many.fleiss, many.ac1])
def test_no_evidence_is_no_agreement(measure: Any) -> None:
    for ratings in ([], [[1, None]], [[None, None]], [("p", "u", 1), ("p", "v", 1)]):
        found = measure(ratings)
        assert (found.value, found.low, found.high, found.units, found.ratings, found.why) == (None, None, None, 0, 0, "no_pairs")
    found = measure([["a", "a"], ["a", "a"]], categories=["a", "b"])
    assert (found.value, found.low, found.units, found.why) == (None, None, 2, "one_category")
    assert np.isnan(float(found))


def test_agreement_without_chance_knows_no_single_category() -> None:
    assert pairs.percent([]).why == "no_pairs"
    assert pairs.percent([["a", "a"]]).value == 1.0
    assert pairs.percent([["a", "a", "a"], ["a", "b", None]]).value == 0.5
