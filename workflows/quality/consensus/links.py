"""Relations of the consensus: the same two things linked with the same label by a quorum. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workflows.quality.consensus.result import Choice, Left, Member, Thing
from workflows.quality.consensus.rules import Rules
from workflows.quality.consensus.votes import Vote, agreed, ballot

if TYPE_CHECKING:
    from workflows.quality.consensus.objects import Side


def linked(
    people: Sequence[Side],
    ends: Sequence[Mapping[Any, Choice | Left]],
    quorum: int,
    total: float,
    rules: Rules,
    name: Callable[[list[tuple[str, Thing, int]]], str],
) -> tuple[list[Choice], list[Left]]:
    """(relations of the consensus, those left out). `ends` tells for each person what became of each object, by its id;
    `name` makes an id from (person's name, relation, 0)."""
    seen: dict[tuple[Any, ...], list[tuple[Side, Thing]]] = {}
    found: dict[tuple[Any, ...], tuple[Any, Any]] = {}
    for side, here in zip(people, ends, strict=True):
        times: dict[tuple[Any, ...], int] = {}
        for thing in side.relations:
            both = here.get(thing["from"]), here.get(thing["to"])
            key = (*(id(end) if end is not None else None for end in both), thing["label"])
            times[key] = times.get(key, 0) + 1
            seen.setdefault((*key, times[key]), []).append((side, thing))
            found[(*key, times[key])] = both
    choices, left = [], []
    for key, members in seen.items():
        weights = [side.weight for side, _thing in members]
        label = Vote(members[0][1]["label"], ((members[0][1]["label"], sum(weights)),))
        told = tuple(Member(side.person, thing, side.weight, 1.0) for side, thing in members)
        one, other = found[key]
        if len(members) < quorum or not (isinstance(one, Choice) and isinstance(other, Choice)):
            left.append(Left("below_quorum" if len(members) < quorum else "end", told, label))
            continue
        said = [thing.get("attributes") or {} for _side, thing in members]
        votes = ballot(said, weights, {}, {}, rules.ties)
        made = {"kind": "relation", "label": label.value, "from": one.thing["id"], "to": other.thing["id"]}
        if attributes := agreed(votes, {}):
            made["attributes"] = attributes
        made = {"id": name([(side.name, thing, 0) for side, thing in members]), **made}
        choices.append(Choice(made, told, label, votes, sum(weights) / total, "same"))
    return choices, left
