"""How often a person is right, by label, and how sure that is: a Beta posterior from counts of right and wrong. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workflows.quality.beta import below, quantile

PRIOR = (1.0, 1.0)  # a and b of the Beta distribution before any evidence: every skill is as likely
LEVEL = 0.95  # of the credible interval
LEAST = 10  # units of evidence below which no figure is shown
WIDEST = 0.5  # interval above which none is

Parts = Mapping[str, Any]


@dataclass(frozen=True)
class Skill:
    """The posterior Beta(prior + right, prior + wrong) of the rate at which a person is right.

    `mean`, `low` and `high` are 0 to 1: the posterior's mean and its central credible interval of `level`. `enough` says
    whether to show them: at least `LEAST` units, and an interval no wider than `WIDEST`.
    """

    right: float
    wrong: float
    prior: tuple[float, float]
    level: float
    mean: float
    low: float
    high: float
    enough: bool

    def below(self, bar: float) -> float:
        """The probability that the skill lies below `bar`, 0 to 1."""
        return below(bar, self.prior[0] + self.right, self.prior[1] + self.wrong)

    def explain(self) -> dict[str, Any]:
        """As JSON: {method, right, wrong, of, prior, level, mean, low, high, enough}; the figures are null without enough evidence."""
        shown = {name: getattr(self, name) if self.enough else None for name in ("mean", "low", "high")}
        counts = {"right": self.right, "wrong": self.wrong, "of": self.right + self.wrong}
        return {"method": "beta", **counts, "prior": list(self.prior), "level": self.level, **shown, "enough": self.enough}


def skill(right: float, wrong: float, *, prior: tuple[float, float] = PRIOR, level: float = LEVEL) -> Skill:
    """A person's skill from so many units right and wrong; parts of units count as such, for scores between 0 and 1.

    Bayes' rule for a rate: Gelman et al., Bayesian Data Analysis, §2.4. ValueError for negative counts, a prior that is not
    above 0, or a level outside 0 … 1.
    """
    if not (right >= 0 and wrong >= 0):
        raise ValueError(f"right and wrong must be 0 or more, not {right} and {wrong}")
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, not {level}")
    a, b = prior[0] + right, prior[1] + wrong
    low, high = quantile((1 - level) / 2, a, b), quantile((1 + level) / 2, a, b)
    return Skill(right, wrong, prior, level, a / (a + b), low, high, right + wrong >= LEAST and high - low <= WIDEST)


def counts(scores: Iterable[Parts]) -> dict[str, tuple[float, float]]:
    """(units right, units wrong) by label, from the `parts` of answers scored against a truth (`matching.score`).

    Units of a label are the things it belongs to and those it was given to in vain: what is missing, extra or has another
    label is wrong. Attributes are apart (`attributes`).
    """
    found: dict[str, list[int]] = {}
    for parts in scores:
        for label, row in parts["labels"].items():
            here = found.setdefault(label, [0, 0])
            here[0] += row["right"]
            here[1] += row["wrong_label"] + row["missing"] + row["extra"]
    return {label: (right, wrong) for label, (right, wrong) in sorted(found.items())}


def attributes(scores: Iterable[Parts]) -> dict[str, dict[str, tuple[float, float]]]:
    """(right, wrong) by label and attribute, of things that are in their place with the right label."""
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for parts in scores:
        for label, row in parts.get("attributes", {}).items():
            for name, (equal, of) in row.items():
                right, wrong = found.setdefault(label, {}).get(name, (0, 0))
                found[label][name] = (right + equal, wrong + of - equal)
    return found


def by_label(scores: Iterable[Parts], *, prior: tuple[float, float] = PRIOR, level: float = LEVEL) -> dict[str, Skill]:
    """A person's skill for each label, from the `parts` of answers scored against a truth. ValueError as `skill`."""
    return {label: skill(right, wrong, prior=prior, level=level) for label, (right, wrong) in counts(scores).items() if right + wrong > 0}
