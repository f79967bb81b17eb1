"""Splits that each get their share of every label: greedy, unit by unit, around what is placed already and stays. Pure.

Units come rarest label first, then larger ones, then by their number, which is a hash: the same units give the same places in whatever
order they are named. Each goes where its labels are fullest *after* it came is least: the mean over its labels of
(there + its own) / (share · all), so that a large unit goes where it fits and every split fills at one pace.
(Sechidis, Tsoumakas and Vlahavas 2011 take the rarest label first as well; they look at the want of examples, not at the fill.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

ITEMS = ""  # counts items themselves, beside labels
TOLERANCE = 0.05


def places(units: Mapping[int, Mapping[str, int]], placed: Mapping[str, Mapping[str, int]], shares: Mapping[str, float]) -> dict[int, str]:
    """Unit → split. `units`: label → objects of each new unit, with its items under `ITEMS`; `placed`: split → label → what is there."""
    names = sorted(shares)
    have: dict[str, dict[str, float]] = {name: defaultdict(float, placed.get(name) or {}) for name in names}
    total: dict[str, float] = defaultdict(float)
    for counts in (*have.values(), *units.values()):
        for label, n in counts.items():
            total[label] += n

    def order(unit: int) -> tuple[float, float, int]:
        counts = units[unit]
        return (min((total[label] for label in counts if label != ITEMS), default=float("inf")), -sum(counts.values()), unit)

    found: dict[int, str] = {}
    for unit in sorted(units, key=order):
        counts = units[unit]
        best = min(names, key=lambda name: (_fill(counts, have[name], total, shares[name]), name))
        for label, n in counts.items():
            have[best][label] += n
        found[unit] = best
    return found


def _fill(counts: Mapping[str, int], have: Mapping[str, float], total: Mapping[str, float], share: float) -> float:
    fills = [(have[label] + n) / (share * total[label]) for label, n in counts.items() if total[label]]
    return round(sum(fills) / len(fills), 12) if fills else 0.0


def beyond(labels: Mapping[str, Mapping[str, int]], shares: Mapping[str, float], tolerance: float = TOLERANCE) -> list[dict[str, Any]]:
    """Labels whose share in a split is off by more than `tolerance`, the worst first: [{"label", "split", "share", "asked", "n"}].

    `labels`: split → label → objects. A label of three objects cannot stand in ten equal parts: it is named here all the same.
    """
    total: dict[str, int] = defaultdict(int)
    for counts in labels.values():
        for label, n in counts.items():
            total[label] += n
    found: list[dict[str, Any]] = [
        {"label": label, "split": name, "share": round((labels.get(name) or {}).get(label, 0) / n, 4), "asked": round(share, 4), "n": n}
        for label, n in total.items()
        for name, share in shares.items()
        if n
    ]
    off = [each for each in found if abs(each["share"] - each["asked"]) > tolerance]
    return sorted(off, key=lambda each: (-abs(each["share"] - each["asked"]), each["label"], each["split"]))


def joined(links: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Unit → the least unit of those it hangs together with; units without links are not in it."""
    root: dict[int, int] = {}

    def top(unit: int) -> int:
        root.setdefault(unit, unit)
        while root[unit] != unit:
            root[unit] = root[root[unit]]
            unit = root[unit]
        return unit

    for one, other in links:
        a, b = top(one), top(other)
        if a != b:
            root[max(a, b)] = min(a, b)
    return {unit: top(unit) for unit in root}


def standing(links: Iterable[tuple[int, int]], there: Collection[int]) -> Iterator[tuple[int, int]]:
    """The links between those that are there. What hangs together only by way of something that is not there is linked directly."""
    links = sorted(set(links))
    direct = [(one, other) for one, other in links if one in there and other in there]
    yield from direct
    near = joined(direct)
    lead: dict[int, int] = {}
    for one, top in sorted(joined(links).items()):
        if one in there and near.get(one, one) == one and lead.setdefault(top, one) != one:
            yield one, lead[top]
