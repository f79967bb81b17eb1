"""The run of a qualification: a queue that hands out gold only, made, changed and taken away."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotate.activity.services import record
from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.projects.policies import may_manage
from annotate.qualifications.models import Qualification, QualifyingRun
from annotate.qualifications.queries import gold_there
from annotate.qualifications.running import settle_all
from annotate.queues.leavers import end_leases
from annotate.queues.models import Queue, Task
from annotate.queues.services import create_queue, move_queue
from annotate.queues.tasks import drop_gold

_BOUNDS = {"questions": (1, 1000), "attempts": (1, 100)}


def _checked(qualification: Qualification, questions: Any, pass_mark: Any, attempts: Any) -> None:
    wrong: dict[str, str] = {}
    for name, value in (("questions", questions), ("attempts", attempts)):
        least, most = _BOUNDS[name]
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            wrong[name] = f"a whole number from {least} to {most}"
    if isinstance(pass_mark, bool) or not isinstance(pass_mark, int | float) or not 0 <= pass_mark <= 1:
        wrong["pass_mark"] = "a number from 0 to 1"
    if wrong:
        raise Invalid(_("The run's settings are not valid."), fields=wrong)
    there = gold_there(qualification.project)
    if there < questions:
        missing = questions - there
        words = ngettext(
            "A run of %(questions)d questions needs as many items of gold: %(n)d is missing.",
            "A run of %(questions)d questions needs as many items of gold: %(n)d are missing.",
            missing,
        )
        raise Invalid(words % {"questions": questions, "n": missing}, fields={"questions": words % {"questions": questions, "n": missing}}, extra={"missing": missing})


def _name(qualification: Qualification) -> str:
    """A name that no queue of the project has yet."""
    wanted = _("Run: %(name)s") % {"name": qualification.name[:180]}
    taken = set(Queue.objects.filter(project=qualification.project, name__startswith=wanted).values_list("name", flat=True))
    return next(name for name in (wanted, *(f"{wanted} {n}" for n in range(2, len(taken) + 3))) if name not in taken)


@transaction.atomic
def give_run(qualification: Qualification, *, questions: int = 10, pass_mark: float = 0.8, attempts: int = 1, by: Actor) -> Qualification:
    """People earn the qualification by answers to `questions` items of gold, passed from a mean score of `pass_mark` on, at
    most `attempts` times. Once more changes these; attempts that have all their answers by that end at once.

    `Invalid` with `missing` in extra when the project has too little gold.
    """
    require(may_manage(by, qualification.project))
    row = Qualification.objects.select_for_update(of=("self",)).select_related("project", "queue").get(pk=qualification.pk)
    _checked(row, questions, pass_mark, attempts)
    if row.queue is None or row.queue.state == "closed":
        row.queue = create_queue(row.project, _name(row), stage="annotate", gold_percent=100, by=by)
    row.questions, row.pass_mark, row.attempts = questions, float(pass_mark), attempts
    row.save(update_fields=["queue", "questions", "pass_mark", "attempts"])
    about = {"questions": questions, "pass_mark": row.pass_mark, "attempts": attempts}
    record(by, "qualification.run", row, organisation=row.project.organisation_id, project=row.project, data=about)
    settle_all(row)
    return row


@transaction.atomic
def take_run(qualification: Qualification, *, by: Actor) -> Qualification:
    """No more runs: its queue closes, attempts that run end without a result. Who has passed keeps what they have."""
    require(may_manage(by, qualification.project))
    row = Qualification.objects.select_for_update(of=("self",)).select_related("project", "queue").get(pk=qualification.pk)
    if row.queue is None:
        return row
    stop_attempts(row)
    if row.queue.state != "closed":
        move_queue(row.queue, "close", by=by)
    row.queue = None
    row.save(update_fields=["queue"])
    record(by, "qualification.no_run", row, organisation=row.project.organisation_id, project=row.project)
    return row


def stop_attempts(qualification: Qualification, person: Person | None = None) -> int:
    """End attempts that run, of one person or of all, as if they had not begun: their questions are void; how many."""
    of = {"person": person} if person is not None else {}
    rows = QualifyingRun.objects.filter(qualification=qualification, state="running", **of)
    if qualification.queue is not None:
        end_leases("move", queue=qualification.queue, person_id=person.pk if person is not None else None)
        drop_gold(Task.objects.filter(queue=qualification.queue, **of))
    return rows.delete()[0]
