"""Queues: made, changed, paused, closed; who is assigned to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.kernel.canonical import check_text
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid, Stale
from annotate.people.actor import Actor
from annotate.people.models import Membership, Person
from annotate.people.services import clean_name
from annotate.projects.models import Project, ProjectMember
from annotate.projects.policies import may_manage
from annotate.queues import fill as filling
from annotate.queues.leavers import end_leases, keep_nothing
from annotate.queues.models import Assignment, Lease, Queue, Task
from annotate.queues.overlapping import change_overlap
from annotate.queues.policies import WORKERS
from annotate.queues.ranking import checked_order
from annotate.queues.requiring import set_requirements
from annotate.queues.states import QUEUE, STAGES
from annotate.queues.tasks import void

_BOUNDS = {
    "overlap": (1, 100),
    "overlap_percent": (0, 100),
    "overlap_seed": (-(10**18), 10**18),
    "overlap_most": (2, 100),
    "lease_seconds": (1, 86400),
    "gold_percent": (0, 100),
    "recheck_percent": (0, 100),
    "recheck_seed": (-(10**18), 10**18),
    "returner_hours": (0, 720),
    "priority": (-1000, 1000),
}
_SHARED = ("overlap", "overlap_percent", "overlap_seed", "overlap_most", "agreement_bar")  # settings that say how many answers
_OF_REVIEWS = ("recheck_percent", "returner_hours")
_OF_WORK = (*_SHARED, "q", "gold_percent", "gold_feedback")  # what the queue of a qualifying run has no use for


def _clean(values: dict[str, Any], project: Project) -> dict[str, Any]:
    """The settings of a queue, checked; `Invalid` names each that is wrong."""
    wrong: dict[str, str] = {}
    for name, (least, most) in _BOUNDS.items():
        value = values.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most):
            wrong[name] = f"a whole number from {least} to {most}"
    if values.get("order") is not None:
        try:
            checked_order(values["order"])
        except Invalid as error:
            wrong |= error.fields
    bar = values.get("agreement_bar")
    if bar is not None and (isinstance(bar, bool) or not isinstance(bar, int | float) or not 0 <= bar <= 1):
        wrong["agreement_bar"] = "a number from 0 to 1"
    if wrong:
        raise Invalid(_("The queue's settings are not valid."), fields=wrong)
    if values.get("gold_feedback") is not None and not isinstance(values["gold_feedback"], bool):
        raise Invalid(_("The queue's settings are not valid."), fields={"gold_feedback": "true or false"})
    if values.get("q"):
        from annotate.search.compile import compile_query

        compile_query(check_text(values["q"]), project.pk)
    empty = ("agreement_bar", "overlap_most")  # null takes them away
    return {name: value for name, value in values.items() if value is not None or name in empty}


def _check_bar(queue: Queue) -> None:
    """The two settings of further answers hang together; those of reviews are for review queues."""
    for name in _OF_REVIEWS:
        if queue.stage != "review" and getattr(queue, name):
            raise Invalid(_("Only a review queue has this setting."), fields={name: "for the stage review"})
    bar, most = queue.agreement_bar, queue.overlap_most
    if queue.stage != "annotate" and bar is not None:
        raise Invalid(_("Only a queue in which people label can ask for further answers."), fields={"agreement_bar": "for the stage annotate"})
    if (bar is None) != (most is None):
        name = "overlap_most" if most is None else "agreement_bar"
        raise Invalid(_("Say both: below which agreement one more answer is asked for, and up to how many."), fields={name: "required with the other"})
    if most is not None and most < queue.overlap:
        raise Invalid(_("The most answers are at least as many as every item needs."), fields={"overlap_most": f"{queue.overlap} or more"})


def check_settings(project: Project, stage: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a queue that is yet to be made, checked; `Invalid` names each that is wrong."""
    values = _clean(dict(settings), project)
    _check_bar(Queue(project=project, stage=stage, **values))
    return values


def _check_members(project: Project, stage: str, people: Sequence[Person]) -> None:
    """Everyone named must hold a role that may do the stage's work."""
    roles = dict(ProjectMember.objects.filter(project=project, person__in=people).values_list("person_id", "role"))
    admins = Membership.objects.filter(
        organisation_id=project.organisation_id, person__in=people, role__in=("owner", "admin")
    )
    roles |= dict.fromkeys(admins.values_list("person_id", flat=True), "manager")
    wrong = {
        f"members[{index}]": _("%(name)s holds no role in the project that may do this work") % {"name": person.name}
        for index, person in enumerate(people)
        if roles.get(person.pk) not in WORKERS[stage]
    }
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)


@transaction.atomic
def create_queue(
    project: Project,
    name: str,
    *,
    stage: str,
    q: str = "",
    overlap: int = 1,
    order: str = "oldest",
    priority: int = 0,
    lease_seconds: int = 900,
    members: Iterable[Person] = (),
    gold_percent: int = 0,
    gold_feedback: bool = False,
    overlap_percent: int = 100,
    overlap_seed: int = 0,
    agreement_bar: float | None = None,
    overlap_most: int | None = None,
    recheck_percent: int = 0,
    recheck_seed: int = 0,
    returner_hours: int = 0,
    requires: Sequence[Mapping[str, Any]] = (),
    by: Actor,
) -> Queue:
    """An open queue; it fills itself when work is asked of it (or by `fill.fill`). `Conflict` on a taken name."""
    require(may_manage(by, project))
    if stage not in STAGES:
        raise Invalid(f"stage must be one of {', '.join(STAGES)}", fields={"stage": "unknown stage"})
    settings = {"overlap": overlap, "order": order, "priority": priority, "lease_seconds": lease_seconds}
    settings |= {"overlap_percent": overlap_percent, "overlap_seed": overlap_seed, "agreement_bar": agreement_bar, "overlap_most": overlap_most}
    settings |= {"recheck_percent": recheck_percent, "recheck_seed": recheck_seed, "returner_hours": returner_hours}
    values = _clean({**settings, "gold_percent": gold_percent, "gold_feedback": gold_feedback, "q": q}, project)
    people = list(members)
    _check_members(project, stage, people)
    queue = Queue(project=project, name=clean_name(name, longest=200), stage=stage, created_by=by.person, **values)
    _check_bar(queue)
    try:
        with transaction.atomic():
            queue.save(force_insert=True)
    except IntegrityError as error:
        raise _taken() from error
    Assignment.objects.bulk_create([Assignment(queue=queue, person=person) for person in dict.fromkeys(people)])
    record(by, "queue.create", queue, organisation=project.organisation_id, project=project, data={"stage": stage})
    if requires:
        set_requirements(queue, requires, by)
    return queue


