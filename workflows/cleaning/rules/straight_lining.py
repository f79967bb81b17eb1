"""One person, the same answer over and over: nobody looked any more.

The score is the length of the run of equal answers that an answer stands in, in the order of answering. A run that chance explains
scores 1: where nine of ten pictures are empty, ten times "empty" says nothing. Chance explains a run of L answers when, at the rate p
at which the *other* people give the answer, more than `chance` such runs are to be expected among the person's n: n·p^L. (p is
(theirs + ½) ÷ (all theirs + 1), so that it is ½ when there is nobody else.) Answers without objects are passed over, neither counting
nor breaking a run, unless `empty` says otherwise, or no answer has any object, as where items are only classified.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflows.cleaning.measures.equal import numbered, sorting
from workflows.cleaning.rules.kind import ABOVE, Columns, Kind, Parameter, Parameters, Verdict, beyond

Floats = NDArray[np.float64]


def _counted(columns: Columns, parameters: Parameters) -> NDArray[np.int64]:
    """Rows that count, by person and in the order of answering."""
    people, answered, objects = columns["person"], columns["answered"], columns["objects"]
    counts = (people != 0) & (columns["answer"] != 0) & np.isfinite(answered)
    if not parameters["empty"] and (objects[counts] > 0).any():
        counts &= objects > 0
    rows = np.flatnonzero(counts)
    items = columns["item"][rows]
    if (np.diff(items) < 0).any():
        rows = rows[sorting(items)]
    rows = rows[sorting(answered[rows])]  # of equal times the older item is first
    return rows[sorting(people[rows])]


def _judge(columns: Columns, parameters: Parameters) -> Verdict:
    rows = _counted(columns, parameters)
    n = len(columns["person"])
    scores, entropies, partners = np.full(n, np.nan), np.full(n, np.nan), np.full(n, -1, np.int64)
    if rows.size:
        people, _each = numbered(columns["person"][rows])
        answers, _each = numbered(columns["answer"][rows])
        new = np.ones(len(rows), bool)
        new[1:] = (people[1:] != people[:-1]) | (answers[1:] != answers[:-1])
        starts, run = np.flatnonzero(new), np.cumsum(new) - 1
        lengths = np.diff(np.append(starts, len(rows)))
        log_rates, entropy = _rates(people, answers)
        expected = np.log(np.bincount(people)[people[starts]]) + lengths * log_rates[starts]
        telling = np.where(expected < np.log(float(parameters["chance"])), lengths, 1)
        scores[rows] = telling[run]
        entropies[rows] = entropy[people]
        partners[rows] = np.where(telling[run] > 1, rows[starts][run], -1)
        partners[rows[starts]] = -1
    found = beyond(scores, float(parameters["length"]), ABOVE)
    return Verdict(found.scores, found.caught, np.where(found.caught, partners, -1), {"entropy": entropies})


def _rates(people: NDArray[np.intp], answers: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """(of each row, the logarithm of the rate at which others give its answer; of each person, the entropy of the answers in bits)."""
    size = int(answers.max()) + 1
    pair, own = numbered(people * size + answers)
    every, mine = np.bincount(answers), np.bincount(people)
    whose = np.empty(len(own), np.int64)
    whose[pair] = people
    others = every[answers] - own[pair]
    rates = (others + 0.5) / (len(people) - mine[people] + 1)
    shares = own / mine[whose]
    return np.log(rates), np.maximum(-np.bincount(whose, weights=shares * np.log2(shares)), 0.0)


KIND = Kind(
    name="straight_lining",
    about="set",
    columns=("person", "answer", "answered", "objects", "item"),
    judge=_judge,
    parameters=(
        Parameter("length", "whole", 10, 2),
        Parameter("chance", "number", 0.01, 0.000001, 1),
        Parameter("empty", "flag", False),
    ),
    line="length",
    side=ABOVE,
    source="own; survey research calls it straight-lining",
)
