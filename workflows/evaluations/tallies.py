"""What is counted over a set of items: of the whole version, of one slice, of one value of a field. Pure; figures are made of it afterwards."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from workflows.quality.evaluation.many import Pictures
from workflows.quality.evaluation.precision import AREAS, Gathered

MISSED = None
Thing = tuple[str | None, str | None, str]  # meant, given, fault ("" right, else a kind of `quality.evaluation.errors`)


@dataclass
class Answers:
    """Of one question about the item: how often `(truth, answer)`, both names of options, tuples of them where several may be chosen;
    `loss` the summed −ln of the truth's probability, over `chances` items that had probabilities."""

    counts: Counter[tuple[Any, Any]] = field(default_factory=Counter)
    loss: float = 0.0
    chances: int = 0


@dataclass
class Tally:
    """`things` of all kinds, from the threshold on; `spans` label → [true, said, exactly right, overlapping]; `areas` family
    (`precise.FAMILIES`) and label → detections of any score. `fine`: small, medium and large things apart."""

    fine: bool = False
    items: int = 0
    things: Counter[Thing] = field(default_factory=Counter)
    spans: dict[str, list[int]] = field(default_factory=dict)
    answers: dict[str, Answers] = field(default_factory=dict)
    areas: dict[tuple[str, str], Gathered] = field(default_factory=dict)

    def area(self, family: str, label: str, sized: bool, found: Pictures) -> None:
        """`sized`: the family's figures are told by size too."""
        known = self.areas.get((family, label))
        if known is None:
            known = self.areas[family, label] = Gathered(len(AREAS) if self.fine and sized else 1)
        known.extend(found.scores, found.ranks, found.hit, found.ignored, found.truths.sum(axis=0))

    def span(self, label: str, counts: list[int]) -> None:
        kept = self.spans.setdefault(label, [0, 0, 0, 0])
        for place, count in enumerate(counts):
            kept[place] += count

    def answer(self, name: str, truth: Any, said: Any, loss: float | None) -> None:
        kept = self.answers.setdefault(name, Answers())
        kept.counts[truth, said] += 1
        if loss is not None:
            kept.loss += loss
            kept.chances += 1
