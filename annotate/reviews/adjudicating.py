"""What an adjudication leaves beside its verdict: which answers it decided between, whose words it repeats, and what need not be done any more."""

from __future__ import annotations

from typing import Any

import orjson

from annotate.kernel import sql
from annotate.labels.origins import origins
from annotate.queues.laying_aside import lay_aside
from annotate.queues.sides import lettered, sides_of
from annotate.reviews.models import Adjudication, Review

# A verdict that was taken back is none; one that decided between the item's answers before is not a reviewer's.
_REVIEWED = """
SELECT EXISTS (SELECT 1 FROM annotate_review v LEFT JOIN annotate_task t ON t.id = v.task_id LEFT JOIN annotate_queue q ON q.id = t.queue_id
               WHERE v.item_id = %(item)s::bigint AND v.person_id = %(person)s::bigint AND coalesce(q.stage, 'review') = 'review'
                 AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = v.id))
"""


def has_reviewed(item_id: int, person_id: int) -> bool:
    """Whether the person has given a reviewer's verdict on the item that stands."""
    return bool((sql.row(_REVIEWED, {"item": item_id, "person": person_id}) or (False,))[0])


def keep(made: Review, document: dict[str, Any]) -> Adjudication:
    """Beside the verdict that approves `document`, in its transaction, with the item and all of its tasks locked."""
    sides = sides_of(made.item_id)
    answers = {id_: orjson.loads(text) for id_, _number, text in sides}
    aside = lay_aside([made.item_id], but=[made.task_id] if made.task_id else [])
    return Adjudication.objects.create(
        review=made,
        answers=[{"label": letter, "annotation": id_} for letter, (id_, _number, _text) in zip(lettered(len(sides)), sides, strict=True)],
        origins=origins(document, answers),
        aside=aside.get(made.item_id, []),
    )
