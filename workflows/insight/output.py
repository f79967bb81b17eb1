"""What people did and hold, per person of a project: active time, answers, returns, open work.

Active time is what clients send with an answer or a verdict (`seconds`): the workbench's stopwatch, which runs from one sign
of life (a key, the mouse) to the next and stops when there is none. Time between taking and sending is not counted: nobody
is at work all of it. An answer sent without it counts as an answer and adds no time. `Work` is one such answer or verdict;
fixes that a reviewer draws are counted by their verdict alone. Answers to gold are a person's work as any other, but no
progress of the queue (`gold` says which they are).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from annotate.projects.models import Project
from annotate.qualifications.everyone import Held, of_everyone
from annotate.reviews.given import GIVEN

# Answers and verdicts of a project since a moment. Both tables are only added to, so their BRIN index on `created_at` leads to
# the newest pages without a walk over the rest. A verdict that was taken back is no work to count, yet its time was spent.
WORK = f"""
work AS (
    SELECT a.person_id AS person, t.queue_id AS queue, t.id AS task, a.created_at AS at, a.seconds, true AS counts, t.gold
    FROM annotate_annotation a JOIN annotate_task t ON t.id = a.task_id JOIN annotate_queue q ON q.id = t.queue_id
    WHERE a.created_at >= %(since)s AND a.source IN ('person', 'gold') AND a.person_id IS NOT NULL AND q.project_id = %(project)s
    UNION ALL
    SELECT r.person_id, t.queue_id, t.id, r.created_at, r.seconds,
           r.counts, false
    FROM {GIVEN} r JOIN annotate_task t ON t.id = r.task_id JOIN annotate_queue q ON q.id = t.queue_id
    WHERE r.created_at >= %(since)s AND r.person_id IS NOT NULL AND q.project_id = %(project)s
)
"""
_PEOPLE = f"""
WITH {WORK},
did AS (
    SELECT person,
           coalesce(sum(seconds) FILTER (WHERE at >= %(today)s), 0) AS seconds_today, coalesce(sum(seconds), 0) AS seconds_week,
           count(*) FILTER (WHERE counts AND at >= %(today)s) AS today, count(*) FILTER (WHERE counts) AS week,
           count(*) FILTER (WHERE counts AND seconds IS NOT NULL) AS timed,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE counts AND seconds IS NOT NULL) AS pace, max(at) AS last
    FROM work GROUP BY person),
sent_back AS (
    SELECT a.person_id AS person, count(*) AS n
    FROM annotate_review r JOIN annotate_annotation a ON a.id = r.annotation_id JOIN annotate_item i ON i.id = r.item_id
    WHERE r.created_at >= %(since)s AND r.verdict = 'return' AND i.project_id = %(project)s AND a.source = 'person'
      AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = r.id)
    GROUP BY 1),
held AS (
    SELECT l.person_id AS person, count(*) AS n, min(l.created_at) AS since
    FROM annotate_lease l JOIN annotate_queue q ON q.id = l.queue_id
    WHERE q.project_id = %(project)s AND l.ended_at IS NULL AND l.expires_at > clock_timestamp() GROUP BY 1),
waiting AS (
    SELECT t.person_id AS person, count(*) FILTER (WHERE t.state = 'returned') AS n, count(*) FILTER (WHERE t.state = 'open' AND NOT t.gold) AS kept
    FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id
    WHERE q.project_id = %(project)s AND q.state <> 'closed' AND t.person_id IS NOT NULL
      AND (t.state = 'returned' OR t.state = 'open' AND (t.reserved_until IS NULL OR t.reserved_until > clock_timestamp()))
    GROUP BY 1),
stopped AS (
    SELECT person, bool_or(queue IS NULL) AS whole, count(DISTINCT queue) AS n FROM (
        SELECT z.person_id AS person, z.queue_id AS queue FROM annotate_pause z WHERE z.project_id = %(project)s
        UNION ALL
        SELECT x.person_id, x.queue_id FROM annotate_assignment x JOIN annotate_queue q ON q.id = x.queue_id
        WHERE q.project_id = %(project)s AND q.state <> 'closed' AND x.paused) all_pauses
    GROUP BY 1),