def _taken() -> Conflict:
    return Conflict(_("A queue of this name exists."), code="name_taken", fields={"name": "taken"})


@transaction.atomic
def change_queue(
    queue: Queue, *, members: Iterable[Person] | None = None, requires: Sequence[Mapping[str, Any]] | None = None, by: Actor, **changes: Any
) -> Queue:
    """Change the settings or the people of a queue.

    A new q counts for tasks made from now on; a new order, for waiting tasks too. A smaller overlap voids tasks that
    nobody holds. People who are no longer named lose their leases and what was kept for them.
    """
    require(may_manage(by, queue.project))
    if "order" in changes or any(name in changes for name in _SHARED):
        filling.alone(queue.pk)  # before the queue's row, which filling needs too
    # Without its key, or who takes a task would wait for this, and this for the task.
    queue = Queue.objects.select_for_update(of=("self",), no_key=True).select_related("project").get(pk=queue.pk)
    if queue.state == "closed":
        raise Conflict(_("A closed queue does not change."), code="queue_closed")
    if "name" in changes and changes["name"] is not None:
        changes["name"] = clean_name(changes["name"], longest=200)
    values = _clean(changes, queue.project)
    before = {name: getattr(queue, name) for name in values}
    if getattr(queue, "qualification", None) is not None and any(values[name] != before[name] for name in values if name in _OF_WORK):
        raise Conflict(_("The queue of a run hands out gold only: its questions are settings of the qualification."), code="queue_of_run")
    for name, value in values.items():
        setattr(queue, name, value)
    _check_bar(queue)
    try:
        with transaction.atomic():
            queue.save(update_fields=list(values) or None)
    except IntegrityError as error:
        raise _taken() from error
    if values.get("order", before.get("order")) != before.get("order"):
        filling.reorder(queue)
    if queue.stage == "annotate" and any(name in values and values[name] != before[name] for name in _SHARED):
        change_overlap(queue)
    if before.get("recheck_percent") and not queue.recheck_percent:
        _look_no_more(queue)
    if members is not None:
        _assign(queue, list(members))
    if requires is not None:
        set_requirements(queue, requires, by)
    record(
        by, "queue.change", queue, organisation=queue.project.organisation_id, project=queue.project, data={"changed": sorted(values)}
    )
    return queue


def _look_no_more(queue: Queue) -> None:
    """Second looks that wait and that nobody holds are asked of nobody any more."""
    rows = Task.objects.filter(~Exists(Lease.objects.filter(task=OuterRef("pk"), ended_at=None)), queue=queue, rejudges__isnull=False, state="open")
    void(rows.order_by("pk").select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True))


def _assign(queue: Queue, people: list[Person]) -> None:
    _check_members(queue.project, queue.stage, people)
    Assignment.objects.filter(queue=queue).exclude(person__in=people).delete()
    Assignment.objects.bulk_create(
        [Assignment(queue=queue, person=person) for person in dict.fromkeys(people)], ignore_conflicts=True
    )
    if people:
        end_leases("move", queue=queue, but=[person.pk for person in people])
        keep_nothing(Task.objects.filter(queue=queue).exclude(person__in=people))


@transaction.atomic
def set_place(
    queue: Queue,
    person: Person,
    *,
    paused: bool | None = None,
    quota_day: int | None = None,
    quota_total: int | None = None,
    by: Actor,
) -> Assignment:
    """Pause a person in a queue or bound what they may answer there; makes the assignment if there is none."""
    require(may_manage(by, queue.project))
    for name, value in (("quota_day", quota_day), ("quota_total", quota_total)):
        if value is not None and not 0 <= value <= 10**9:
            raise Invalid(_("A quota is a whole number."), fields={name: "0 or more"})
    _check_members(queue.project, queue.stage, [person])
    place, _made = Assignment.objects.get_or_create(queue=queue, person=person)
    place.quota_day, place.quota_total = quota_day, quota_total
    if paused is not None:
        place.paused = paused
    place.save()
    if place.paused:
        end_leases("move", queue=queue, person_id=person.pk)
    record(by, "queue.place", queue, organisation=queue.project.organisation_id, project=queue.project, data={"person": person.pk})
    return place


@transaction.atomic
def move_queue(queue: Queue, move: str, *, by: Actor) -> Queue:
    """pause, resume or close. Pausing lets people finish what they hold; closing takes it back (drafts stay)."""
    require(may_manage(by, queue.project))
    state = QUEUE.after(queue.state, move)
    if not Queue.objects.filter(pk=queue.pk, state__in=QUEUE.origins(move)).update(state=state):
        raise Stale()
    queue.state = state
    if state == "closed":
        end_leases("move", queue=queue)
    record(by, f"queue.{move}", queue, organisation=queue.project.organisation_id, project=queue.project)
    return queue
