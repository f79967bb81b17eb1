"""GLAD: how good each person is and how easy each item, in one number each. Pure numpy."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from workflows.quality.truth.answers import Answers, Repeats, Triples, read
from workflows.quality.truth.maximising import LEAST
from workflows.quality.truth.result import Floats, Result, Ties, choose, shares

ROUNDS = 100
STEPS = 5  # of Newton's method in each maximisation
STILL = 1e-5  # change of any posterior below which it has converged
STEEPEST = 8.0  # of the log of an item's ease


def glad(
    answers: Triples | Answers, *, labels: Sequence[Hashable] | None = None, ties: Ties = "first", repeats: Repeats = "reject", rounds: int = ROUNDS
) -> Result:
    """The likeliest label of each item where an answer is right with the probability sigmoid(α of the person × e^β of the
    item), and wrong ones are even: Whitehill et al., "Whose vote should count more", NIPS 2009. Priors N(1, 1) on all α
    and β, even ones on labels, as crowd-kit 1.4 has them; its gradient steps are Newton's here, on the diagonal.

    `scores` are the posteriors (items, labels), `weights` the α. `log_likelihood` and `confusion` stay None: rates differ by
    item. ValueError as `read` and `choose` say.
    """
    said = read(answers, labels, repeats=repeats)
    size, people, items = max(1, len(said.labels)), len(said.workers), len(said.items)
    alpha, beta, posteriors = np.ones(people), np.ones(items), shares(said.votes)
    turn, converged = 0, not len(said)
    while turn < rounds and not converged:
        turn += 1
        before = posteriors
        alpha, beta = _maximise(said, posteriors, alpha, beta)
        right = np.clip(_right(said, alpha, beta), LEAST, 1 - LEAST)
        odds = said.tally(np.log(right) - np.log((1 - right) / max(1, size - 1)))
        odds = np.exp(odds - odds.max(axis=1, keepdims=True))
        posteriors = odds / odds.sum(axis=1, keepdims=True)
        converged = bool(np.abs(posteriors - before).max() < STILL)
    chosen, tied = choose(said, posteriors, ties)
    return Result("glad", said, posteriors, chosen, tied, ties, alpha, rounds=turn, converged=converged)


def _right(said: Answers, alpha: Floats, beta: Floats) -> Floats:
    """The probability that each answer is right, shape (answers,)."""
    return np.asarray(1 / (1 + np.exp(-alpha[said.worker] * np.exp(beta)[said.item])))


def _maximise(said: Answers, posteriors: Floats, alpha: Floats, beta: Floats) -> tuple[Floats, Floats]:
    hit = posteriors[said.item, said.label]
    for _step in range(STEPS):
        ease, sure = np.exp(beta)[said.item], _right(said, alpha, beta)
        slope = np.bincount(said.worker, weights=(hit - sure) * ease, minlength=len(alpha)) - (alpha - 1)
        curve = np.bincount(said.worker, weights=sure * (1 - sure) * ease**2, minlength=len(alpha)) + 1
        alpha = alpha + np.clip(slope / curve, -1, 1)
        skill, sure = alpha[said.worker], _right(said, alpha, beta)
        slope = np.bincount(said.item, weights=(hit - sure) * skill * ease, minlength=len(beta)) - (beta - 1)
        curve = np.bincount(said.item, weights=sure * (1 - sure) * (skill * ease) ** 2, minlength=len(beta)) + 1
        beta = np.clip(beta + np.clip(slope / curve, -1, 1), -STEEPEST, STEEPEST)
    return alpha, beta
