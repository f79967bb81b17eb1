"""How queues stand, for the pages of those who plan: what waits, who holds what since when, how fast it goes.

Nothing here asks who may see it: pages show it to overseers only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from annotate.kernel.clock import DatabaseNow
from annotate.queues.models import Assignment, Lease, Queue

_STANDING = """
SELECT q.id,
       count(t.id) FILTER (WHERE t.state = 'open' AND t.person_id IS NULL AND NOT t.held AND NOT live.held),
       count(t.id) FILTER (WHERE live.held),
       count(t.id) FILTER (WHERE t.state = 'returned' AND NOT live.held),
       count(t.id) FILTER (WHERE t.state = 'answered'),
       count(t.id) FILTER (WHERE t.state = 'answered' AND t.answered_at > now() - interval '1 hour'),
       count(DISTINCT coalesce(live.person_id, t.person_id)) FILTER (
           WHERE live.held OR (t.state = 'answered' AND t.answered_at > now() - interval '1 day')),
       min(t.created_at) FILTER (WHERE t.state = 'open' AND t.person_id IS NULL AND NOT t.held AND NOT live.held),
       count(t.id) FILTER (WHERE t.state = 'open' AND t.person_id IS NOT NULL AND NOT live.held)
FROM annotate_queue q
LEFT JOIN annotate_task t ON t.queue_id = q.id AND NOT t.gold
LEFT JOIN LATERAL (SELECT l.person_id, l.id IS NOT NULL AS held
                   FROM (SELECT 1) AS one
                   LEFT JOIN annotate_lease l ON l.task_id = t.id AND l.ended_at IS NULL AND l.expires_at > now()) live ON true
WHERE q.id = ANY(%s)
GROUP BY q.id
"""
_PEOPLE = """
SELECT p.id, p.name,
       count(t.id) FILTER (WHERE t.state = 'answered'),
       count(t.id) FILTER (WHERE t.state = 'answered'
           AND t.answered_at >= date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'),
       count(t.id) FILTER (WHERE t.state = 'returned'),
       max(t.answered_at)
FROM annotate_person p JOIN annotate_task t ON t.person_id = p.id
WHERE t.queue_id = %s GROUP BY p.id, p.name
"""


@dataclass(frozen=True)
class Standing:
    """Tasks of a queue. `waiting` for anybody, `held` right now, `returned` and waiting at their authors, `answered`;
    `hour` of those in the last hour; `people` who hold or answered within a day; `oldest` of the waiting; `kept` wait for one
    person alone."""

    waiting: int = 0
    held: int = 0
    returned: int = 0
    answered: int = 0
    hour: int = 0
    people: int = 0
    oldest: dt.datetime | None = None
    kept: int = 0


def standings(queue_ids: Sequence[int]) -> dict[int, Standing]:
    """How each queue stands, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [list(queue_ids)])
        return {row[0]: Standing(*row[1:]) for row in cursor.fetchall()}


_AGREED = """
SELECT avg(a.value), count(*), count(*) FILTER (WHERE a.answers > q.overlap)
FROM annotate_agreement a JOIN annotate_queue q ON q.id = a.queue_id WHERE a.queue_id = %s
"""


@dataclass(frozen=True)
class Agreed:
    """`mean` agreement, 0 to 1, over `items` with several answers; `more` of them were asked about once more."""

    mean: float
    items: int
    more: int


def agreed(queue: Queue) -> Agreed | None:
    """None while nothing is measured."""
    with connection.cursor() as cursor:
        cursor.execute(_AGREED, [queue.pk])
        mean, items, more = cursor.fetchone()
    return Agreed(float(mean), items, more) if items else None


def holders(queue: Queue) -> list[Lease]:
    """Live leases with their person and item, the longest held first."""
    live = Lease.objects.filter(queue=queue, ended_at=None, expires_at__gt=DatabaseNow())
    return list(live.select_related("person", "item").order_by("created_at", "id"))


@dataclass(frozen=True)
class OpenWork:
    """What is open with a person in a queue: kept for them, returned to them, held by them."""

    person_id: int
    name: str
    kept: int
    returned: int
    held: int

    @property
    def count(self) -> int:
        return self.kept + self.returned + self.held


_OPEN_WORK = """
SELECT p.id, p.name, count(*) FILTER (WHERE w.kind = 'open'), count(*) FILTER (WHERE w.kind = 'returned'), count(*) FILTER (WHERE w.kind = 'held')
FROM (SELECT l.person_id, 'held' AS kind FROM annotate_lease l
      WHERE l.queue_id = %(queue)s AND l.ended_at IS NULL AND l.expires_at > now()
      UNION ALL
      SELECT t.person_id, t.state FROM annotate_task t
      WHERE t.queue_id = %(queue)s AND t.state IN ('open', 'returned') AND t.person_id IS NOT NULL AND NOT t.gold
        AND NOT EXISTS (SELECT 1 FROM annotate_lease l WHERE l.task_id = t.id AND l.ended_at IS NULL AND l.expires_at > now())) w
JOIN annotate_person p ON p.id = w.person_id GROUP BY p.id, p.name ORDER BY lower(p.name), p.id
"""


def open_work(queue: Queue) -> list[OpenWork]:
    """Who has something open in the queue, by name."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_WORK, {"queue": queue.pk})
        return [OpenWork(*row) for row in cursor.fetchall()]


@dataclass
class Place:
    """A person's place in a queue: named with quotas, or only by what they did there."""

    person: Any
    person_id: int
    assignment: Assignment | None = None
    answered: int = 0
    today: int = 0
    returned: int = 0
    last: dt.datetime | None = None


def places(queue: Queue) -> list[Place]:
    """Who is named for the queue or has answered in it, by name."""
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, [queue.pk])
        found = {row[0]: Place(row[1], row[0], None, *row[2:]) for row in cursor.fetchall()}
    for assignment in Assignment.objects.filter(queue=queue).select_related("person"):
        place = found.setdefault(assignment.person_id, Place(assignment.person.name, assignment.person_id))
        place.assignment = assignment
    return sorted(found.values(), key=lambda place: str(place.person).lower())
