"""What became of each thing in thousands of answers at a time: right, or which kind of error. Pure.

The rule is that of `errors`; only what is badly placed stands here as two, for a table of labels needs them both: a thing of the
truth that is not there, and a thing of the answer that nobody meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from workflows.quality.evaluation.errors import near_of
from workflows.quality.evaluation.taken import Label, Taken, taken_of_many
from workflows.quality.matching.match import Thing, drawn

RIGHT = ""
Sides = tuple[Sequence[Thing], Sequence[Thing], float]


@dataclass(frozen=True)
class Told:
    """A thing whose label is `meant` with the truth and `given` with the answer, None where that side has none; `fault` a kind of
    `errors.KINDS`, or `RIGHT`; places as in `Taken`."""

    meant: Label | None
    given: Label | None
    fault: str
    truth_at: int | None
    answer_at: int | None


def told_of_many(sides: Sequence[Sides], schema: Mapping[str, Any] | None = None) -> Iterator[list[Told]]:
    """Of each (truth, answer, picture in pixels² or 0), every object of either side once."""
    items = ((place, truth, answer, picture) for place, (truth, answer, picture) in enumerate(sides))
    found = groupby(taken_of_many(items, schema), attrgetter("item"))
    at, rows = next(found, (None, iter(())))
    for place, (truth, answer, picture) in enumerate(sides):
        if at != place:
            yield []
            continue
        yield _told(list(rows), truth, answer, schema, picture)
        at, rows = next(found, (None, iter(())))


def _told(rows: Sequence[Taken], truth: Sequence[Thing], answer: Sequence[Thing], schema: Mapping[str, Any] | None, picture: float) -> list[Told]:
    missed = {row.truth for row in rows if row.answer is None}
    badly: set[tuple[str, int | None]] = set()
    if missed and any(row.answer in missed for row in rows if row.truth is None):  # the same label is left over on both sides
        for place, (other, _alike) in near_of(rows, truth, answer, schema, picture=picture or drawn([*truth, *answer])).items():
            badly |= {("truth", place), ("answer", other)}
    return [Told(row.truth, row.answer, _fault(row, badly), row.truth_at, row.answer_at) for row in rows]


def _fault(row: Taken, badly: set[tuple[str, int | None]]) -> str:
    if row.answer is None:
        return "badly_placed" if ("truth", row.truth_at) in badly else "missing"
    if row.truth is None:
        return "badly_placed" if ("answer", row.answer_at) in badly else "extra"
    if row.truth != row.answer:
        return "wrong_label"
    return "attribute" if row.differing else RIGHT
