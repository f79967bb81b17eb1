"""What was found by matching the answers of an item, kept with the answers that it was found in: who looks again does so only where
these have changed. Every piece is one transaction, so whoever is cut off goes on where it was.

Writing waits for the erasures of the project and they for it: what was read before an item went is not kept after.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction

from annotate.kernel import copying, sql

PIECE = 5000  # items that are looked at in one statement
CHUNK = 2000  # items that are matched, and kept, at once
Say = Callable[[int, int], object]
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('kept ' || %(project)s::text, 0))"
_THERE = "SELECT id FROM annotate_item WHERE id = ANY(%(items)s::bigint[]) AND state <> 'erased'"
_DROP = "DELETE FROM workflows_kept WHERE item_id = ANY(%(items)s::bigint[]) AND kind = %(kind)s"
_DROP_CONFUSED = "DELETE FROM workflows_confused WHERE item_id = ANY(%(items)s::bigint[]) AND of = %(kind)s"
_DROP_ALL = ("DELETE FROM workflows_kept WHERE item_id = %(item)s::bigint", "DELETE FROM workflows_confused WHERE item_id = %(item)s::bigint")
_KEYS = "SELECT item_id, key FROM workflows_kept WHERE item_id = ANY(%(items)s::bigint[]) AND kind = %(kind)s"
_ITEMS = "SELECT item_id FROM workflows_kept WHERE project_id = %(project)s::bigint AND kind = %(kind)s"
KEY = "left(encode(sha256(convert_to(%(schema)s::text || ' ' || {words}, 'UTF8')), 'hex'), 32)"  # `key_of`, as the database reckons it
_COPY = "COPY workflows_kept (project_id, item_id, kind, key, answers, part, at) FROM STDIN"
_COPY_CONFUSED = "COPY workflows_confused (project_id, item_id, of, answer, truth, person, gold, about, meant, given, fault, n, objects) FROM STDIN"


@dataclass(frozen=True)
class Found:
    """Of one item: `part` and `at` (a time as text) for `Kept`, `rows` for `Confused` (written out for COPY, without project, item and kind)."""

    item: int
    key: str
    answers: int
    part: bytes | None = None
    at: str | None = None
    rows: Sequence[str] = ()


def key_of(schema: int, answers: Iterable[object]) -> str:
    """Which answers, under which version of the schema."""
    return hashlib.sha256(f"{schema} {' '.join(map(str, answers))}".encode()).hexdigest()[:32]


def items_of(project_id: int, kind: str) -> list[int]:
    """Of which something is kept."""
    return [item for (item,) in sql.rows(_ITEMS, {"project": project_id, "kind": kind})]


def keys_of(items: Sequence[int], kind: str) -> dict[int, str]:
    return dict(sql.rows(_KEYS, {"items": list(items), "kind": kind}))


def pieces(items: Sequence[int], size: int = PIECE) -> Iterator[Sequence[int]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


@transaction.atomic
def keep(project_id: int, kind: str, found: Sequence[Found], gone: Sequence[int] = ()) -> None:
    """In place of what was kept of these items; of those `gone`, nothing."""
    items = [one.item for one in found]
    sql.rows(_LOCK, {"project": project_id})
    there = {item for (item,) in sql.rows(_THERE, {"items": items})}
    for statement in (_DROP, _DROP_CONFUSED):
        sql.rows(statement, {"items": [*items, *gone], "kind": kind})
    left = [one for one in found if one.item in there]
    copying.copy(_COPY, (f"{project_id}\t{one.item}\t{kind}\t{one.key}\t{one.answers}\t{copying.raw(one.part)}\t{copying.plain(one.at)}" for one in left))
    copying.copy(_COPY_CONFUSED, (f"{project_id}\t{one.item}\t{kind}\t{row}" for one in left for row in one.rows))


def forget(project_id: int, item_id: int) -> None:
    """Within the transaction of an erasure."""
    sql.rows(_LOCK, {"project": project_id})
    for statement in _DROP_ALL:
        sql.rows(statement, {"item": item_id})
