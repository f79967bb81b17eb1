"""What is taken for what: a table of labels, with a row and a column for what has no counterpart. Pure numpy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workflows.quality.agreement.intervals import LEVEL, wilson
from workflows.quality.agreement.measured import NO_PAIRS, Measured
from workflows.quality.evaluation.shares import Shares
from workflows.quality.evaluation.taken import Label, Taken


@dataclass(frozen=True, eq=False)
class Confusion:
    """`counts` (k + 1, k + 1): rows are labels of the truth, columns those of the answer, both in the order of `labels`; the last row
    is what is extra in the answer, the last column what the answer misses."""

    labels: tuple[Label, ...]
    counts: NDArray[np.intp]

    @property
    def right(self) -> int:
        return int(np.trace(self.counts))

    @property
    def total(self) -> int:
        return int(self.counts.sum())

    def accuracy(self, level: float = LEVEL) -> Measured:
        """Right ÷ (right + wrong label + missing + extra), with Wilson's interval; chance is not taken out. Without value: `no_pairs`.

        Source: what CVAT reports as accuracy. `units` are things of either side, `ratings` both sides' objects.
        """
        interval = wilson(self.right, self.total, level)
        if interval is None:
            return Measured(None, None, None, 0, 0, NO_PAIRS)
        objects = int(self.counts[:-1].sum() + self.counts[:, :-1].sum())
        return Measured(self.right / self.total, *interval, self.total, objects)

    def by_label(self) -> dict[Label, Shares]:
        """Of each label: how many there are, were said, and are both."""
        truths, found = self.counts.sum(axis=1), self.counts.sum(axis=0)
        return {label: Shares(int(self.counts[place, place]), int(truths[place]), int(found[place])) for place, label in enumerate(self.labels)}

    def all(self) -> Shares:
        return Shares(self.right, int(self.counts[:-1].sum()), int(self.counts[:, :-1].sum()))

    def mistaken(self) -> list[tuple[Label | None, Label | None, int]]:
        """(truth, answer, how often) of all that is not right, the most frequent first; None for no counterpart."""
        names = [*self.labels, None]
        off = self.counts - np.diag(np.diag(self.counts))
        found = [(names[row], names[column], int(off[row, column])) for row, column in np.argwhere(off).tolist()]
        return sorted(found, key=lambda cell: -cell[2])


def confusion(rows: Iterable[Taken], labels: Sequence[Label] | None = None) -> Confusion:
    """The table of what `taken` gives for any number of items. `labels` says the order of rows and columns, by default that of
    their names; labels that it does not name follow."""
    counted: dict[tuple[Label | None, Label | None], int] = {}
    for row in rows:
        counted[row.truth, row.answer] = counted.get((row.truth, row.answer), 0) + 1
    met = {label for pair in counted for label in pair if label is not None}
    known = list(dict.fromkeys(labels or ()))
    order = [*known, *sorted(met.difference(known), key=_name)]
    places: Mapping[Label | None, int] = {label: place for place, label in enumerate([*order, None])}
    counts = np.zeros((len(places), len(places)), dtype=np.intp)
    for (truth, answer), count in counted.items():
        counts[places[truth], places[answer]] = count
    return Confusion(tuple(order), counts)


def cell(rows: Iterable[Taken], truth: Label | None, answer: Label | None) -> list[Taken]:
    """The very things that a cell counts, None for the last row or column."""
    return [row for row in rows if row.truth == truth and row.answer == answer]


def _name(label: Label) -> tuple[bool, float, str]:
    """Numbers by value, then names; sets by what is in them."""
    if isinstance(label, (int, float)):
        return False, float(label), ""
    return True, 0.0, ", ".join(sorted(map(str, label))) if isinstance(label, frozenset) else str(label)
