"""What stands of a batch, by which a step knows that its turn has come or that somebody has done it: counted, never stored."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from django.db.models import Max

from annotate.reviews.models import Approval

# `asked`: of annotators still; `void`: taken out of a queue that had it.
_COUNTS = """
WITH of AS MATERIALIZED (SELECT i.id, i.state FROM annotate_item i WHERE i.batch_id = %(batch)s AND i.state <> 'erased'),
     held AS MATERIALIZED (SELECT DISTINCT h.item_id FROM annotate_hold h JOIN of ON of.id = h.item_id WHERE h.ended_at IS NULL),
     tasks AS MATERIALIZED (
         SELECT t.item_id, bool_or(q.state <> 'closed' AND t.state IN ('open', 'returned', 'parked')) AS asked, bool_or(t.state = 'void') AS void
         FROM annotate_task t JOIN of ON of.id = t.item_id JOIN annotate_queue q ON q.id = t.queue_id
         WHERE q.stage = 'annotate' AND NOT t.gold GROUP BY 1)
SELECT count(*), count(*) FILTER (WHERE held),
       count(*) FILTER (WHERE NOT held AND state <> 'approved' AND (asked OR state <> 'labelled' AND NOT void)),
       count(*) FILTER (WHERE NOT held AND NOT asked AND state <> 'labelled' AND state <> 'approved' AND NOT void),
       count(*) FILTER (WHERE NOT held AND NOT asked AND state = 'labelled'),
       count(*) FILTER (WHERE NOT held AND state = 'approved')
FROM (SELECT of.state, h.item_id IS NOT NULL AS held, coalesce(t.asked, false) AS asked, coalesce(t.void, false) AS void
      FROM of LEFT JOIN held h ON h.item_id = of.id LEFT JOIN tasks t ON t.item_id = of.id) AS found
"""


@dataclass(frozen=True)
class Counts:
    """Of a batch's items: `unanswered` wait for an answer, `unasked` of them are in no queue; `labelled` are answered and not approved.
    Those that are `held` in quarantine, and those that were taken out of their queues, are waited for by nobody."""

    items: int
    held: int
    unanswered: int
    unasked: int
    labelled: int
    approved: int


def counts(batch_id: int) -> Counts:
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"batch": batch_id})
        return Counts(*cursor.fetchone())


def last_approval(batch_id: int) -> dt.datetime | None:
    """When the newest of the approvals that stand was given."""
    found: dt.datetime | None = Approval.objects.filter(item__batch=batch_id, ended_at=None).aggregate(last=Max("created_at"))["last"]
    return found
