"""What a cut takes: the approved work that a query selects, as it was at one instant, in the order of the keys' bytes.

One REPEATABLE READ transaction counts, finds out which spans of the version before are untouched, and copies what is needed of the other
rows into a temporary table, numbered by ranges. Labels, texts and people are read range by range afterwards, when no long transaction
is open any more: those rows never change, but for an erasure, which the digest gives away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from annotate.items.models import Item
from annotate.projects.models import SchemaVersion
from annotate.projects.queries import current_schema
from annotate.search.compile import compile_query
from workflows.releases import columns, leaking, recording
from workflows.releases.columns import TABLE
from workflows.releases.gates import CUT, Barred, barred
from workflows.releases.models import Version
from workflows.releases.placing import UNITS, Placement, placement, unit
from workflows.releases.spans import Piece, Span, dirty, spans

_READY = f"""
DROP TABLE IF EXISTS {TABLE};
SET work_mem = '128MB';
SET jit = off;
"""
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
SELECT {{bucket}} AS bucket, count(*) FILTER (WHERE taken), bit_xor(hash) FILTER (WHERE taken), max(key) FILTER (WHERE taken),
       count(*) FILTER (WHERE state = 'erased'), count(*) FILTER (WHERE state <> 'erased' AND approval IS NULL),
       count(*) FILTER (WHERE state <> 'erased' AND approval IS NOT NULL AND held),
       count(*) FILTER (WHERE state <> 'erased' AND approval IS NOT NULL AND NOT held AND NOT taken)
FROM (SELECT i.key, i.state, a.id AS approval, h.item_id IS NOT NULL AS held, {_TAKEN} AS taken, {{hash}} AS hash {_FROM} WHERE {{where}}) s
GROUP BY 1
"""
# Made by its query, which several processes may work at, as they may not at an INSERT; what costs most is reckoned within, before the rows come together.
_COPY = f"""
CREATE TEMPORARY TABLE {TABLE} AS
SELECT coalesce(sum(s.ends::int) OVER before, 0) AS range, row_number() OVER before AS n, s.* FROM (
    SELECT i.key, i.id AS item, {{unit}} AS split_unit, {_HASH} AS hash, {{ends}} AS ends, i.group_key, i.frame, i.width, i.height, i.sha256 AS media, i.uri,
           CASE WHEN i.text IS NOT NULL THEN sha256(convert_to(i.text, 'UTF8')) END AS words, i.meta, b.name AS batch,
           a.annotation_id AS annotation, n.digest AS labels, n.schema_version_id AS schema_version, a.id AS approval
    {_FROM} JOIN annotate_annotation n ON n.id = a.annotation_id, LATERAL (SELECT sha256(convert_to(i.key, 'UTF8')) AS bytes) k
    WHERE {{where}} AND {_TAKEN} AND ({{keys}}) ORDER BY i.key OFFSET 0
) s WINDOW before AS (ORDER BY s.key ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
ORDER BY s.key
"""
_ENDS = "get_byte(k.bytes, 31) = 0 AND get_byte(k.bytes, 30) & 63 = 0"  # the low 14 bits, as `merkle.ends_range`


