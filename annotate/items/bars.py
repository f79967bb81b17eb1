"""Small bars of batches: items by stage, and a quota's collected against planned. Widths in units of the drawing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from annotate.items.batches import Quota

STAGE_WIDTH, QUOTA_WIDTH = 160, 240
STAGES = (("approved", "f-good"), ("review", "f-view"), ("label", "f-water2"))


@dataclass(frozen=True)
class Part:
    css: str
    x: float
    width: float


def stage_parts(counts: Mapping[str, int], whole: int) -> list[Part]:
    """One part per stage that holds anything, the finished one first; `whole` is the bar's full width in items."""
    parts, x = [], 0.0
    for stage, css in STAGES:
        width = round(STAGE_WIDTH * counts.get(stage, 0) / whole, 1) if whole else 0.0
        if width:
            parts.append(Part(css, round(x, 1), width))
            x += width
    return parts


def stage_words(counts: Mapping[str, int]) -> str:
    """The same for those who do not see it."""
    shown = {name: f"{counts.get(name, 0):,}" for name, _css in STAGES}
    return _("%(approved)s approved, %(review)s in review, %(label)s to label") % shown


def quota_row(quota: Quota, name: str, href: str) -> dict[str, Any]:
    """A quota as the plan's table shows it: a mark at what is planned, the bar at what is there."""
    now, target = quota.now or 0, quota.target or 0
    most = max(now, target, 1)
    return {
        "name": name,
        "q": quota.q,
        "now": quota.now,
        "target": quota.target,
        "short": quota.short,
        "wrong": quota.wrong,
        "href": href,
        "mark": max(1, round((QUOTA_WIDTH - 1) * target / most)),
        "width": round((QUOTA_WIDTH - 1) * now / most),
        "css": "f-warn" if now < target / 2 else "f-water2" if now < target else "f-good",
    }
