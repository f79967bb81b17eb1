"""How many rows a snapshot takes of each span of the version before, with what tells whether they are the same still.

Of many rows two connections that see the snapshot's instant count half of the items each: one backend of the database counts on one core.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from django.db import connection

from annotate.kernel.instant import Instant
from workflows.releases.spans import Span

MANY = 100_000  # rows, from which on a second connection takes less time than it saves
SHARE = 1  # per cent of the table's blocks, in which the middle of the project's items is looked for: it need not be exact
_BUCKET = "width_bucket(i.key, %(bounds)s::text[])"
_MIDDLE = "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY id) FROM annotate_item TABLESAMPLE SYSTEM (%(share)s) REPEATABLE (1) WHERE project_id = %(project)s"
_HALVES = ("i.id <= %(middle)s AND a.item_id <= %(middle)s", "i.id > %(middle)s AND a.item_id > %(middle)s")
# The planner expects a group for each key, and would sort all rows for them.
_SORT = "SELECT set_config('enable_sort', %(sort)s, true)"


def seen(parts: Sequence[Span], statement: Callable[[str, str], str], values: Mapping[str, Any], instant: Instant) -> dict[int, tuple[int, int, str]]:
    """Place of a span → (rows, exclusive or of their hashes, last key), where it has rows. `statement(bucket, more)`: SQL that gives these four
    of items i and approvals a, grouped by the expression `bucket`, on the further condition `more`; `values` name the project."""
    # A key is behind a span's last one from the next text on, and no text lies between a text and that with one lowest character more.
    bounds = [part.high + "\x01" for part in parts if part.high is not None]
    values = {**values, "bounds": bounds, "middle": _middle(parts, values, instant)}
    halves = _HALVES if values["middle"] is not None else ("true",)
    reads = [partial(_rows, statement(_BUCKET if bounds else "0", half), values) for half in halves]
    found: dict[int, tuple[int, int, str]] = {}
    for rows in instant.together(reads):
        for place, count, xor, last in rows:
            known = found.get(place, (0, 0, ""))
            found[place] = (known[0] + count, known[1] ^ xor, max(known[2], last))
    return found


def _middle(parts: Sequence[Span], values: Mapping[str, Any], instant: Instant) -> int | None:
    """None where one connection counts them all: few, in a small table, or seen by none but this one."""
    if not instant.name or sum(piece.taken or 0 for part in parts for piece in part.pieces) < MANY:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_MIDDLE, {**values, "share": SHARE})
        found: int | None = cursor.fetchone()[0]
    return found


def _rows(statement: str, values: Mapping[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(_SORT, {"sort": "off"})
        cursor.execute(statement, values)
        found = list(cursor.fetchall())
        cursor.execute(_SORT, {"sort": "on"})  # after an error the transaction ends, and the setting with it
    return found
