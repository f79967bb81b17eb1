"""A qualifying run: begun by the claim with its first question, ended by the score of its last answer.

The claim holds a lock on the person, so of two tabs one begins; two last scores meet at the row of the run, so one ends it.
Everybody locks the person (where at all), then the qualification, then the run: for a claim or a score `KEY SHARE`, which who
takes the run away waits for.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotate.activity.services import record
from annotate.gold.scored import scored, scores_of
from annotate.kernel import sql
from annotate.kernel.errors import Conflict, Denied
from annotate.qualifications.models import Qualification, QualifyingRun
from annotate.qualifications.standing import QUESTIONS, further
from annotate.qualifications.states import RUN
from annotate.queues.mixing import unseen
from annotate.queues.pausing import lift_passed
from annotate.queues.requiring import runs

_ABOUT = f"""
SELECT c.project_id, c.questions, c.attempts + {further('%(person)s::bigint')},
       EXISTS (SELECT 1 FROM annotate_qualified h WHERE h.qualification_id = c.id AND h.person_id = %(person)s::bigint AND h.ended_at IS NULL),
       (SELECT count(*) FROM annotate_qualifyingrun a WHERE a.qualification_id = c.id AND a.person_id = %(person)s::bigint),
       r.id, (SELECT count(*) {QUESTIONS})
FROM annotate_qualification c
LEFT JOIN annotate_qualifyingrun r ON r.qualification_id = c.id AND r.person_id = %(person)s::bigint AND r.state = 'running'
WHERE c.id = %(qualification)s::bigint AND c.queue_id IS NOT NULL
FOR KEY SHARE OF c
"""
_BEGIN = """
INSERT INTO annotate_qualifyingrun (qualification_id, person_id, attempt, state, begun_at, after_task)
SELECT %(qualification)s::bigint, %(person)s::bigint,
       1 + coalesce((SELECT max(a.attempt) FROM annotate_qualifyingrun a
                     WHERE a.qualification_id = %(qualification)s::bigint AND a.person_id = %(person)s::bigint), 0), 'running', clock_timestamp(),
       coalesce((SELECT max(t.id) FROM annotate_task t JOIN annotate_qualification c ON c.queue_id = t.queue_id
                 WHERE c.id = %(qualification)s::bigint AND t.person_id = %(person)s::bigint), 0)
ON CONFLICT DO NOTHING RETURNING id
"""
_SHARE = "SELECT id FROM annotate_qualification WHERE queue_id = %s FOR KEY SHARE"
_LOCK = """
SELECT r.id FROM annotate_qualifyingrun r JOIN annotate_qualification c ON c.id = r.qualification_id
WHERE c.queue_id = %s AND r.person_id = %s AND r.state = 'running' FOR UPDATE OF r
"""
_ASKED = f"SELECT t.id, t.state FROM annotate_qualifyingrun r, annotate_qualification c, LATERAL (SELECT t.id, t.state {QUESTIONS}) t WHERE r.id = %s AND c.id = r.qualification_id"
_QUALIFY = """
INSERT INTO annotate_qualified (qualification_id, person_id, score, given_at) VALUES (%s, %s, %s, clock_timestamp())
ON CONFLICT (qualification_id, person_id) WHERE ended_at IS NULL DO NOTHING
"""
_END = "UPDATE annotate_qualifyingrun SET state = %s, score = %s, ended_at = clock_timestamp() WHERE id = %s AND state = 'running'"
_NEAR = 1e-9  # a mean of 0.8 that was added up from floats passes a mark of 0.8


@runs.register("draw")
def may_draw(qualification_id: int, person_id: int) -> bool:
    """Whether another question may be handed out; begins an attempt where none runs. Call with the person locked.

    `Denied`: has_qualification, attempts_used. `Conflict`: too_little_gold, with `missing`, how many are.
    """
    about: dict[str, Any] = {"qualification": qualification_id, "person": person_id}
    found = sql.row(_ABOUT, about)
    if found is None:  # the run was taken away at this moment
        return False
    project, questions, attempts, has, used, running, drawn = found
    if has:
        raise Denied(_("You have this qualification; there is nothing more to do here."), code="has_qualification")
    if running is not None:
        return bool(drawn < questions)
    if used >= attempts:
        raise Denied(_("Your attempts are used up. A manager can let you try again."), code="attempts_used")
    missing = questions - unseen(project, person_id, questions, run=True)
    if missing > 0:
        words = ngettext(
            "This run cannot begin yet: it has %(n)d question too few that you have not seen. Tell a manager.",
            "This run cannot begin yet: it has %(n)d questions too few that you have not seen. Tell a manager.",
            missing,
        )
        raise Conflict(words % {"n": missing}, code="too_little_gold", extra={"missing": missing})
    sql.rows(_BEGIN, about)
    return True


@runs.register("shut")
def require_running(qualification_id: int, person_id: int) -> None:
    """Answers are changed while their attempt runs, and no longer."""
    if not QualifyingRun.objects.filter(qualification_id=qualification_id, person_id=person_id, state="running").exists():
        raise Conflict(_("This run is over: its answers stay as they are."), code="run_over")


@transaction.atomic
def settle(person_id: int, queue_id: int) -> str | None:
    """End the person's attempt in the queue of a run when all of its questions are answered and measured: "passed", "failed",
    or None when there is nothing to end. However often and by however many it is called, an attempt ends once."""
    with connection.cursor() as cursor:
        cursor.execute(_SHARE, [queue_id])
        cursor.execute(_LOCK, [queue_id, person_id])
        row = cursor.fetchone()
        if row is None:
            return None
        run = QualifyingRun.objects.select_related("qualification__project", "person").get(pk=row[0])
        cursor.execute(_ASKED, [run.pk])
        asked = cursor.fetchall()
        if len(asked) < run.qualification.questions or any(state != "answered" for _task, state in asked):
            return None
        scores = scores_of([task for task, _state in asked])
        if len(scores) < len(asked):
            return None
        mean = min(1.0, max(0.0, sum(scores.values()) / len(scores)))
        move = "pass" if mean + _NEAR >= run.qualification.pass_mark else "fail"
        state = RUN.after(run.state, move)
        cursor.execute(_END, [state, mean, run.pk])
        if state == "passed":
            cursor.execute(_QUALIFY, [run.qualification_id, run.person_id, mean])
            lift_passed(run.qualification_id, run.person_id)
    about = {"person": run.person_id, "attempt": run.attempt, "score": round(mean, 4), "mark": run.qualification.pass_mark}
    project = run.qualification.project
    record(None, f"qualification.{move}", run.qualification, organisation=project.organisation_id, project=project, data=about)
    return state


@scored.register("qualifying runs")
def measured(person_id: int, queue_id: int, _score: float) -> None:
    settle(person_id, queue_id)


def settle_all(qualification: Qualification) -> None:
    """After its questions became fewer: attempts that have all their answers end now."""
    if qualification.queue_id is not None:
        for person in list(QualifyingRun.objects.filter(qualification=qualification, state="running").values_list("person_id", flat=True)):
            settle(person, qualification.queue_id)
