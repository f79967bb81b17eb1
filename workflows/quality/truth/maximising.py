"""Expectation and maximisation in turn, for models of how people err: what Dawid-Skene and one-coin share. Pure numpy."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workflows.quality.truth.answers import Answers, Places
from workflows.quality.truth.kinds import kinds
from workflows.quality.truth.result import Floats, Result, Ties, choose, shares

LEAST = 1e-10  # of any probability
ROUNDS = 200
TOLERANCE = 1e-7  # rise per answer, of what is watched, below which it stops
Stop = Literal["bound", "likelihood"]
Errors = Callable[[Floats], Floats]


@dataclass(frozen=True, eq=False)
class Truths:
    """Items whose truth is given: `told` (items,) is 1 + the place of its label among `labels`, 0 where nobody told it."""

    told: Places
    labels: int

    @property
    def marked(self) -> NDArray[np.bool_]:
        return np.asarray(self.told > 0)

    @property
    def posteriors(self) -> Floats:
        """Of the marked items, shape (marked items, labels), 1 at the truth."""
        return np.eye(self.labels)[self.told[self.marked] - 1]


def truths(said: Answers, known: Mapping[Hashable, Hashable] | None) -> Truths:
    """The truths of items that somebody answered; others tell nothing and are passed over."""
    codes = {label: 1 + code for code, label in enumerate(said.labels)}
    told = np.fromiter((codes[known[item]] if known and item in known else 0 for item in said.items), dtype=np.intp, count=len(said.items))
    return Truths(told, len(said.labels))


def maximise(
    method: str, said: Answers, known: Mapping[Hashable, Hashable] | None, errors: Errors, *, ties: Ties, rounds: int, tolerance: float, stop: Stop
) -> Result:
    """Expectation and maximisation from the shares of votes on, until what is watched rises by less than `tolerance` per
    answer, or `rounds` are done.

    `errors` maps expected counts to confusion, both (workers, true label, answered label), each rate ≥ `LEAST`. Watched is
    the "likelihood" (natural log), which never falls, or crowd-kit 1.4's "bound", that counts the prior once per answer
    instead of per item: it may fall, and stops there. That is early where a person has few answers for each cell of the
    matrix, and guards a little against overfitting; published accuracies were got so. ValueError for another `stop`.
    """
    if stop not in ("bound", "likelihood"):
        raise ValueError(f"stop must be 'bound' or 'likelihood', not {stop!r}")
    found = kinds(said, truths(said, known).told)
    each, times, given = found.answers, found.times, Truths(found.apart, len(said.labels))
    posteriors = shares(each.votes)
    posteriors[given.marked] = given.posteriors
    per_item = np.bincount(each.item, minlength=len(times)) * times
    following = times @ posteriors / times.sum() if len(said) else np.full(len(said.labels), 1.0), errors(counted(each, posteriors, times))
    priors, confusion = following
    before, turn, converged, likelihood = -np.inf, 0, not len(said), 0.0
    while turn < rounds and not converged:
        turn += 1
        priors, confusion = following
        posteriors, evidence = expect(each, priors, confusion, given)
        likelihood = float(evidence @ times)
        counts = counted(each, posteriors, times)
        following = times @ posteriors / times.sum(), errors(counts)
        watched = likelihood if stop == "likelihood" else _bound(posteriors, per_item, times, counts, *following)
        converged = watched - before < tolerance * len(said)
        before = watched
    scores = posteriors[found.which]
    chosen, tied = choose(said, scores, ties)
    right = np.einsum("k,wkk->w", priors, confusion) if len(said) else np.empty(0)
    return Result(method, said, scores, chosen, tied, ties, right, priors, confusion, turn, likelihood, bool(converged), given.marked[found.which])


def expect(said: Answers, priors: Floats, confusion: Floats, given: Truths) -> tuple[Floats, Floats]:
    """(posteriors (items, labels), the log-likelihood of each item's answers and given truth (items,))."""
    cell = said.worker * len(said.labels) + said.label
    spoken = np.log(confusion).transpose(1, 0, 2).reshape(len(said.labels), -1)  # true label; worker and answer
    logs = np.stack([np.bincount(said.item, weights=spoken[code][cell], minlength=len(said.items)) for code in range(len(said.labels))], axis=1)
    logs += np.log(np.maximum(priors, LEAST))
    top = logs.max(axis=1, keepdims=True)
    odds = np.exp(logs - top)
    sums = odds.sum(axis=1, keepdims=True)
    posteriors, evidence = odds / sums, (top + np.log(sums))[:, 0]
    if given.marked.any():
        posteriors[given.marked] = given.posteriors
        evidence[given.marked] = (logs[given.marked] * given.posteriors).sum(axis=1)
    return posteriors, evidence


def counted(said: Answers, posteriors: Floats, times: Floats) -> Floats:
    """Expected counts, shape (workers, true label, answered label), of items that stand for so many `times` (items,)."""
    size = len(said.labels)
    if not size:
        return np.empty((0, 0, 0))
    cell = said.worker * size + said.label
    worth = posteriors * times[:, None]
    found = [np.bincount(cell, weights=worth[:, code][said.item], minlength=len(said.workers) * size) for code in range(size)]
    return np.asarray(np.stack(found).reshape(size, len(said.workers), size).transpose(1, 0, 2), dtype=np.float64)


def _bound(posteriors: Floats, per_item: Floats, times: Floats, counts: Floats, priors: Floats, confusion: Floats) -> float:
    clipped = np.maximum(posteriors, LEAST)
    prior = (per_item @ posteriors) @ np.log(np.maximum(priors, LEAST))
    return float((counts * np.log(confusion)).sum() + prior - times @ (clipped * np.log(clipped)).sum(axis=1))
