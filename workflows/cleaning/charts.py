"""Histograms of scores as shapes: bars on both sides of the threshold, and the places where it may be put.

A place is an edge of the histogram whose value the parameter may have; what a threshold there catches is known from the histogram
itself, so that a page can say it at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

WIDTH, HEIGHT, LEAST = 960.0, 160.0, 2.0
SMALL = 30  # bars of a small chart


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    caught: bool
    count: int
    span: str


@dataclass(frozen=True)
class Stop:
    """A value that the threshold may have: its place, what it catches, and how many bars stand left of it."""

    value: float
    x: float
    caught: int
    bars: int


@dataclass(frozen=True)
class Chart:
    """`at` is the place of the run's own threshold among `stops`, -1 where there is none. `exact`: what stops say they catch is what the rule would."""

    bars: list[Bar]
    ticks: list[tuple[float, str]]
    most: int
    side: str = ""
    line: float | None = None
    stops: list[Stop] = field(default_factory=list)
    at: int = -1
    exact: bool = True


def short(score: float) -> str:
    """A score for people: four digits that count, and no powers of ten."""
    return f"{score:,.0f}" if abs(score) >= 1000 else f"{score:.4g}"


def chart(histogram: Mapping[str, Any] | None, kind: Any, parameters: Mapping[str, Any], rows: int) -> Chart | None:
    """The histogram of a rule's result; None where there is nothing to draw. `rows`: how many the rule caught."""
    edges = (histogram or {}).get("edges") or []
    if histogram is None or len(edges) < 2:
        return None
    threshold = float(parameters[kind.line]) if kind.line else None
    low, high = edges[0], edges[-1]
    scale = WIDTH / (high - low)
    most = max(histogram["counts"]) or 1
    bars = []
    for left, right, count in zip(edges, edges[1:], histogram["counts"], strict=False):
        tall = max(LEAST, HEIGHT * count / most) if count else 0.0
        caught = threshold is not None and (right <= threshold if kind.side == "below" else left >= threshold)
        place, wide = (left - low) * scale, (right - left) * scale
        bars.append(Bar(_n(place), _n(HEIGHT - tall), _n(max(0.5, wide - (1 if wide > 3 else 0))), _n(tall), caught, count, f"{short(left)} – {short(right)}"))
    ticks = _ticks(edges, low, scale)
    if threshold is None:
        return Chart(bars, ticks, most)
    parameter = next(one for one in kind.parameters if one.name == kind.line)
    stops = [
        Stop(edge, _n((edge - low) * scale), _caught(histogram, place, kind), place)
        for place, edge in enumerate(edges)
        if _may_be(parameter, edge)
    ]
    at = next((place for place, stop in enumerate(stops) if stop.value == threshold), -1)
    return Chart(bars, ticks, most, kind.side, _n((threshold - low) * scale), stops, at, at >= 0 and stops[at].caught == rows)


def _caught(histogram: Mapping[str, Any], edge: int, kind: Any) -> int:
    below, equal = int(histogram["below"][edge]), int(histogram["equal"][edge])
    if kind.side == "below":
        return below + (equal if kind.reached else 0)
    return int(histogram["total"]) - below - (0 if kind.reached else equal)


def _may_be(parameter: Any, value: float) -> bool:
    if parameter.type == "whole" and value != int(value):
        return False
    return (parameter.least is None or value >= parameter.least) and (parameter.most is None or value <= parameter.most)


def _ticks(edges: list[float], low: float, scale: float) -> list[tuple[float, str]]:
    """Some five round values along the axis."""
    wanted = 6
    chosen = {round(place * (len(edges) - 1) / (wanted - 1)) for place in range(wanted)}
    return [(_n((edges[place] - low) * scale), short(edges[place])) for place in sorted(chosen)]


def _n(value: float) -> float:
    return round(value, 1)


@dataclass(frozen=True)
class Spark:
    """A chart in a row of a table: two paths and a line, in a box of 120 by 24."""

    caught: str
    passed: str
    line: float | None


def spark(found: Chart | None) -> Spark | None:
    if found is None:
        return None
    sides: dict[bool, list[str]] = {True: [], False: []}
    step = max(1, -(-len(found.bars) // SMALL))
    for start in range(0, len(found.bars), step):
        some = found.bars[start : start + step]
        for caught in (False, True):
            of = [bar for bar in some if bar.caught == caught]
            tall = max((bar.height for bar in of), default=0.0)
            if tall:
                left, right = of[0].x / 8, (of[-1].x + of[-1].width) / 8
                high = max(1.0, tall * 24 / HEIGHT)
                sides[caught].append(f"M{left:.1f} 24v-{high:.1f}h{max(0.8, right - left):.1f}v{high:.1f}z")
    return Spark("".join(sides[True]), "".join(sides[False]), None if found.line is None else _n(found.line / 8))
