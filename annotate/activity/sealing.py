"""The sealer: gives finished rows of activity their place and hash, in one chain per organisation, every second.

A row may be sealed when its transaction is older than every running one (`pg_snapshot_xmin`): nothing can then appear before
it. Order is (transaction, id). hash = sha256(hash before + canonical JSON of the row with its number).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from annotate.activity.models import Seal
from annotate.kernel import canonical
from annotate.kernel.registry import ticks

ROWS = 5000  # sealed in one transaction
GENESIS = bytes(32)
MONTHS_AHEAD = 3
COLUMNS = (
    "id", "at", "transaction", "organisation_id", "project_id", "person_id", "token_id", "verb", "noun", "noun_id",
    "before", "after", "data", "request_id", "address",
)  # fmt: skip
SELECTED = ", ".join(f"{name}::text" if name == "data" else name for name in COLUMNS)


def as_sealed(name: str, value: Any) -> Any:
    """A column's value as it stands in the hashed text."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value


def row_text(values: Mapping[str, Any], number: int) -> str:
    """The canonical JSON that is hashed. `data` is Postgres's own text of its jsonb, which is one text per value."""
    return canonical.dumps({name: as_sealed(name, values[name]) for name in COLUMNS} | {"number": number})


def row_hash(before: bytes, values: Mapping[str, Any], number: int) -> bytes:
    return hashlib.sha256(before + row_text(values, number).encode()).digest()


def seal() -> int:
    """Seal what can be sealed, of all organisations; how many rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT organisation_id FROM annotate_activity WHERE hash IS NULL"
            " AND transaction < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        )
        organisations = [row[0] for row in cursor.fetchall()]
    return sum(seal_organisation(organisation_id) for organisation_id in sorted(organisations))


def seal_organisation(organisation_id: int) -> int:
    """All rows that may be sealed, in transactions of `ROWS`."""
    total = 0
    while True:
        sealed = _seal_some(organisation_id)
        total += sealed
        if sealed < ROWS:
            return total


@transaction.atomic
def _seal_some(organisation_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('sluice seal'), %s)", [organisation_id % 2**31])
        head = Seal.objects.filter(organisation_id=organisation_id).first() or Seal(
            organisation_id=organisation_id, hash=GENESIS
        )
        cursor.execute(
            f"SELECT {SELECTED} FROM annotate_activity WHERE organisation_id = %s AND hash IS NULL"
            " AND transaction < pg_snapshot_xmin(pg_current_snapshot())::text::bigint ORDER BY transaction, id LIMIT %s",
            [organisation_id, ROWS],
        )
        rows = cursor.fetchall()
        if not rows:
            return 0
        numbers, hashes = _chain(head, rows)
        cursor.execute(
            "UPDATE annotate_activity SET number = sealed.number, hash = sealed.hash"
            " FROM unnest(%s::bigint[], %s::timestamptz[], %s::bigint[], %s::bytea[]) AS sealed(id, at, number, hash)"
            " WHERE annotate_activity.id = sealed.id AND annotate_activity.at = sealed.at",
            [[row[0] for row in rows], [row[1] for row in rows], numbers, hashes],
        )
        head.transaction = rows[-1][2]
        head.sealed_at = timezone.now()
        head.save()
    return len(rows)


def _chain(head: Seal, rows: Sequence[Sequence[Any]]) -> tuple[list[int], list[bytes]]:
    numbers, hashes = [], []
    for row in rows:
        head.number += 1
        head.hash = row_hash(bytes(head.hash), dict(zip(COLUMNS, row, strict=True)), head.number)
        numbers.append(head.number)
        hashes.append(head.hash)
    return numbers, hashes


def make_partitions() -> int:
    """A table per month, some months ahead."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sluice_make_partitions(%s)", [MONTHS_AHEAD])
        return int(cursor.fetchone()[0])


ticks.add("seal activity", (1.0, seal))
ticks.add("make activity partitions", (86_400.0, make_partitions))
