"""What comes back to be judged again is kept for a while for who returned it, where a queue asks for that: they know what to look for."""

from __future__ import annotations

from django.db import connection

from annotate.queues.bulk_rules import works
from annotate.queues.models import Queue
from annotate.queues.requiring import lacking

# Of the tasks that came in this very transaction: one that nobody took in time is for anybody, and stays so. Who wrote a revision
# since, or left, or is paused, is not waited for.
_KEEP = f"""
UPDATE annotate_task t SET person_id = back.person_id, reserved_until = now() + make_interval(hours => %(hours)s::int)
FROM (
    SELECT o.id, said.person_id FROM annotate_task o JOIN annotate_queue q ON q.id = o.queue_id
    CROSS JOIN LATERAL (SELECT v.person_id, v.verdict, v.annotation_id FROM annotate_review v
                        WHERE v.item_id = o.item_id AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = v.id)
                        ORDER BY v.id DESC LIMIT 1) said
    WHERE o.queue_id = %(queue)s AND o.state = 'open' AND o.person_id IS NULL AND o.created_at = now() AND o.rejudges_id IS NULL
      AND said.verdict = 'return' AND said.annotation_id <> o.annotation_id AND said.person_id IS NOT NULL
      AND {works("said.person_id")} AND cardinality({lacking("said.person_id")}) = 0
      AND NOT EXISTS (SELECT 1 FROM annotate_assignment x WHERE x.queue_id = q.id AND x.person_id = said.person_id AND x.paused)
      AND NOT EXISTS (SELECT 1 FROM annotate_pause z WHERE z.person_id = said.person_id AND z.project_id = q.project_id
                      AND (z.queue_id = q.id OR z.queue_id IS NULL))
      AND NOT EXISTS (SELECT 1 FROM annotate_annotation a WHERE a.item_id = o.item_id AND a.person_id = said.person_id AND a.source <> 'undo'
                      AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.annotation_id = a.id))
) AS back
WHERE t.id = back.id
"""


def keep_for_returners(queue: Queue) -> int:
    """Call where tasks were just added, in the same transaction; how many are kept."""
    if queue.returner_hours < 1:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, {"queue": queue.pk, "hours": queue.returner_hours})
        return int(cursor.rowcount)
