"""How all people of a project stand with its qualifications: what they have, what they lack and for which queues. For managers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from annotate.projects.models import Project
from annotate.qualifications.models import Requirement
from annotate.qualifications.standing import further
from annotate.queues.models import Assignment
from annotate.queues.policies import WORKERS

# Whoever has it, has tried, or was granted a further attempt, and what they have of it.
_STOOD = f"""
SELECT c.id, w.person, h.id IS NOT NULL, h.score, h.given_at, h.given_by_id IS NOT NULL,
       (SELECT count(*) FROM annotate_qualifyingrun a WHERE a.qualification_id = c.id AND a.person_id = w.person),
       EXISTS (SELECT 1 FROM annotate_qualifyingrun a WHERE a.qualification_id = c.id AND a.person_id = w.person AND a.state = 'running'),
       (SELECT a.score FROM annotate_qualifyingrun a WHERE a.qualification_id = c.id AND a.person_id = w.person AND a.state <> 'running'
        ORDER BY a.attempt DESC LIMIT 1),
       {further("w.person")}
FROM annotate_qualification c
JOIN (SELECT qualification_id AS of, person_id AS person FROM annotate_qualified WHERE ended_at IS NULL
      UNION SELECT qualification_id, person_id FROM annotate_qualifyingrun
      UNION SELECT qualification_id, person_id FROM annotate_furtherattempt WHERE revoked_at IS NULL) w ON w.of = c.id
LEFT JOIN annotate_qualified h ON h.qualification_id = c.id AND h.person_id = w.person AND h.ended_at IS NULL
WHERE c.project_id = %(project)s AND w.person = ANY(%(people)s::bigint[])
"""


@dataclass(frozen=True)
class Held:
    """One qualification and one person. `queues`: (id, name) of those that hand nothing to them for want of it. `run`: whether
    one is open; `left`: attempts that are left in it, `granted` of all of them beyond the usual; `last`: the score of the
    attempt that ended last. Scores are 0 to 1."""

    qualification: int
    name: str
    run: bool
    left: int
    has: bool = False
    score: float | None = None
    given_at: Any = None
    by_hand: bool = False
    used: int = 0
    running: bool = False
    last: float | None = None
    granted: int = 0
    queues: tuple[tuple[int, str], ...] = ()

    @property
    def state(self) -> str:
        """has; below (has it, under the bar of a queue); running; used_up (a further attempt can be granted); begin; by_hand."""
        if self.has:
            return "below" if self.queues else "has"
        if not self.run:
            return "by_hand"
        return "running" if self.running else "begin" if self.left else "used_up"

    @property
    def lacks(self) -> bool:
        return not self.has or bool(self.queues)

    @property
    def grantable(self) -> bool:
        return self.state == "used_up"

    @property
    def revocable(self) -> bool:
        return self.granted > 0 and not self.has and self.left > 0

    @property
    def where(self) -> str:
        """The names of the queues."""
        return ", ".join(name for _id, name in self.queues)


def of_everyone(project: Project, roles: dict[int, str]) -> dict[int, list[Held]]:
    """By person, of those in `roles` (person id → role in the project); what they lack first, then by name. The number of
    statements does not depend on how many people, queues and qualifications there are."""
    kinds = _kinds(project)
    if not kinds:
        return {}
    found: dict[int, dict[int, Held]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_STOOD, {"project": project.pk, "people": list(roles)})
        for kind, person, has, score, at, by_hand, used, running, last, granted in cursor.fetchall():
            base = kinds[kind]
            found.setdefault(person, {})[kind] = replace(
                base, has=has, score=score, given_at=at, by_hand=by_hand, used=used, running=running, last=last, granted=granted,
                left=max(0, base.left + granted - used),
            )  # fmt: skip
    asked = _asked(project)
    out: dict[int, list[Held]] = {}
    for person, role in roles.items():
        mine = found.get(person, {})
        for queue, name, stage, named, wanted in asked:
            if role not in WORKERS[stage] or (named and person not in named):
                continue
            for kind, bar in wanted:
                held = mine.get(kind, kinds[kind])
                if not held.has or (bar is not None and (held.score is None or held.score < bar)):
                    mine[kind] = replace(held, queues=(*held.queues, (queue, name)))
        if mine:
            out[person] = sorted(mine.values(), key=lambda one: (not one.lacks, one.name.lower(), one.qualification))
    return out


def _kinds(project: Project) -> dict[int, Held]:
    rows = project.qualifications.values_list("pk", "name", "attempts", "queue__state")
    return {pk: Held(pk, name, state == "open", attempts) for pk, name, attempts, state in rows}


def _asked(project: Project) -> list[tuple[int, str, str, set[int], list[tuple[int, float | None]]]]:
    """Queues that ask for something and are not closed: id, name, stage, whom they name, and (qualification, bar) each."""
    rows = Requirement.objects.filter(queue__project=project).exclude(queue__state="closed").order_by("queue__name", "queue_id")
    out: dict[int, tuple[int, str, str, set[int], list[tuple[int, float | None]]]] = {}
    for queue, name, stage, kind, bar in rows.values_list("queue_id", "queue__name", "queue__stage", "qualification_id", "bar"):
        out.setdefault(queue, (queue, name, stage, set(), []))[4].append((kind, bar))
    for queue, person in Assignment.objects.filter(queue__in=out).values_list("queue_id", "person_id"):
        out[queue][3].add(person)
    return list(out.values())
