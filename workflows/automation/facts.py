"""What stands of a batch, by which a step knows that its turn has come or that somebody has done it: counted, never stored."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from django.db.models import Max

from annotate.reviews.models import Approval

# Of an item `i`: what is asked of annotators still, and whether it was taken out of every queue that asked.
ASKED = """EXISTS (SELECT 1 FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id WHERE t.item_id = i.id AND q.stage = 'annotate'
                  AND q.state <> 'closed' AND NOT t.gold AND t.state IN ('open', 'returned', 'parked'))"""
GIVEN_UP = f"""(NOT {ASKED} AND EXISTS (SELECT 1 FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id WHERE t.item_id = i.id
                  AND q.stage = 'annotate' AND NOT t.gold AND t.state = 'void'))"""
HELD = "EXISTS (SELECT 1 FROM annotate_hold h WHERE h.item_id = i.id AND h.ended_at IS NULL)"
_COUNTS = f"""
SELECT count(*), count(*) FILTER (WHERE held),
       count(*) FILTER (WHERE NOT held AND state <> 'approved' AND (asked OR state <> 'labelled' AND NOT given_up)),
       count(*) FILTER (WHERE NOT held AND NOT asked AND state <> 'labelled' AND state <> 'approved' AND NOT given_up),
       count(*) FILTER (WHERE NOT held AND NOT asked AND state = 'labelled'),
       count(*) FILTER (WHERE NOT held AND state = 'approved')
FROM (SELECT i.state, {HELD} AS held, {ASKED} AS asked, {GIVEN_UP} AS given_up
      FROM annotate_item i WHERE i.batch_id = %s AND i.state <> 'erased') AS of
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
        cursor.execute(_COUNTS, [batch_id])
        return Counts(*cursor.fetchone())


def last_approval(batch_id: int) -> dt.datetime | None:
    """When the newest of the approvals that stand was given."""
    found: dt.datetime | None = Approval.objects.filter(item__batch=batch_id, ended_at=None).aggregate(last=Max("created_at"))["last"]
    return found
