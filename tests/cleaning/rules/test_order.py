"""Properties of all rules on sets: the order of rows decides nothing, and a row of which nothing is known is never caught."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cleaning.rules.set_rules import assert_order_is_nothing, is_item_kind, judge, texts

RULES: list[tuple[str, dict[str, Any]]] = [
    ("condition", {"q": "x"}),
    ("missing_meta", {"field": "f"}),
    ("out_of_range", {"field": "f", "least": 1, "most": 3}),
    ("not_in_list", {"field": "f", "names": ["1", "2"]}),
    ("not_unique", {"field": "f"}),
    ("late", {"since": "1970-01-01", "until": "1970-01-02"}),
    ("class_imbalance", {"ratio": 3}),
    ("class_imbalance", {"method": "share"}),
    ("few_samples", {"threshold": 3}),
    ("quota_not_met", {}),
    ("group_leakage", {}),
    ("duplicate_leakage", {}),
    ("duplicate_leakage", {"by": "phash"}),
    ("conflicting_labels", {}),
    ("conflicting_labels", {"by": "phash"}),
    ("lead_time", {"threshold": 1, "enough": 5}),
    ("straight_lining", {"length": 2, "chance": 1}),
    ("straight_lining", {"length": 2, "chance": 1, "empty": True}),
    *(("wrong_label", {"attribute": "a", "method": method}) for method in ("prune_by_noise_rate", "both", "confident_learning", "low_self_confidence")),
]
NAMES = [f"{kind}-{'-'.join(map(str, given.values()))}" for kind, given in RULES]


def table(seed: int, n: int) -> dict[str, Any]:
    """Every column that a rule on sets looks at, with few values, so that many rows are equal, and with gaps."""
    rng = np.random.default_rng(seed)

    def some(*values: str | None) -> Any:
        return texts(*(values[place] for place in rng.integers(0, len(values), n)))

    def digests() -> Any:
        return rng.integers(0, 5, n).astype(np.uint64)

    def floats(most: float) -> Any:
        return np.where(rng.random(n) < 0.2, np.nan, np.round(rng.random(n) * most))

    probabilities = np.round(rng.dirichlet([0.5, 0.5, 0.5], n), 1)  # with equal ones
    probabilities[rng.random(n) < 0.2] = np.nan
    return {
        "item": rng.permutation(n * 2)[:n],
        "query:x": rng.random(n) < 0.5,
        "meta.f": some("1", "2", "4", "x", "", None),
        "meta.split": some("train", "val", "test", None),
        "group": digests(), "content": digests(), "phash": digests(), "answer": digests(),
        "seen": rng.random(n) < 0.7,
        "annotation": rng.integers(0, 3, n),
        "objects": rng.integers(0, 3, n).astype(float),
        "person": rng.integers(0, 4, n),
        "seconds": floats(30), "answered": floats(20), "captured": floats(200_000),
        "label_name": some("a"), "label_objects": floats(9),
        "quota_name": some("a"), "quota_have": floats(9), "quota_need": floats(9),
        "item.a": some("p", "q", "r", "s", None),
        "probabilities:a": probabilities,
        "classes:a": texts("p", "q", "r"),
    }  # fmt: skip


@pytest.mark.parametrize(("kind", "parameters"), RULES, ids=NAMES)
@settings(max_examples=25, deadline=None, database=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 60))
def test_order_of_rows_is_nothing_and_what_is_unknown_is_not_caught(kind: str, parameters: dict[str, Any], seed: int, n: int) -> None:
    columns = table(seed, n)
    if not is_item_kind(kind):
        columns = {name: columns[name] for name in columns if name.startswith(("label_", "quota_"))}
    assert_order_is_nothing(kind, columns, seed, **parameters)


@pytest.mark.parametrize(("kind", "parameters"), RULES, ids=NAMES)
def test_each_rule_catches_something_and_leaves_something(kind: str, parameters: dict[str, Any]) -> None:
    """So that the property above is not one of empty verdicts."""
    found = judge(kind, table(1, 60), **parameters)
    assert 0 < found.caught.sum() < 60


@pytest.mark.parametrize(("kind", "parameters"), RULES, ids=NAMES)
def test_no_rows_are_taken(kind: str, parameters: dict[str, Any]) -> None:
    assert judge(kind, table(1, 0), **parameters).scores.shape == (0,)
