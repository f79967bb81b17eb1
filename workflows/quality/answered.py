"""Items whose answers were compared, by the time of the last answer: what stands behind a point of agreement over time."""

from __future__ import annotations

import datetime as dt
import re

from annotate.kernel import sql
from annotate.projects.models import Project

Days = tuple[dt.date, dt.date]  # from the first on, before the second
_ITEMS = """
SELECT k.item_id, k.answers FROM workflows_kept k JOIN annotate_item i ON i.id = k.item_id
WHERE k.project_id = %(project)s::bigint AND k.kind = 'agreement' AND k.item_id > %(after)s::bigint AND k.at >= %(first)s::timestamptz AND k.at < %(end)s::timestamptz
  AND (%(batch)s::bigint IS NULL OR i.batch_id = %(batch)s::bigint) ORDER BY k.item_id LIMIT %(limit)s::int
"""


def days_of(period: str) -> Days | None:
    """Of "2026-03-14", "2026-W11" or "2026-03", as `breakdown.period` names them; None for what is no period."""
    try:
        if re.fullmatch(r"\d{4}-W\d\d", period):
            first = dt.date.fromisocalendar(int(period[:4]), int(period[6:]), 1)
            return first, first + dt.timedelta(7)
        if re.fullmatch(r"\d{4}-\d\d", period):
            first = dt.date(int(period[:4]), int(period[5:]), 1)
            return first, (first + dt.timedelta(32)).replace(day=1)
        if re.fullmatch(r"\d{4}-\d\d-\d\d", period):
            first = dt.date.fromisoformat(period)
            return first, first + dt.timedelta(1)
    except (ValueError, OverflowError):
        return None
    return None


def items(project: Project, days: Days, *, batch: int | None = None, after: int = 0, limit: int = 60) -> list[tuple[int, int]]:
    """(item, its answers) from the item `after` on."""
    asked = {"project": project.pk, "first": f"{days[0]}T00:00Z", "end": f"{days[1]}T00:00Z", "batch": batch, "after": after, "limit": limit}
    return [(item, answers) for item, answers in sql.rows(_ITEMS, asked)]
