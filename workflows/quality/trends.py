"""A figure over time as a small picture: points with their intervals, in the units of an SVG of `WIDTH` × `HEIGHT`. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 640, 140
LEFT, RIGHT, TOP, BOTTOM = 36, 604, 18, 112
MOST = 26  # periods that are shown, the newest


@dataclass(frozen=True)
class Point:
    """`x`, `y` of a period's figure, `low` and `high` the ends of its interval; `y` is None where there is not enough."""

    x: float
    y: float | None
    low: float | None
    high: float | None
    period: str
    row: dict[str, Any]
    named: bool  # its value is written beside it
    dated: bool  # its period below


@dataclass(frozen=True)
class Trend:
    points: tuple[Point, ...]
    lines: tuple[str, ...]
    floor: float
    middle: float
    shown: int

    @property
    def any(self) -> bool:
        return self.shown > 0


def trend(rows: Sequence[dict[str, Any]], *, floor: float = 0.0) -> Trend:
    """Of rows {period, value, low, high, …} in the order of time. The picture reaches from `floor`, or from what lies lower, to 1."""
    kept = list(rows[-MOST:])
    lowest = min([floor, *(row["low"] if row["low"] is not None else row["value"] for row in kept if row["value"] is not None)])
    step = (RIGHT - LEFT) / max(len(kept) - 1, 1)

    def high(value: float | None) -> float | None:
        return None if value is None else round(BOTTOM - (value - lowest) / (1 - lowest or 1) * (BOTTOM - TOP), 1)

    told = [at for at, row in enumerate(kept) if row["value"] is not None]
    every = max(1, -(-len(kept) // 8))
    points = tuple(
        Point(
            round(LEFT + at * step, 1) if len(kept) > 1 else (LEFT + RIGHT) / 2,
            high(row["value"]), high(row["low"]), high(row["high"]), row["period"], row, at in {*told[:1], *told[-1:]}, at % every == 0,
        )
        for at, row in enumerate(kept)
    )  # fmt: skip
    return Trend(points, tuple(_lines(points)), lowest, high((1 + lowest) / 2) or 0.0, len(told))


def _lines(points: Sequence[Point]) -> list[str]:
    """Broken where there is not enough."""
    lines: list[list[str]] = [[]]
    for point in points:
        if point.y is None:
            lines.append([])
        else:
            lines[-1].append(f"{point.x:g},{point.y:g}")
    return [" ".join(line) for line in lines if len(line) > 1]
