"""The one revision that several answers of an item come to, for many items at once: source `consensus`, nobody's own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from annotate.kernel import copying, sql
from annotate.kernel.errors import Missing

SOURCE = "consensus"
_NUMBERS = """
SELECT v.item, 1 + greatest(0, (SELECT max(m.number) FROM annotate_annotation m WHERE m.item_id = v.item))
FROM unnest(%(items)s::bigint[]) AS v(item)
"""
_LOCK_VERSION = "SELECT id FROM annotate_schemaversion WHERE id = %(schema)s::bigint FOR KEY SHARE"
_ADD = "COPY annotate_annotation (id, item_id, number, schema_version_id, source, document, digest) FROM STDIN"
# After the consensus, what was the newest before it says the same once more: nobody's new work, so who puts it there may judge it.
_BACK = """
WITH was AS (
    SELECT a.item_id, b.id AS old, b.task_id, b.schema_version_id, b.document, b.digest,
           CASE WHEN b.source = 'undo' AND b.parent_id IS NOT NULL THEN b.parent_id ELSE b.id END AS written
    FROM annotate_annotation a
    JOIN LATERAL (SELECT n.* FROM annotate_annotation n WHERE n.item_id = a.item_id AND n.number > 0 AND n.number < a.number
                  ORDER BY n.number DESC LIMIT 1) b ON true
    WHERE a.id = ANY(%(revisions)s::bigint[])
), added AS (
    INSERT INTO annotate_annotation (item_id, number, parent_id, task_id, person_id, schema_version_id, source, document, digest)
    SELECT w.item_id, 1 + (SELECT max(m.number) FROM annotate_annotation m WHERE m.item_id = w.item_id),
           w.written, w.task_id, %(person)s::bigint, w.schema_version_id, 'undo', w.document, w.digest
    FROM was w ORDER BY w.item_id
    RETURNING item_id, id
)
SELECT was.old, added.id FROM was JOIN added ON added.item_id = was.item_id
"""


def conclude(written: Mapping[int, str], schema_version_id: int) -> dict[int, int]:
    """item → its new revision, from documents that `labels.validation.check` returned, as `written.stored` puts them. The caller holds the items' locks, and approves."""
    if not written:
        return {}
    items = sorted(written)
    numbers: dict[int, int] = dict(sql.rows(_NUMBERS, {"items": items}))
    made = dict(zip(items, copying.new_ids("annotate_annotation", len(items)), strict=True))
    if sql.row(_LOCK_VERSION, {"schema": schema_version_id}) is None:
        raise Missing("the schema version of these revisions has gone")
    with copying.references_known():
        copying.copy(_ADD, (f"{made[item]}\t{item}\t{numbers[item]}\t{schema_version_id}\t{SOURCE}\t{written[item]}" for item in items))
    return made


def take_back(revisions: Sequence[int], *, person_id: int | None) -> dict[int, int]:
    """Of such revisions, the newest of their items: what was there before them is there again, as a revision of source `undo`; old → new.
    The caller holds the items' locks, ends the approvals, and refreshes what the items show."""
    return {int(old): int(new) for old, new in sql.rows(_BACK, {"revisions": list(revisions), "person": person_id})}
