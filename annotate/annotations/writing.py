"""The statement that adds a revision: the row, the item's move, and what search knows of it, all at once.

Call with the item's row locked (`LOCK_ITEM`), so that numbers have no gaps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from annotate.annotations.shape import shape_of
from annotate.items.states import ITEM
from annotate.kernel import canonical, sql
from annotate.kernel.errors import Gone, Missing

ORIGINS = sorted(ITEM.origins("submit"))
LOCK_ITEM = "SELECT project_id, state FROM annotate_item WHERE id = %(item)s::bigint FOR NO KEY UPDATE"

APPEND = """
WITH added AS (
    INSERT INTO annotate_annotation (item_id, number, parent_id, task_id, lease_id, person_id, schema_version_id,
                                     source, document, digest, seconds, request_key, request_digest)
    SELECT %(item)s::bigint,
           1 + greatest(0, (SELECT max(number) FROM annotate_annotation WHERE item_id = %(item)s::bigint)),
           %(parent)s::bigint, %(task)s::bigint, %(lease)s::bigint, %(person)s::bigint, %(schema)s::bigint,
           %(source)s::text, %(document)s::text, %(digest)s::bytea, %(seconds)s::float8, %(key)s::text,
           %(key_digest)s::bytea
    RETURNING id, number
), moved AS (
    UPDATE annotate_item SET state = 'labelled'
    WHERE id = %(item)s::bigint AND state = ANY(%(origins)s::text[]) AND state <> 'labelled'
), shown AS (
    INSERT INTO annotate_currentannotation (item_id, project_id, annotation_id, objects_index, item_attributes)
    SELECT %(item)s::bigint, %(project)s::bigint, added.id, %(objects)s::jsonb, %(attributes)s::jsonb
    FROM added
    WHERE NOT EXISTS (SELECT 1 FROM annotate_approval WHERE item_id = %(item)s::bigint AND ended_at IS NULL)
    ON CONFLICT (item_id) DO UPDATE SET annotation_id = excluded.annotation_id,
        objects_index = excluded.objects_index, item_attributes = excluded.item_attributes
    RETURNING item_id
), counted AS (
    INSERT INTO annotate_labelcount (project_id, label, n, item_id)
    SELECT %(project)s::bigint, c.label, c.n, shown.item_id
    FROM shown, unnest(%(labels)s::text[], %(counts)s::int[]) AS c(label, n)
    ON CONFLICT (item_id, label) DO UPDATE SET n = excluded.n
), dropped AS (
    DELETE FROM annotate_labelcount c USING shown
    WHERE c.item_id = shown.item_id AND c.label <> ALL(%(labels)s::text[])
)
{then}
SELECT id, number FROM added
"""


def lock_item(item_id: int) -> int:
    """Lock the item's row until the transaction ends; its project. `Missing` when there is none, `Gone` when erased."""
    found = sql.row(LOCK_ITEM, {"item": item_id})
    if found is None:
        raise Missing()
    if found[1] == "erased":
        raise Gone()
    return int(found[0])


def append(
    *,
    item_id: int,
    project_id: int,
    document: dict[str, Any],
    schema_version_id: int,
    source: str,
    person_id: int | None,
    parent_id: int | None = None,
    task_id: int | None = None,
    lease_id: int | None = None,
    seconds: float | None = None,
    request_key: str | None = None,
    request_digest: bytes | None = None,
    then: str = "",
    more: Mapping[str, Any] | None = None,
    commits: bool = False,
    along: Sequence[tuple[str, Mapping[str, Any]]] = (),
    said: list[list[tuple[Any, ...]]] | None = None,
) -> tuple[int, int, str, bytes]:
    """(id, number, canonical text, digest) of the new revision of a locked item.

    `then` are further steps of the same statement, `, name AS (…)` each, that may read `added` (id, number) and every value
    here, and those of `more`. With `commits` nothing is written after it (`sql.together`). Statements `along` share its round trip; their rows go to `said`.
    """
    text = canonical.dumps(document)
    digest = canonical.digest(text)
    shape = shape_of(document)
    values = {
        **(more or {}),
        "item": item_id,
        "project": project_id,
        "parent": parent_id,
        "task": task_id,
        "lease": lease_id,
        "person": person_id,
        "schema": schema_version_id,
        "source": source,
        "document": text,
        "digest": digest,
        "seconds": seconds,
        "key": request_key,
        "key_digest": request_digest,
        "origins": ORIGINS,
        "objects": shape.objects,
        "attributes": shape.attributes,
        "labels": shape.labels,
        "counts": shape.counts,
    }
    added, *others = sql.together((_appending(then), values), *along, commits=commits)
    if said is not None:
        said.extend(others)
    if not added:
        raise Missing()
    return int(added[0][0]), int(added[0][1]), text, digest


@cache
def _appending(then: str) -> str:
    return APPEND.format(then=then)
