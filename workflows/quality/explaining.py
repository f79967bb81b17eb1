"""Why an item says what it says where several answered: each vote, each tie and how it was ruled, what was left out; and of an adjudication,
whose words it repeats. People are letters; who they are is told to managers alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotate.annotations.models import Annotation
from annotate.items.models import Item
from annotate.items.queries import sees_all
from annotate.kernel.errors import Missing
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.projects.policies import may_manage
from annotate.queues.models import Task
from annotate.queues.sides import lettered
from annotate.reviews.models import Adjudication
from workflows.quality.models import ConsensusItem
from workflows.quality.reasons import told


@dataclass(frozen=True)
class Voices:
    """Letters of people by id, and who they are for who may know."""

    letters: Mapping[int, str]
    people: Mapping[int, Person]

    @classmethod
    def of(cls, ids: list[int], *, named: bool) -> Voices:
        return cls(dict(zip(ids, lettered(len(ids)), strict=True)), Person.objects.in_bulk(ids) if named else {})

    def letter(self, person: Any) -> str:
        return self.letters.get(person, "?")

    def told(self) -> list[dict[str, Any]]:
        return [{"letter": letter, "person": self.name(person)} for person, letter in self.letters.items()]

    def name(self, person: int) -> dict[str, Any] | None:
        found = self.people.get(person)
        return {"id": found.pk, "name": found.name} if found is not None else None


def explained(item: Item, *, actor: Actor) -> dict[str, Any]:
    """{item, answers, consensus, adjudication}: the two null where there is none. `Missing` for who sees only their own work."""
    if not sees_all(actor, item.project):
        raise Missing()
    named = bool(may_manage(actor, item.project))
    answers = Task.objects.filter(item=item, queue__stage="annotate", state="answered", gold=False).count()
    return {"item": item.pk, "answers": answers, "consensus": _consensus(item, named), "adjudication": _adjudication(item, named)}


def _consensus(item: Item, named: bool) -> dict[str, Any] | None:
    """Of the last run that looked at it. `standing`: its approval stands still."""
    row = ConsensusItem.objects.filter(item=item, last=True).select_related("run", "consensus__annotation").first()
    if row is None:
        return None
    made = row.consensus
    why = told((made.explanation if made is not None else row.explanation) or {})
    voices = Voices.of([int(person) for person in why.get("people", [])], named=named)
    found: dict[str, Any] = {
        "run": row.run_id,
        "at": row.run.created_at,
        "outcome": row.outcome,
        "undone": row.undone == "undone",
        "method": row.method or (row.run.method if why else ""),
        "confidence": made.confidence if made is not None else None,
        "annotation": made.annotation_id if made is not None else None,
        "revision": made.annotation.number if made is not None else None,
        "standing": made is not None and made.annotation.approvals.filter(ended_at=None).exists(),
        "quorum": why.get("quorum"),
        "people": voices.told(),
        "weights": [{"letter": voices.letter(int(person)), "weight": weight} for person, weight in (why.get("weights") or {}).items()],
        "questions": [_question(name, vote, why, voices) for name, vote in (why.get("item") or {}).items()],
        "objects": [_object(thing, voices) for thing in why.get("objects", [])],
        "left_out": [_left_out(left, voices) for left in why.get("left_out", [])],
        "ties": why.get("ties", []),
    }
    return found


def _question(name: str, vote: dict[str, Any], why: dict[str, Any], voices: Voices) -> dict[str, Any]:
    """What was asked about the item. Where skills were inferred, the votes weigh by them, and `scores` is what they come to."""
    truth = (why.get("truth") or {}).get(name)
    said = [{"letter": voices.letter(person), "value": value} for person, value in (why.get("said") or {}).get(name, [])]
    weighed = {voices.letter(one["worker"]): one["weight"] for one in truth["votes"]} if truth else {}
    return {
        "name": name,
        "value": truth["label"] if truth else vote["value"],
        "weights": vote["weights"],
        "votes": [one | {"weight": weighed.get(one["letter"])} for one in said],
        "scores": [[one["label"], one["score"]] for one in truth["scores"]] if truth else [],
        "confidence": truth["confidence"] if truth else _share(vote),
        "tie": _tie(truth["tie"]) if truth else vote["tie"],
    }


def _share(vote: dict[str, Any]) -> float | None:
    """Of the votes, those of the value with most; of options that are chosen together there is no such share."""
    total = sum(weight for _value, weight in vote["weights"])
    return max(weight for _value, weight in vote["weights"]) / total if total and not isinstance(vote["value"], list) else None


def _tie(found: dict[str, Any] | None) -> dict[str, Any] | None:
    return {"values": found["labels"], "rule": found["rule"]} if found else None


def _object(thing: dict[str, Any], voices: Voices) -> dict[str, Any]:
    return {
        "id": thing["id"],
        "label": thing["label"]["value"],
        "labels": thing["label"]["weights"],
        "tie": thing["label"]["tie"],
        "score": thing["score"],
        "seen_by": thing["seen_by"],
        "people": thing["people"],
        "shape": {"by": thing["shape"]["by"], "of": voices.letter(thing["shape"]["of"]) if thing["shape"]["of"] is not None else None},
        "votes": _votes(thing["votes"], voices),
        "attributes": [{"name": name, **vote} for name, vote in thing["attributes"].items()],
    }


def _left_out(left: dict[str, Any], voices: Voices) -> dict[str, Any]:
    return {
        "why": left["why"],
        "label": left["label"]["value"],
        "labels": left["label"]["weights"],
        "tie": left["label"]["tie"],
        "seen_by": left["seen_by"],
        "people": left["people"],
        "quorum": left["quorum"],
        "votes": _votes(left["votes"], voices),
    }


def _votes(votes: list[dict[str, Any]], voices: Voices) -> list[dict[str, Any]]:
    return [{"letter": voices.letter(one["person"]), "object": one["object"], "label": one["label"], "weight": one["weight"], "alike": one["alike"]} for one in votes]


def answers_of(item: Item) -> tuple[list[int], list[int]]:
    """(people, their answers) that the last consensus was made of, to be drawn; empty where that is not on record."""
    row = ConsensusItem.objects.filter(item=item, last=True).select_related("consensus").first()
    why = (row.consensus.explanation if row.consensus is not None else row.explanation) if row is not None else None
    return (list(why.get("people", [])), list(why.get("answers", []))) if why else ([], [])


def _adjudication(item: Item, named: bool) -> dict[str, Any] | None:
    """The newest that was not taken back. Letters are those that the adjudicator saw."""
    row = Adjudication.objects.filter(review__item=item, review__undone=None).select_related("review__person", "review__annotation", "review__fixed").order_by("-pk").first()
    if row is None:
        return None
    review = row.review
    left = review.fixed or review.annotation
    letters = {one["annotation"]: one["label"] for one in row.answers}
    known = Annotation.objects.select_related("person", "parent__person").in_bulk(list(letters))
    content = left.content
    labels = {str(thing.get("id")): thing.get("label", "") for thing in content.get("objects", [])}

    def author(annotation: int) -> dict[str, Any] | None:
        found = known.get(annotation)
        return {"id": found.author.pk, "name": found.author.name} if named and found is not None and found.author is not None else None

    return {
        "review": review.pk,
        "person": {"id": review.person.pk, "name": review.person.name} if named and review.person is not None else None,
        "at": review.created_at,
        "annotation": left.pk,
        "revision": left.number,
        "standing": left.approvals.filter(ended_at=None).exists(),
        "answers": [{"letter": one["label"], "annotation": one["annotation"], "revision": known[one["annotation"]].number if one["annotation"] in known else None,
                     "person": author(one["annotation"])} for one in row.answers],
        "objects": [{"id": id_, "label": labels.get(id_, ""), "of": [letters[key] for key in one["answers"] if key in letters], "changed": one["changed"]}
                    for id_, one in row.origins.get("objects", {}).items()],
        "questions": [{"name": name, "value": (content.get("item") or {}).get(name), "of": [letters[key] for key in keys if key in letters]}
                      for name, keys in row.origins.get("item", {}).items()],
    }  # fmt: skip
