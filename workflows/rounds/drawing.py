"""Shares of mistakes as small pictures: numbers for the SVG of a template."""

from __future__ import annotations

from dataclasses import dataclass

WIDTH = 480.0
ROOM = 1.15  # a little beyond what is furthest out
LEAST = 0.02


@dataclass(frozen=True)
class Picture:
    """Places from the left, of `width`. `whole` is the share at the right end; `dot`, `low` and `high` are None while nothing is judged."""

    width: float
    whole: float
    mark: float
    dot: float | None
    low: float | None
    high: float | None
    over: bool

    @property
    def span(self) -> float:
        return round((self.high or 0) - (self.low or 0), 1)


def picture(*, allowed: float, rate: float | None, low: float | None, high: float | None, over: bool, width: float = WIDTH, whole: float = 0.0) -> Picture:
    """`allowed` is the share of mistakes that may be. All parts of one table have one `whole`."""
    whole = min(1.0, max(whole, LEAST, 2 * allowed, ROOM * (high or 0)))

    def at(value: float | None) -> float | None:
        return None if value is None else round(width * min(value, whole) / whole, 1)

    seen = rate is not None
    return Picture(width, whole, at(allowed) or 0.0, at(rate), at(low) if seen else None, at(high) if seen else None, over)
