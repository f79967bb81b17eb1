"""Items that several people answered: who said what, and why an item is not ready to be decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from annotate.annotations.renaming import text_in_words_of
from annotate.annotations.schemas import Parsed
from annotate.kernel import sql
from annotate.queues.apart import apart

PIECE = 5000  # items in one statement

_SAID = """
WITH said AS (
    SELECT t.item_id, array_agg(t.annotation_id ORDER BY t.person_id) FILTER (WHERE {answered}) AS answers,
           array_agg(t.person_id ORDER BY t.person_id) FILTER (WHERE {answered}) AS people,
           count(*) FILTER (WHERE NOT {answered}) AS waiting, max(t.answered_at) AS last
    FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id AND q.stage = 'annotate'
    WHERE t.item_id = ANY(%(items)s::bigint[]) AND NOT t.gold AND t.state <> 'void' AND ({answered} OR q.state <> 'closed')
    GROUP BY t.item_id, t.queue_id, t.round HAVING count(*) > 1
)
"""
# Of the queues and rounds in which several were asked, the one that was answered last counts.
_CANDIDATES = f"""{_SAID}
SELECT DISTINCT ON (i.id) i.id, coalesce(s.answers, '{{{{}}}}'), coalesce(s.people, '{{{{}}}}'), coalesce(i.width, 0), coalesce(i.height, 0), i.text,
       i.batch_id, i.state = 'approved',
       CASE WHEN i.state = 'withdrawn' THEN 'withdrawn'
            WHEN i.state <> 'labelled' OR s.waiting > 0 OR coalesce(cardinality(s.answers), 0) < 2
              OR EXISTS (SELECT 1 FROM annotate_task t JOIN annotate_queue k ON k.id = t.queue_id
                         WHERE t.item_id = i.id AND k.stage = 'annotate' AND k.state <> 'closed' AND NOT t.gold AND t.state IN ('returned', 'parked'))
              THEN 'unfinished'
            WHEN EXISTS (SELECT 1 FROM annotate_hold h WHERE h.item_id = i.id AND h.ended_at IS NULL) THEN 'held'
            WHEN {{apart}} THEN 'in_round'
            WHEN EXISTS (SELECT 1 FROM annotate_lease l JOIN annotate_queue k ON k.id = l.queue_id
                         WHERE l.item_id = i.id AND l.ended_at IS NULL AND l.expires_at > clock_timestamp() AND k.stage <> 'annotate') THEN 'at_review'
            WHEN EXISTS (SELECT 1 FROM annotate_annotation n WHERE n.item_id = i.id AND n.source NOT IN ('gold', 'undo') AND n.id <> ALL(s.answers)
                         AND n.number > (SELECT max(a.number) FROM annotate_annotation a WHERE a.id = ANY(s.answers))) THEN 'changed'
            ELSE '' END
FROM said s JOIN annotate_item i ON i.id = s.item_id
WHERE i.state <> 'erased'
ORDER BY i.id, s.last DESC NULLS LAST
"""
_ANSWERED = "(t.state = 'answered' AND t.annotation_id IS NOT NULL AND t.person_id IS NOT NULL)"
_ANSWERS = f"""{_SAID}
SELECT DISTINCT ON (i.id) i.id, coalesce(s.answers, '{{{{}}}}'), coalesce(s.people, '{{{{}}}}'), coalesce(i.width, 0) * coalesce(i.height, 0), s.last::text
FROM said s JOIN annotate_item i ON i.id = s.item_id WHERE i.state <> 'erased' ORDER BY i.id, s.last DESC NULLS LAST
"""
_DOCUMENTS = "SELECT id, document, schema_version_id FROM annotate_annotation WHERE id = ANY(%(ids)s::bigint[])"
_OF_PROJECT = """
SELECT DISTINCT t.item_id FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id
WHERE q.project_id = %(project)s::bigint AND q.stage = 'annotate' AND t.n > 1 AND NOT t.gold AND t.state <> 'void' ORDER BY 1
"""


@dataclass(frozen=True)
class Overlapped:
    """`answers` and `people` belong together, in order. `why` is empty when the item is ready to be decided (see `states.LEFT`); of an approved
    item it says nothing."""

    item: int
    answers: tuple[int, ...]
    people: tuple[int, ...]
    width: float
    height: float
    text: str | None
    batch: int
    approved: bool
    why: str


@dataclass(frozen=True)
class Answered:
    """Who said what, and no more: `picture` in pixels² or 0, `at` when the last answer came, as text."""

    item: int
    answers: tuple[int, ...]
    people: tuple[int, ...]
    picture: float
    at: str | None


def items_of(project_id: int) -> list[int]:
    """Items of the project about which more than one was asked, in order."""
    return [item for (item,) in sql.rows(_OF_PROJECT, {"project": project_id})]


def look(items: Sequence[int]) -> Iterator[Overlapped]:
    """Those of these items about which several were asked, in order, some thousand in a statement."""
    conditions = " OR ".join(f"({condition.format(queue=0)})" for _name, condition in apart) or "false"
    statement = _CANDIDATES.format(answered=_ANSWERED, apart=f"({conditions})")
    for start in range(0, len(items), PIECE):
        for item, answers, people, width, height, text, batch, approved, why in sql.rows(statement, {"items": list(items[start : start + PIECE])}):
            yield Overlapped(item, tuple(answers), tuple(people), width, height, text, batch, approved, why)


def answers(items: Sequence[int]) -> Iterator[Answered]:
    """Those of these items, not too many at once, that two people or more have answered, in order; whatever became of them since."""
    for item, made, people, picture, at in sql.rows(_ANSWERS.format(answered=_ANSWERED), {"items": list(items)}):
        if len(made) > 1:
            yield Answered(item, tuple(made), tuple(people), float(picture), at)


def texts(found: Sequence[Overlapped | Answered], schema: Parsed, project_id: int) -> dict[int, tuple[str, ...]]:
    """item → what its people said, in their order: JSON, in the words of the schema."""
    ids = [answer for one in found for answer in one.answers]
    said = {made: text_in_words_of(schema, text, project_id, under) for made, text, under in sql.rows(_DOCUMENTS, {"ids": ids})}
    return {one.item: tuple(said[answer] for answer in one.answers) for one in found}
