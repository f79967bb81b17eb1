"""Answers as integers: who said what of which item, in an order that the answers alone decide. Pure numpy."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Triples = Iterable[tuple[Hashable, Hashable, Hashable]]
Repeats = Literal["reject", "last", "every"]
Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Answers:
    """`worker`, `item` and `label` have shape (answers,) and are places in `workers`, `items` and `labels`; rows are sorted by
    item, then worker, then label, so that sums come out the same to the last bit however the answers came."""

    workers: tuple[Any, ...]
    items: tuple[Any, ...]
    labels: tuple[Any, ...]
    worker: Places
    item: Places
    label: Places

    def __len__(self) -> int:
        return len(self.item)

    @property
    def votes(self) -> NDArray[np.float64]:
        """How many gave each item each label, shape (items, labels)."""
        return self.tally(np.ones(len(self)))

    def tally(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Summed weights, shape (answers,), of the answers that give each item each label: shape (items, labels)."""
        shape = len(self.items), len(self.labels)
        found = np.bincount(self.item * shape[1] + self.label, weights=weights, minlength=shape[0] * shape[1])
        return np.asarray(found.reshape(shape), dtype=np.float64)


def read(answers: Triples | Answers, labels: Sequence[Hashable] | None = None, *, known: Iterable[Hashable] = (), repeats: Repeats = "reject") -> Answers:
    """Triples (worker, item, label) as integers. A label of None is no answer and is left out.

    `labels` says the order of labels, as the schema has it; those that nobody gave are left out, since every method counts
    only labels that are in question. Without it they are sorted. `known` are labels that truths name. Of several answers of
    one worker to one item, "reject" refuses all, "last" takes the one that came last (here alone the order of answers
    counts), and "every" counts each, as Dawid and Skene did.

    ValueError names the answer that is no triple, that repeats another, whose label is not among `labels`, or is NaN.
    """
    if isinstance(answers, Answers):
        return answers
    said = _triples(answers)
    if repeats != "every":
        last = {(worker, item): label for worker, item, label in said}
        if len(last) < len(said):
            if repeats == "reject":
                _refuse(said)
            said = [(worker, item, label) for (worker, item), label in last.items()]
    given = {label for _worker, _item, label in said} | set(known)
    order = ordered(given) if labels is None else [label for label in dict.fromkeys(labels) if label in given]
    if len(order) < len(given):
        strange = ordered(given - set(order))[0]
        raise ValueError(f"label {strange!r} is not among the labels; name it there, or leave `labels` out")
    people, things = (ordered({row[place] for row in said}) for place in (0, 1))
    codes = [{value: code for code, value in enumerate(side)} for side in (people, things, order)]
    flat = np.fromiter(
        chain.from_iterable((codes[0][worker], codes[1][item], codes[2][label]) for worker, item, label in said), dtype=np.intp, count=3 * len(said)
    ).reshape(-1, 3)
    flat = flat[np.lexsort((flat[:, 2], flat[:, 0], flat[:, 1]))]
    worker, item, label = (np.ascontiguousarray(column) for column in flat.T)
    return Answers(tuple(people), tuple(things), tuple(order), worker, item, label)


def _triples(answers: Triples) -> list[tuple[Any, Any, Any]]:
    said = []
    for place, answer in enumerate(answers):
        try:
            worker, item, label = answer
            hash((worker, item, label))
        except (TypeError, ValueError):
            raise ValueError(f"answers[{place}] must be (worker, item, label), each a plain value; it is {answer!r}") from None
        if label is None:
            continue
        if isinstance(label, float) and math.isnan(label):
            raise ValueError(f"answers[{place}] has NaN for a label; leave it out, or give None for no answer")
        said.append((worker, item, label))
    return said


def _refuse(said: Sequence[tuple[Any, Any, Any]]) -> None:
    seen = set()
    for worker, item, _label in said:
        if (worker, item) in seen:
            raise ValueError(f"worker {worker!r} answered item {item!r} more than once; give one answer, or repeats='last' or 'every'")
        seen.add((worker, item))


def ordered(values: Iterable[Any]) -> list[Any]:
    """By value where values can be compared, else by type and then as they are written."""
    found = list(values)
    try:
        return sorted(found)
    except TypeError:
        return sorted(found, key=lambda value: (type(value).__name__, repr(value)))
