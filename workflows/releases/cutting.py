"""The work of a cut: snapshot → rows with split and leaf → ranges → shards, the known ones reused → frozen, all at once.

Killed at any point, it is done again from a new snapshot: shards that were written are found by their digest, and nothing
of a version is seen before `freeze` commits.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from annotate.annotations.schemas import parsed
from annotate.jobs.services import Work
from annotate.kernel import canonical
from annotate.kernel.errors import Invalid
from annotate.labels.validation import check
from workflows.releases import gates, merkle, parquet, shards
from workflows.releases.models import Shard, Version
from workflows.releases.rows import Row
from workflows.releases.snapshot import Snapshot, Taken, documents, taken, texts
from workflows.releases.splits import Leakage, splitter
from workflows.releases.tombstones import tombstone


@dataclass(slots=True)
class Placed:
    """A row with its split and leaf."""

    taken: Taken
    split: str
    leaf: bytes


@dataclass
class Cut:
    """What a version will be frozen with: shards in order with their first and last keys, root, counts."""

    oldest: int
    schema_id: int
    shards: list[tuple[Shard, str, str]] = field(default_factory=list)
    ranges: list[bytes] = field(default_factory=list)
    tally: parquet.Tally = field(default_factory=parquet.Tally)
    excluded: Counter[str] = field(default_factory=Counter)
    leakage: dict[str, int] = field(default_factory=dict)
    gates: Sequence[Mapping[str, Any]] = ()

    @property
    def root(self) -> bytes:
        return merkle.root_of_ranges(self.ranges)

    def counts(self) -> dict[str, Any]:
        labels: Counter[str] = Counter()
        for found in self.tally.labels.values():
            labels.update(found)
        return {
            "items": self.tally.rows,
            "objects": labels.total(),
            "labels": dict(labels),
            "splits": {name: n for name, n in self.tally.splits.items() if name},
            "split_labels": {name: dict(found) for name, found in self.tally.labels.items() if name},
            "excluded": {reason: n for reason, n in self.excluded.items() if n},
            "leakage": self.leakage,
            **({"gates": list(self.gates)} if self.gates else {}),
        }


def build(version: Version, work: Work) -> Cut:
    """Everything but the freezing: writes the shards that are new. `Invalid` when nothing is left to freeze, `Conflict` gate_failed when
    the gate of its slice is shut."""
    organisation_id = version.dataset.project.organisation_id
    recipe = version.recipe
    split = splitter(recipe["splits"], by_group=recipe["by"] == "group", salt=recipe["salt"])
    with taken(version) as snapshot:
        gates.require_open(snapshot.barred)
        cut = Cut(snapshot.oldest, snapshot.schema.pk, excluded=Counter(snapshot.excluded), gates=snapshot.barred.record)
        leakage = Leakage(by_group=recipe["by"] == "group", repeated=snapshot.repeated)
        held: list[Placed] = []
        done = 0
        for chunk in snapshot.chunks():
            for row in _fit(chunk, snapshot, cut, work):
                placed = _placed(row, split(row.key, row.group))
                leakage.see(placed.split, row.group, row.media)
                held.append(placed)
                if merkle.ends_range(row.key):
                    _close(held, cut, organisation_id)
                    held = []
            done += len(chunk)
            work.progress(done, snapshot.total)
        if held:
            _close(held, cut, organisation_id)
        cut.leakage = leakage.counts()
    if not cut.shards:
        raise Invalid("no approved item is left to freeze: approve some, or widen the query", code="empty_version")
    return cut


def _fit(chunk: list[Taken], snapshot: Snapshot, cut: Cut, work: Work) -> Iterator[Taken]:
    """The rows that belong into the version; the others are counted and reported with the reason."""
    schema = parsed(snapshot.schema.pk).schema
    older = [row for row in chunk if row.schema_version != snapshot.schema.pk and not row.held]
    content = documents([row.annotation for row in older]) if older else {}
    words = texts([row.item for row in older if row.text is not None]) if older else {}
    for row in chunk:
        if row.held:
            cut.excluded["quarantined"] += 1
            work.report(row.key, "quarantined", "is in quarantine")
            continue
        if row.batch_id in snapshot.barred.batches:
            cut.excluded["gate"] += 1
            work.report(row.key, "gate", f"batch {row.batch}: {snapshot.barred.batches[row.batch_id]}")
            continue
        if row.annotation in content:
            try:
                check(
                    orjson.loads(content[row.annotation]),
                    schema,
                    width=row.width,
                    height=row.height,
                    text=words.get(row.item),
                )
            except Invalid as error:
                cut.excluded["schema"] += 1
                detail = f"labelled under schema {row.schema_number}, not valid under {snapshot.schema.number}: {error.detail}"
                work.report(row.key, "schema", detail)
                continue
        yield row


def _placed(row: Taken, split: str) -> Placed:
    leaf = merkle.leaf(
        key=row.key,
        media=row.media,
        uri=row.uri,
        text=row.text,
        width=row.width,
        height=row.height,
        group=row.group,
        frame=row.frame,
        split=split,
        meta=row.meta,
        labels=row.labels,
    )
    return Placed(row, split, leaf)


def _close(held: list[Placed], cut: Cut, organisation_id: int) -> None:
    """A whole range: take its shard from an earlier version (or attempt), or write it."""
    cut.ranges.append(merkle.range_digest(each.leaf for each in held))
    name = shards.shard_digest(
        (each.leaf, each.taken.item, each.taken.annotation, each.taken.approval, each.taken.batch) for each in held
    )
    shard = shards.find(organisation_id, name)
    if shard is None:
        shard, tally = shards.make(organisation_id, name, _rows(held))
    else:
        with shards.opened(shard.pk) as file:
            tally = parquet.tally(file)
    cut.tally.add(tally)
    cut.shards.append((shard, held[0].taken.key, held[-1].taken.key))


def _rows(held: list[Placed]) -> Iterator[Row]:
    for start in range(0, len(held), parquet.ROW_GROUP):
        part = held[start : start + parquet.ROW_GROUP]
        labels = documents([each.taken.annotation for each in part])
        words = texts([each.taken.item for each in part if each.taken.text is not None])
        for each in part:
            yield _row(each, labels.get(each.taken.annotation), words.get(each.taken.item))


def _row(placed: Placed, document: str | None, text: str | None) -> Row:
    """The whole row; a tombstone when the item was erased since the snapshot."""
    row = placed.taken
    lost_text = row.text is not None and (text is None or canonical.digest(text) != row.text)
    if document is None or canonical.digest(document) != row.labels or lost_text:
        return tombstone(row.item, placed.split, placed.leaf)
    return Row(
        key=row.key,
        item_id=row.item,
        split=placed.split,
        leaf=placed.leaf,
        batch=row.batch,
        group=row.group,
        frame=row.frame,
        width=row.width,
        height=row.height,
        media_sha256=row.media,
        uri=row.uri,
        text=text,
        meta=row.meta,
        annotation_id=row.annotation,
        revision=row.revision,
        document=document,
        label_digest=row.labels,
        schema_number=row.schema_number,
        provenance={
            "labelled_by": row.labelled_by,
            "labelled_at": _time(row.labelled_at),
            "source": row.source,
            "reviewed_by": row.reviewed_by,
            "approved_by": row.approved_by,
            "approved_at": _time(row.approved_at),
            "cause": row.cause,
        },
    )


def _time(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
