"""Clusters into objects of the consensus: quorum, label, shape, attributes, a new id; and what is left out. Pure numpy."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflows.quality.consensus.clusters import Likenesses
from workflows.quality.consensus.ids import id_of
from workflows.quality.consensus.links import linked
from workflows.quality.consensus.result import Choice, Consensus, Left, Member, Thing
from workflows.quality.consensus.rules import Rules
from workflows.quality.consensus.shapes import DIGITS, medians, medoid, middles
from workflows.quality.consensus.votes import Vote, agreed, ballot, vote
from workflows.quality.matching.many import Many
from workflows.quality.matching.points import lone
from workflows.quality.matching.sweep import Places

PLAIN = 4  # what an object has that is a box and no more: id, kind, label, box
_SHAPE = ("box", "rotation", "points", "holes", "rle", "start", "end", "text")


class Side:
    """One person's annotation of one item."""

    __slots__ = ("item", "name", "person", "relations", "things", "weight")

    def __init__(self, person: Any, document: Mapping[str, Any], weight: float) -> None:
        objects = document.get("objects") or []
        self.person, self.weight, self.item = person, weight, document.get("item") or {}
        self.name = f"{type(person).__name__} {person}"
        self.things: list[Thing] = [thing for thing in objects if thing["kind"] != "relation"]
        self.relations: list[Thing] = [thing for thing in objects if thing["kind"] == "relation"] if len(self.things) < len(objects) else []


@dataclass(frozen=True)
class _Boxes:
    """Upright boxes reckoned for all clusters of the same size at once, by the first object of the cluster. `plain`: of clusters of which all
    members are called the same, and no more is said of them."""

    box: Mapping[int, list[float]]
    alike: Mapping[int, list[float]]
    plain: Set[int]


