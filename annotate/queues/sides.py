"""The answers between which an adjudicator decides: the newest of each person, in an order that tells nothing of whose they are."""

from __future__ import annotations

from annotate.kernel import sql

MOST = 50
# In the order of a digest, so that neither place nor time tells whose an answer is.
_ANSWERS = f"""
SELECT s.id, s.number, s.document FROM (
    SELECT DISTINCT ON (coalesce(t.person_id, -t.id)) a.id, a.number, a.document
    FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id JOIN annotate_annotation a ON a.id = t.annotation_id
    WHERE t.item_id = %(item)s::bigint AND q.stage = 'annotate' AND t.state = 'answered' AND NOT t.gold
    ORDER BY coalesce(t.person_id, -t.id), t.answered_at DESC, a.id DESC
) AS s
ORDER BY md5(s.id::text || ' answer'), s.id LIMIT {MOST}
"""


def sides_of(item_id: int) -> list[tuple[int, int, str]]:
    """(annotation, its number, its document as text) of each."""
    return [(int(id_), int(number), str(document)) for id_, number, document in sql.rows(_ANSWERS, {"item": item_id})]


def lettered(count: int) -> list[str]:
    """What the sides are called: "A", "B", …; past the alphabet by number."""
    return [chr(ord("A") + place) if place < 26 else str(place + 1) for place in range(count)]
