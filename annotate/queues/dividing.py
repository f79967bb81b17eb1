"""Keeping many tasks of a queue for several people in one act, each for the person named for it; undone like any bulk act.

The rules are those of keeping tasks for one person (`bulk_rules`), so a task that somebody works on, or that its person may
not have, is passed over and counted with the reason.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from annotate.activity.services import record
from annotate.kernel.decisions import require
from annotate.people.actor import Actor
from annotate.projects.policies import may_manage
from annotate.queues import bulk_rules
from annotate.queues.bulk_running import counts
from annotate.queues.models import Bulk, Queue

# Against the people's other tabs, then tasks by id: the order in which everybody locks.
_LOCK_PERSON = "SELECT pg_advisory_xact_lock(hashtextextended('claim ' || %s::text, 0))"
_LOCK_TASKS = "SELECT id FROM annotate_task WHERE id = ANY(%s) AND queue_id = %s ORDER BY id FOR UPDATE"
_PLAN = f"""
INSERT INTO annotate_bulktask (bulk_id, task_id, outcome, was_state, was_person, was_rank, was_until, annotation,
                               now_state, now_person, now_rank, now_until, moved_item)
SELECT %(bulk)s, t.id, CASE WHEN j.why = '' THEN 'changed' ELSE j.why END, t.state, t.person_id, t.rank, t.reserved_until,
       t.annotation_id, t.state, %(person)s::bigint, t.rank, %(until)s::timestamptz, false
FROM ({bulk_rules.judged("assign")}) AS j JOIN annotate_task t ON t.id = j.id
"""
_KEEP = """
UPDATE annotate_task t SET person_id = b.now_person, reserved_until = b.now_until
FROM annotate_bulktask b WHERE b.bulk_id = %s AND b.task_id = t.id AND b.outcome = 'changed'
"""


@transaction.atomic
def divide(
    queue: Queue, people: Mapping[int, int], *, until: dt.datetime | None = None, data: Mapping[str, Any] | None = None, by: Actor
) -> Bulk:
    """Keep tasks of the queue for people: `people` maps a task's id to a person's. An act that is done; its counts say how many
    changed, and why others did not. `bulk.undo` takes it back."""
    require(may_manage(by, queue.project))
    arguments = {"until": until.isoformat() if until else None, **(data or {})}
    kept = {name: value for name, value in arguments.items() if value is not None}
    bulk = Bulk.objects.create(project=queue.project, queue=queue, act="assign", arguments=kept, state="running", created_by=by.person)
    with connection.cursor() as cursor:
        for person in sorted(set(people.values())):
            cursor.execute(_LOCK_PERSON, [person])
        cursor.execute(_LOCK_TASKS, [list(people), queue.pk])
        theirs: dict[int, list[int]] = defaultdict(list)
        for (task,) in cursor.fetchall():
            theirs[people[task]].append(task)
        for person, tasks in sorted(theirs.items()):
            cursor.execute(_PLAN, {"bulk": bulk.pk, "ids": tasks, "person": person, "until": until})
        cursor.execute(_KEEP, [bulk.pk])
    bulk.state, bulk.counts = "done", counts(bulk.pk)
    bulk.save(update_fields=["state", "counts"])
    about = {"tasks": len(people), "queue": queue.pk, **kept}
    record(by, "bulk.assign", bulk, organisation=queue.project.organisation_id, project=queue.project, data=about)
    return bulk
