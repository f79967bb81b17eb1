"""Which objects of several people are one and the same thing, to measure how far people agree. Pure.

From the likeliest pair on, two clusters become one when no person is in both and more than half of the pairs between them
were matched. A consensus asks more (`consensus.clusters`: every member alike to every other), for it makes one shape of
what is in a cluster. Here nothing is made: one gap between the outermost two of five people is how hands differ, and to
count it as two things would be to count it against all five.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from workflows.quality.matching.knots import grow, knots
from workflows.quality.matching.many import Many
from workflows.quality.matching.match import THRESHOLD
from workflows.quality.matching.sweep import Places


def clusters(
    many: Many, items: Sequence[int], schema: Mapping[str, Any] | None = None, *, pictures: Sequence[float], threshold: float = THRESHOLD
) -> Places:
    """For each object the first of its cluster's: shape (objects,); the order of people and of objects is of no account.

    The annotations of item k are `items[k]` to `items[k + 1]` of those in `many`, one of each person. Every two of an item are
    matched: see `match` for `pictures`, pixels² of each item's (0 where not known), `schema` and `threshold`.
    """
    sizes = many.pictures(items, pictures)
    between = [(place, pair) for place, (start, end) in enumerate(pairwise(items)) for pair in combinations(range(start, end), 2)]
    pairs = np.array([pair for _place, pair in between], dtype=np.intp).reshape(-1, 2)
    rows, columns, like = many.match(pairs, schema, pictures=[sizes[place] for place, _pair in between], threshold=threshold)
    found, left = knots(len(many.things), rows, columns)
    side: list[int] = np.repeat(np.arange(len(many.counts)), many.counts).tolist() if left else []
    for edges in left:
        alike = dict(zip(zip(rows[edges].tolist(), columns[edges].tolist(), strict=True), like[edges].tolist(), strict=True))

        def mostly(mine: Sequence[int], theirs: Sequence[int], alike: Mapping[tuple[int, int], float] = alike) -> bool:
            return 2 * sum((min(one, other), max(one, other)) in alike for one in mine for other in theirs) > len(mine) * len(theirs)

        grow(found, _likeliest(alike, many), side, mostly)
    return found


def _likeliest(alike: Mapping[tuple[int, int], float], many: Many) -> list[tuple[int, int]]:
    """The pairs from the likeliest on; what they say is only asked of equals."""
    often = Counter(alike.values())
    return sorted(alike, key=lambda pair: (-alike[pair], _words(pair, many) if often[alike[pair]] > 1 else [], pair))


def _words(pair: tuple[int, int], many: Many) -> list[str]:
    """Pairs that are as like follow what is drawn, not who drew it."""
    said = [{name: value for name, value in many.things[place].items() if name != "id"} for place in pair]
    return sorted(json.dumps(thing, sort_keys=True) for thing in said)
