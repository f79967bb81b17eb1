"""Checking the chain: that no sealed row was changed, taken out, put in or moved, and that it reaches an exported head."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from annotate.activity.models import Activity, Seal
from annotate.activity.sealing import COLUMNS, GENESIS, SELECTED, row_hash

ROWS = 5000


@dataclass(frozen=True)
class Broken:
    """The first row that is wrong: its place in the chain, its id (None when it is not there), and how it is wrong."""

    number: int
    row_id: int | None
    why: str


@dataclass(frozen=True)
class Verdict:
    organisation_id: int
    sealed: int
    head: str
    unsealed: int
    broken: Broken | None

    def __bool__(self) -> bool:
        return self.broken is None


def _rows(organisation_id: int) -> Iterator[tuple[dict[str, Any], int, bytes]]:
    """Sealed rows in the order of their numbers, a few thousand in memory at a time."""
    after: tuple[int, int] = (-(2**63), 0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {SELECTED}, number, hash FROM annotate_activity"
                " WHERE organisation_id = %s AND number IS NOT NULL AND number >= %s AND (number, id) > (%s, %s)"
                " ORDER BY number, id LIMIT %s",
                [organisation_id, after[0], *after, ROWS],
            )
            rows = cursor.fetchall()
        for row in rows:
            yield dict(zip(COLUMNS, row, strict=False)), row[-2], bytes(row[-1] or b"")
        if len(rows) < ROWS:
            return
        after = (rows[-1][-2], rows[-1][0])


def verify(organisation_id: int, *, head: str = "") -> Verdict:
    """Walk the whole chain. `head` is a hash (hex) exported earlier: it must be in the chain still.

    The sealer may go on meanwhile: the kept head is read first, and what was sealed since may stand after it.
    """
    kept = Seal.objects.filter(organisation_id=organisation_id).first()
    number, last, seen_head, broken = 0, GENESIS, False, None
    for values, at, stored in _rows(organisation_id):
        broken = _wrong(values, at, stored, number, last)
        if broken is not None:
            break
        number, last = at, stored
        seen_head = seen_head or stored.hex() == head.lower()
        if kept is not None and at == kept.number and stored != bytes(kept.hash):
            broken = Broken(at, values["id"], "the kept head has another hash: the chain was rewritten")
            break
    if broken is None:
        broken = _end(organisation_id, number, kept, "" if seen_head else head)
    unsealed = Activity.objects.filter(organisation_id=organisation_id, hash=None).count()
    return Verdict(organisation_id, number, last.hex(), unsealed, broken)


def _wrong(values: dict[str, Any], at: int, stored: bytes, number: int, last: bytes) -> Broken | None:
    """What is wrong with the row numbered `at` after `number` rows that are right."""
    if at > number + 1:
        return Broken(number + 1, None, "number is missing: a row was taken out")
    if at <= number:
        return Broken(at, values["id"], "number stands twice: a row was put in")
    if row_hash(last, values, at) != stored:
        return Broken(at, values["id"], "content or place does not fit its hash: the row was changed or moved")
    return None


def _end(organisation_id: int, number: int, kept: Seal | None, head: str) -> Broken | None:
    """What is wrong after the last row, when every row is right."""
    if kept is not None and kept.number > number:
        return Broken(number + 1, None, f"number is missing: the chain once reached {kept.number}, its end was cut off")
    if number and not Seal.objects.filter(organisation_id=organisation_id, number__gte=number).exists():
        return Broken(number, None, "rows stand after the kept head: they were put in")
    if head:
        return Broken(
            number + 1, None, "the given head is not in the chain: its end was cut off or the chain was rewritten"
        )
    return None
