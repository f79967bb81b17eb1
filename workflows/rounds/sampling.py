"""Which items of a round are judged: plain values in, plain values out, the same whatever order they come in. Pure.

Each item has its place by sha256 of seed and id, so a plan, its seed and its items say the sample: anybody can draw it again, and with
the same seed a larger share of the same items contains the smaller one (of an adaptive plan too, person by person).

All but `all`, `percent` and `count` favour some items, so the share of mistakes that they find is that of the sample, not an
unbiased estimate of the batch; disagreement first and adaptive sampling look where mistakes are likelier and find more of them.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

KINDS = ("all", "percent", "count", "stratified", "disagreement", "adaptive")
BY_COUNT = ("count",)  # whose value is a number of items; of the others it is percent
LARGER = 2  # how many times as much the next sample takes

# An adaptive rate stays within these: nobody is ever left unseen, and no record makes a rate rise beyond bounds.
LEAST, MOST = 0.2, 5.0  # times the plan's own
WEIGHT = 10.0  # how many judged items the expected share of mistakes counts as, before there is any evidence
TOLERATED = 0.01  # the least share of mistakes that evidence is held against, where the pass mark allows none


@dataclass(frozen=True)
class Plan:
    """`value`: percent, or a number of items for `count`; nothing for `all`. `by`: label, person or meta.<name>, for `stratified`."""

    kind: str
    value: float | None = None
    seed: int = 0
    by: str = ""


@dataclass(frozen=True)
class Candidate:
    """An item that may be judged: its author's id, the strata that it is in, and how little its answers agree (0 to 1), if known."""

    id: int
    person: int | None = None
    strata: tuple[str, ...] = ()
    disagreement: float | None = None


@dataclass(frozen=True)
class Record:
    """What was judged of a person's work before: accepted as it was, and returned or mended."""

    accepted: int = 0
    erring: int = 0


@dataclass(frozen=True)
class Sample:
    """`ids` in the order of judging: the places by seed, or the least agreed first. `rates`: the share taken of each person's work
    (adaptive). `strata`: name → (items, sampled)."""

    ids: tuple[int, ...] = ()
    rates: Mapping[int | None, float] = field(default_factory=dict)
    strata: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def place(seed: int, item: int) -> bytes:
    """Where an item stands in the order of a seed."""
    return hashlib.sha256(f"{seed}:{item}".encode()).digest()


def number(percent: float, of: int) -> int:
    """So many of so many, rounded up: one at least, where there is one."""
    return min(of, max(1, math.ceil(of * percent / 100 - 1e-9))) if of else 0


def rate(percent: float, record: Record, *, tolerated: float) -> float:
    """The percent of a person's work that is judged: the plan's own, times their expected share of mistakes over the tolerated one.

    expected = (erring + WEIGHT · tolerated) / (accepted + erring + WEIGHT); the plan's percent · expected / tolerated, kept between
    LEAST and MOST times the plan's and never over 100. Without evidence it is the plan's own. Each accepted item lets it fall and
    each erring one lets it rise, until a bound. `tolerated`: 1 - pass mark, 0.01 at least.
    """
    allowed = max(TOLERATED, tolerated)
    expected = (record.erring + WEIGHT * allowed) / (record.accepted + record.erring + WEIGHT)
    return min(100.0, percent * min(MOST, max(LEAST, expected / allowed)))


def draw(
    plan: Plan, items: Iterable[Candidate], *, records: Mapping[int | None, Record] | None = None, tolerated: float = 0.05
) -> Sample:
    """The sample of a plan. `records` and `tolerated` are asked by `adaptive` alone."""
    if plan.kind not in KINDS:
        raise ValueError(f"there is no such plan: {plan.kind}")
    ordered = sorted(items, key=lambda item: place(plan.seed, item.id))
    if plan.kind == "all":
        return Sample(_ids(ordered))
    value = float(plan.value or 0)
    if plan.kind == "percent":
        return Sample(_ids(ordered[: number(value, len(ordered))]))
    if plan.kind == "count":
        return Sample(_ids(ordered[: int(value)]))
    if plan.kind == "disagreement":
        # Stable: those that agree alike, or were never measured, keep their places by seed.
        ordered.sort(key=lambda item: -1.0 if item.disagreement is None else item.disagreement, reverse=True)
        return Sample(_ids(ordered[: number(value, len(ordered))]))
    if plan.kind == "stratified":
        return _stratified(ordered, value)
    return _adaptive(ordered, value, records or {}, tolerated)


def _ids(items: Sequence[Candidate]) -> tuple[int, ...]:
    return tuple(item.id for item in items)


def _stratified(ordered: Sequence[Candidate], percent: float) -> Sample:
    """The same share of each stratum, rounded up; what is in several counts for each. Without any, an item is in the stratum ""."""
    members: dict[str, list[int]] = defaultdict(list)
    for item in ordered:
        for stratum in dict.fromkeys(item.strata or ("",)):
            members[stratum].append(item.id)
    taken = {item for ids in members.values() for item in ids[: number(percent, len(ids))]}
    strata = {name: (len(ids), sum(item in taken for item in ids)) for name, ids in sorted(members.items())}
    return Sample(tuple(item.id for item in ordered if item.id in taken), strata=strata)


def _adaptive(ordered: Sequence[Candidate], percent: float, records: Mapping[int | None, Record], tolerated: float) -> Sample:
    work: dict[int | None, list[int]] = defaultdict(list)
    for item in ordered:
        work[item.person].append(item.id)
    rates = {person: rate(percent, records.get(person, Record()), tolerated=tolerated) for person in work}
    taken = {item for person, ids in work.items() for item in ids[: number(rates[person], len(ids))]}
    return Sample(tuple(item.id for item in ordered if item.id in taken), rates=rates)


def larger(plan: Plan, sampled: int) -> Plan:
    """The plan of the next sample after one of `sampled` items: twice as many, drawn anew, of the same kind as far as that can grow.

    A share of what is left could be less than before, so percent becomes a count; kinds that favour some items keep doing so with
    twice their percent, until that is all.
    """
    seed = plan.seed + 1
    if plan.kind in ("percent", "count"):
        return Plan("count", max(1, sampled) * LARGER, seed)
    percent = min(100.0, float(plan.value or 100) * LARGER)
    return Plan("all", None, seed) if plan.kind == "all" or percent >= 100 else Plan(plan.kind, percent, seed, plan.by)
