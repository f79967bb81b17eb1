"""Handing a batch to a team in one step: its queue with the team's people named, its items divided among them; undone once."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.items.models import Batch
from annotate.jobs.services import enqueue
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.projects.policies import may_manage
from annotate.queues import bulk, dividing
from annotate.queues.fill import fill
from annotate.queues.models import Lease, Queue, Task
from annotate.queues.services import change_queue, create_queue
from workflows.assignment.models import Handing
from workflows.assignment.planning import Plan, Wish, check, own_query, plan
from workflows.assignment.states import HANDING

AT_ONCE = 5000  # items that a request divides itself; a larger batch is a job's
JOB = "assignment.hand_out"


def preview(wish: Wish, *, by: Actor) -> Plan:
    """What handing it out would do now; nothing changes."""
    require(may_manage(by, wish.batch.project))
    return plan(check(wish))


@transaction.atomic
def hand_out(wish: Wish, *, by: Actor) -> Handing:
    """Give the batch to the team: at once (`done`), or by a job (`running`) for a large one. `Invalid` when nobody of the team
    can take part; `Conflict` while another hand-out of the batch is under way."""
    project = wish.batch.project
    require(may_manage(by, project))
    wish = check(wish)
    _one_at_a_time(wish.batch)
    if Handing.objects.filter(batch=wish.batch, state="running").exclude(job__state__in=("failed", "cancelled", "done")).exists():
        raise Conflict(_("This batch is being handed out at this moment."), code="running")
    shares = {str(person): share for person, share in wish.shares.items()} if wish.mode == "shares" else {}
    made = Handing.objects.create(
        batch=wish.batch, team=wish.team, team_name=wish.team.name, queue=wish.queue, mode=wish.mode, shares=shares,
        until=wish.until, counts={"overlap": wish.overlap}, created_by=by.person,
    )  # fmt: skip
    if wish.batch.items.count() > AT_ONCE:
        about = {"handing": made.pk}
        made.job = enqueue(JOB, organisation_id=project.organisation_id, project_id=project.pk, by=by, arguments=about, key=f"handing {made.pk}")
        made.save(update_fields=["job"])
        return made
    return carry_out(made.pk, by=by)


def _one_at_a_time(batch: Batch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('hand out ' || %s::text, 0))", [batch.pk])


@transaction.atomic
def carry_out(handing_id: int, *, by: Actor) -> Handing:
    """All of it in one transaction, so that a job which was cut off has done nothing and begins anew."""
    made = Handing.objects.select_for_update(of=("self",)).select_related("batch__project", "team", "queue__project").get(pk=handing_id)
    if made.state != "running":
        return made
    if made.team is None:
        raise Conflict(_("The team is no more."), code="team_gone")
    shares = {int(person): share for person, share in made.shares.items()}
    wish = check(Wish(made.batch, made.team, made.mode, shares, made.queue, made.counts.get("overlap", 1), made.until))
    people = [person for person, _share in plan(wish).people]
    if not people:
        raise Invalid(_("Nobody of this team can take part: see who is left out, and why."), fields={"team": "nobody can take part"})
    made.queue, made.opened, made.named = _queue_for(wish, people, by)
    fill(made.queue.pk)
    whole = plan(Wish(wish.batch, wish.team, wish.mode, wish.shares, made.queue, made.queue.overlap, wish.until))
    data = {"team": made.team.pk, "handing": made.pk}
    made.bulk = dividing.divide(made.queue, whole.tasks, until=wish.until, data=data, by=by)
    kept = _kept(made.bulk.pk)
    made.state = HANDING.after(made.state, "finish")
    made.counts = {"overlap": made.queue.overlap, "items": whole.items, "answers": sum(kept.values()), "people": len(people), "unmet": whole.unmet,
                   "given": {str(person): number for person, number in sorted(kept.items())}}  # fmt: skip
    made.save()
    about = {"batch": made.batch_id, "queue": made.queue.pk, "team": made.team.pk, "tasks": made.counts["answers"], "mode": made.mode}
    record(by, "batch.assign", made, organisation=made.batch.project.organisation_id, project=made.batch.project, data=about)
    return made


def _kept(bulk_id: int) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT now_person, count(*) FROM annotate_bulktask WHERE bulk_id = %s AND outcome = 'changed' GROUP BY 1", [bulk_id])
        return dict(cursor.fetchall())


def _queue_for(wish: Wish, people: list[Person], by: Actor) -> tuple[Queue, bool, list[int]]:
    """(queue, whether it was made, ids of people who were named for it now)."""
    if wish.queue is None:
        name = _free_name(wish.batch)
        project = wish.batch.project
        queue = create_queue(project, name, stage="annotate", q=own_query(wish.batch), overlap=wish.overlap, members=people, by=by)
        return queue, True, [person.pk for person in people]
    before = list(Person.objects.filter(assignments__queue=wish.queue))
    fresh = [person for person in people if person not in before]
    if fresh:
        change_queue(wish.queue, members=[*before, *fresh], by=by)
    return wish.queue, False, [person.pk for person in fresh]


def _free_name(batch: Batch) -> str:
    taken = set(Queue.objects.filter(project_id=batch.project_id, name__startswith=batch.name[:180]).values_list("name", flat=True))
    wanted, number = batch.name[:190], 1
    while wanted in taken:
        number += 1
        wanted = f"{batch.name[:180]} {number}"
    return wanted


@transaction.atomic
def undo(made: Handing, *, by: Actor) -> Handing:
    """Take it back, once: what is kept and not begun is anybody's of the queue again, who was named for the queue is so no more,
    a queue that it made and nobody has used is gone. What was answered or is being worked on stays."""
    require(may_manage(by, made.batch.project))
    _one_at_a_time(made.batch)
    made = Handing.objects.select_for_update(of=("self",)).select_related("batch__project", "queue__project", "bulk__project").get(pk=made.pk)
    if made.state == "running":
        raise Conflict(_("This is still being carried out."), code="running")
    if made.state == "undone":
        raise Conflict(_("This is undone already."), code="undone")
    if made.bulk is not None and made.bulk.state == "done":
        bulk.undo(made.bulk, by=by)
    _unname(made, by)
    made.state = HANDING.after(made.state, "undo")
    made.undone_by = by.person
    made.save(update_fields=["state", "undone_by", "queue", "bulk"])
    Handing.objects.filter(pk=made.pk).update(undone_at=DatabaseNow())
    about: dict[str, Any] = {"batch": made.batch_id, "queue": made.queue_id}
    record(by, "batch.unassign", made, organisation=made.batch.project.organisation_id, project=made.batch.project, data=about)
    made.refresh_from_db()
    return made


def _unname(made: Handing, by: Actor) -> None:
    queue = made.queue
    if queue is None or queue.state == "closed":
        return
    used = Lease.objects.filter(queue=queue).exists() or Task.objects.filter(queue=queue).exclude(state="open", person=None).exists()
    others = Handing.objects.filter(queue=queue, state="done").exclude(pk=made.pk)
    if made.opened and not used and not others.exists():
        made.queue = made.bulk = None
        made.save(update_fields=["queue", "bulk"])
        queue.delete()
        return
    still = {person for named in others.values_list("named", flat=True) for person in named}
    # Whoever has work there keeps their place, or it would be lost to them; so does a queue whose last people these are.
    busy = Task.objects.filter(Q(person__in=made.named), queue=queue, gold=False).exclude(state="void").values_list("person_id", flat=True)
    busy_now = Lease.objects.filter(queue=queue, person__in=made.named, ended_at=None).values_list("person_id", flat=True)
    gone = set(made.named) - still - set(busy) - set(busy_now)
    keep = [person for person in Person.objects.filter(assignments__queue=queue) if person.pk not in gone]
    if gone and (keep or not made.opened):
        change_queue(queue, members=keep, by=by)
