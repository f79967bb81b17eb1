"""From several people's annotations of an item to the one they agree on. Pure numpy.

1. Each two people's objects are matched by the one matcher. 2. Clusters grow from the likeliest pairs: an object joins only
where its person is not yet, and only if it is alike to every member. 3. A cluster that a quorum of people drew is an object;
its label is a vote, its shape a median or a medoid, its attributes are votes of those who gave the label. 4. Answers about
the item are votes. After CVAT's `intersect_merge.py`, whose greedy order and quorum these are, with optimal matching at
one threshold, and every choice told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, islice
from typing import Any

import numpy as np

from workflows.quality.consensus.clusters import SAID, Likenesses, clusters
from workflows.quality.consensus.objects import Maker, Side
from workflows.quality.consensus.result import Consensus
from workflows.quality.consensus.rules import Rules
from workflows.quality.consensus.votes import Ties
from workflows.quality.matching.areas import Floats
from workflows.quality.matching.many import Many
from workflows.quality.matching.match import THRESHOLD
from workflows.quality.matching.sweep import Places
from workflows.quality.truth.answers import ordered

CHUNK = 1024  # items at a time
Document = Mapping[str, Any]
Row = tuple[Any, Mapping[Any, Document | None], float]


def consensus(
    documents: Mapping[Any, Document | None],
    schema: Mapping[str, Any] | None = None,
    *,
    item: Any = "",
    quorum: int | None = None,
    weights: Mapping[Any, float] | None = None,
    threshold: float = THRESHOLD,
    picture: float = 0.0,
    ties: Ties = "first",
) -> Consensus:
    """What people agree on about one item. `documents` {person: annotation}; one without objects is a vote for nothing, None is
    no answer. The order of people is of no account.

    `quorum` people must have drawn an object, half of all rounded up unless said. `weights` {person: above 0}, 1 unless said,
    count in votes and shapes, not for the quorum. `threshold` is the likeness, 0 to 1, from which two objects are one thing,
    `picture` the picture's pixels² (see `matching.match`). `ties` "first" takes the first in the order of the schema, "none"
    leaves out an object whose label is tied, and an attribute or answer that is; either is told. `item` names the item in
    the ids of objects. `schema` is the schema's document. Relations count where the same two things are linked with the same
    label. ValueError as `Rules` says.
    """
    return next(consensus_of_many([(item, documents, picture)], schema, quorum=quorum, weights=weights, threshold=threshold, ties=ties))


def consensus_of_many(
    items: Iterable[Row],
    schema: Mapping[str, Any] | None = None,
    *,
    quorum: int | None = None,
    weights: Mapping[Any, float] | None = None,
    threshold: float = THRESHOLD,
    ties: Ties = "first",
) -> Iterator[Consensus]:
    """`consensus` of each (item, {person: annotation}, picture in pixels² or 0), in the same order, many at a time."""
    rules = Rules(schema, quorum, weights or {}, threshold, ties)
    waiting = iter(items)
    while rows := list(islice(waiting, CHUNK)):
        yield from _chunk(rows, rules)


def _chunk(rows: Sequence[Row], rules: Rules) -> Iterator[Consensus]:
    sides: list[Side] = []
    bounds, owner = [0], []
    pairs: list[tuple[int, int]] = []
    agreed: list[tuple[int, int]] = []
    for place, (_item, documents, _picture) in enumerate(rows):
        start = len(sides)
        sides += [Side(person, documents[person] or {}, rules.weight(person)) for person in ordered(person for person in documents if documents[person] is not None)]
        between = list(combinations(range(start, len(sides)), 2))
        if len({len(side.things) for side in sides[start:]}) == 1 and all(_same(sides[start], side) for side in sides[start + 1 :]):
            agreed += between  # as where all took the same prediction over
            between = []
        pairs += between
        owner += [place] * (len(sides) - start)
        bounds.append(len(sides))
    many = Many([side.things for side in sides])
    sized = many.pictures(bounds, [picture for _item, _documents, picture in rows])
    matched = many.match(
        np.array(pairs, dtype=np.intp).reshape(-1, 2), rules.schema, pictures=[sized[owner[one]] for one, _other in pairs], threshold=rules.threshold
    )
    rows_of, columns, like = (np.concatenate(both) for both in zip(matched, _alike_in_turn(many, agreed), strict=True))
    side = np.repeat(np.arange(len(sides)), many.counts)
    known = Likenesses(many, rows_of, columns, like, sized, np.array(owner, dtype=np.intp)[side], rules.threshold)
    found = clusters(many, side, rows_of, columns, like, known, [one.name for one in sides])
    maker = Maker(many, sides, side.tolist(), found, known, rules)
    for place, (item, _documents, _picture) in enumerate(rows):
        yield maker.consensus(item, range(bounds[place], bounds[place + 1]))


def _same(one: Side, other: Side) -> bool:
    """Whether two people drew the same objects in the same order."""
    for mine, theirs in zip(one.things, other.things, strict=True):
        if mine.get("box") != theirs.get("box"):  # nearly always it is this
            return False
        if mine is not theirs and any(mine.get(name) != theirs.get(name) for name in SAID):
            return False
    return True


def _alike_in_turn(many: Many, pairs: Sequence[tuple[int, int]]) -> tuple[Places, Places, Floats]:
    """The pairs of objects of annotations that are the same, one by one."""
    sides = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    each = many.counts[sides[:, 0]]
    within = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)
    return many.first[np.repeat(sides[:, 0], each)] + within, many.first[np.repeat(sides[:, 1], each)] + within, np.ones(len(within))
