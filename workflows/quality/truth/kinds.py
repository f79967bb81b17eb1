"""Items that were answered alike, counted once: a model believes the same of them. Pure numpy.

A hundred thousand items of a handful of people are some hundred kinds, and every round of a model goes over the kinds alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from workflows.quality.truth.answers import Answers, Places

MOST = 32  # answers to an item, above which it is taken to be of a kind of its own


@dataclass(frozen=True, eq=False)
class Kinds:
    """`answers` of one item of each kind, in the place of its kind; how many items are of it, `times`, and what sets it `apart`, both
    (kinds,); `which` (items,) is the kind of each item."""

    answers: Answers
    times: NDArray[np.float64]
    apart: Places
    which: Places


def kinds(said: Answers, apart: Places) -> Kinds:
    """Of one kind are items with the same answers of the same people, and the same number in `apart` (items,), 0 or more."""
    code = _codes(said, apart)
    _codes_met, first, which = np.unique(code, return_index=True, return_inverse=True)
    size = np.bincount(said.item, minlength=len(said.items))
    start, each = np.cumsum(size) - size, size[first]
    row = np.repeat(start[first] - (np.cumsum(each) - each), each) + np.arange(each.sum())
    item = np.repeat(np.arange(len(first)), each)
    answers = replace(said, items=tuple(range(len(first))), worker=said.worker[row], item=item, label=said.label[row])
    return Kinds(answers, np.bincount(which, minlength=len(first)).astype(np.float64), apart[first], which.reshape(-1))


def _codes(said: Answers, apart: Places) -> Places:
    """A number for each item, the same for those of one kind, shape (items,)."""
    size = np.bincount(said.item, minlength=len(said.items))
    start = np.cumsum(size) - size
    cell, cells = said.worker * len(said.labels) + said.label, len(said.workers) * len(said.labels)
    code = np.where(size <= MOST, size * (apart.max(initial=0) + 1) + apart, -1 - np.arange(len(size)))
    for place in range(min(MOST, int(size.max(initial=0)))):
        more = np.flatnonzero((size > place) & (size <= MOST))
        _met, back = np.unique(code[more] * cells + cell[start[more] + place], return_inverse=True)
        code[more] = code.max() + 1 + back.reshape(-1)  # above all others: those have fewer answers
    return np.asarray(code, dtype=np.intp)