class Maker:
    """Makes the consensus of one item after the other, from the clusters of many."""

    def __init__(self, many: Many, sides: Sequence[Side], side: Sequence[int], found: Places, known: Likenesses, rules: Rules) -> None:
        self.many, self.sides, self.side, self.known, self.rules = many, sides, side, known, rules
        order = np.argsort(found, kind="stable")
        starts = np.flatnonzero(np.r_[True, np.diff(found[order]) != 0]) if len(order) else np.empty(0, dtype=np.intp)
        row, edges = order.tolist(), [*starts.tolist(), len(order)]
        self.groups = [row[start:end] for start, end in pairwise(edges)]  # by their first objects, in order
        self.until: list[int] = np.searchsorted(order[starts], many.first).tolist()  # of each annotation, the groups that begin before it
        self.boxes = self._boxes(order, starts)

    def _boxes(self, order: Places, starts: Places) -> _Boxes:
        if not len(order):
            return _Boxes({}, {}, frozenset())
        upright = np.logical_and.reduceat(self.many.upright[order], starts)
        weights = np.array([side.weight for side in self.sides])[np.array(self.side, dtype=np.intp)]
        found, alike = {}, {}
        for some in middles(self.many.bounds, self.many.sizes, weights, order, starts, upright):
            for first, box, row, is_same in zip(some.nodes[:, 0].tolist(), some.drawn.tolist(), some.like.tolist(), some.same.tolist(), strict=True):
                alike[first] = row
                if not is_same:
                    found[first] = box
        return _Boxes(found, alike, self._plain(order, starts, upright))

    def _plain(self, order: Places, starts: Places, upright: NDArray[np.bool_]) -> Set[int]:
        names: dict[str, int] = {}
        label = np.array([names.setdefault(thing["label"], len(names)) for thing in self.many.things])[order]
        bare = np.array([len(thing) == PLAIN and "id" in thing for thing in self.many.things])[order]
        same = np.minimum.reduceat(label, starts) == np.maximum.reduceat(label, starts)
        return frozenset(order[starts[upright & same & np.logical_and.reduceat(bare, starts)]].tolist())

    def consensus(self, item: Any, sides: range) -> Consensus:
        """Of the item whose annotations are `sides`."""
        people = [self.sides[place] for place in sides]
        quorum, total = self.rules.needed(len(people)), sum(side.weight for side in people)
        choices: list[Choice] = []
        left: list[Left] = []
        home: dict[int, Choice | Left] = {}
        linking = any(side.relations for side in people)
        for group in self.groups[self.until[sides.start] : self.until[sides.stop]]:
            made = self._object(item, group, quorum, total)
            if isinstance(made, Choice):
                choices.append(made)
            else:
                left.append(made)
            if linking:
                home.update(dict.fromkeys(group, made))
        if linking:
            ends = [
                {self.many.things[place].get("id"): home[place] for place in range(int(self.many.first[at]), int(self.many.first[at + 1]))} for at in sides
            ]
            more, less = linked(people, ends, quorum, total, self.rules, lambda members: id_of(item, [f"{name}:{thing['id']}" if "id" in thing else f"{name}#{place}" for name, thing, place in members]))
            choices += more
            left += less
        answers: dict[str, Vote] = {}
        if any(side.item for side in people):
            answers = ballot([side.item for side in people], [side.weight for side in people], self.rules.asked, self.rules.unsaid, self.rules.ties)
        document = {"objects": [choice.thing for choice in choices], "item": agreed(answers, self.rules.asked) if answers else {}}
        return Consensus(item, document, tuple(side.person for side in people), quorum, tuple(choices), tuple(left), answers)

    def _object(self, item: Any, group: list[int], quorum: int, total: float) -> Choice | Left:
        known, whose, side_of = self.many.things, self.sides, self.side
        things, sides = [known[node] for node in group], [whose[side_of[node]] for node in group]
        weights = [side.weight for side in sides]
        if len(group) >= quorum and group[0] in self.boxes.plain:
            return self._plain_box(item, group[0], things, sides, weights, total)
        label = vote([thing["label"] for thing in things], weights, self.rules.labels, self.rules.ties)
        if len(group) < quorum or label.value is None:
            lone = tuple(Member(side.person, thing, side.weight, self.known(group[0], node)) for side, thing, node in zip(sides, things, group, strict=True))
            return Left("below_quorum" if len(group) < quorum else "tie", lone, label)
        voters = [place for place, thing in enumerate(things) if thing["label"] == label.value] if label.split else range(len(group))
        shape, alike, how, of = self._shape(group, voters, weights)
        members = tuple(map(Member, [side.person for side in sides], things, weights, alike))
        thing = {"id": id_of(item, self._names(group, sides, things)), "kind": shape["kind"], "label": label.value, **shape}
        votes: Mapping[str, Vote] = {}
        if label.split or max(map(len, things)) > PLAIN:
            voting = [things[place] for place in voters]
            votes, attributes = self._attributes(voting, [weights[place] for place in voters], label.value)
            if attributes:
                thing["attributes"] = attributes
            track = {one.get("track") for one in voting}
            if len(track) == 1 and None not in track:
                thing["track"] = track.pop()
        won = sum(weights[place] for place in voters) if label.split else sum(weights)
        return Choice(thing, members, label, votes, (won / total) * (sum(alike) / len(alike)), how, of)

    def _plain_box(self, item: Any, first: int, things: Sequence[Thing], sides: Sequence[Side], weights: Sequence[float], total: float) -> Choice:
        """What most clusters are, sooner."""
        box, alike, label, won = self.boxes.box.get(first), self.boxes.alike[first], things[0]["label"], sum(weights)
        id_ = id_of(item, [f"{side.name}:{thing['id']}" for side, thing in zip(sides, things, strict=True)])
        members = tuple(map(Member, [side.person for side in sides], things, weights, alike))
        thing = {"id": id_, "kind": "box", "label": label, "box": box or things[0]["box"]}
        return Choice(thing, members, Vote(label, ((label, won),)), {}, (won / total) * (sum(alike) / len(alike)), "median" if box else "same")

    def _attributes(self, things: Sequence[Thing], weights: Sequence[float], label: str) -> tuple[Mapping[str, Vote], Mapping[str, Any]]:
        said = [thing.get("attributes") or {} for thing in things]
        if not any(said):
            return {}, {}
        known = self.rules.attributes.get(label, {})
        votes = ballot(said, weights, known, self.rules.meant.get(label, {}), self.rules.ties)
        return votes, said[0] if all(one == said[0] for one in said) else agreed(votes, known)

    def _shape(self, group: Sequence[int], voters: Sequence[int], weights: Sequence[float]) -> tuple[Thing, list[float], str, Any]:
        """(the shape, how like it each member is, how it was got, whose it is)."""
        things = self.many.things
        first = group[voters[0]]
        if group[0] in self.boxes.alike:
            box = self.boxes.box.get(group[0])
            return ({"kind": "box", "box": box}, self.boxes.alike[group[0]], "median", None) if box else (_drawn(things[first]), self.boxes.alike[group[0]], "same", None)
        if len(group) == 1 or all(_drawn(things[node]) == _drawn(things[first]) for node in group):
            return _drawn(things[first]), [1.0] * len(group), "same", None
        if all(things[node]["kind"] == "point" for node in group):
            places = np.array([[things[node]["points"][0] for node in group]], dtype=np.float64)
            middle = medians(places, np.array([weights])).round(DIGITS)
            picture = self.known.pictures[int(self.known.item[group[0]])]
            return {"kind": "point", "points": middle.tolist()}, lone(middle, places[0], picture).tolist(), "median", None
        chosen = medoid(group, [group[place] for place in voters], weights, self.known, lambda node: json.dumps(_drawn(things[node]), sort_keys=True))
        return _drawn(things[chosen]), [self.known(chosen, node) for node in group], "medoid", self.sides[self.side[chosen]].person

    def _names(self, group: Sequence[int], sides: Sequence[Side], things: Sequence[Thing]) -> list[str]:
        """Whose objects they are, and which of theirs: by its id, else by its place in their annotation."""
        return [
            f"{side.name}:{thing['id']}" if "id" in thing else f"{side.name}#{node - int(self.many.first[self.side[node]])}"
            for node, side, thing in zip(group, sides, things, strict=True)
        ]


def _drawn(thing: Thing) -> Thing:
    """Kind and shape of an object."""
    return {"kind": thing["kind"], **{name: thing[name] for name in _SHAPE if name in thing}}
