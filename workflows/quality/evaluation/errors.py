"""Which kinds of errors an answer has, thing by thing. Pure.

The rule. Objects are matched by place from `threshold` on, whatever their labels. Then
- `wrong_label`: the same place, another label;
- `attribute`: the same place and label, and an attribute says something else;
- `badly_placed`: of what is left over on both sides, the same label and a likeness from `badly` up to `threshold`, matched again one
  to one within each label: one error, in place of a miss and an extra;
- `missing` and `extra`: what is left then. What lies badly *and* has another label is such a pair of two.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.quality.evaluation.taken import Label, Taken, taken
from workflows.quality.matching.likeness import FEW
from workflows.quality.matching.match import THRESHOLD, Thing, drawn, match
from workflows.quality.matching.overlap import over, upright

BADLY = 0.1
KINDS = ("missing", "extra", "wrong_label", "badly_placed", "attribute")


@dataclass(frozen=True)
class Error:
    """One error of a `kind` (`KINDS`) on `item`. `label` is that of the truth, of the answer where there is none (`extra`); `said` what
    a wrong label says; places, `alike` and `attributes` as in `Taken`."""

    kind: str
    item: Hashable
    label: Label
    said: Label | None = None
    truth_at: int | None = None
    answer_at: int | None = None
    alike: float = 0.0
    attributes: tuple[str, ...] = ()


def errors(
    item: Hashable,
    truth: Sequence[Thing],
    answer: Sequence[Thing],
    schema: Mapping[str, Any] | None = None,
    *,
    picture: float = 0.0,
    threshold: float = THRESHOLD,
    badly: float = BADLY,
) -> list[Error]:
    """All errors of an answer, each object in one at most, in the order of the truth and then of what is extra.

    `picture` in pixels², `schema` and `threshold` as for `matching.match`. Errors: ValueError unless 0 < badly ≤ threshold.
    """
    if not 0 < badly <= threshold:
        raise ValueError(f"badly {badly}: above 0, and not above the threshold {threshold}")
    picture = picture or drawn([*truth, *answer])
    rows = taken(item, truth, answer, schema, picture=picture, threshold=threshold)
    near = near_of(rows, truth, answer, schema, picture=picture, badly=badly)
    used = {place for place, _alike in near.values()}
    found = []
    for row in sorted(rows, key=lambda row: (row.truth_at is None, row.truth_at or 0)):
        if row.truth is None:
            if row.answer_at not in used and row.answer is not None:
                found.append(Error("extra", item, row.answer, answer_at=row.answer_at))
        elif row.answer is None:
            place, alike = near.get(row.truth_at, (None, 0.0))
            found.append(Error("missing" if place is None else "badly_placed", item, row.truth, None, row.truth_at, place, alike))
        elif row.answer != row.truth:
            found.append(Error("wrong_label", item, row.truth, row.answer, row.truth_at, row.answer_at, row.alike, row.differing))
        elif row.differing:
            found.append(Error("attribute", item, row.truth, None, row.truth_at, row.answer_at, row.alike, row.differing))
    return found


def near_of(
    rows: Iterable[Taken], truth: Sequence[Thing], answer: Sequence[Thing], schema: Mapping[str, Any] | None = None, *, picture: float, badly: float = BADLY
) -> dict[int | None, tuple[int, float]]:
    """{place in the truth: (place in the answer, likeness)} of what `rows` leave over and is near; relations have no place of their own."""
    left: dict[Label, tuple[list[int], list[int]]] = {}
    for row in rows:
        if row.answer is None and row.truth_at is not None and truth[row.truth_at]["kind"] != "relation":
            left.setdefault(row.truth, ([], []))[0].append(row.truth_at)
        elif row.truth is None and row.answer_at is not None and answer[row.answer_at]["kind"] != "relation":
            left.setdefault(row.answer, ([], []))[1].append(row.answer_at)
    found: dict[int | None, tuple[int, float]] = {}
    for mine, theirs in left.values():
        sides = [truth[place] for place in mine], [answer[place] for place in theirs]
        if mine and theirs and not _apart(*sides):
            for pair in match(*sides, schema, picture=picture, threshold=badly).pairs:
                found[mine[pair.truth]] = theirs[pair.answer], pair.alike
    return found


def _apart(mine: Sequence[Thing], theirs: Sequence[Thing]) -> bool:
    """Whether none of a few boxes meet: the usual case, told at once."""
    few = len(mine) * len(theirs) <= FEW and all(upright(thing) for thing in (*mine, *theirs))
    return few and not any(over(one["box"], other["box"]) > 0 for one in mine for other in theirs)


def counted(found: Iterable[Error]) -> dict[Label, dict[str, int]]:
    """{label: {kind: how often}}, every kind in its place."""
    table: dict[Label, dict[str, int]] = {}
    for error in found:
        table.setdefault(error.label, dict.fromkeys(KINDS, 0))[error.kind] += 1
    return table
