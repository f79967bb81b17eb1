"""Keeping waiting tasks for a person: only they are served them, before anything else that waits; and letting them go again.

It ends when they answer or skip it, at its moment, when they leave, or by a manager. An item has one answer per person, so
one of its tasks is kept and the others go to others.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.projects.policies import may_manage
from annotate.queues import bulk_rules
from annotate.queues.bulk import until_fault
from annotate.queues.fill import fill
from annotate.queues.models import Queue, Task
from annotate.queues.queries import able
from annotate.queues.requiring import require_qualified

MOST = 1000  # items in one call; a query reaches more (`bulk`)
_LOCK_PERSON = "SELECT pg_advisory_xact_lock(hashtextextended('claim ' || %s::text, 0))"
_JUDGE = f"SELECT j.id, t.item_id, j.why FROM ({bulk_rules.judged('assign')}) AS j JOIN annotate_task t ON t.id = j.id ORDER BY t.n"
_SAID_LAST = ("not_waiting", "has_one")  # of an item's tasks, the more telling reason is told


@dataclass(frozen=True)
class Reserved:
    """`tasks`: item → the task that is kept now. `passed`: item → why none of its tasks is (a code of `bulk_words`)."""

    tasks: dict[int, int]
    passed: dict[int, str]


@transaction.atomic
def reserve(queue: Queue, item_ids: Iterable[int], person: Person, *, until: dt.datetime | None = None, by: Actor) -> Reserved:
    """Keep a waiting task of each item for the person, until a moment or without end. Once more changes the moment only.

    `Invalid` for a person who may not work in the queue or a moment that is over; `Conflict` for a closed queue.
    """
    require(may_manage(by, queue.project))
    wanted = sorted(set(item_ids))
    wrong: dict[str, str] = {}
    if not 1 <= len(wanted) <= MOST:
        wrong["items"] = f"1 to {MOST} items"
    if person.pk not in able(queue.project, queue):
        wrong["person"] = _("%(name)s may not do this work") % {"name": person.name}
    if (fault := until_fault(until)) is not None:
        wrong["until"] = fault
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    require_qualified(queue, person, "person")
    if queue.state == "closed":
        raise Conflict(_("A closed queue does not change."), code="queue_closed")
    fill(queue.pk)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_PERSON, [person.pk])
        rows = Task.objects.filter(queue=queue, item_id__in=wanted, gold=False).exclude(state="void").exclude(item__state="erased")
        ids = list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
        cursor.execute(_JUDGE, {"ids": ids, "person": person.pk, "until": until})
        judged = cursor.fetchall()
    tasks = {item: task for task, item, why in judged if not why}
    Task.objects.filter(pk__in=tasks.values()).update(person=person, reserved_until=until)
    passed = dict.fromkeys(wanted, "no_task")
    for _task, item, why in sorted(judged, key=lambda row: row[2] not in _SAID_LAST):
        passed[item] = why
    passed = {item: why for item, why in passed.items() if item not in tasks}
    if tasks:
        about = {"person": person.pk, "queue": queue.pk, "count": len(tasks), "items": sorted(tasks)}
        record(by, "task.reserve", queue, organisation=queue.project.organisation_id, project=queue.project, data=about)
    return Reserved(tasks, passed)


@transaction.atomic
def release(queue: Queue, task_ids: Iterable[int], *, by: Actor) -> int:
    """Keep these tasks of the queue for nobody; how many were kept. Who works on one goes on with it."""
    require(may_manage(by, queue.project))
    found = kept(queue).filter(pk__in=list(task_ids)).order_by("pk").select_for_update(of=("self",))
    ids = list(found.values_list("pk", flat=True))
    if not ids:
        return 0
    Task.objects.filter(pk__in=ids).update(person=None, reserved_until=None)
    about = {"queue": queue.pk, "count": len(ids), "tasks": ids[:MOST]}
    record(by, "task.release", queue, organisation=queue.project.organisation_id, project=queue.project, data=about)
    return len(ids)


def kept(queue: Queue) -> QuerySet[Task]:
    """Waiting tasks of the queue that are kept for somebody."""
    return Task.objects.filter(queue=queue, state="open", person__isnull=False, gold=False)
