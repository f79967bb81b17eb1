"""Dividing work among people, pure: the same items, people and shares give the same division whenever and wherever.

Items come in an order that their ids seed, so that neither the order of arrival nor that of a query favours anybody. Each goes
to whoever is furthest behind their share (Webster's method), so any stretch of the work is divided as the whole is. Frames of a group are one unit: they stay together.
"""

from __future__ import annotations

import hashlib
import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """An item with `free` answers to give; `group` joins frames; `barred`: people who may not have it (any more)."""

    item: int
    free: int = 1
    group: str = ""
    barred: Set[int] = frozenset()


def seed(word: str) -> bytes:
    """Where a unit stands in the order of dividing."""
    return hashlib.sha256(word.encode()).digest()


def units(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Groups and single items in the order of dividing; frames by item id within."""
    found: dict[str, list[Piece]] = defaultdict(list)
    for piece in pieces:
        found[f"group {piece.group}" if piece.group else f"item {piece.item}"].append(piece)
    order = sorted(found, key=lambda word: (seed(word), word))
    return [sorted(found[word], key=lambda piece: piece.item) for word in order]


def divide(pieces: Iterable[Piece], shares: Mapping[int, int]) -> dict[int, list[int]]:
    """Item → people who are to answer it, at most `free` different ones. `shares`: person → a whole number above 0.

    >>> counted = divide([Piece(n) for n in range(8)], {7: 3, 8: 1}).values()
    >>> [sum(people == [7] for people in counted), sum(people == [8] for people in counted)]
    [6, 2]
    """
    given = dict.fromkeys(shares, 0)
    heap = [(0.5 / share, person) for person, share in shares.items()]
    heapq.heapify(heap)
    out: dict[int, list[int]] = {}
    for unit in units(pieces):
        _give(unit, shares, given, heap, out)
    return out


def _give(unit: Sequence[Piece], shares: Mapping[int, int], given: dict[int, int], heap: list[tuple[float, int]], out: dict[int, list[int]]) -> None:
    """People for one unit: those furthest behind, until each of its answers has one or nobody is left."""
    wanting = {piece.item: piece.free for piece in unit}
    aside: list[int] = []
    while heap and any(wanting.values()):
        person = heapq.heappop(heap)[1]
        aside.append(person)
        for piece in unit:
            if wanting[piece.item] and person not in piece.barred:
                out.setdefault(piece.item, []).append(person)
                wanting[piece.item] -= 1
                given[person] += 1
    for person in aside:
        heapq.heappush(heap, ((given[person] + 0.5) / shares[person], person))
