"""Wawa, worker agreement with the aggregate: a majority vote weighted by how often each agrees with the majority. Pure numpy."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from workflows.quality.truth.answers import Answers, Places, Repeats, Triples, read
from workflows.quality.truth.result import Floats, Result, Ties, choose, shares


def wawa(answers: Triples | Answers, *, labels: Sequence[Hashable] | None = None, ties: Ties = "first", repeats: Repeats = "reject") -> Result:
    """The label with the greatest summed skill; a worker's skill is the share of its answers that are the majority's.

    Appen's formula, as crowd-kit 1.4 has it. Scores are shares of weight, 0 to 1; `weights` the skills. `ties` rules both
    votes; with "none", items tied in the first vote measure nobody. Where all who answered an item have skill 0, it is tied
    between all labels. ValueError as `read` and `choose` say.
    """
    said = read(answers, labels, repeats=repeats)
    first, _tied = choose(said, said.votes, ties)
    skills = agreeing(said, first)
    scores = shares(said.tally(skills[said.worker]))
    chosen, tied = choose(said, scores, ties)
    return Result("wawa", said, scores, chosen, tied, ties, skills)


def agreeing(said: Answers, chosen: Places) -> Floats:
    """The share of each worker's answers that are `chosen` (items,), among items that have one: shape (workers,)."""
    counted = chosen[said.item] >= 0
    right = chosen[said.item] == said.label
    of = np.bincount(said.worker, weights=counted, minlength=len(said.workers))
    return np.asarray(np.bincount(said.worker, weights=right, minlength=len(said.workers)) / np.maximum(of, 1.0))
