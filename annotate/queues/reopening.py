"""Re-opening one's own answer: a new lease on it, until a reviewer has opened or judged it."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.kernel import sql
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Missing, Stale
from annotate.people.actor import Actor
from annotate.projects.queries import current_schema, role
from annotate.queues import picking
from annotate.queues.feedback import require_untold
from annotate.queues.models import Lease, Task
from annotate.queues.opened import answer_opened
from annotate.queues.policies import SCOPES, may_take
from annotate.queues.requiring import require_open_run
from annotate.queues.states import TASK

_LOCK_PERSON = "SELECT pg_advisory_xact_lock(hashtextextended('claim ' || %(person)s::text, 0))"
_LOCK_TASKS = """
SELECT t.id FROM annotate_task t
WHERE t.id = ANY(ARRAY(
    SELECT o.id FROM annotate_task o
    WHERE o.item_id = %(item)s::bigint AND (o.id = %(task)s::bigint OR o.annotation_id = %(annotation)s::bigint)
    UNION
    SELECT l.task_id FROM annotate_lease l
    WHERE l.person_id = %(person)s::bigint AND l.queue_id = %(queue)s::bigint AND l.ended_at IS NULL))
ORDER BY t.id FOR UPDATE
"""
_SEEN = f"SELECT {answer_opened('t')} FROM annotate_task t WHERE t.id = %(task)s::bigint"
_MAKE_ROOM = """
WITH over AS (
    UPDATE annotate_lease SET ended_at = clock_timestamp(),
        ended_by = CASE WHEN expires_at > clock_timestamp() THEN 'release' ELSE 'expiry' END
    WHERE person_id = %(person)s::bigint AND queue_id = %(queue)s::bigint AND ended_at IS NULL
      AND (slot = 1 OR expires_at <= clock_timestamp())
) SELECT 1
"""
_BEHIND = """
UPDATE annotate_lease SET slot = 1
WHERE person_id = %(person)s::bigint AND queue_id = %(queue)s::bigint AND ended_at IS NULL AND slot = 0
"""
_RETURN = """
WITH void AS (
    UPDATE annotate_task SET state = 'void'
    WHERE item_id = %(item)s::bigint AND annotation_id = %(annotation)s::bigint AND id <> %(task)s::bigint AND state = 'open'
)
UPDATE annotate_task SET state = 'returned' WHERE id = %(task)s::bigint AND state = 'answered' RETURNING id
"""


@transaction.atomic
def judge_again(task_id: int, actor: Actor) -> Lease | None:
    """A new lease (slot 0) on a task to judge that is open again; None when somebody else has it or the queue is not open.

    As with `reopen`, what they held there moves behind it and what was ahead is given back.
    """
    task = Task.objects.select_related("queue__project").filter(pk=task_id, state="open").first()
    if task is None or task.queue.state != "open" or task.queue.project.archived_at is not None:
        return None
    queue = task.queue
    if not may_take(role(actor, queue.project), queue.stage):
        return None
    values = {"task": task.pk, "item": task.item_id, "annotation": task.annotation_id, "person": actor.person_id, "queue": queue.pk}
    sql.rows(_LOCK_PERSON, values)
    sql.rows(_LOCK_TASKS, values)
    sql.rows(_MAKE_ROOM, values)
    sql.rows(_BEHIND, values)
    leased = {"slot": 0, "schema": current_schema(queue.project_id).pk, "seconds": queue.lease_seconds}
    picked = sql.row(picking.AGAIN, values | leased)
    return Lease.objects.get(pk=picked[4]) if picked is not None and picked[4] is not None else None


@transaction.atomic
def reopen(task_id: int, actor: Actor, *, room: bool = True) -> Lease:
    """A new lease (slot 0) on the actor's own answer. What they held there moves behind it, what was ahead is given back;
    not so without `room`, when the caller has freed the slot.

    `Missing` when the answer is not theirs, `Conflict` when a reviewer has opened it.
    """
    task = (
        Task.objects.select_related("queue__project")
        .filter(pk=task_id, person_id=actor.person_id, queue__stage="annotate")
        .first()
    )
    if task is None or role(actor, task.queue.project) is None:
        raise Missing()
    queue = task.queue
    actor.require_scope(*SCOPES[queue.stage])
    require(may_take(role(actor, queue.project), queue.stage))
    if queue.state != "open" or queue.project.archived_at is not None:
        raise Conflict(_("this queue is not open"), code=f"queue_{queue.state}")
    values = {"task": task.pk, "item": task.item_id, "annotation": task.annotation_id, "person": actor.person_id, "queue": queue.pk}
    sql.rows(_LOCK_PERSON, values)
    sql.rows(_LOCK_TASKS, values)
    if task.gold:
        require_open_run(task.pk, actor.person_id)
        require_untold(queue, task.pk)
    task.refresh_from_db()
    TASK.after(task.state, "return")
    if task.annotation_id != values["annotation"]:
        raise Stale()
    if (sql.row(_SEEN, values) or (False,))[0]:
        raise Conflict(_("a reviewer has opened this answer already"), code="opened_by_reviewer")
    if sql.row(_RETURN, values) is None:
        raise Stale()
    if room:
        sql.rows(_MAKE_ROOM, values)
        sql.rows(_BEHIND, values)
    leased = {"slot": 0, "schema": current_schema(queue.project_id).pk, "seconds": queue.lease_seconds}
    picked = sql.row(picking.ONE, values | leased)
    if picked is None or picked[4] is None:
        raise Conflict(_("this item is held back at present"), code="held")
    record(
        actor, "task.reopen", ("task", task.pk), organisation=queue.project.organisation_id, project=queue.project_id, data={"item": task.item_id}
    )
    return Lease.objects.get(pk=picked[4])
