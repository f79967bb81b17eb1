"""Majority vote: each answer counts the same. Ties are ruled by name and reported. Pure numpy."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from workflows.quality.truth.answers import Answers, Repeats, Triples, read
from workflows.quality.truth.result import Result, Ties, choose, shares


def majority(answers: Triples | Answers, *, labels: Sequence[Hashable] | None = None, ties: Ties = "first", repeats: Repeats = "reject") -> Result:
    """The label that most gave. Scores are shares of votes, 0 to 1.

    `labels` is the order of labels (sorted without it), `ties` the rule where several have the most votes: "first" in that
    order, "lowest", "highest" or "none". ValueError as `read` and `choose` say.
    """
    said = read(answers, labels, repeats=repeats)
    scores = shares(said.votes)
    chosen, tied = choose(said, scores, ties)
    return Result("majority", said, scores, chosen, tied, ties, np.ones(len(said.workers)))
