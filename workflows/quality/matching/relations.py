"""Which relation of one annotation is which of another: the one between the same two things. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Thing = dict[str, Any]
Found = tuple[int, int, float]


def relations(truth: Sequence[Thing], answer: Sequence[Thing], pairs: Sequence[Found]) -> list[Found]:
    """(place in the truth, place in the answer, 1.0) of relations whose ends are `pairs`, those with the same label first."""
    same = {truth[one]["id"]: answer[other]["id"] for one, other, _alike in pairs if "id" in truth[one] and "id" in answer[other]}
    waiting: dict[tuple[Any, Any], list[int]] = {}
    for index, thing in enumerate(answer):
        if thing["kind"] == "relation":
            waiting.setdefault((thing["from"], thing["to"]), []).append(index)
    found: list[Found] = []
    later: list[tuple[int, list[int]]] = []
    for index, thing in enumerate(truth):
        if thing["kind"] != "relation" or thing["from"] not in same or thing["to"] not in same:
            continue
        there = waiting.get((same[thing["from"]], same[thing["to"]]), [])
        named = [place for place in there if answer[place]["label"] == thing["label"]]
        if named:
            there.remove(named[0])
            found.append((index, named[0], 1.0))
        else:
            later.append((index, there))
    return found + [(index, there.pop(0), 1.0) for index, there in later if there]
