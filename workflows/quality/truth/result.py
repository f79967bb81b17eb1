"""What every method of truth inference gives back: a label per item, how sure it is, and why. Pure numpy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from workflows.quality.truth.answers import Answers

Floats = NDArray[np.float64]
Ties = Literal["first", "lowest", "highest", "none"]
TIED = 1e-9  # scores closer than this, as a share of the highest, are equal: sums of weights are not exact


@dataclass(frozen=True, eq=False)
class Result(Mapping[Any, Any]):
    """A mapping item → label; None where a tie was left open.

    `scores`, shape (items, labels), sum to 1 per item: shares of votes or weights, or posteriors. `weights`, shape
    (workers,), is what one vote of each counted, or how often each is right by the model. `tied` marks items whose best
    score several labels share. Models add `priors` (labels,), `confusion` (workers, true label, answered label; rows sum
    to 1), `rounds`, `log_likelihood` (natural) and `converged`. `fixed` marks items whose truth was given; `why` tells how a
    method was chosen.
    """

    method: str
    answers: Answers
    scores: Floats
    chosen: NDArray[np.intp]
    tied: NDArray[np.bool_]
    tie_rule: str
    weights: Floats
    priors: Floats | None = None
    confusion: Floats | None = None
    rounds: int = 0
    log_likelihood: float | None = None
    converged: bool = True
    fixed: NDArray[np.bool_] | None = None
    why: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def labels(self) -> dict[Any, Any]:
        names = (*self.answers.labels, None)  # a choice of -1 is none
        return {item: names[code] for item, code in zip(self.answers.items, self.chosen.tolist(), strict=True)}

    @cached_property
    def confidence(self) -> dict[Any, float]:
        """The highest score of each item, 0 to 1."""
        return dict(zip(self.answers.items, self.scores.max(axis=1, initial=0.0).tolist(), strict=True))

    @cached_property
    def ties(self) -> dict[Any, tuple[Any, ...]]:
        """For each item whose best score several labels share: those labels, in their order."""
        return {self.answers.items[place]: tuple(self.answers.labels[code] for code in np.flatnonzero(_best(self.scores[place]))) for place in np.flatnonzero(self.tied)}

    @cached_property
    def skills(self) -> dict[Any, float]:
        """`weights` by worker."""
        return dict(zip(self.answers.workers, self.weights.tolist(), strict=True))

    def __getitem__(self, item: Any) -> Any:
        return self.labels[item]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.labels)

    def __len__(self) -> int:
        return len(self.answers.items)

    def explain(self, item: Any) -> dict[str, Any]:
        """Why an item has its label, as JSON: `votes` [{worker, label, weight}], `scores` [{label, score}] from the best
        on, `second` the runner-up, `tie` {labels, rule} or null, `fixed` whether the truth was given.

        Of a model, the weight of a vote is its log odds (natural) for the label it has against the runner-up: with the log
        odds of the priors they add up to those of the scores. KeyError for an item nobody answered.
        """
        place = self._places[item]
        names, row = self.answers.labels, self.scores[place]
        order = np.argsort(-row, kind="stable").tolist()
        chosen = int(self.chosen[place])
        if chosen >= 0:
            order.remove(chosen)
            order.insert(0, chosen)
        rows = range(*np.searchsorted(self.answers.item, [place, place + 1]).tolist())
        return {
            "item": item,
            "method": self.method,
            "label": self.labels[item],
            "confidence": self.confidence[item],
            "votes": [
                {"worker": self.answers.workers[self.answers.worker[at]], "label": names[self.answers.label[at]], "weight": self._weight(at, order)} for at in rows
            ],
            "scores": [{"label": names[code], "score": float(row[code])} for code in order],
            "second": {"label": names[order[1]], "score": float(row[order[1]])} if len(order) > 1 else None,
            "tie": {"labels": list(self.ties[item]), "rule": self.tie_rule} if self.tied[place] else None,
            "fixed": bool(self.fixed is not None and self.fixed[place]),
        }

    @cached_property
    def _places(self) -> dict[Any, int]:
        return {item: place for place, item in enumerate(self.answers.items)}

    def _weight(self, at: int, order: list[int]) -> float:
        worker, label = self.answers.worker[at], self.answers.label[at]
        if self.confusion is None:
            return float(self.weights[worker])
        if len(order) < 2:
            return 0.0
        return float(np.log(self.confusion[worker, order[0], label]) - np.log(self.confusion[worker, order[1], label]))


def _best(scores: Floats) -> NDArray[np.bool_]:
    """Where scores, labels last, are the highest of their item."""
    most = scores.max(axis=-1, keepdims=True, initial=0.0)
    return np.asarray(scores >= most - TIED * np.maximum(most, TIED))


def choose(answers: Answers, scores: Floats, ties: Ties) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """(the label of each item, -1 for none; whether several share the best score) by one of these rules for ties:

    "first" takes the label that comes first in the order of labels, "lowest" and "highest" the one whose value sorts so,
    "none" leaves the item without. ValueError for any other.
    """
    best = _best(scores)
    tied = best.sum(axis=1) > 1
    if ties not in ("first", "lowest", "highest", "none"):
        raise ValueError(f"ties must be 'first', 'lowest', 'highest' or 'none', not {ties!r}")
    if not scores.size:
        return np.full(len(scores), -1, dtype=np.intp), tied
    if ties in ("lowest", "highest"):
        order = np.array(sorted(range(len(answers.labels)), key=lambda code: answers.labels[code], reverse=ties == "highest"), dtype=np.intp)
        chosen = order[best[:, order].argmax(axis=1)]
    else:
        chosen = best.argmax(axis=1)
    return np.where(tied & (ties == "none"), -1, chosen), tied


def shares(table: Floats) -> Floats:
    """Rows of a table, shape (n, labels), as shares; even where a row is all 0."""
    sums = table.sum(axis=1, keepdims=True)
    return np.where(sums > 0, table / np.where(sums > 0, sums, 1.0), 1.0 / max(1, table.shape[1]))
