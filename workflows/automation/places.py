"""Where items stand on the flow: each is in one place, so that the counts of a picture sum to all there are.

One statement counts them; `place = …` in a query finds the very items behind a count.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from annotate.items.models import Batch
from annotate.queues.models import Hold, Task
from annotate.search import columns
from annotate.search.fields import Condition, Field, declare

PLACES = ("held", "approved", "gate", "collect", "annotate", "adjudicate", "review")
_UNLABELLED = ("new", "withdrawn")
_LIVE = ("open", "returned", "parked")
_TASKS = """SELECT t.item_id, min(t.created_at) AS since FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id
            WHERE q.project_id = %(project)s AND q.stage = '{stage}' AND q.state <> 'closed' AND NOT t.gold
              AND t.state IN ('open', 'returned', 'parked') GROUP BY 1"""
_COUNTS = f"""
WITH held AS MATERIALIZED (SELECT DISTINCT h.item_id FROM annotate_hold h JOIN annotate_item i ON i.id = h.item_id
                           WHERE i.project_id = %(project)s AND h.ended_at IS NULL),
     asked AS MATERIALIZED ({_TASKS.format(stage="annotate")}),
     deciding AS MATERIALIZED ({_TASKS.format(stage="adjudicate")})
SELECT batch_id, place, count(*), min(since), count(*) FILTER (WHERE unasked) FROM (
    SELECT i.batch_id, coalesce(a.since, d.since, i.created_at) AS since, a.item_id IS NULL AND i.state IN ('new', 'withdrawn') AS unasked,
           CASE WHEN h.item_id IS NOT NULL THEN 'held'
                WHEN i.state = 'approved' THEN 'approved'
                WHEN a.item_id IS NULL AND i.state IN ('new', 'withdrawn') AND b.gated THEN 'gate'
                WHEN a.item_id IS NULL AND i.state IN ('new', 'withdrawn') AND b.state = 'open' THEN 'collect'
                WHEN a.item_id IS NOT NULL OR i.state <> 'labelled' THEN 'annotate'
                WHEN d.item_id IS NOT NULL THEN 'adjudicate'
                ELSE 'review' END AS place
    FROM annotate_item i JOIN annotate_batch b ON b.id = i.batch_id
    LEFT JOIN held h ON h.item_id = i.id LEFT JOIN asked a ON a.item_id = i.id LEFT JOIN deciding d ON d.item_id = i.id
    WHERE i.project_id = %(project)s AND i.state <> 'erased') AS placed
GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Here:
    """Of a batch's items in one place: how many, since when the first of them, and how many of them no queue asks for."""

    batch: int
    place: str
    items: int
    since: dt.datetime | None
    unasked: int


def standing(project_id: int) -> list[Here]:
    """All items of the project, by batch and place."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"project": project_id})
        return [Here(*row) for row in cursor.fetchall()]


def _live(stage: str) -> Q:
    rows = Task.objects.filter(queue__stage=stage, gold=False, state__in=_LIVE).exclude(queue__state="closed")
    return columns.there(rows, item="pk")


def _in(place: str) -> Q:
    """The condition of one place; what stands before it in `PLACES` has been asked already."""
    waiting = Q(state__in=_UNLABELLED) & ~_live("annotate")
    batches = {"gate": Batch.objects.filter(gated=True), "collect": Batch.objects.filter(state="open")}
    if place in batches:
        return waiting & Q(batch__in=batches[place].values("pk"))
    if place == "held":
        return columns.there(Hold.objects.filter(ended_at=None), item="pk")
    if place == "annotate":
        return _live("annotate") | ~Q(state="labelled")
    if place == "adjudicate":
        return _live("adjudicate")
    return Q(state="approved") if place == "approved" else Q()


def _placed(condition: Condition, project_id: int) -> Q:
    found = Q(pk__in=[])
    for place in PLACES:
        if place in condition.values:
            earlier = [~_in(other) for other in PLACES[: PLACES.index(place)]]
            found |= Q(_in(place), *earlier)
    return found


declare(Field("place", "choice", _("Where the item stands on the project's flow."), "place = annotate", _placed, options=PLACES))
