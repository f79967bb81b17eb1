"""How people stand with qualifications: what they have, how their runs went, what a queue asks of them that they lack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from annotate.queues.requiring import Lacked, lacking, lacks

# The questions of attempt `r` of qualification `c`: what was drawn since it began. Those taken away since do not count.
QUESTIONS = """FROM annotate_task t JOIN annotate_item i ON i.id = t.item_id
    WHERE t.queue_id = c.queue_id AND t.person_id = r.person_id AND t.gold AND t.state <> 'void' AND t.id > r.after_task
      AND i.state <> 'erased'"""


def further(who: str) -> str:
    """SQL of how many attempts managers granted a person beyond those of qualification `c`."""
    return f"(SELECT count(*) FROM annotate_furtherattempt f WHERE f.qualification_id = c.id AND f.person_id = {who} AND f.revoked_at IS NULL)"


_STANDING = f"""
SELECT c.id, c.name, c.kind, c.about, c.project_id, p.name, c.queue_id, q.state, c.questions, c.pass_mark, c.attempts,
       h.given_at, h.score, h.given_by_id IS NOT NULL,
       (SELECT count(*) FROM annotate_qualifyingrun a WHERE a.qualification_id = c.id AND a.person_id = %(person)s),
       r.id IS NOT NULL,
       CASE WHEN r.id IS NOT NULL THEN (SELECT count(*) {QUESTIONS} AND t.state = 'answered') ELSE 0 END,
       CASE WHEN r.id IS NOT NULL THEN (SELECT count(*) {QUESTIONS}) ELSE 0 END,
       e.state, e.score, e.ended_at, {further("%(person)s")}
FROM annotate_qualification c JOIN annotate_project p ON p.id = c.project_id
LEFT JOIN annotate_queue q ON q.id = c.queue_id
LEFT JOIN annotate_qualified h ON h.qualification_id = c.id AND h.person_id = %(person)s AND h.ended_at IS NULL
LEFT JOIN annotate_qualifyingrun r ON r.qualification_id = c.id AND r.person_id = %(person)s AND r.state = 'running'
LEFT JOIN LATERAL (SELECT a.state, a.score, a.ended_at FROM annotate_qualifyingrun a
                   WHERE a.qualification_id = c.id AND a.person_id = %(person)s AND a.state <> 'running'
                   ORDER BY a.attempt DESC LIMIT 1) e ON true
WHERE c.project_id = ANY(%(projects)s) AND (%(only)s::bigint[] IS NULL OR c.id = ANY(%(only)s::bigint[]))
ORDER BY c.name, c.id
"""
_LACKED = f"""
SELECT q.id, q.project_id, r.qualification_id, r.bar FROM annotate_queue q JOIN annotate_requirement r ON r.queue_id = q.id
WHERE q.id = ANY(%(queues)s) AND r.qualification_id = ANY({lacking("%(person)s")}) ORDER BY q.id, r.qualification_id
"""


@dataclass(frozen=True)
class Standing:
    """A person and a qualification. `used` counts attempts, the running one too; `answered` of `drawn` questions are of the
    running one; `last_…` of the one that ended last; `granted`: attempts beyond the usual. Scores are 0 to 1."""

    id: int
    name: str
    kind: str
    about: str
    project: int
    project_name: str
    queue: int | None
    queue_state: str | None
    questions: int
    pass_mark: float
    attempts: int
    given_at: Any
    score: float | None
    by_hand: bool
    used: int
    runs: bool
    answered: int
    drawn: int
    last_state: str | None
    last_score: float | None
    last_at: Any
    granted: int = 0

    @property
    def has(self) -> bool:
        return self.given_at is not None

    @property
    def left(self) -> int:
        return max(0, self.attempts + self.granted - self.used)

    @property
    def state(self) -> str:
        """has, measuring, running, begin, used_up, or by_hand where no run is open."""
        if self.has:
            return "has"
        if self.queue is None or self.queue_state != "open":
            return "by_hand"
        if self.runs:
            return "measuring" if self.answered == self.drawn >= self.questions else "running"
        return "begin" if self.left else "used_up"

    @property
    def takes_run(self) -> bool:
        return self.state in ("begin", "running")

    @property
    def answering(self) -> int:
        """How many questions of the running attempt are still to be answered."""
        return max(0, max(self.questions, self.drawn) - self.answered)


def standings(person_id: int, project_ids: Sequence[int], only: Sequence[int] | None = None) -> list[Standing]:
    """The person and each qualification of the projects, by name."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, {"person": person_id, "projects": list(project_ids), "only": None if only is None else list(only)})
        return [Standing(*row) for row in cursor.fetchall()]


@lacks.register("of")
def lacked(person_id: int, queue_ids: Sequence[int]) -> dict[int, list[Lacked]]:
    """What the person lacks for each of the queues; one statement where they lack nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_LACKED, {"person": person_id, "queues": list(queue_ids)})
        rows = cursor.fetchall()
    if not rows:
        return {}
    known = {one.id: one for one in standings(person_id, list({row[1] for row in rows}), [row[2] for row in rows])}
    found: dict[int, list[Lacked]] = {}
    for queue, _project, qualification, bar in rows:
        one = known[qualification]
        state = "below" if one.has else one.state
        run = one.queue if one.takes_run or state == "measuring" else None
        found.setdefault(queue, []).append(Lacked(one.id, one.name, bar, one.score, run, state))
    return found


_CONCERNS = """
SELECT c.id FROM annotate_qualification c
WHERE c.project_id = ANY(%(projects)s)
  AND (EXISTS (SELECT 1 FROM annotate_requirement r WHERE r.qualification_id = c.id AND r.queue_id = ANY(%(queues)s)
               AND NOT EXISTS (SELECT 1 FROM annotate_qualified h WHERE h.qualification_id = c.id AND h.person_id = %(person)s AND h.ended_at IS NULL))
       OR EXISTS (SELECT 1 FROM annotate_qualifyingrun a WHERE a.qualification_id = c.id AND a.person_id = %(person)s
                  AND (a.state = 'running' OR a.ended_at > now() - interval '7 days')))
"""


def concerns(person_id: int, project_ids: Sequence[int], queue_ids: Sequence[int]) -> list[Standing]:
    """For a start page: what queues of the person ask of them and they have not, the runs that they are in, and how those of
    the last week went."""
    with connection.cursor() as cursor:
        cursor.execute(_CONCERNS, {"person": person_id, "projects": list(project_ids), "queues": list(queue_ids)})
        found = [row[0] for row in cursor.fetchall()]
    return standings(person_id, project_ids, found) if found else []
