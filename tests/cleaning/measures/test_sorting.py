"""Sorting, numbering and counting that is quick says the same as what is slow and plain."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workflows.cleaning.measures.equal import numbered, sorting
from workflows.cleaning.rules.sameness import first_alike
from workflows.cleaning.spread import histogram

NUMBERS = st.lists(st.integers(-(2**62), 2**62) | st.integers(-3, 3), max_size=60)


@given(NUMBERS)
def test_equals_stay_in_the_order_in_which_they_come(keys: list[int]) -> None:
    for kind in (np.int64, np.float64):
        column = np.array(keys, kind)
        assert sorting(column).tolist() == np.argsort(column, kind="stable").tolist()


@given(NUMBERS)
def test_rows_are_numbered_in_the_order_of_their_keys(keys: list[int]) -> None:
    _keys, wanted, counts = np.unique(np.array(keys, np.int64), return_inverse=True, return_counts=True)
    found, many = numbered(np.array(keys, np.int64))
    assert (found.tolist(), many.tolist()) == (wanted.tolist(), counts.tolist())


@given(st.lists(st.integers(0, 6) | st.sampled_from([2**63, 2**63 + 1, 2**64 - 1]), max_size=40), st.booleans())
def test_the_first_row_with_the_same_digest_is_found(digests: list[int], apart: bool) -> None:
    among = np.arange(len(digests)) % 3 - 1 if apart else None
    wanted = []
    for row, digest in enumerate(digests):
        alike = [other for other in range(row) if digests[other] == digest != 0 and (among is None or among[other] == among[row] >= 0)]
        wanted.append(alike[0] if alike else row)
    assert first_alike((np.array(digests, np.uint64),), among).tolist() == wanted


SCORES = st.floats(-1e300, 1e300) | st.sampled_from([float("nan"), float("inf"), -float("inf")]) | st.floats(-2, 2) | st.sampled_from([0.1, 0.2, 0.3, 0.5, 1.0])


@given(st.lists(SCORES, min_size=1, max_size=80), st.none() | st.floats(-2, 2) | st.sampled_from([0.1, 0.3, 1.0]))
def test_a_histogram_counts_what_lies_below_each_edge_and_on_it(scores: list[float], threshold: float | None) -> None:
    column = np.array(scores)
    finite = column[np.isfinite(column)]
    with np.errstate(all="ignore"):
        found = histogram(column, threshold)
    assert found["below"] == [int((finite < edge).sum()) for edge in found["edges"]]
    assert found["equal"] == [int((finite == edge).sum()) for edge in found["edges"]]
    assert threshold is None or not len(finite) or threshold in found["edges"]
