"""Items that several people answered: who said what, and why an item is not ready to be decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from annotate.annotations.renaming import texts_in_words_of
from annotate.annotations.schemas import Parsed
from annotate.kernel import sql
from annotate.queues.apart import apart
from workflows.quality import kept

PIECE = 5000  # items in one statement

_SAID = """
WITH asked AS (
    SELECT t.item_id, count(*) AS n, array_agg(t.annotation_id ORDER BY t.person_id) FILTER (WHERE {answered}) AS answers,
           array_agg(t.person_id ORDER BY t.person_id) FILTER (WHERE {answered}) AS people,
           count(*) FILTER (WHERE NOT {answered}) AS waiting, max(t.answered_at) AS last,
           bool_or(bool_or(t.state IN ('returned', 'parked') AND q.state <> 'closed')) OVER (PARTITION BY t.item_id) AS back
    FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id AND q.stage = 'annotate'
    WHERE t.item_id = ANY(%(items)s::bigint[]) AND NOT t.gold AND t.state <> 'void' AND ({answered} OR q.state <> 'closed')
    GROUP BY t.item_id, t.queue_id, t.round
), said AS (
    SELECT * FROM asked WHERE n > 1
)
"""
# Of the queues and rounds in which several were asked, the one that was answered last counts.
_CANDIDATES = f"""{_SAID}
SELECT DISTINCT ON (i.id) i.id, coalesce(s.answers, '{{{{}}}}'), coalesce(s.people, '{{{{}}}}'), coalesce(i.width, 0), coalesce(i.height, 0), i.text,
       i.batch_id, i.state = 'approved',
       CASE WHEN i.state = 'withdrawn' THEN 'withdrawn'
            WHEN i.state <> 'labelled' OR s.waiting > 0 OR s.back OR coalesce(cardinality(s.answers), 0) < 2 THEN 'unfinished'
            WHEN EXISTS (SELECT 1 FROM annotate_hold h WHERE h.item_id = i.id AND h.ended_at IS NULL) THEN 'held'
            WHEN {{apart}} THEN 'in_round'
            WHEN EXISTS (SELECT 1 FROM annotate_lease l JOIN annotate_queue k ON k.id = l.queue_id
                         WHERE l.item_id = i.id AND l.ended_at IS NULL AND l.expires_at > clock_timestamp() AND k.stage <> 'annotate') THEN 'at_review'
            WHEN (SELECT n.id FROM annotate_annotation n WHERE n.item_id = i.id AND (n.source NOT IN ('gold', 'undo') OR n.id = ANY(s.answers))
                  ORDER BY n.number DESC LIMIT 1) <> ALL(s.answers) THEN 'changed'
            ELSE '' END
