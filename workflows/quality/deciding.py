"""What several answers of an item come to, or why they come to nothing: item-level answers by truth inference, objects by consensus. Pure.

Whoever is taken to be right more often counts for more, but for `majority`. More than half must have seen an object, unless a quorum
says otherwise; one that fewer saw is left out where as many say that it is not there, else the item stays undecided.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflows.quality.columns import NOTHING, Part, as_answers, columns
from workflows.quality.consensus.merge import consensus_of_many
from workflows.quality.consensus.result import Consensus
from workflows.quality.consensus.votes import Vote, agreed
from workflows.quality.matching.values import same, unsaid
from workflows.quality.reasons import packed
from workflows.quality.truth.answers import Answers
from workflows.quality.truth.best import best
from workflows.quality.truth.dawid_skene import dawid_skene
from workflows.quality.truth.majority import majority
from workflows.quality.truth.one_coin import one_coin
from workflows.quality.truth.result import Result
from workflows.quality.truth.wawa import wawa

METHODS: dict[str, Any] = {"majority": majority, "wawa": wawa, "dawid_skene": dawid_skene, "one_coin": one_coin, "best": best}
LEAST = 1e-6  # what the vote of somebody who is never right still weighs
Said = Mapping[int, Mapping[str, Any]]
Row = tuple[int, Said, float]


@dataclass(frozen=True)
class Decision:
    """`document` is what the item is approved with, None where `why` says that it is left; `explanation` as `reasons` keeps it."""

    item: int
    document: dict[str, Any] | None
    method: str
    confidence: float
    explanation: dict[str, Any]
    why: str = ""


def needed(people: int, quorum: int | None) -> int:
    """How many of so many must say the same: more than half unless it is said."""
    return people // 2 + 1 if quorum is None else quorum


@dataclass
class Panel:
    """Learns from all answers (`learn`, once), then decides. `schema` is the schema's document."""

    schema: Mapping[str, Any]
    method: str = "majority"
    quorum: int | None = None
    truths: dict[str, Result] = field(default_factory=dict)
    skills: Result | None = None

    def __post_init__(self) -> None:
        self.asked = {one["name"]: one for one in self.schema.get("item") or ()}
        self.meant = unsaid(self.schema.get("item"))
        # Votes that a model can judge are for one of few names.
        self.named = [name for name, one in self.asked.items() if one["type"] in ("choice", "bool")]

    @property
    def learns(self) -> bool:
        return self.method != "majority"

    def learn(self, parts: Iterable[Part]) -> None:
        """How often who is right, from what was matched (`columns`) of every item with two answers or more."""
        kept = list(parts)
        found = columns(kept)
        labels = found.drawn & ~found.is_(NOTHING)
        if labels.any():
            self.skills = self._infer(as_answers(found.some(labels)))
        for name in self.named:
            given = [(person, item, value) for item, *_rest, (people, _labels, questions, _marks) in kept for asked, values in questions if asked == name for person, value in zip(people, values, strict=True)]
            if any(value is not None for _person, _item, value in given):
                self.truths[name] = self._infer(given)

    def _infer(self, answers: Sequence[tuple[Any, Any, Any]] | Answers) -> Result:
        found: Result = METHODS[self.method](answers, ties="none")
        return found

    def needed(self, people: int) -> int:
        """See `needed`."""
        return needed(people, self.quorum)

    @property
    def right(self) -> Mapping[Any, float]:
        """How often who is right, 0 to 1, of those who are known."""
        return self.skills.skills if self.skills is not None else {}

    @property
    def weights(self) -> dict[Any, float]:
        """What votes weigh, of those who are known."""
        return {person: max(LEAST, weight) for person, weight in self.right.items()}

    def told(self, people: Iterable[Any]) -> dict[str, float | None]:
        """How often these are right, as it is told with a decision."""
        return {str(person): self.right.get(person) for person in people} if self.skills is not None else {}

    def decide(self, rows: Sequence[Row]) -> Iterator[Decision]:
        """Of each (item, {person: document}, picture in pixels² or 0); in no order."""
        weights = self.weights
        groups: dict[int, list[Row]] = defaultdict(list)
        for row in rows:
            groups[self.needed(len(row[1]))].append(row)
        for quorum, group in groups.items():
            for row, found in zip(group, consensus_of_many(group, self.schema, quorum=quorum, weights=weights, ties="none"), strict=True):
                yield self._decision(row, found, quorum)

    def _decision(self, row: Row, found: Consensus, quorum: int) -> Decision:
        item, said, _picture = row
        explanation = packed(found) | {"method": self.method, "quorum": quorum}
        if found.answers:
            explanation["said"] = self._said(said)
        if len(said) < quorum:
            return Decision(item, None, "", 0.0, explanation, "below_quorum")
        if found.unanimous:
            scores = [choice.score for choice in found.choices]
            return Decision(item, found.document, "unanimous", as_share(min(scores, default=1.0)), explanation)
        answers, sure, why = self._answers(item, said, found, quorum)
        if answers:
            explanation["truth"] = {name: self.truths[name].explain(item) for name in answers if name in self.truths and item in self.truths[name].labels}
        explanation["weights"] = self.told(said)
        why = self._objects(found, len(said), quorum) or why
        if why:
            return Decision(item, None, "", 0.0, explanation, why)
        document = {**found.document, "item": agreed(answers, self.asked)}
        sure += [choice.score for choice in found.choices]
        return Decision(item, document, self.method, as_share(min(sure, default=1.0)), explanation)

    def _said(self, said: Said) -> dict[str, list[list[Any]]]:
        """Question about the item → [[person, what they say]], where anybody says something."""
        given = {person: document.get("item") or {} for person, document in said.items()}
        names = sorted(set().union(*given.values())) if given else []
        return {name: [[person, values.get(name, self.meant.get(name))] for person, values in given.items()] for name in names}

    def _answers(self, item: int, said: Said, found: Consensus, quorum: int) -> tuple[dict[str, Vote], list[float], str]:
        """(the votes about the item, how sure each is, why they are left open)."""
        votes, sure, why = dict(found.answers), [], ""
        for name, one in found.answers.items():
            truth = self.truths.get(name)
            if truth is not None and item in truth.labels:
                value = truth[item]
                one = Vote(value, one.weights, truth.ties.get(item, ()), "none" if value is None else "", one.split)
                sure.append(truth.confidence[item])
            else:
                total = sum(weight for _value, weight in one.weights)
                sure.append(max((weight for _value, weight in one.weights), default=1.0) / total if total and not isinstance(one.value, list) else 1.0)
            votes[name] = one
            if one.tied:
                why = "tie"
            elif not why and self.by_quorum and one.split and not isinstance(one.value, list):
                with_it = sum(same((document.get("item") or {}).get(name, self.meant.get(name)), one.value) for document in said.values())
                why = "below_quorum" if with_it < quorum else ""
        return votes, sure, why

    @property
    def by_quorum(self) -> bool:
        """Whether a name needs a quorum of voices too: a model that knows who errs may follow fewer, unless one was asked for."""
        return self.method == "majority" or self.quorum is not None

    def _objects(self, found: Consensus, people: int, quorum: int) -> str:
        if any(choice.label.tied or any(vote.tied for vote in choice.attributes.values()) for choice in found.choices) or any(left.why == "tie" for left in found.left_out):
            return "tie"
        if any(left.why == "below_quorum" and people - len(left.members) < quorum for left in found.left_out):
            return "below_quorum"
        if self.by_quorum and any(choice.label.split and sum(same(one.thing["label"], choice.label.value) for one in choice.members) < quorum for choice in found.choices):
            return "below_quorum"
        return ""


def as_share(value: float) -> float:
    """0 to 1, whatever rounding made of it."""
    return min(1.0, max(0.0, float(value)))
