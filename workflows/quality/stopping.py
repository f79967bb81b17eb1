"""A person's work stops by itself: judged with every answer to gold that is measured, in the transaction that keeps its score.

So a process that dies takes score, pause and activity with it, and whoever measures the answer next does all three. The person is locked
the while (`prepare`), and of the pauses that stand one is of each person and rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Q, QuerySet

from annotate.annotations.models import Annotation
from annotate.gold.scored import scored
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.decisions import require
from annotate.kernel.errors import Missing
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.projects import queries as projects
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.queues.pausing import lifted, lock_person, pause_by_skill
from annotate.queues.queries import able
from workflows.quality.models import PauseRule, SkillPause

# Of several answers of a person to one task the last one counts. What hands out nothing but gold (a run, an exercise) counts for a rule
# of its own alone.
_EVIDENCE = """
SELECT score, parts FROM (
    SELECT DISTINCT ON (a.task_id) a.id, s.score, s.parts
    FROM workflows_goldscore s JOIN annotate_annotation a ON a.id = s.annotation_id JOIN annotate_queue q ON q.id = s.queue_id
    WHERE s.person_id = %(person)s AND q.project_id = %(project)s AND a.id > %(after)s
      AND CASE WHEN %(queue)s::bigint IS NULL THEN q.gold_percent < 100 ELSE q.id = %(queue)s::bigint END
    ORDER BY a.task_id, a.id DESC) AS last
ORDER BY id
"""


def _rules(queue_id: int) -> QuerySet[PauseRule]:
    return PauseRule.objects.filter(Q(queue=queue_id) | Q(queue=None, project__queues=queue_id))


def prepare(person_id: int, queue_id: int) -> None:
    """Before the score is written: where a rule will look at it, the person is locked, so that of two scores the second sees the first."""
    if _rules(queue_id).exists():
        lock_person(person_id)


@scored.register("automatic pause")
def judge(person_id: int, queue_id: int, _score: float) -> None:
    """Pause the person where a rule has it so. The same done twice pauses once."""
    for rule in _rules(queue_id).select_related("project", "queue").order_by("pk"):
        of = SkillPause.objects.filter(project=rule.project_id, queue=rule.queue_id, person=person_id)
        if not of.filter(ended_at=None).exists():
            _judge(rule, person_id, of.aggregate(after=Max("after_annotation"))["after"] or 0)


def _judge(rule: PauseRule, person_id: int, after: int) -> None:
    from workflows.quality.pausing import Rule, standing  # numpy, which idle processes do without

    rows = evidence(rule, person_id, after)
    asked = Rule(rule.bar, rule.level, rule.least)
    for label in rule.labels or [""]:
        found = standing(outcomes(rows, label), asked)
        if found.state == "paused":
            person = able(rule.project).get(person_id)  # none who has left: who comes back begins without a pause
            if person is not None:
                stop(rule, person, label, found.explain())
            return


def evidence(rule: PauseRule, person_id: int, after: int) -> list[tuple[float, Mapping[str, Any]]]:
    """(score, its parts) of the person's answers to gold that count for the rule, in the order in which they were given."""
    values = {"person": person_id, "project": rule.project_id, "queue": rule.queue_id, "after": max(after, rule.after_annotation)}
    with connection.cursor() as cursor:
        cursor.execute(_EVIDENCE, values)
        rows = cursor.fetchall()
    from orjson import loads

    return [(score, loads(parts) if isinstance(parts, str | bytes) else parts) for score, parts in rows]


def outcomes(rows: Sequence[tuple[float, Mapping[str, Any]]], label: str) -> list[float]:
    """How right each answer is, 0 to 1: as a whole, or in what concerns a label (its things that are right, of those that it belongs to or
    was given to); answers that have nothing of the label are left out."""
    if not label:
        return [score for score, _parts in rows]
    from workflows.quality.skill import counts

    found = [counts([parts]).get(label, (0, 0)) for _score, parts in rows]
    return [right / (right + wrong) for right, wrong in found if right + wrong]


@transaction.atomic
def stop(rule: PauseRule, person: Person, label: str, found: dict[str, Any]) -> SkillPause:
    """Stop the person's work where the rule holds; `found` is the evidence (`Standing.explain`), of a label or of the whole answers."""
    made = SkillPause.objects.create(project=rule.project, queue=rule.queue, person=person, label=label, evidence=found)
    pause_by_skill(rule.project, person, queue=rule.queue, data={"evidence": cause(found, label), "label": label, **found})
    return made


def cause(found: Mapping[str, Any], label: str = "") -> str:
    """ "12 gold items, right in 6; P(skill < 0.8) = 0.97": for managers and the record, the same in every language."""
    about = f"{label}: " if label else ""
    return f"{about}{found['of']:g} gold items, right in {round(found['right'], 1):g}; P(skill < {found['bar']:g}) = {found['chance_below']:.3g}"


@lifted.register("skill")
def close(project_id: int, person_id: int, queue_id: int | None, how: str, by: Actor | None) -> None:
    """The pause has ended: evidence starts anew."""
    newest = Annotation.objects.aggregate(newest=Max("pk"))["newest"] or 0
    rows = SkillPause.objects.filter(project=project_id, person=person_id, queue=queue_id, ended_at=None)
    rows.update(ended_at=DatabaseNow(), how=how, ended_by=by.person_id if by else None, after_annotation=newest)


def of_project(actor: Actor, project: Project, state: str = "") -> QuerySet[SkillPause]:
    """Who was paused by their gold answers; for managers alone. `state`: paused, ended, or both."""
    require(may_manage(actor, project))
    rows = SkillPause.objects.filter(project=project).select_related("person", "queue", "ended_by")
    return rows.filter(ended_at__isnull=state == "paused") if state else rows


def get(actor: Actor, pause_id: int) -> SkillPause:
    """`Missing` for who does not see the project, `Denied` for who does not manage it."""
    found = SkillPause.objects.select_related("project", "person", "queue").filter(pk=pause_id).first()
    if found is None or projects.role(actor, found.project) is None:
        raise Missing()
    require(may_manage(actor, found.project))
    return found
