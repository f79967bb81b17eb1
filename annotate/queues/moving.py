"""A person's open work goes to another, or back to all: what is kept for them, what came back to them, what they hold.

What they hold is taken from them, as `taking_back` does; their drafts stay theirs. Returned work goes on as a fresh answer
by the other person: nobody is shown another's. What waits for an answer to a question of theirs stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid, Missing
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.queues import bulk_rules
from annotate.queues.models import Queue
from annotate.queues.queries import able
from annotate.queues.requiring import require_qualified
from annotate.queues.tasks import void

KINDS = ("reserved", "returned", "held")
_LOCK_PERSON = "SELECT pg_advisory_xact_lock(hashtextextended('claim ' || %s::text, 0))"
_LIVE = "l.ended_at IS NULL AND l.expires_at > clock_timestamp()"
_OPEN = f"""
SELECT t.id FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id
WHERE q.project_id = %(project)s AND q.state <> 'closed' AND (%(queue)s::bigint IS NULL OR q.id = %(queue)s::bigint)
  AND t.state IN ('open', 'returned')
  AND (t.person_id = %(from)s::bigint
       OR t.id IN (SELECT l.task_id FROM annotate_lease l WHERE l.person_id = %(from)s::bigint AND {_LIVE}))
ORDER BY t.id FOR UPDATE OF t
"""
_HELD = f"EXISTS (SELECT 1 FROM annotate_lease l WHERE l.task_id = t.id AND l.person_id = %(from)s::bigint AND {_LIVE})"
_JUDGE = f"""
SELECT t.id, t.gold, CASE WHEN {_HELD} THEN 'held' WHEN t.person_id IS DISTINCT FROM %(from)s::bigint THEN '' WHEN t.state = 'returned' THEN 'returned'
                  ELSE 'reserved' END AS kind,
       CASE WHEN %(person)s::bigint IS NULL OR t.gold THEN '' ELSE {bulk_rules.why(bulk_rules.UNFIT)} END AS why
FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id
WHERE t.id = ANY(%(ids)s::bigint[]) AND t.state IN ('open', 'returned')
"""
_END = """
UPDATE annotate_lease SET ended_at = clock_timestamp(), ended_by = 'move'
WHERE task_id = ANY(%(ids)s::bigint[]) AND person_id = %(from)s::bigint AND ended_at IS NULL RETURNING item_id
"""
_LEAVE_GROUPS = """
DELETE FROM annotate_groupclaim g USING annotate_item i, annotate_task t
WHERE t.id = ANY(%(ids)s::bigint[]) AND i.id = t.item_id AND i.frame IS NOT NULL
  AND g.queue_id = t.queue_id AND g.group_key = i.group_key AND g.person_id = %(from)s::bigint
"""
_GIVE = """
UPDATE annotate_task SET state = 'open', person_id = %(person)s::bigint,
    reserved_until = CASE WHEN %(person)s::bigint IS NOT NULL AND state = 'open' THEN reserved_until END
WHERE id = ANY(%(ids)s::bigint[])
"""


@dataclass(frozen=True)
class Moved:
    """How many tasks moved, by kind; and why others stay where they are (a code of `bulk_words` → how many)."""

    moved: dict[str, int] = field(default_factory=dict)
    passed: dict[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(self.moved.values())


@transaction.atomic
def move_work(
    project: Project,
    person: Person,
    *,
    to: Person | None = None,
    queue: Queue | None = None,
    kinds: Iterable[str] = KINDS,
    by: Actor,
) -> Moved:
    """Move the open work of a person, in one queue or in all of the project, to another; `to` None gives it to all.

    What the other may not be served stays where it is. `Invalid` when they are the same person, or the other may work nowhere here.
    """
    require(may_manage(by, project))
    wanted = set(kinds)
    if not wanted or wanted - set(KINDS):
        raise Invalid(_("Say what is moved."), fields={"kinds": f"some of {', '.join(KINDS)}"})
    if queue is not None and queue.project_id != project.pk:
        raise Missing()
    if to is not None and to.pk == person.pk:
        raise Invalid(_("It is with this person already."), fields={"to": "another person"})
    if to is not None and to.pk not in able(project, queue):
        words = _("%(name)s may not do this work") % {"name": to.name}
        raise Invalid(words, fields={"to": words})
    if to is not None and queue is not None:
        require_qualified(queue, to, "to")
    values = {"project": project.pk, "queue": queue.pk if queue else None, "from": person.pk, "person": to.pk if to else None}
    moved: dict[str, list[int]] = {}
    passed: dict[str, int] = {}
    with connection.cursor() as cursor:
        for one in sorted({person.pk, to.pk if to else person.pk}):
            cursor.execute(_LOCK_PERSON, [one])
        cursor.execute(_OPEN, values)
        values |= {"ids": [row[0] for row in cursor.fetchall()]}  # type: ignore[dict-item]
        cursor.execute(_JUDGE, values)
        own: list[int] = []  # gold, which nobody else is given: it goes from them with the rest
        for task, gold, kind, why in cursor.fetchall():
            if kind not in wanted:
                continue
            if gold:
                own.append(task)
            elif why:
                passed[why] = passed.get(why, 0) + 1
            else:
                moved.setdefault(kind, []).append(task)
        values |= {"ids": sorted(task for tasks in moved.values() for task in tasks)}  # type: ignore[dict-item]
        cursor.execute(_LEAVE_GROUPS, values | {"ids": moved.get("held", [])})
        cursor.execute(_END, values)
        cursor.execute(_GIVE, values)
        cursor.execute(_END, values | {"ids": own})
        void(own)
    found = Moved({kind: len(moved[kind]) for kind in KINDS if kind in moved}, dict(sorted(passed.items())))
    if found.count:
        about = {"person": person.pk, "to": values["person"], "queue": values["queue"], "passed": found.passed, **found.moved}
        record(by, "work.move", person, organisation=project.organisation_id, project=project, data=about)
    return found