roles AS (SELECT person_id AS person, role FROM annotate_projectmember WHERE project_id = %(project)s)
SELECT p.id, p.name, coalesce(roles.role, ''), coalesce(did.seconds_today, 0), coalesce(did.seconds_week, 0),
       coalesce(did.today, 0), coalesce(did.week, 0), coalesce(did.timed, 0), did.pace, did.last, coalesce(sent_back.n, 0),
       coalesce(held.n, 0), held.since, coalesce(waiting.n, 0), coalesce(waiting.kept, 0), coalesce(stopped.whole, false), coalesce(stopped.n, 0)
FROM annotate_person p
LEFT JOIN roles ON roles.person = p.id LEFT JOIN did ON did.person = p.id LEFT JOIN sent_back ON sent_back.person = p.id
LEFT JOIN held ON held.person = p.id LEFT JOIN waiting ON waiting.person = p.id LEFT JOIN stopped ON stopped.person = p.id
WHERE roles.role IN ('annotator', 'reviewer', 'manager') OR did.person IS NOT NULL OR held.person IS NOT NULL OR waiting.person IS NOT NULL
ORDER BY lower(p.name), p.id
"""


@dataclass(frozen=True)
class PersonRow:
    """One person in a project. Seconds are active time; `pace` is the median of an answer within 7 days, None without time.

    `today` and `week`: answers and verdicts sent, `timed` of the week's with their time; `sent_back`: of the person's answers,
    returned within 7 days. `held` now, the longest since `held_since`; `returned`: waits at them; `reserved`: kept for them. `paused` for all of the
    project, `paused_queues`: in so many; `stood`: with the qualifications of the project. `role` is "" for who has left it, or acts for the organisation.
    """

    id: int
    name: str
    role: str
    seconds_today: float
    seconds_week: float
    today: int
    week: int
    timed: int
    pace: float | None
    last: dt.datetime | None
    sent_back: int
    held: int
    held_since: dt.datetime | None
    returned: int
    reserved: int
    paused: bool
    paused_queues: int
    stood: tuple[Held, ...] = ()

    @property
    def lacking(self) -> int:
        return sum(one.lacks for one in self.stood)

    @property
    def untimed(self) -> int:
        return self.week - self.timed


def people(project: Project, *, now: dt.datetime) -> list[PersonRow]:
    """Who works in the project or did so within 7 days, by name. The day is the one of UTC, as for quotas. As many statements
    for a thousand people as for one."""
    today = now.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    values: dict[str, Any] = {"project": project.pk, "today": today, "since": min(today, now - dt.timedelta(days=7))}
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, values)
        rows = [PersonRow(*row) for row in cursor.fetchall()]
    stood = of_everyone(project, {row.id: row.role for row in rows if row.role})
    return [replace(row, stood=tuple(stood[row.id])) if row.id in stood else row for row in rows]


@dataclass(frozen=True)
class Total:
    """Sums over some people; `at_work` hold something now."""

    people: int
    at_work: int
    seconds_today: float
    today: int
    week: int
    untimed: int
    returned: int
    paused: int

    @classmethod
    def of(cls, rows: list[PersonRow]) -> Total:
        return cls(
            len(rows), sum(row.held > 0 for row in rows), sum(row.seconds_today for row in rows), sum(row.today for row in rows),
            sum(row.week for row in rows), sum(row.untimed for row in rows), sum(row.returned for row in rows), sum(row.paused for row in rows),
        )  # fmt: skip


_SORTS = {
    "name": lambda row: row.name.lower(),
    "active": lambda row: row.seconds_today,
    "today": lambda row: row.today,
    "week": lambda row: row.week,
    "sent_back": lambda row: row.sent_back,
    "pace": lambda row: row.pace or 0.0,
    "held": lambda row: row.held,
    "returned": lambda row: row.returned,
    "reserved": lambda row: row.reserved,
    "lacking": lambda row: row.lacking,
}
COLUMNS = tuple(_SORTS)


def ordered(rows: list[PersonRow], sort: str) -> list[PersonRow]:
    """By a column; "-week" is the most first. A column that is not known: by name."""
    key = _SORTS.get(sort.removeprefix("-"), _SORTS["name"])
    return sorted(rows, key=key, reverse=sort.startswith("-"))  # type: ignore[arg-type]
