"""The revisions of an item that count: the approved one, the newest, and those that answer a task still. And new revisions
in place of such, many at once: whose work it is stays, tasks and approvals go on to the new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from annotate.annotations.projection import refresh
from annotate.kernel import canonical, sql

MIGRATION = "migration"  # source of such a revision, and cause of an approval that went on to it

# In the order in which everybody locks: tasks by id, then items by id.
_LOCK_TASKS = "SELECT count(*) FROM (SELECT id FROM annotate_task WHERE item_id = ANY(%(items)s::bigint[]) ORDER BY id FOR UPDATE) t"
_LOCK_ITEMS = "SELECT id FROM annotate_item WHERE id = ANY(%(items)s::bigint[]) AND state <> 'erased' ORDER BY id FOR NO KEY UPDATE"
# What only measures its author is no label of the item.
IS_LIVE = """(a.source <> 'gold' AND (
    EXISTS (SELECT 1 FROM annotate_approval p WHERE p.annotation_id = a.id AND p.ended_at IS NULL)
    OR a.number = (SELECT max(m.number) FROM annotate_annotation m WHERE m.item_id = a.item_id)
    OR EXISTS (SELECT 1 FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id
               WHERE t.annotation_id = a.id AND t.state = 'answered' AND q.stage = 'annotate')))"""
_LIVE = f"""
SELECT a.id, a.item_id, a.number, a.schema_version_id, s.number, a.person_id, a.task_id, a.document,
       p.id, p.person_id, p.review_id
FROM annotate_annotation a
JOIN annotate_schemaversion s ON s.id = a.schema_version_id
LEFT JOIN annotate_approval p ON p.annotation_id = a.id AND p.ended_at IS NULL
WHERE a.item_id = ANY(%(items)s::bigint[]) AND {IS_LIVE}
ORDER BY a.item_id, a.number
"""
_JUDGED = """
SELECT DISTINCT l.item_id FROM annotate_lease l JOIN annotate_queue q ON q.id = l.queue_id
WHERE l.item_id = ANY(%(items)s::bigint[]) AND l.ended_at IS NULL AND l.expires_at > clock_timestamp() AND q.stage <> 'annotate'
"""
_ADD = f"""
INSERT INTO annotate_annotation (item_id, number, parent_id, task_id, person_id, schema_version_id, source, document, digest)
SELECT v.item, v.rank + (SELECT max(m.number) FROM annotate_annotation m WHERE m.item_id = v.item),
       v.parent, old.task_id, old.person_id, %(schema)s::bigint, '{MIGRATION}', v.document, v.digest
FROM unnest(%(items)s::bigint[], %(ranks)s::int[], %(parents)s::bigint[], %(documents)b::text[], %(digests)b::bytea[])
     AS v(item, rank, parent, document, digest)
JOIN annotate_annotation old ON old.id = v.parent
ORDER BY v.item, v.rank
RETURNING parent_id, id
"""
_REPOINT = """
UPDATE annotate_task t SET annotation_id = v.new
FROM unnest(%(old)s::bigint[], %(new)s::bigint[]) AS v(old, new), annotate_queue q
WHERE t.annotation_id = v.old AND q.id = t.queue_id
  AND (q.stage = 'annotate' AND t.state = 'answered' OR q.stage <> 'annotate' AND t.state = 'open')
"""
_APPROVAL_ENDS = "UPDATE annotate_approval SET ended_at = clock_timestamp(), ended_reason = 'superseded' WHERE id = ANY(%(ids)s::bigint[])"
_APPROVAL_GOES_ON = f"""
INSERT INTO annotate_approval (item_id, annotation_id, cause, person_id, review_id, ended_reason)
SELECT p.item_id, v.new, '{MIGRATION}', p.person_id, p.review_id, ''
FROM unnest(%(ids)s::bigint[], %(new)s::bigint[]) AS v(id, new) JOIN annotate_approval p ON p.id = v.id
"""


@dataclass(frozen=True)
class Live:
    """A revision that counts. `approval_id` is the approval that stands on it, if any."""

    id: int
    item_id: int
    number: int
    schema_version_id: int
    schema_number: int
    person_id: int | None
    task_id: int | None
    document: str
    approval_id: int | None
    approver_id: int | None
    review_id: int | None


@dataclass(frozen=True)
class Next:
    """What is to stand in place of a revision; `approval_id`: the approval that goes on to it."""

    old: Live
    document: object
    approval_id: int | None


def lock(item_ids: Iterable[int]) -> list[int]:
    """Lock the items and all of their tasks until the transaction ends; the items that are there and not erased."""
    wanted = {"items": sorted(set(item_ids))}
    sql.rows(_LOCK_TASKS, wanted)
    return [item for (item,) in sql.rows(_LOCK_ITEMS, wanted)]


def live(item_ids: Sequence[int]) -> dict[int, list[Live]]:
    """By item, in the order of their numbers."""
    found: dict[int, list[Live]] = {}
    for row in sql.rows(_LIVE, {"items": list(item_ids)}):
        found.setdefault(row[1], []).append(Live(*row))
    return found


def judged(item_ids: Sequence[int]) -> set[int]:
    """Items that a reviewer or adjudicator looks at just now: the revision they see is to stay."""
    return {item for (item,) in sql.rows(_JUDGED, {"items": list(item_ids)})}


def write(rows: Sequence[Next], schema_version_id: int) -> dict[int, int]:
    """New revisions of locked items, numbered in the order given; old id → new id."""
    if not rows:
        return {}
    ranks: dict[int, int] = {}
    numbered = []
    for row in rows:
        ranks[row.old.item_id] = ranks.get(row.old.item_id, 0) + 1
        numbered.append(ranks[row.old.item_id])
    texts = [row.document if isinstance(row.document, str) else canonical.dumps(row.document) for row in rows]
    made = dict(
        sql.rows(
            _ADD,
            {
                "items": [row.old.item_id for row in rows],
                "ranks": numbered,
                "parents": [row.old.id for row in rows],
                "documents": texts,
                "digests": [canonical.digest(text) for text in texts],
                "schema": schema_version_id,
            },
        )
    )
    sql.rows(_REPOINT, {"old": list(made), "new": list(made.values())})
    approved = [(row.approval_id, made[row.old.id]) for row in rows if row.approval_id is not None]
    if approved:
        ids, new = (list(column) for column in zip(*approved, strict=True))
        sql.rows(_APPROVAL_ENDS, {"ids": ids})
        sql.rows(_APPROVAL_GOES_ON, {"ids": ids, "new": new})
    refresh(row.old.item_id for row in rows)
    return made
