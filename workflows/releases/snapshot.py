"""What a cut takes: the approved work that a query selects, as it was at one instant, in the order of the keys' bytes.

One REPEATABLE READ transaction counts, finds out which spans of the version before are untouched, and copies what may change of the other
rows into a temporary table, in the order of keys. Labels, texts and people are read part by part afterwards, when no long transaction
is open any more: those rows never change, but for an erasure, which the digest gives away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from annotate.items.models import Item
from annotate.kernel.instant import Instant, exported
from annotate.projects.models import SchemaVersion
from annotate.projects.queries import current_schema
from annotate.search.compile import compile_query
from workflows.releases import counting, leaking, recording
from workflows.releases.fetching import TABLE, Fetching
from workflows.releases.gates import CUT, Barred, barred
from workflows.releases.models import Version
from workflows.releases.placing import UNITS, Placement, placement
from workflows.releases.spans import Piece, Span, dirty, spans

_READY = f"""
DROP TABLE IF EXISTS {TABLE};
SET work_mem = '128MB';
SET jit = off;
"""
# The table is not analysed, and a join that begins with all annotations would be made for each part of it.
_ROW_BY_ROW = "SET enable_hashjoin = off; SET enable_mergejoin = off"
_FROM = """
FROM annotate_item i JOIN annotate_batch b ON b.id = i.batch_id
LEFT JOIN annotate_approval a ON a.item_id = i.id AND a.ended_at IS NULL
LEFT JOIN (SELECT DISTINCT item_id FROM annotate_hold WHERE ended_at IS NULL) h ON h.item_id = i.id
"""
_TAKEN = "i.state <> 'erased' AND a.id IS NOT NULL AND h.item_id IS NULL AND NOT (i.batch_id = ANY(%(barred)s))"
# Of what may change of a row: an item's key, bytes, address and text never do, nor an approval's annotation. hash_record_extended costs twice as much.
_HASH = (
    "hashint8extended(i.id, hashint8extended(a.id, hashtextextended(b.name, hashtextextended(i.group_key, jsonb_hash_extended(i.meta, "
    "coalesce(i.frame, -1) * 7919::bigint + coalesce(i.width, -1) * 104729::bigint + coalesce(i.height, -1))))))"
)
_COUNT = f"""
SELECT {{bucket}} AS bucket, count(*), bit_xor({_HASH}), max(i.key) {_FROM} WHERE {{where}} AND {_TAKEN} GROUP BY 1
"""
_KNOWN = "SELECT count(*) FILTER (WHERE i.state = 'erased'), count(*) FILTER (WHERE i.state <> 'erased') FROM annotate_item i WHERE {where}"
# From what stops them, of which there is little: of all items two such reasons could not be looked up in an index.
_STOPPED = """
SELECT i.key, true, i.batch_id, b.name
FROM (SELECT DISTINCT item_id FROM annotate_hold WHERE ended_at IS NULL) h JOIN annotate_item i ON i.id = h.item_id JOIN annotate_batch b ON b.id = i.batch_id
JOIN annotate_approval a ON a.item_id = i.id AND a.ended_at IS NULL WHERE {where} AND i.state <> 'erased'
UNION ALL
SELECT i.key, false, i.batch_id, b.name
FROM annotate_item i JOIN annotate_batch b ON b.id = i.batch_id JOIN annotate_approval a ON a.item_id = i.id AND a.ended_at IS NULL
WHERE {where} AND i.state <> 'erased' AND i.batch_id = ANY(%(barred)s) AND NOT EXISTS (SELECT FROM annotate_hold h WHERE h.item_id = i.id AND h.ended_at IS NULL)
ORDER BY 1
"""
# Made by its query, which several processes may work at, as they may not at an INSERT. What never changes is read afterwards.
_COPY = f"""
CREATE TEMPORARY TABLE {TABLE} AS
SELECT i.key, i.id AS item, {_HASH} AS hash, i.group_key, i.frame, i.width, i.height, i.sha256 AS media, i.uri,
       CASE WHEN i.text IS NOT NULL THEN sha256(convert_to(i.text, 'UTF8')) END AS words, i.meta, i.batch_id AS batch, i.created_at AS collected,
       a.annotation_id AS annotation, a.id AS approval, a.created_at AS approved_at, a.cause, a.person_id AS approver, a.review_id AS review
{_FROM} WHERE {{where}} AND {_TAKEN} AND ({{keys}}) ORDER BY i.key
"""
_LEAD = f"SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY date_part('epoch', now() - collected)), count(*) FROM {TABLE} WHERE %(since)s::timestamptz IS NULL OR approved_at > %(since)s"


class Snapshot:
    """`oldest` is a transaction id: whatever an act with a lower one did is in the rows. `barred`: what gates say at this instant.
    `kept` pieces of the version before are taken as they are; the rows of everything else come by `rows`."""

    def __init__(self, version: Version, condition: Q, pieces: Sequence[Piece], when: str, leaked: bool, instant: Instant) -> None:
        project = version.dataset.project
        self._project = project.pk
        self.oldest: int = _value("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        self.barred: Barred = barred(project, version.q, when)
        self.schema: SchemaVersion = current_schema(project.pk)
        self._where, self._values = _where(version, condition)
        self._values |= {"barred": list(self.barred.batches), "salt": version.recipe["salt"]}
        parts = spans(pieces)
        seen = counting.seen(parts, self._count, self._values, instant) if pieces else {}
        anew = dirty(parts, seen) if pieces else [Span(None, None)]
        built = {piece.shard for part in anew for piece in part.pieces}
        self.kept = [piece for piece in pieces if piece.shard not in built]
        copied = self._copy(anew)
        self.total = sum(count for count, _hash, _last in seen.values()) if pieces else copied
        self._left_out = self._stopped()
        self.excluded = self._excluded()
        self.placement: Placement = placement(version, self.select)
        only = leaking.NEW if self.kept and not leaked else leaking.ALL if self.kept else leaking.COPIED
        self.leakage: dict[str, int] = leaking.counts(version.recipe, self.placement, self.select, project.pk, only=only)
        self.facts: dict[str, Any] = recording.of(project) | self._lead(version)
        self._batches: dict[int, str] = dict(_rows("SELECT id, name FROM annotate_batch WHERE project_id = %(project)s", self._values))

    def select(self, columns: str, joins: str = "", tail: str = "", more: str = "") -> tuple[str, dict[str, Any]]:
        """A statement over all rows that are taken, with its values: items as i, approvals as a, batches as b."""
        return f"SELECT {columns} {_FROM} {joins} WHERE {self._where} AND {_TAKEN} {more} {tail}", dict(self._values)

    def _count(self, bucket: str, more: str) -> str:
        return _COUNT.format(bucket=bucket, where=f"{self._where} AND {more}")

    def _excluded(self) -> dict[str, int]:
        """How many stay out, by reason. What is neither taken nor stopped was not approved."""
        [(erased, known)] = _rows(_KNOWN.format(where=self._where), self._values)
        quarantined = sum(held for _key, held, _batch, _name in self._left_out)
        gate = len(self._left_out) - quarantined
        return {"erased": erased, "not_approved": known - self.total - quarantined - gate, "quarantined": quarantined, "gate": gate}

    def _copy(self, parts: Sequence[Span]) -> int:
        keys: list[str] = []
        values: dict[str, Any] = {}
        for n, part in enumerate(parts):
            low = f"i.key > %(low{n})s" if part.low is not None else "true"
            high = f"i.key <= %(high{n})s" if part.high is not None else "true"
            keys.append(f"({low} AND {high})")
            values |= {f"low{n}": part.low, f"high{n}": part.high}
        return _run(_COPY.format(where=self._where, keys=" OR ".join(keys) or "false"), self._values | values)

    def _lead(self, version: Version) -> dict[str, Any]:
        """{"lead": {"seconds", "items"}}: the median time from collection to this cut of what was approved since the last one of the dataset."""
        last = Version.objects.filter(dataset_id=version.dataset_id, number__isnull=False).order_by("-number").values_list("frozen_at", flat=True).first()
        [(seconds, items)] = _rows(_LEAD, {"since": last})  # what was approved since is copied: no range of the last version has it
        return {"lead": {"seconds": round(seconds), "items": items}} if items else {}

    def _stopped(self) -> list[tuple[str, bool, int, str]]:
        """(key, whether it is in quarantine, batch, its name) of approved items that stay out."""
        return _rows(_STOPPED.format(where=self._where), self._values)

    def left_out(self) -> Iterator[tuple[str, str, str]]:
        """(key, code, words) of approved items that stay out whatever they hold."""
        for key, held, batch, name in self._left_out:
            if held:
                yield key, "quarantined", "is in quarantine"
            else:
                yield key, "gate", f"batch {name}: {self.barred.batches[batch]}"

    def rows(self) -> Fetching:
        """The rows that were copied, in the order of their keys, a few thousand at a time; once."""
        words = bool(_rows(f"SELECT EXISTS (SELECT FROM {TABLE} WHERE words IS NOT NULL)", {})[0][0])
        return Fetching(self._batches, recording.origins(self._project), words=words)


def _where(version: Version, condition: Q) -> tuple[str, dict[str, Any]]:
    """The condition on items as SQL, with its values by name."""
    project = version.dataset.project_id
    if not version.q.strip():
        return "i.project_id = %(project)s", {"project": project}
    sql, given = Item.objects.filter(condition, project_id=project).order_by().values("pk").query.sql_with_params()
    names = [f"q{n}" for n in range(len(given))]
    parts = sql.replace("%%", "\0").split("%s")
    named = "".join(part + (f"%({names[n]})s" if n < len(names) else "") for n, part in enumerate(parts)).replace(
        "\0", "%%"
    )
    return f"i.project_id = %(project)s AND i.id IN ({named})", {
        "project": project,
        **dict(zip(names, given, strict=True)),
    }


def _run(sql: str, values: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def _rows(sql: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _value(sql: str) -> Any:
    return _rows(sql, {})[0][0]


@contextmanager
def taken(version: Version, pieces: Sequence[Piece] = (), when: str = CUT, *, leaked: bool = True) -> Iterator[Snapshot]:
    """The snapshot of a version's query beside the ranges of the version before; its table goes at the end. `leaked`: that version had
    something in two splits, so that all of this one must be looked through."""
    condition = compile_query(version.q, version.dataset.project_id)
    alone = not connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute(_READY)
        cursor.execute(UNITS)
    try:
        with transaction.atomic():
            if alone:
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            found = Snapshot(version, condition, pieces, when, leaked, exported() if alone else Instant())
        _run(_ROW_BY_ROW, {})
        yield found
    finally:
        if not connection.needs_rollback and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute(f"DROP TABLE IF EXISTS {TABLE}, sluice_units; RESET work_mem; RESET jit; RESET enable_hashjoin; RESET enable_mergejoin")
