"""When a person's work stops by itself: as soon as it is as good as certain that their skill lies below the bar. Pure.

After each gold item the rule looks at the Beta posterior of all since the person started or was requalified, and pauses when
P(skill < bar) ≥ level, not before `least` items. As it looks again and again, its errors are those of the whole sequence, and
`chances` reckons them exactly. With the standing settings (bar .8, level .95, least 10, even prior), in 200 gold items:

- who is right in 90 % is paused in `WRONGLY` = 1 of 100 cases at most (exactly .0090), in 95 % in 4 of 10,000;
- who is right in 60 % is paused within `CAUGHT` = 41 gold items in 95 of 100 cases, half of them within 12; in 50 % within 20.

Who stands at the bar itself is paused in 30 of 100 cases: set it clearly below what is expected. Whatever the settings, of
those paused at most 1 - level have a skill at or above the bar, where skills are spread as the prior says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflows.quality.beta import below
from workflows.quality.skill import PRIOR

WRONGLY = 0.01
CAUGHT = 41


@dataclass(frozen=True)
class Rule:
    """`bar` and `level` between 0 and 1, `least` gold items, `prior` (a, b) of the Beta distribution. ValueError for others."""

    bar: float = 0.8
    level: float = 0.95
    least: int = 10
    prior: tuple[float, float] = PRIOR

    def __post_init__(self) -> None:
        for name in ("bar", "level"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} must be between 0 and 1, not {getattr(self, name)}")
        if self.least < 1:
            raise ValueError(f"least must be 1 or more, not {self.least}")

    def below(self, right: float, wrong: float) -> float:
        """P(skill < bar) after so much evidence."""
        return below(self.bar, self.prior[0] + right, self.prior[1] + wrong)


@dataclass(frozen=True)
class Standing:
    """Where a person stands: `state` is "not_enough", "working" or "paused"; `at` is the gold item, counted from 1 since the last
    requalification, that paused; `right` and `wrong` are the evidence since then, up to it."""

    state: str
    right: float
    wrong: float
    chance_below: float
    rule: Rule
    at: int | None = None

    def explain(self) -> dict[str, Any]:
        """As JSON: {state, right, wrong, of, chance_below, bar, level, least, at}."""
        counts = {"right": self.right, "wrong": self.wrong, "of": self.right + self.wrong}
        rule = {"bar": self.rule.bar, "level": self.rule.level, "least": self.rule.least}
        return {"state": self.state, **counts, "chance_below": self.chance_below, **rule, "at": self.at}


def standing(outcomes: Iterable[float | None], rule: Rule | None = None) -> Standing:
    """Where a person stands after these gold items, in order: each 1 (right) to 0 (wrong); None is a requalification, which
    forgets what was before and lifts a pause. What comes while paused counts for nothing.

    ValueError for an outcome outside 0 … 1.
    """
    rule = rule or Rule()
    right = wrong = 0.0
    seen, at, chance = 0, None, None
    for place, outcome in enumerate(outcomes):
        if outcome is None:
            right, wrong, seen, at, chance = 0.0, 0.0, 0, None, None
            continue
        if not 0 <= outcome <= 1:
            raise ValueError(f"outcomes[{place}] must be 0 to 1, or None for a requalification; it is {outcome!r}")
        if at is not None:
            continue
        right, wrong, seen, chance = right + outcome, wrong + 1 - outcome, seen + 1, None
        if seen == rule.least or (seen > rule.least and outcome < 1):  # who is right does not fall
            chance = rule.below(right, wrong)
            at = seen if chance >= rule.level else None
    if chance is None:
        chance = rule.below(right, wrong)
    return Standing("paused" if at else "working" if seen >= rule.least else "not_enough", right, wrong, chance, rule, at)


def chances(skill: float, golds: int, rule: Rule | None = None) -> NDArray[np.float64]:
    """The probability that a person of that skill has been paused after 0, 1, …, `golds` gold items: shape (golds + 1,).

    Exact, by counting the ways of being right and wrong that never met the rule.
    """
    rule = rule or Rule()
    alive = np.zeros(golds + 1)  # by how many were right
    alive[0] = 1.0
    found, worst = np.zeros(golds + 1), -1  # the most right answers that pause
    for seen in range(1, golds + 1):
        alive[1:] = alive[1:] * (1 - skill) + alive[:-1] * skill
        alive[0] *= 1 - skill
        found[seen] = found[seen - 1]
        if seen >= rule.least:
            while worst < seen and rule.below(worst + 1, seen - worst - 1) >= rule.level:
                worst += 1
            found[seen] += alive[: worst + 1].sum()
            alive[: worst + 1] = 0.0
    return found
