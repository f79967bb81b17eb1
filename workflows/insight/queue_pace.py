"""How fast each queue of a project goes, and who makes it go: answers, active time an item, what is left, when it is done."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from annotate.projects.models import Project
from workflows.insight.forecast import SPANS, Forecast, forecast
from workflows.insight.output import WORK

# Runs of qualifications are no work that comes to an end. The time of an item is that of all its answers by one person within the window: an answer that came back cost time twice.
_QUEUES = f"""
WITH {WORK},
days AS (
    SELECT queue, floor(extract(epoch FROM (%(now)s - at)) / 86400)::int AS day, count(*) AS n
    FROM work WHERE counts AND NOT gold GROUP BY 1, 2),
rates AS (SELECT queue, json_object_agg(day, n) AS spans FROM days GROUP BY 1),
items AS (SELECT queue, task, person, sum(seconds) AS seconds FROM work WHERE seconds IS NOT NULL GROUP BY 1, 2, 3),
paces AS (
    SELECT queue, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS half, count(*) AS n FROM items GROUP BY 1),
hands AS (SELECT queue, count(DISTINCT person) AS n FROM work WHERE at >= %(now)s - interval '7 days' GROUP BY 1),
left_over AS (
    SELECT queue_id AS queue, count(*) AS n FROM annotate_task
    WHERE queue_id IN (SELECT id FROM annotate_queue WHERE project_id = %(project)s) AND state IN ('open', 'returned', 'parked') AND NOT gold GROUP BY 1)
SELECT q.id, q.name, q.stage, q.state, coalesce(left_over.n, 0), rates.spans, paces.half, coalesce(paces.n, 0), coalesce(hands.n, 0),
       rates.spans IS NOT NULL AND EXISTS (SELECT 1 FROM annotate_task t WHERE t.queue_id = q.id AND t.answered_at < %(since)s AND NOT t.gold)
FROM annotate_queue q LEFT JOIN rates ON rates.queue = q.id LEFT JOIN paces ON paces.queue = q.id
LEFT JOIN hands ON hands.queue = q.id LEFT JOIN left_over ON left_over.queue = q.id
WHERE q.project_id = %(project)s AND (q.state <> 'closed' OR rates.spans IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM annotate_qualification c WHERE c.queue_id = q.id)
ORDER BY q.state = 'closed', -q.priority, lower(q.name), q.id
"""
_BY_PERSON = f"""
WITH {WORK}
SELECT w.queue, q.name, q.stage, w.person, p.name, count(*) FILTER (WHERE counts), coalesce(sum(w.seconds), 0),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY w.seconds) FILTER (WHERE counts AND w.seconds IS NOT NULL)
FROM work w JOIN annotate_person p ON p.id = w.person JOIN annotate_queue q ON q.id = w.queue
WHERE %(person)s::bigint IS NULL OR w.person = %(person)s
GROUP BY 1, 2, 3, 4, 5 ORDER BY q.name, 6 DESC, 4 LIMIT 500
"""


@dataclass(frozen=True)
class QueuePace:
    """`left`: tasks not yet answered. `day`, `week`: answers of the last 24 hours and 7 days. `pace`: median active seconds an
    item, of `timed` items; None without any. `people` who answered within 7 days."""

    id: int
    name: str
    stage: str
    state: str
    left: int
    day: int
    week: int
    pace: float | None
    timed: int
    people: int
    forecast: Forecast


@dataclass(frozen=True)
class Share:
    """One person's part in one queue within 7 days; `pace`: the median active seconds of an answer."""

    queue: int
    queue_name: str
    stage: str
    person: int
    person_name: str
    answers: int
    seconds: float
    pace: float | None

    @property
    def hourly(self) -> float | None:
        """Answers an active hour; None without time."""
        return self.answers * 3600 / self.seconds if self.seconds else None


def queue_paces(project: Project, *, now: dt.datetime) -> list[QueuePace]:
    """The project's queues that are not closed, or were answered in within 14 days. One statement."""
    values: dict[str, Any] = {"project": project.pk, "now": now, "since": now - dt.timedelta(days=SPANS)}
    with connection.cursor() as cursor:
        cursor.execute(_QUEUES, values)
        return [_pace(row, now) for row in cursor.fetchall()]


def _pace(row: tuple[Any, ...], now: dt.datetime) -> QueuePace:
    pk, name, stage, state, left, found, half, timed, people, older = row
    by_day = {max(0, int(day)): n for day, n in (orjson.loads(found) if isinstance(found, str) else found or {}).items()}
    reach = SPANS if older else max(by_day, default=0)  # the span of the very first answer is not a whole one
    spans = [by_day.get(day, 0) for day in range(min(reach, SPANS))]
    told = forecast(left, spans, state=state, now=now)
    return QueuePace(pk, name, stage, state, left, by_day.get(0, 0), sum(by_day.get(day, 0) for day in range(7)), half, timed, people, told)


def shares(project: Project, *, now: dt.datetime, person_id: int | None = None) -> list[Share]:
    """Who answered how much in which queue within 7 days, of one person or of all; the first 500."""
    values: dict[str, Any] = {"project": project.pk, "since": now - dt.timedelta(days=7), "person": person_id}
    with connection.cursor() as cursor:
        cursor.execute(_BY_PERSON, values)
        return [Share(*row) for row in cursor.fetchall()]
