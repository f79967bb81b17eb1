"""What several people agree on about an item, and why: the document, each choice, and what was left out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from workflows.quality.consensus.votes import Vote

Thing = dict[str, Any]


class Member(NamedTuple):
    """One person's object in a cluster; `alike` says how like the chosen shape it is, 0 to 1."""

    person: Any
    thing: Thing
    weight: float
    alike: float

    def explain(self) -> dict[str, Any]:
        return {"person": self.person, "object": self.thing.get("id"), "label": self.thing["label"], "weight": self.weight, "alike": self.alike}


class Choice(NamedTuple):
    """An object of the consensus. `score` 0 to 1 is (weight of its label's votes ÷ weight of all people asked) × (mean likeness
    of the chosen shape to its members). `shape` is how it was got: "same", "median" or "medoid" (then `of` names whose)."""

    thing: Thing
    members: tuple[Member, ...]
    label: Vote
    attributes: Mapping[str, Vote]
    score: float
    shape: str
    of: Any = None

    def explain(self, people: int) -> dict[str, Any]:
        """As JSON; `seen_by` of `people` were asked."""
        return {
            "id": self.thing["id"],
            "label": self.label.explain(),
            "score": self.score,
            "seen_by": len(self.members),
            "people": people,
            "votes": [member.explain() for member in self.members],
            "shape": {"by": self.shape, "of": self.of},
            "attributes": {name: vote.explain() for name, vote in self.attributes.items()},
        }


class Left(NamedTuple):
    """What some saw and the consensus has not. `why`: "below_quorum" too few saw it; "tie" its label was left open; "end" a
    relation of which an end was left out."""

    why: str
    members: tuple[Member, ...]
    label: Vote

    def explain(self, people: int, quorum: int) -> dict[str, Any]:
        """As JSON; `seen_by` of `people`, where `quorum` were needed."""
        votes = [member.explain() for member in self.members]
        return {"why": self.why, "label": self.label.explain(), "seen_by": len(votes), "people": people, "quorum": quorum, "votes": votes}


@dataclass(frozen=True)
class Consensus:
    """`document` is an annotation in the product's form: {"objects": […], "item": {…}}, with ids that are the same whenever the
    same objects of the same people come together. `people` are those who answered, in order; `answers` the votes about
    the item."""

    item: Any
    document: Thing
    people: tuple[Any, ...]
    quorum: int
    choices: tuple[Choice, ...]
    left_out: tuple[Left, ...]
    answers: Mapping[str, Vote]

    @cached_property
    def unanimous(self) -> bool:
        """Whether all saw the same things with the same labels and attributes, and answered the same about the item."""
        if self.left_out or any(vote.split for vote in self.answers.values()):
            return False
        people = len(self.people)
        for choice in self.choices:
            if len(choice.members) != people or choice.label.split or any(vote.split for vote in choice.attributes.values()):
                return False
        return True

    @property
    def ties(self) -> list[dict[str, Any]]:
        """Every vote that a rule had to decide, as JSON: {"at": "label" | "attribute" | "item", id, name, values, rule}."""
        found = []
        for choice in self.choices:
            if not choice.label.tied and not choice.attributes:
                continue
            for at, name, vote in (("label", None, choice.label), *(("attribute", name, vote) for name, vote in choice.attributes.items())):
                if vote.tied:
                    found.append({"at": at, "id": choice.thing["id"], "name": name, "values": list(vote.tied), "rule": vote.rule})
        found += [{"at": "label", "id": None, "name": None, "values": list(left.label.tied), "rule": left.label.rule} for left in self.left_out if left.why == "tie"]
        return found + [{"at": "item", "id": None, "name": name, "values": list(vote.tied), "rule": vote.rule} for name, vote in self.answers.items() if vote.tied]

    def explain(self) -> dict[str, Any]:
        """All of it as JSON: people, quorum, unanimous, objects, left_out, item, ties."""
        people = len(self.people)
        return {
            "people": list(self.people),
            "quorum": self.quorum,
            "unanimous": self.unanimous,
            "objects": [choice.explain(people) for choice in self.choices],
            "left_out": [left.explain(people, self.quorum) for left in self.left_out],
            "item": {name: vote.explain() for name, vote in self.answers.items()},
            "ties": self.ties,
        }
