"""Why a consensus is what it is, as it is kept: all that `Consensus.explain` tells, written shorter, since every item of a project has one. Pure.

Kept are `people`, in order, what each one's voice `weigh`s, and for each of the `things` [id, score, how its shape was got, whose it is, label,
votes, votes on attributes where there are some]. A vote is [person, object, likeness], with the label where it is another one; people are places
in `people`. A label that all gave stands for itself, any other with its votes. What was left out, answers about the item, and ties stand as they
are told, and not at all where there are none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.quality.consensus.result import Choice, Consensus


def packed(found: Consensus) -> dict[str, Any]:
    """As JSON, but for what is told of a run."""
    places = {person: place for place, person in enumerate(found.people)}
    weights: list[float | None] = [None] * len(places)
    kept: dict[str, Any] = {"people": found.people, "weigh": weights, "things": [_thing(choice, places, weights) for choice in found.choices]}
    if found.unanimous:
        kept["unanimous"] = True
    if found.left_out:
        kept["left_out"] = [left.explain(len(places), found.quorum) for left in found.left_out]
    if found.answers:
        kept["item"] = {name: vote.explain() for name, vote in found.answers.items()}
    if ties := found.ties:
        kept["ties"] = ties
    return kept


def _thing(choice: Choice, places: Mapping[Any, int], weights: list[float | None]) -> list[Any]:
    label = choice.label
    value, votes = label.value, []
    for person, thing, weight, alike in choice.members:
        place = places[person]
        weights[place] = weight
        vote = [place, thing.get("id"), alike]
        if thing["label"] != value:
            vote.append(thing["label"])
        votes.append(vote)
    of = None if choice.of is None else places[choice.of]
    kept = [choice.thing["id"], choice.score, choice.shape, of, label.explain() if label.split or label.tied else value, votes]
    if choice.attributes:
        kept.append({name: vote.explain() for name, vote in choice.attributes.items()})
    return kept


def told(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What `Consensus.explain` says, and what else was kept with it."""
    if "things" not in kept:
        return dict(kept)  # written before it was kept short
    found: dict[str, Any] = {"unanimous": False, "left_out": [], "item": {}, "ties": [], "truth": {}, "said": {}, **kept}
    people, weights = found["people"], found.pop("weigh")
    found["objects"] = [_told(row, people, weights) for row in found.pop("things")]
    return found


def _told(row: list[Any], people: list[Any], weights: list[float]) -> dict[str, Any]:
    id_, score, by, of, label, votes, *attributes = row
    value = label["value"] if isinstance(label, dict) else label
    cast = [{"person": people[place], "object": thing, "label": other[0] if other else value, "weight": weights[place], "alike": alike} for place, thing, alike, *other in votes]
    return {
        "id": id_,
        "label": label if isinstance(label, dict) else {"value": value, "weights": [[value, sum(vote["weight"] for vote in cast)]], "tie": None},
        "score": score,
        "seen_by": len(votes),
        "people": len(people),
        "votes": cast,
        "shape": {"by": by, "of": None if of is None else people[of]},
        "attributes": attributes[0] if attributes else {},
    }