class Snapshot:
    """`oldest` is a transaction id: whatever an act with a lower one did is in the rows. `barred`: what gates say at this instant.
    `kept` pieces of the version before are taken as they are; the rows of everything else are read by `ranges` and `rows`."""

    def __init__(self, version: Version, condition: Q, pieces: Sequence[Piece], when: str, leaked: bool) -> None:
        project = version.dataset.project
        self._project = project.pk
        self.oldest: int = _value("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        self.barred: Barred = barred(project, version.q, when)
        self.schema: SchemaVersion = current_schema(project.pk)
        self._where, self._values = _where(version, condition)
        self._values |= {"barred": list(self.barred.batches), "salt": version.recipe["salt"]}
        self._unit = unit(version.recipe)
        parts = spans(pieces)
        seen, self.excluded, self.total = self._count(parts, hashing=bool(pieces))
        anew = dirty(parts, seen) if pieces else [Span(None, None)]
        built = {piece.shard for part in anew for piece in part.pieces}
        self.kept = [piece for piece in pieces if piece.shard not in built]
        self._copy(anew)
        self._left_out = self._held() if self.excluded["gate"] or self.excluded["quarantined"] else []
        self.placement: Placement = placement(version, self.select)
        self.leakage: dict[str, int] = leaking.counts(version.recipe, self.placement, self.select, project.pk, only=leaking.NEW if self.kept and not leaked else "")
        self.facts: dict[str, Any] = recording.of(project) | self._lead(version)

    def select(self, columns: str, joins: str = "", tail: str = "", more: str = "") -> tuple[str, dict[str, Any]]:
        """A statement over all rows that are taken, with its values: items as i, approvals as a, batches as b."""
        return f"SELECT {columns} {_FROM} {joins} WHERE {self._where} AND {_TAKEN} {more} {tail}", dict(self._values)

    def _count(
        self, parts: Sequence[Span], *, hashing: bool
    ) -> tuple[dict[int, tuple[int, int, str]], dict[str, int], int]:
        # A key is behind a span's last one from the next text on, and no text lies between a text and that with one lowest character more.
        bounds = [part.high + "\x01" for part in parts if part.high is not None]
        bucket = "width_bucket(key, %(bounds)s::text[])" if bounds else "0"
        sql = _COUNT.format(bucket=bucket, hash=_HASH if hashing else "0::bigint", where=self._where)
        rows = _rows(sql, self._values | {"bounds": bounds})
        seen = {row[0]: (row[1], row[2], row[3]) for row in rows if row[1]}
        excluded = {
            name: sum(row[place] for row in rows)
            for name, place in (("erased", 4), ("not_approved", 5), ("quarantined", 6), ("gate", 7))
        }
        return seen, excluded, sum(row[1] for row in rows)

    def _copy(self, parts: Sequence[Span]) -> None:
        keys: list[str] = []
        values: dict[str, Any] = {}
        for n, part in enumerate(parts):
            low = f"i.key > %(low{n})s" if part.low is not None else "true"
            high = f"i.key <= %(high{n})s" if part.high is not None else "true"
            keys.append(f"({low} AND {high})")
            values |= {f"low{n}": part.low, f"high{n}": part.high}
        sql = _COPY.format(unit=self._unit, ends=_ENDS, where=self._where, keys=" OR ".join(keys) or "false")
        _run(sql, self._values | values)

    def _lead(self, version: Version) -> dict[str, Any]:
        """{"lead": {"seconds", "items"}}: the median time from collection to this cut of what was approved since the last one of the dataset."""
        last = Version.objects.filter(dataset_id=version.dataset_id, number__isnull=False).order_by("-number").values_list("frozen_at", flat=True).first()
        since = "AND a.created_at > %(since)s" if last is not None else ""
        sql, values = self.select("percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM now() - i.created_at)::float8), count(*)", more=since)
        [(seconds, items)] = _rows(sql, values | {"since": last})
        return {"lead": {"seconds": round(seconds), "items": items}} if items else {}

    def _held(self) -> list[tuple[str, bool, int, str]]:
        sql = f"SELECT i.key, h.item_id IS NOT NULL, i.batch_id, b.name {_FROM} WHERE {self._where} AND i.state <> 'erased' AND a.id IS NOT NULL AND NOT ({_TAKEN})"
        return _rows(sql, self._values)

    def left_out(self) -> Iterator[tuple[str, str, str]]:
        """(key, code, words) of approved items that stay out whatever they hold."""
        for key, held, batch, name in self._left_out:
            if held:
                yield key, "quarantined", "is in quarantine"
            else:
                yield key, "gate", f"batch {name}: {self.barred.batches[batch]}"

    def ranges(self) -> list[str]:
        """A statement for each range, in order, for `columns.fetch`."""
        words = bool(_rows(f"SELECT EXISTS (SELECT FROM {TABLE} WHERE words IS NOT NULL)", {})[0][0])
        origins = recording.origins(self._project)
        return [columns.statement(row[0], origins, words=words) for row in _rows(f"SELECT DISTINCT range FROM {TABLE} ORDER BY 1", {})]


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


def _run(sql: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


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
            found = Snapshot(version, condition, pieces, when, leaked)
        _run(f"CREATE INDEX {TABLE}_range ON {TABLE} (range, n)", {})  # filled at once: row by row it takes twice as long
        _run(f"ANALYZE {TABLE} (range, item, annotation)", {})
        yield found
    finally:
        if not connection.needs_rollback and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute(f"DROP TABLE IF EXISTS {TABLE}, sluice_units; RESET work_mem; RESET jit")
