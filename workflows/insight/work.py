"""What a person can do next, and what they did today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from annotate.queues.mixing import unseen_by
from annotate.queues.requiring import Lacked, lacked
from annotate.reviews.given import GIVEN

ENOUGH = 1000  # a longer queue is shown as "1,000+"
LABELS = ("annotator", "reviewer", "manager")
REVIEWS = ("reviewer", "manager")

# Gold counts as work that waits, like any other, so that the number goes down by one with each answer.
_OFFERS = f"""
SELECT q.id, q.name, q.stage, q.project_id, p.name,
       (SELECT count(*) FROM (
            SELECT 1 FROM annotate_task t LEFT JOIN annotate_annotation a ON a.id = t.annotation_id
            LEFT JOIN annotate_annotation written ON written.id = a.parent_id AND a.source = 'undo'
            WHERE t.queue_id = q.id AND t.state = 'open' AND NOT t.held AND (t.person_id IS NULL OR t.person_id = %(me)s)
              AND (q.stage = 'annotate' OR coalesce(written.person_id, a.person_id) IS DISTINCT FROM %(me)s)
              AND NOT EXISTS (SELECT 1 FROM annotate_task m WHERE m.queue_id = t.queue_id AND m.item_id = t.item_id
                              AND m.round = t.round AND m.person_id = %(me)s AND m.id <> t.id)
              AND NOT EXISTS (SELECT 1 FROM annotate_skip s WHERE s.task_id = t.id AND s.person_id = %(me)s AND s.settled <> 'back')
              AND NOT EXISTS (SELECT 1 FROM annotate_lease l WHERE l.task_id = t.id AND l.ended_at IS NULL
                              AND l.expires_at > clock_timestamp() AND l.person_id <> %(me)s)
            LIMIT %(enough)s) few),
       CASE WHEN q.gold_percent > 0 AND q.stage = 'annotate' THEN {unseen_by('%(me)s', 'q.project_id', '%(enough)s')} ELSE 0 END,
       q.gold_percent >= 100,
       (SELECT count(*) FROM annotate_task t WHERE t.queue_id = q.id AND t.state = 'returned' AND t.person_id = %(me)s),
       EXISTS (SELECT 1 FROM annotate_lease l WHERE l.queue_id = q.id AND l.person_id = %(me)s AND l.ended_at IS NULL
               AND l.slot = 0 AND l.expires_at > clock_timestamp())
FROM annotate_queue q JOIN annotate_project p ON p.id = q.project_id
WHERE q.state = 'open' AND p.archived_at IS NULL
  AND ((q.stage = 'annotate' AND q.project_id = ANY(%(label)s)) OR (q.stage <> 'annotate' AND q.project_id = ANY(%(review)s)))
  AND (NOT EXISTS (SELECT 1 FROM annotate_assignment x WHERE x.queue_id = q.id)
       OR EXISTS (SELECT 1 FROM annotate_assignment x WHERE x.queue_id = q.id AND x.person_id = %(me)s AND NOT x.paused))
  AND NOT EXISTS (SELECT 1 FROM annotate_qualification c WHERE c.queue_id = q.id)
  AND NOT EXISTS (SELECT 1 FROM annotate_pause z WHERE z.person_id = %(me)s AND z.project_id = p.id
                  AND (z.queue_id = q.id OR z.queue_id IS NULL))
ORDER BY q.priority DESC, q.stage = 'annotate', q.id
"""


@dataclass(frozen=True)
class Offer:
    """A queue that the person may work in. `waiting` stops counting at `ENOUGH`."""

    queue: int
    name: str
    stage: str
    project: int
    project_name: str
    waiting: int
    returned: int
    held: bool
    lacks: Sequence[Lacked] = ()  # qualifications that it asks for and the person has not: nothing is handed out to them

    @property
    def something(self) -> bool:
        return not self.lacks and bool(self.waiting or self.returned or self.held)


def offers(person_id: int, roles: Mapping[int, str]) -> list[Offer]:
    """The queues where the person may work now, and those that they must qualify for first: returned work first, then what they hold, then by priority."""
    parameters: dict[str, Any] = {
        "me": person_id,
        "enough": ENOUGH,
        "label": [pk for pk, role in roles.items() if role in LABELS],
        "review": [pk for pk, role in roles.items() if role in REVIEWS],
    }
    with connection.cursor() as cursor:
        cursor.execute(_OFFERS, parameters)
        rows = [_offer(*row) for row in cursor.fetchall()]
    lacks = lacked(person_id, [row.queue for row in rows])
    rows = [replace(row, lacks=lacks[row.queue]) if row.queue in lacks else row for row in rows]
    return sorted(rows, key=lambda offer: (bool(offer.lacks), not offer.returned, not offer.held, not offer.waiting))


def _offer(queue: int, name: str, stage: str, project: int, project_name: str, open_: int, gold: int, only: bool, returned: int, held: bool) -> Offer:
    waiting = min(ENOUGH, open_ + gold) if open_ or only else 0
    return Offer(queue, name, stage, project, project_name, waiting, returned, held)


@dataclass(frozen=True)
class Today:
    labelled: int
    reviewed: int
    returned: int
    minutes: int


_TODAY = f"""
SELECT (SELECT count(*) FROM annotate_annotation WHERE person_id = %(me)s AND source IN ('person', 'gold') AND created_at >= date_trunc('day', now())),
       (SELECT count(*) FROM {GIVEN} r WHERE person_id = %(me)s AND created_at >= date_trunc('day', now())),
       (SELECT count(*) FROM annotate_task WHERE person_id = %(me)s AND state = 'returned'),
       (SELECT coalesce(sum(seconds), 0) / 60 FROM annotate_annotation
        WHERE person_id = %(me)s AND created_at >= date_trunc('day', now()))
"""


def today(person_id: int) -> Today:
    """Answers and verdicts since midnight (UTC), returned work that waits, and minutes at work as answers report them."""
    with connection.cursor() as cursor:
        cursor.execute(_TODAY, {"me": person_id})
        labelled, reviewed, returned, minutes = cursor.fetchone()
    return Today(labelled, reviewed, returned, round(minutes))