FROM said s JOIN annotate_item i ON i.id = s.item_id
WHERE i.state <> 'erased'
ORDER BY i.id, s.last DESC NULLS LAST
"""
# Texts are looked up in a hash of texts; joined with rows whose number it does not know, Postgres would compare each with each.
_MOVED = """
SELECT split_part(h.said, ' ', 1)::bigint FROM unnest(%(said)b::text[]) AS h(said)
WHERE h.said NOT IN (
    SELECT c.id || ' ' || array_to_string(c.answers, ' ') FROM ({candidates}) c (id, answers, people, width, height, text, batch, approved, why)
    WHERE c.why = '' AND NOT c.approved
)
"""
_ANSWERED = "(t.state = 'answered' AND t.annotation_id IS NOT NULL AND t.person_id IS NOT NULL)"
_ANSWERS = f"""{_SAID}, latest AS (
    SELECT DISTINCT ON (i.id) i.id, s.answers, s.people, coalesce(i.width, 0) * coalesce(i.height, 0) AS picture, s.last::text AS at
    FROM said s JOIN annotate_item i ON i.id = s.item_id WHERE i.state <> 'erased' ORDER BY i.id, s.last DESC NULLS LAST
), now AS (
    SELECT l.*, {{key}} AS key FROM latest l WHERE cardinality(l.answers) > 1
)
"""
_EVERY = f"{_ANSWERS}SELECT id, answers, people, picture, at, key FROM now ORDER BY id"
_ANEW = f"""{_ANSWERS}
SELECT coalesce(n.id, k.item_id), n.answers, n.people, n.picture, n.at, n.key
FROM now n FULL JOIN (SELECT item_id, key FROM workflows_kept WHERE item_id = ANY(%(items)s::bigint[]) AND kind = %(kind)s) k ON k.item_id = n.id
WHERE n.key IS DISTINCT FROM k.key ORDER BY 1
"""
_DOCUMENTS = "SELECT id, document, schema_version_id FROM annotate_annotation WHERE id = ANY(%(ids)s::bigint[])"
_OF_PROJECT = """
SELECT DISTINCT t.item_id FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id
WHERE q.project_id = %(project)s::bigint AND q.stage = 'annotate' AND t.n > 1 AND NOT t.gold AND t.state <> 'void' ORDER BY 1
"""


class Overlapped(NamedTuple):
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


class Answered(NamedTuple):
    """Who said what, and no more: `picture` in pixels² or 0, `at` when the last answer came, as text; `key` as `kept.key_of` has it."""

    item: int
    answers: tuple[int, ...]
    people: tuple[int, ...]
    picture: float
    at: str | None
    key: str


def items_of(project_id: int) -> list[int]:
    """Items of the project about which more than one was asked, in order."""
    return [item for (item,) in sql.rows(_OF_PROJECT, {"project": project_id})]


def look(items: Sequence[int]) -> Iterator[Overlapped]:
    """Those of these items about which several were asked, in order, some thousand in a statement."""
    statement = _candidates()
    for start in range(0, len(items), PIECE):
        for item, answers, people, width, height, text, batch, approved, why in sql.rows(statement, {"items": list(items[start : start + PIECE])}):
            yield Overlapped(item, tuple(answers), tuple(people), width, height, text, batch, approved, why)


def moved(answers: Mapping[int, Sequence[int]]) -> set[int]:
    """Those of these items (item → the answers that were looked at, in order) that are no longer ready to be decided from just these."""
    if not answers:
        return set()
    values = {"items": list(answers), "said": [" ".join(map(str, (item, *given))) for item, given in answers.items()]}
    return {item for (item,) in sql.rows(_MOVED.format(candidates=_candidates()), values)}


def _candidates() -> str:
    conditions = " OR ".join(f"({condition.format(queue=0)})" for _name, condition in apart) or "false"
    return _CANDIDATES.format(answered=_ANSWERED, apart=f"({conditions})")


def answers(items: Sequence[int], schema: int) -> list[Answered]:
    """Those of these items, not too many at once, that two people or more have answered, in order; whatever became of them since."""
    statement = _EVERY.format(answered=_ANSWERED, key=kept.KEY.format(words="array_to_string(l.answers, ' ')"))
    return [_answered(*row) for row in sql.rows(statement, {"items": list(items), "schema": schema})]


def answered_anew(items: Sequence[int], schema: int, kind: str) -> tuple[list[Answered], list[int]]:
    """(those of them whose answers are others than what is kept was found in, in order; those of which something is kept, and nobody answers any more)."""
    statement = _ANEW.format(answered=_ANSWERED, key=kept.KEY.format(words="array_to_string(l.answers, ' ')"))
    rows = sql.rows(statement, {"items": list(items), "schema": schema, "kind": kind})
    return [_answered(*row) for row in rows if row[-1] is not None], [row[0] for row in rows if row[-1] is None]


def _answered(item: int, made: Sequence[int], people: Sequence[int], picture: float, at: str | None, key: str) -> Answered:
    return Answered(item, tuple(made), tuple(people), float(picture), at, key)


def texts(found: Sequence[Overlapped | Answered], schema: Parsed, project_id: int) -> dict[int, tuple[str, ...]]:
    """item → what its people said, in their order: JSON, in the words of the schema."""
    ids = [answer for one in found for answer in one.answers]
    said = texts_in_words_of(schema, sql.rows(_DOCUMENTS, {"ids": ids}), project_id)
    return {one.item: tuple([said[answer] for answer in one.answers]) for one in found}
