"""What one side says is there and what the other takes it for, thing by thing. Pure.

People against their consensus, people against gold, a model against people: the two sides are a truth and an answer, and all that
is told of them here follows from the one matcher of the house.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from workflows.quality.matching.many import Many
from workflows.quality.matching.match import THRESHOLD, Matching, Thing, match, matching
from workflows.quality.matching.values import by_label, same

Label = Hashable  # of an object, or the value of an answer about the item
Compared = tuple[Hashable, Sequence[Thing], Sequence[Thing], float]
CHUNK = 1024  # items at a time


@dataclass(frozen=True)
class Taken:
    """A thing of `item`: its label with the `truth` and with the `answer`, None where that side has none.

    `truth_at` and `answer_at` are its places in the two lists of objects; `alike` is the likeness of place and form, 0 to 1;
    `differing` names the attributes that do not say the same.
    """

    item: Hashable
    truth: Label | None
    answer: Label | None
    truth_at: int | None = None
    answer_at: int | None = None
    alike: float = 0.0
    differing: tuple[str, ...] = ()


def taken(
    item: Hashable,
    truth: Sequence[Thing],
    answer: Sequence[Thing],
    schema: Mapping[str, Any] | None = None,
    *,
    picture: float = 0.0,
    threshold: float = THRESHOLD,
) -> list[Taken]:
    """Every object of either side once: pairs in the same place whatever their labels, then what is missing, then what is extra.

    `picture` in pixels², `schema` and `threshold` as for `matching.match`.
    """
    return _told(item, truth, answer, match(truth, answer, schema, picture=picture, threshold=threshold))


def taken_of_many(
    items: Iterable[Compared], schema: Mapping[str, Any] | None = None, *, threshold: float = THRESHOLD
) -> Iterator[Taken]:
    """`taken` of each (item, truth, answer, picture in pixels² or 0), in the same order, many at a time."""
    defaults, waiting = by_label(schema), iter(items)
    while rows := list(islice(waiting, CHUNK)):
        many = Many([side for _item, truth, answer, _picture in rows for side in (truth, answer)])
        pairs = np.arange(2 * len(rows)).reshape(-1, 2)
        pictures = many.pictures(range(0, 2 * len(rows) + 1, 2), [picture for *_sides, picture in rows])
        mine, theirs, like = many.match(pairs, schema, pictures=pictures, threshold=threshold)
        order = np.argsort(mine)
        pairs_of = np.split(order, np.searchsorted(mine[order], many.first[2:-1:2]))
        for (item, truth, answer, _picture), places, at in zip(rows, pairs_of, many.first[::2].tolist(), strict=False):
            found = zip((mine[places] - at).tolist(), (theirs[places] - at - len(truth)).tolist(), like[places].tolist(), strict=True)
            yield from _told(item, truth, answer, matching(truth, answer, found, defaults))


def _told(item: Hashable, truth: Sequence[Thing], answer: Sequence[Thing], found: Matching) -> list[Taken]:
    rows = [
        Taken(item, truth[pair.truth]["label"], answer[pair.answer]["label"], pair.truth, pair.answer, pair.alike, pair.differing) for pair in found.pairs
    ]
    rows += [Taken(item, truth[place]["label"], None, truth_at=place) for place in found.missing]
    rows += [Taken(item, None, answer[place]["label"], answer_at=place) for place in found.extra]
    return rows


def of_answers(rows: Iterable[tuple[Hashable, Any, Any]]) -> Iterator[Taken]:
    """(item, truth, answer) values of one answer about the item, such as its class; None for no answer, a list for several options.

    What both have left open is nothing to be taken for anything.
    """
    for item, truth, answer in rows:
        if truth is not None or answer is not None:
            alike = float(truth is not None and answer is not None and same(truth, answer))
            yield Taken(item, _value(truth), _value(answer), alike=alike)


def _value(value: Any) -> Label:
    """True and false by their names, for a table in which true is not 1."""
    if isinstance(value, bool):
        return str(value).lower()
    return frozenset(value) if isinstance(value, (list, set)) else value
