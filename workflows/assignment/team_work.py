"""What the people of a team hold, did and asked: what its lead sees, and nothing of anybody else's.

Active time is what clients send with an answer or a verdict (`seconds`); one sent without it adds none. The day is UTC's,
as for quotas.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from annotate.people.actor import Actor
from annotate.people.models import Person, Team
from annotate.projects.models import Project
from annotate.projects.team_queries import managed_projects
from annotate.projects.team_rules import leads
from annotate.reviews.given import GIVEN
from annotate.reviews.models import Question

WINDOW = dt.timedelta(days=7)
# Answers and verdicts are only added to: the BRIN index on `created_at` leads to the newest pages.
_ROWS = f"""
WITH who AS (SELECT person_id AS person FROM annotate_teammember WHERE team_id = %(team)s),
work AS (
    SELECT a.person_id AS person, a.created_at AS at, a.seconds, true AS counts
    FROM annotate_annotation a JOIN annotate_task t ON t.id = a.task_id JOIN annotate_queue q ON q.id = t.queue_id
    WHERE a.created_at >= %(since)s AND a.source IN ('person', 'gold') AND a.person_id IN (SELECT person FROM who)
      AND q.project_id = ANY(%(projects)s)
    UNION ALL
    SELECT r.person_id, r.created_at, r.seconds, r.counts
    FROM {GIVEN} r JOIN annotate_task t ON t.id = r.task_id JOIN annotate_queue q ON q.id = t.queue_id
    WHERE r.created_at >= %(since)s AND r.person_id IN (SELECT person FROM who) AND q.project_id = ANY(%(projects)s)),
did AS (
    SELECT person, count(*) FILTER (WHERE counts AND at >= %(today)s) AS today, count(*) FILTER (WHERE counts) AS week,
           coalesce(sum(seconds) FILTER (WHERE at >= %(today)s), 0) AS seconds_today, coalesce(sum(seconds), 0) AS seconds_week,
           max(at) AS last
    FROM work GROUP BY person),
sent_back AS (
    SELECT a.person_id AS person, count(*) AS n
    FROM annotate_review r JOIN annotate_annotation a ON a.id = r.annotation_id JOIN annotate_item i ON i.id = r.item_id
    WHERE r.created_at >= %(since)s AND r.verdict = 'return' AND a.source = 'person' AND i.project_id = ANY(%(projects)s)
      AND a.person_id IN (SELECT person FROM who) AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = r.id)
    GROUP BY 1),
held AS (
    SELECT l.person_id AS person, count(*) AS n, min(l.created_at) AS since
    FROM annotate_lease l JOIN annotate_queue q ON q.id = l.queue_id
    WHERE l.ended_at IS NULL AND l.expires_at > clock_timestamp() AND q.project_id = ANY(%(projects)s)
      AND l.person_id IN (SELECT person FROM who) GROUP BY 1),
theirs AS (
    SELECT t.person_id AS person, count(*) FILTER (WHERE t.state = 'returned') AS returned,
           count(*) FILTER (WHERE t.state = 'parked') AS parked,
           count(*) FILTER (WHERE t.state = 'open' AND NOT t.gold AND (t.reserved_until IS NULL OR t.reserved_until > now())) AS kept
    FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id
    WHERE t.state IN ('open', 'returned', 'parked') AND q.state <> 'closed' AND q.project_id = ANY(%(projects)s)
      AND t.person_id IN (SELECT person FROM who) GROUP BY 1)
SELECT p.id, p.name, p.is_active, coalesce(held.n, 0), held.since, coalesce(theirs.returned, 0), coalesce(theirs.parked, 0),
       coalesce(theirs.kept, 0), coalesce(did.today, 0), coalesce(did.week, 0), coalesce(did.seconds_today, 0),
       coalesce(did.seconds_week, 0), coalesce(sent_back.n, 0), did.last
FROM who JOIN annotate_person p ON p.id = who.person
LEFT JOIN held ON held.person = p.id LEFT JOIN theirs ON theirs.person = p.id LEFT JOIN did ON did.person = p.id
LEFT JOIN sent_back ON sent_back.person = p.id
ORDER BY lower(p.name), p.id
"""


@dataclass(frozen=True)
class TeamRow:
    """One person of the team. `held` now, the longest since `held_since`; `returned` wait for them, `parked` for an answer
    to their question, `kept` are reserved for them. `today`, `week` (7 days): answers and verdicts; seconds are active time;
    `sent_back`: of their answers, returned within 7 days."""

    id: int
    name: str
    active: bool
    held: int
    held_since: dt.datetime | None
    returned: int
    parked: int
    kept: int
    today: int
    week: int
    seconds_today: float
    seconds_week: float
    sent_back: int
    last: dt.datetime | None

    @property
    def open(self) -> int:
        """Work that is this person's and not done."""
        return self.held + self.returned + self.parked + self.kept


def scope(actor: Actor, team: Team) -> list[int]:
    """Ids of the projects whose work the actor may see of this team: its own; for a team of the organisation all of them to
    its lead, and to others those that they manage."""
    if team.project_id is not None:
        return [team.project_id]
    if leads(actor, team):
        return list(Project.objects.filter(organisation_id=team.organisation_id).values_list("pk", flat=True))
    return list(managed_projects(actor, team.organisation_id).values_list("pk", flat=True))


def rows(team: Team, projects: Sequence[int], *, now: dt.datetime) -> list[TeamRow]:
    """Everyone of the team by name, in one statement."""
    today = now.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    values: dict[str, Any] = {"team": team.pk, "projects": list(projects), "today": today, "since": min(today, now - WINDOW)}
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, values)
        return [TeamRow(*row) for row in cursor.fetchall()]


def questions(team: Team, projects: Sequence[int]) -> QuerySet[Question]:
    """What the team's people asked and nobody has answered yet, the oldest first."""
    people = Person.objects.filter(team_places__team=team).values("pk")
    waiting = Question.objects.filter(person__in=people, answered_at=None, item__project_id__in=list(projects))
    return waiting.select_related("person", "item", "item__project").order_by("id")
