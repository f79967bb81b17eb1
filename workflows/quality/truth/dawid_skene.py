"""Dawid and Skene's model: each person takes each label for each other with a rate of their own. Pure numpy."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import numpy as np

from workflows.quality.truth.answers import Answers, Repeats, Triples, read
from workflows.quality.truth.maximising import LEAST, ROUNDS, TOLERANCE, Stop, maximise
from workflows.quality.truth.result import Floats, Result, Ties


def dawid_skene(
    answers: Triples | Answers,
    *,
    labels: Sequence[Hashable] | None = None,
    truth: Mapping[Hashable, Hashable] | None = None,
    smoothing: float = 0.0,
    ties: Ties = "first",
    repeats: Repeats = "every",
    rounds: int = ROUNDS,
    tolerance: float = TOLERANCE,
    stop: Stop = "bound",
) -> Result:
    """The likeliest label of each item under the model of Dawid and Skene, "Maximum likelihood estimation of observer
    error-rates using the EM algorithm", Applied Statistics 28 (1979); start and floor as crowd-kit 1.4 has them.

    `scores` are the posteriors (items, labels), `priors` (labels,), `confusion` (workers, true label, answered label). Known
    truths `{item: label}` stay fixed and teach the rest. `smoothing` adds so many answers to each true label of each
    person, spread as all people's together are: with few answers per person the plain model overfits (see `best`).
    Several answers of one person to one item all count, as in the paper. ValueError as `read` and `choose` say, and for
    a negative `smoothing`.
    """
    if smoothing < 0:
        raise ValueError(f"smoothing must be 0 or more, not {smoothing}")
    said = read(answers, labels, known=(truth or {}).values(), repeats=repeats)

    def errors(counts: Floats) -> Floats:
        if smoothing:
            pooled = np.maximum(counts.sum(axis=0, keepdims=True), LEAST)
            counts = counts + smoothing * pooled / pooled.sum(axis=2, keepdims=True)
        counts = np.maximum(counts, LEAST)
        return np.asarray(counts / counts.sum(axis=2, keepdims=True))

    return maximise("dawid_skene", said, truth, errors, ties=ties, rounds=rounds, tolerance=tolerance, stop=stop)
