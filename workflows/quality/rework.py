"""What work costs that is done again: every further answer to a task, because it came back or was opened again, and reviews that mended
what they judged; as a share of the time of all answers and of their reviews.

The figure is a ratio of sums, so its 95 % interval is that of a ratio estimator over items: R ± 1.96 · √(Σ(y − R x)² · n ÷ (n − 1)) ÷ Σx, where
x is an item's time and y what of it was spent again (W. G. Cochran, "Sampling techniques", 1977, section 6.3).
"""

from __future__ import annotations

import math
from typing import Any

from annotate.kernel import sql
from annotate.projects.models import Project

BY = ("person", "batch")
LEAST = 10  # items below which no figure is shown
Z = 1.959963984540054  # the 0.975 quantile of the standard normal distribution
_COSTS = """
WITH judged AS (
    SELECT r.annotation_id, sum(r.seconds) AS spent, sum(r.seconds) FILTER (WHERE r.verdict = 'fix' AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = r.id)) AS mended
    FROM annotate_review r JOIN annotate_item i ON i.id = r.item_id WHERE i.project_id = %(project)s::bigint GROUP BY 1
), said AS (
    SELECT a.id, a.item_id, a.person_id, i.batch_id, coalesce(a.seconds, 0) AS seconds, a.task_id IS NOT NULL AND row_number() OVER (PARTITION BY a.task_id ORDER BY a.id) > 1 AS further
    FROM annotate_annotation a JOIN annotate_item i ON i.id = a.item_id
    WHERE i.project_id = %(project)s::bigint AND i.state <> 'erased' AND a.source IN ('person', 'gold') AND a.person_id IS NOT NULL
      AND (%(batch)s::bigint IS NULL OR i.batch_id = %(batch)s::bigint) AND (%(person)s::bigint IS NULL OR a.person_id = %(person)s::bigint)
), items AS (
    SELECT {key} AS key, s.item_id, sum(s.seconds + coalesce(j.spent, 0)) AS x, sum(CASE WHEN s.further THEN s.seconds ELSE 0 END + coalesce(j.mended, 0)) AS y
    FROM said s LEFT JOIN judged j ON j.annotation_id = s.id GROUP BY 1, 2
)
SELECT key, count(*), sum(x)::float8, sum(y)::float8, sum(x * x)::float8, sum(x * y)::float8, sum(y * y)::float8, count(*) FILTER (WHERE y > 0) FROM items WHERE x > 0 GROUP BY key
"""
_KEYS = {"person": "s.person_id", "batch": "s.batch_id"}


def costs(project: Project, by: str, *, batch: int | None = None, person: int | None = None) -> dict[int, dict[str, Any]]:
    """Person or batch → {value, low, high, of, why, seconds, again}: the share, and how many seconds were spent in all and again; `of` items,
    `again_items` of which have something that was done again."""
    found = sql.rows(_COSTS.format(key=_KEYS[by]), {"project": project.pk, "batch": batch, "person": person})
    return {key: {**ratio(n, x, y, xx, xy, yy), "seconds": x, "again": y, "again_items": again} for key, n, x, y, xx, xy, yy, again in found}


def none() -> dict[str, Any]:
    return {**ratio(0, 0.0, 0.0, 0.0, 0.0, 0.0), "seconds": 0.0, "again": 0.0, "again_items": 0}


def ratio(n: int, x: float, y: float, xx: float, xy: float, yy: float) -> dict[str, Any]:
    """From how many items there are, and the sums Σx, Σy, Σx², Σxy, Σy²."""
    if n < LEAST or not x > 0:
        return {"value": None, "low": None, "high": None, "of": n, "why": "not_enough"}
    value = y / x
    off = max(0.0, yy - 2 * value * xy + value * value * xx)
    reach = Z * math.sqrt(off * n / (n - 1)) / x
    most = Z * Z / (n + Z * Z) if y == 0 else min(1.0, value + reach)  # nothing was done again: Wilson's bound, as if items were alike
    return {"value": value, "low": max(0.0, value - reach), "high": most, "of": n, "why": ""}
