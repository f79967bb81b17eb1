"""Acts of a manager on many tasks at once, chosen by a query: shown first, carried out, undone once.

Few tasks are done with at once, many by a job. A task that somebody works on, or that does not fit the act, is passed over
and counted with the reason; nothing that others hold is taken from them here (`moving` does that).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.items.models import Item
from annotate.jobs.services import enqueue
from annotate.jobs.states import LIVE
from annotate.kernel.canonical import check_text
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid, Missing
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.queues import bulk_rules
from annotate.queues.bulk_running import counts, run, values_of
from annotate.queues.models import Bulk, Queue, Task
from annotate.queues.queries import able
from annotate.queues.ranking import BEHIND, WEIGHED
from annotate.queues.states import ACTS, BULK
from annotate.search.compile import compile_query

AT_ONCE = 2000  # tasks that a request deals with itself; more are a job's
PLACES = ("front", "back")
JOB = "queues.bulk"
LONGEST_REASON = 500
_PRIORITY = 10**12

_COUNT = "SELECT j.why, count(*) FROM ({judged}) AS j GROUP BY j.why"
_PLAN = "INSERT INTO annotate_bulktask (bulk_id, task_id, outcome, was_state, now_state, moved_item) SELECT %s, unnest(%s::bigint[]), 'planned', '', '', false"
# A place for each before (behind) all that wait in its queue, in the order in which they stand now: in orders that are weighed
# anew, outside of what is.
_PLACE = """
UPDATE annotate_bulktask b SET now_rank = p.rank FROM (
    SELECT t.id, {place} AS rank
    FROM annotate_bulktask x JOIN annotate_task t ON t.id = x.task_id
    JOIN (SELECT o.queue_id, min(o.rank) AS low, max(o.rank) AS high FROM annotate_task o
          WHERE o.queue_id IN (SELECT DISTINCT k.queue_id FROM annotate_bulktask y JOIN annotate_task k ON k.id = y.task_id WHERE y.bulk_id = %(bulk)s)
            AND o.state IN ('open', 'returned', 'parked') GROUP BY o.queue_id) w ON w.queue_id = t.queue_id
    JOIN LATERAL (SELECT CASE WHEN q.order IN {weighed} THEN least(w.low, 0) ELSE w.low END AS low,
                         CASE WHEN q.order IN {weighed} THEN greatest(w.high, {behind}) ELSE w.high END AS high
                  FROM annotate_queue q WHERE q.id = t.queue_id) e ON true
    WHERE x.bulk_id = %(bulk)s AND t.state IN ('open', 'returned', 'parked')
) p WHERE b.bulk_id = %(bulk)s AND b.task_id = p.id
"""
_ORDERED = "row_number() OVER (PARTITION BY t.queue_id ORDER BY t.rank, t.id)"
_AT = {
    "front": f"greatest(e.low::numeric - count(*) OVER (PARTITION BY t.queue_id) + {_ORDERED} - 1, -9223372036854775808)::bigint",
    "back": f"least(e.high::numeric + {_ORDERED}, 9223372036854775807)::bigint",
}


@dataclass(frozen=True)
class Wish:
    """What is to be done, to the tasks of the items that `q` matches, in one queue or in all that are not closed.

    assign: `person`, and `until` or without end. prioritise: `place` (front or back) or, in queues ordered by priority,
    `priority` as in meta.priority. send_back: `reason`, which its authors read. release and void ask for nothing more.
    """

    act: str
    q: str = ""
    queue: Queue | None = None
    person: Person | None = None
    until: dt.datetime | None = None
    place: str = ""
    priority: int | None = None
    reason: str = ""

    def arguments(self) -> dict[str, Any]:
        """As the act keeps them."""
        given: dict[str, Any] = {}
        if self.act == "assign" and self.person is not None:
            given = {"person": self.person.pk, "until": self.until.isoformat() if self.until else None}
        elif self.act == "prioritise":
            given = {"place": self.place or None, "priority": self.priority}
        elif self.act == "send_back":
            given = {"reason": self.reason}
        return {name: value for name, value in given.items() if value not in (None, "")}


@dataclass(frozen=True)
class Preview:
    """`matched` tasks belong to the selection, `changes` of them would change, `passed` says why the others would not."""

    matched: int
    changes: int
    passed: dict[str, int] = field(default_factory=dict)


def checked(project: Project, wish: Wish) -> Wish:
    """The wish with its words cleaned; `Invalid` names what is missing or wrong, `Conflict` a closed queue."""
    wrong: dict[str, str] = {}
    if wish.act not in ACTS:
        raise Invalid(_("There is no such act."), fields={"act": f"one of {', '.join(ACTS)}"})
    if wish.queue is not None and wish.queue.project_id != project.pk:
        raise Missing()
    if wish.queue is not None and wish.queue.state == "closed":
        raise Conflict(_("A closed queue does not change."), code="queue_closed")
    if wish.act == "assign":
        if wish.person is None:
            wrong["person"] = _("name a person")
        elif wish.person.pk not in able(project, wish.queue):
            wrong["person"] = _("%(name)s may not do this work") % {"name": wish.person.name}
        if (fault := until_fault(wish.until)) is not None:
            wrong["until"] = fault
    if wish.act == "prioritise":
        if (wish.place in PLACES) == (wish.priority is not None):
            wrong["place"] = _("front, back, or a priority")
        if wish.priority is not None and abs(wish.priority) > _PRIORITY:
            wrong["priority"] = f"a whole number from -{_PRIORITY} to {_PRIORITY}"
    reason = check_text(wish.reason).strip()
    if len(reason) > LONGEST_REASON:
        wrong["reason"] = _("at most %(n)d characters") % {"n": LONGEST_REASON}
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    q = check_text(wish.q).strip()
    compile_query(q, project.pk)
    return Wish(wish.act, q, wish.queue, wish.person, wish.until, wish.place, wish.priority, reason)


def until_fault(until: dt.datetime | None) -> str | None:
    """What is wrong with the moment at which a reservation ends, None when nothing is."""
    if until is None:
        return None
    if timezone.is_naive(until):
        return _("a moment with its time zone")
    now = timezone.now()
    return None if now < until < now + dt.timedelta(days=3660) else _("a moment to come, at most ten years ahead")


def _selected(project: Project, wish: Wish) -> list[int]:
    """Ids of the tasks, but for void ones."""
    items = Item.objects.filter(compile_query(wish.q, project.pk), project=project).exclude(state="erased")
    rows = Task.objects.filter(queue__project=project, gold=False).exclude(state="void").exclude(queue__state="closed")
    if wish.queue is not None:
        rows = rows.filter(queue=wish.queue)
    rows = rows.filter(item__in=items.order_by().values("pk")) if wish.q else rows.exclude(item__state="erased")
    return list(rows.order_by("pk").values_list("pk", flat=True))


def preview(project: Project, wish: Wish, *, by: Actor) -> Preview:
    """What the act would change now; nothing changes."""
    require(may_manage(by, project))
    wish = checked(project, wish)
    ids = _selected(project, wish)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(judged=bulk_rules.judged(wish.act)), {"ids": ids, **values_of(wish.arguments())})
        found = dict(cursor.fetchall())
    return Preview(len(ids), found.pop("", 0), dict(sorted(found.items())))


@transaction.atomic
def act(project: Project, wish: Wish, *, by: Actor) -> Bulk:
    """Carry it out: at once (`done`), or as a job (`running`, see its `job`) when there are many tasks."""
    require(may_manage(by, project))
    wish = checked(project, wish)
    ids = _selected(project, wish)
    bulk = Bulk.objects.create(
        project=project, queue=wish.queue, act=wish.act, q=wish.q, arguments=wish.arguments(), created_by=by.person
    )
    with connection.cursor() as cursor:
        cursor.execute(_PLAN, [bulk.pk, ids])
        if wish.place and wish.act == "prioritise":
            cursor.execute(_PLACE.format(place=_AT[wish.place], weighed=WEIGHED, behind=BEHIND), {"bulk": bulk.pk})
    _go(bulk, len(ids), by)
    about = {"tasks": len(ids), "queue": wish.queue.pk if wish.queue else None, **wish.arguments()}
    record(by, f"bulk.{wish.act}", bulk, organisation=project.organisation_id, project=project, data=about)
    return bulk


def _go(bulk: Bulk, tasks: int, by: Actor) -> None:
    if tasks <= AT_ONCE:
        run(bulk.pk)
        bulk.refresh_from_db()
        return
    with connection.cursor() as cursor:  # so many new rows that the planner has not heard of: it would go through them all
        cursor.execute("ANALYZE annotate_bulktask")
    about = {"bulk": bulk.pk, "tasks": tasks, "undo": bulk.state == "undoing"}
    bulk.job = enqueue(
        JOB, organisation_id=bulk.project.organisation_id, project_id=bulk.project_id, by=by, arguments=about, key=f"bulk {bulk.pk}"
    )
    bulk.save(update_fields=["job"])


@transaction.atomic
def undo(bulk: Bulk, *, by: Actor) -> Bulk:
    """Put back what the act changed, once; what something else changed since, or somebody works on now, is left.

    `Conflict` when it is undone already or still being carried out. A job that was ended midway leaves an act that can be
    undone as far as it went.
    """
    require(may_manage(by, bulk.project))
    bulk = Bulk.objects.select_for_update(of=("self",)).select_related("project", "job").get(pk=bulk.pk)
    if bulk.state == "running" and (bulk.job is None or bulk.job.state not in LIVE):
        bulk.tasks.filter(outcome="planned").update(outcome="not_reached")
        bulk.state = BULK.after("running", "finish")
    if bulk.state == "undone" or (bulk.state == "undoing" and bulk.job is not None and bulk.job.state in LIVE):
        raise Conflict(_("This is undone already."), code="undone")
    if bulk.state == "running":
        raise Conflict(_("This is still being carried out."), code="running")
    changed = counts(bulk.pk).get("changed", 0)
    if bulk.state == "done":
        bulk.state = BULK.after(bulk.state, "undo")
    Bulk.objects.filter(pk=bulk.pk).update(state=bulk.state, undone_by=by.person, undone_at=DatabaseNow())
    _go(bulk, changed, by)
    record(
        by, "bulk.undo", bulk, organisation=bulk.project.organisation_id, project=bulk.project, data={"act": bulk.act, "tasks": changed}
    )
    bulk.refresh_from_db()
    return bulk
