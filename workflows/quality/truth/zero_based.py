"""Zero-based skill: votes weighted by skills that move, round by round, towards agreement with the weighted vote. Pure numpy."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from workflows.quality.truth.answers import Answers, Repeats, Triples, read
from workflows.quality.truth.result import Result, Ties, choose, shares
from workflows.quality.truth.wawa import agreeing

ROUNDS = 100
HALVED = 20  # rounds after which the rate is halved, again and again
START = 1e-5  # above chance


def zero_based(
    answers: Triples | Answers, *, labels: Sequence[Hashable] | None = None, ties: Ties = "first", repeats: Repeats = "reject", rounds: int = ROUNDS, rate: float = 1.0
) -> Result:
    """The label with the greatest summed skill. crowd-kit 1.4's ZeroBasedSkill: skills start at 1 ÷ labels + 1e-5; in each
    of `rounds` they move by `rate` × (agreement with the weighted vote - skill); the rate is halved every 20 rounds.

    Scores are shares of weight, 0 to 1; `weights` the skills. ValueError as `read` and `choose` say.
    """
    said = read(answers, labels, repeats=repeats)
    skills = np.full(len(said.workers), 1.0 / max(1, len(said.labels)) + START)
    for turn in range(rounds):
        if turn and turn % HALVED == 0:
            rate /= 2
        voted, _tied = choose(said, said.tally(skills[said.worker]), ties)
        skills += rate * (agreeing(said, voted) - skills)
    scores = shares(said.tally(skills[said.worker]))
    chosen, tied = choose(said, scores, ties)
    return Result("zero_based", said, scores, chosen, tied, ties, skills, rounds=rounds)
