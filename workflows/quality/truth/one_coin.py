"""The one-coin model: each person is right at one rate, and errs evenly among the other labels. Pure numpy."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import numpy as np

from workflows.quality.truth.answers import Answers, Repeats, Triples, read
from workflows.quality.truth.maximising import LEAST, ROUNDS, TOLERANCE, Stop, maximise
from workflows.quality.truth.result import Floats, Result, Ties


def one_coin(
    answers: Triples | Answers,
    *,
    labels: Sequence[Hashable] | None = None,
    truth: Mapping[Hashable, Hashable] | None = None,
    smoothing: float = 0.0,
    ties: Ties = "first",
    repeats: Repeats = "reject",
    rounds: int = ROUNDS,
    tolerance: float = TOLERANCE,
    stop: Stop = "bound",
) -> Result:
    """The likeliest label of each item when each person has one accuracy (Zhang, Chen, Zhou and Jordan, JMLR 17(102), 2016).

    `scores` are the posteriors (items, labels), `weights` the accuracies. Known truths `{item: label}` stay fixed. `smoothing`
    adds so many answers to each person, as right as all people's together are. ValueError as `read`, `choose` and `maximise`
    say, and for a negative `smoothing`.
    """
    if smoothing < 0:
        raise ValueError(f"smoothing must be 0 or more, not {smoothing}")
    said = read(answers, labels, known=(truth or {}).values(), repeats=repeats)
    size, people = len(said.labels), len(said.workers)
    given = np.bincount(said.worker, minlength=people)

    def errors(counts: Floats) -> Floats:
        right = np.einsum("wkk->w", counts)
        rate = (right + smoothing * right.sum() / max(1, len(said))) / np.maximum(given + smoothing, LEAST)
        if size < 2:
            return np.ones((people, size, size))
        rate = np.clip(rate, LEAST, 1 - LEAST)
        wrong = (1 - rate) / (size - 1)
        return np.asarray(np.where(np.eye(size, dtype=bool), rate[:, None, None], wrong[:, None, None]))

    return maximise("one_coin", said, truth, errors, ties=ties, rounds=rounds, tolerance=tolerance, stop=stop)
