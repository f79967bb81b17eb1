"""Entities of texts: published figures of real systems, and small texts by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workflows.quality.evaluation.entities import entity_f1, tagged
from workflows.quality.evaluation.shares import Shares


def sentences(path: Path) -> list[list[dict[str, Any]]]:
    found: list[list[str]] = [[]]
    for line in path.read_text("utf-8").splitlines():
        if words := line.split():
            found[-1].append(words[-1])
        elif found[-1]:
            found.append([])
    return [list(tagged(tags)) for tags in found if tags]


def test_what_three_systems_were_published_with(data: Callable[[str], Path]) -> None:
    folder = data("wnut17_ner")
    truth = sentences(folder / "emerging.test.annotated")
    for name, printed in (("arcada", 39.98), ("mic-cis.txt", 37.06), ("uh_ritual", 41.86)):
        found = entity_f1(zip(truth, sentences(folder / "submissions" / name), strict=True))
        assert found.exact.f1 is not None and found.overlap.f1 is not None
        assert round(100 * found.exact.f1, 2) == printed
        assert found.exact.truth == 1079
        assert {label: row.truth for label, row in found.exact_by_label.items()} == {"person": 429, "group": 165, "location": 150, "creative-work": 142, "product": 127, "corporation": 66}
        assert found.exact.f1 < found.overlap.f1 < 1
        assert sum(row.right for row in found.overlap_by_label.values()) == found.overlap.right


def test_exact_and_overlapping_by_hand() -> None:
    truth = list(tagged(["B-a", "I-a", "O", "B-b", "O", "B-a"]))
    found = list(tagged(["B-a", "O", "O", "B-b", "O", "B-b"]))
    result = entity_f1([(truth, found), ([], [])])
    assert result.exact == Shares(1, 3, 3)
    assert result.overlap == Shares(2, 3, 3)
    assert result.exact_by_label == {"a": Shares(0, 2, 1), "b": Shares(1, 1, 2)}
    assert (result.overlap.precision, result.overlap.recall, result.overlap.f1) == (2 / 3, 2 / 3, 2 / 3)


def test_nothing_there_and_nothing_said_is_no_figure() -> None:
    found = entity_f1([([], [])])
    assert (found.exact.f1, found.exact.precision, found.exact.recall) == (None, None, None)
    assert entity_f1([(list(tagged(["B-a"])), [])]).exact.f1 == 0.0


def test_tags_that_begin_inside_begin_an_entity() -> None:
    assert [(one["label"], one["start"], one["end"]) for one in tagged(["I-a", "I-a", "I-b", "B-b", "O", "I-c"])] == [
        ("a", 0, 2), ("b", 2, 3), ("b", 3, 4), ("c", 5, 6)
    ]  # fmt: skip
    for tag in ("", "B-", "X-a", "B"):
        with pytest.raises(ValueError, match="word 1"):
            list(tagged(["O", tag]))
