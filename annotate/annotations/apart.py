"""Answers that only measure their author (source `gold`): revisions that stand apart from those of the item. Without a task,
a truth that such answers are measured by.

They move no item, are never what it shows, and count for nobody else. Their numbers are a series of its own, below zero, so
that whoever asks for an item's newest revision by its number never meets one. Their author reads another number, as it would
be of an item that nobody had answered: which answer of theirs to this task it is (`SHOWN`, `Annotation.revision`).
"""

from __future__ import annotations

from typing import Any

from annotate.kernel import canonical, sql
from annotate.kernel.errors import Missing

SOURCE = "gold"
SHOWN = """CASE WHEN {a}.number > 0 THEN {a}.number ELSE (
    SELECT count(*)::int FROM annotate_annotation mine
    WHERE mine.task_id = {a}.task_id AND mine.source = 'gold' AND mine.id <= {a}.id) END"""
_LOWEST = -(2**31)
_APPEND = f"""
INSERT INTO annotate_annotation (item_id, number, parent_id, task_id, lease_id, person_id, schema_version_id,
                                 source, document, digest, seconds, request_key, request_digest)
SELECT %(item)s::bigint,
       1 + coalesce((SELECT max(number) FROM annotate_annotation WHERE item_id = %(item)s::bigint AND number < 0), {_LOWEST}),
       %(parent)s::bigint, %(task)s::bigint, %(lease)s::bigint, %(person)s::bigint, %(schema)s::bigint,
       '{SOURCE}', %(document)s::text, %(digest)s::bytea, %(seconds)s::float8, %(key)s::text, %(key_digest)s::bytea
RETURNING id, (SELECT 1 + count(*)::int FROM annotate_annotation WHERE task_id = %(task)s::bigint AND source = '{SOURCE}')
"""


def shown(alias: str) -> str:
    """SQL of the number that the author of the annotation `alias` reads."""
    return SHOWN.format(a=alias)


def append_apart(
    *,
    item_id: int,
    document: dict[str, Any],
    schema_version_id: int,
    person_id: int | None,
    task_id: int | None = None,
    lease_id: int | None = None,
    parent_id: int | None = None,
    seconds: float | None = None,
    request_key: str | None = None,
    request_digest: bytes | None = None,
) -> tuple[int, int, str, bytes]:
    """(id, number as its author reads it, canonical text, digest) of the answer to a locked item, as `writing.append` gives them."""
    text = canonical.dumps(document)
    digest = canonical.digest(text)
    values: dict[str, Any] = {"item": item_id, "parent": parent_id, "task": task_id, "lease": lease_id, "person": person_id}
    values |= {"schema": schema_version_id, "document": text, "digest": digest, "seconds": seconds}
    found = sql.row(_APPEND, values | {"key": request_key, "key_digest": request_digest})
    if found is None:
        raise Missing()
    return int(found[0]), int(found[1]), text, digest
