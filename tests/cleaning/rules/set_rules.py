"""Judging small tables by a kind's name, and whether the order of rows decides nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflows.cleaning.rules import kinds
from workflows.cleaning.rules.kind import ITEM, Columns, Verdict, wrong_parameters


def texts(*values: str | None) -> NDArray[Any]:
    column = np.empty(len(values), object)
    column[:] = values
    return column


def judge(kind: str, columns: dict[str, Any], **given: Any) -> Verdict:
    """The verdict on columns, with ids from 1 where none are given; of the very columns that the kind says it needs."""
    found = kinds()[kind]
    assert not wrong_parameters(found, given)
    parameters = {**found.defaults(), **given}
    whole = {"item": np.arange(1, 1 + len(next(iter(columns.values())))), **columns}
    return checked(found.judge({name: whole[name] for name in found.needs(parameters)}, parameters))


def checked(verdict: Verdict) -> Verdict:
    """What is true of every verdict."""
    assert verdict.scores.dtype == np.float64 and verdict.caught.dtype == np.bool_
    assert not (verdict.caught & np.isnan(verdict.scores)).any() and not np.isinf(verdict.scores).any()
    assert all(len(values) == len(verdict.scores) for values in (verdict.caught, *verdict.details.values()))
    return verdict


def moved(columns: dict[str, Any], order: NDArray[np.int64]) -> dict[str, Any]:
    """The rows in another order; what is no column of rows (`classes:…`) stays."""
    return {name: column if name.startswith("classes:") else column[order] for name, column in columns.items()}


def assert_order_is_nothing(kind: str, columns: dict[str, Any], seed: int, **given: Any) -> None:
    """Rows in another order get the same scores, are caught alike, and point to the same partners."""
    n = len(next(iter(columns.values())))
    columns = {"item": np.arange(1, n + 1), **columns}
    order = np.random.default_rng(seed).permutation(n)
    before, after = judge(kind, columns, **given), judge(kind, moved(columns, order), **given)
    np.testing.assert_allclose(after.scores, before.scores[order], rtol=1e-9)
    np.testing.assert_array_equal(after.caught, before.caught[order])
    if before.partners is not None and after.partners is not None:
        ids = np.append(columns["item"], -1)
        np.testing.assert_array_equal(np.append(columns["item"][order], -1)[after.partners], ids[before.partners][order])


def caught(verdict: Verdict) -> list[int]:
    return np.flatnonzero(verdict.caught).tolist()


def is_item_kind(kind: str) -> bool:
    return kinds()[kind].rows == ITEM


__all__ = ["Columns", "assert_order_is_nothing", "caught", "checked", "is_item_kind", "judge", "moved", "texts"]
