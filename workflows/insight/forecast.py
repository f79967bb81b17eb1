"""When a queue will be done, from what was answered lately; a range, and honestly nothing when that is too little.

The trailing window is 14 spans of 24 hours that end now, so that a day that has only begun does not look slow; spans before
the queue's first answer do not count. Spans without an answer do: nights and weekends are part of the pace. The range is the
mean rate give or take 1.28 standard errors (four of five such ranges would hold it, if days were alike and independent).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

SPANS = 14
LEAST_SPANS, LEAST_ANSWERS = 3, 20  # below this a rate is a guess
Z = 1.28


@dataclass(frozen=True)
class Forecast:
    """`why` is "" with a forecast; else done, paused, closed, few (not enough to say) or still (nothing answered lately).

    `latest` is None when the slow end of the range has no end. `rate`: answers a day.
    """

    why: str
    rate: float = 0.0
    finish: dt.datetime | None = None
    earliest: dt.datetime | None = None
    latest: dt.datetime | None = None


FARTHEST = 3650.0  # days: beyond that a date says nothing


def forecast(left: int, spans: Sequence[int], *, state: str, now: dt.datetime) -> Forecast:
    """`spans`: answers in each 24 hours, the newest first, none of them before the first answer of the queue."""
    if state == "closed":
        return Forecast("closed")
    if left == 0:
        return Forecast("done")
    counted = list(spans[:SPANS])
    n, total = len(counted), sum(counted)
    rate = total / n if n else 0.0
    if state == "paused":
        return Forecast("paused", rate)
    if n >= LEAST_SPANS and total == 0:
        return Forecast("still")
    if n < LEAST_SPANS or total < LEAST_ANSWERS:
        return Forecast("few", rate)
    spread = math.sqrt(sum((each - rate) ** 2 for each in counted) / (n - 1) / n)
    slow, fast = rate - Z * spread, rate + Z * spread
    finish = _after(now, left / rate)
    if finish is None:
        return Forecast("few", rate)
    return Forecast("", rate, finish, _after(now, left / fast), _after(now, left / slow) if slow > 0 else None)


def _after(now: dt.datetime, days: float) -> dt.datetime | None:
    return now + dt.timedelta(days=days) if days <= FARTHEST else None
