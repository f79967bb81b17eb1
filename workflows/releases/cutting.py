"""The work of a cut: snapshot → rows with split and leaf → ranges → shards, the known ones reused → frozen, all at once.

Ranges of the version before whose rows are the same still are taken as they are, unread. Killed at any point, the work is done again from
a new snapshot: shards that were written are found by their digest, and nothing of a version is seen before `freeze` commits.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from annotate.jobs.services import Work
from annotate.kernel import canonical
from annotate.kernel.errors import Invalid
from annotate.projects.queries import current_schema
from workflows.releases import gates, merkle, parquet, recording, shards
from workflows.releases.fitting import Fitting, LeftOut
from workflows.releases.merkle import ends_range
from workflows.releases.models import Shard, Version
from workflows.releases.placing import Placement
from workflows.releases.ranging import Built, Ranging
from workflows.releases.snapshot import Snapshot, taken
from workflows.releases.spans import Piece


@dataclass(frozen=True)
class Range:
    """A range of the version: its shard, first and last key, digest; what the snapshot took for it, None where that must not be reused."""

    shard: Shard
    first: str
    last: str
    digest: bytes
    taken: int | None
    fingerprint: int | None


@dataclass
class Cut:
    """What a version will be frozen with: ranges in order, root, counts, what was known."""

    oldest: int
    schema_id: int
    ranges: list[Range] = field(default_factory=list)
    tally: parquet.Tally = field(default_factory=parquet.Tally)
    excluded: Counter[str] = field(default_factory=Counter)
    leakage: dict[str, int] = field(default_factory=dict)
    gates: Sequence[Mapping[str, Any]] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    placement: Placement | None = None

    @property
    def root(self) -> bytes:
        return merkle.root_of_ranges(each.digest for each in self.ranges)

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


class Misfit(Exception):
    """The ranges of the version before do not fit between the new ones: everything is read."""


def basis(recipe: Mapping[str, Any], schema_id: int) -> str:
    """What a row's split, labels and place in a version hang on beside the row, as a digest in hex."""
    return hashlib.sha256(canonical.dumps({"recipe": recipe, "schema": schema_id, "rows": 3}).encode()).hexdigest()


def build(version: Version, work: Work) -> Cut:
    """Everything but the freezing: writes the shards that are new. `Invalid` when nothing is left to freeze, `Conflict` gate_failed when
    the gate of its slice is shut."""
    threading.Thread(target=_imported, name="imports", daemon=True).start()
    mark = basis(version.recipe, current_schema(version.dataset.project_id).pk)
    last = Version.objects.filter(dataset_id=version.dataset_id, number__isnull=False, facts__basis=mark).order_by("-number").first()
    try:
        return _build(version, work, mark, _pieces(last), leaked=last is None or any(last.counts["leakage"].values()))
    except Misfit:
        return _build(version, work, mark, [], leaked=True)


def _imported() -> None:
    """What a new worker has not used yet: a third of a second that it would wait for when the database has long begun."""
    import pyarrow.compute
    import pyarrow.parquet  # noqa: F401


def _pieces(last: Version | None) -> list[Piece]:
    """The ranges of the newest version of the dataset that was cut on the same basis."""
    rows = last.version_shards.order_by("ordinal") if last is not None else ()
    return [Piece(row.shard_id, row.first_key, row.last_key, bytes(row.digest) if row.digest else None, row.taken, row.fingerprint) for row in rows]


def _build(version: Version, work: Work, mark: str, pieces: Sequence[Piece], *, leaked: bool) -> Cut:
    organisation_id = version.dataset.project.organisation_id
    with taken(version, pieces, leaked=leaked) as snapshot:
        gates.require_open(snapshot.barred)
        if pieces and basis(version.recipe, snapshot.schema.pk) != mark:
            raise Misfit
        cut = Cut(snapshot.oldest, snapshot.schema.pk, excluded=Counter(snapshot.excluded), gates=snapshot.barred.record, leakage=snapshot.leakage)
        cut.placement = snapshot.placement
        cut.facts = {"basis": basis(version.recipe, snapshot.schema.pk)} | snapshot.facts
        for key, code, words in snapshot.left_out():
            work.report(key, code, words)
        _keep(snapshot, cut)
        _write(snapshot, cut, work, organisation_id, version.recipe)
    cut.ranges.sort(key=lambda each: each.first.encode())
    if any(not ends_range(each.last) for each in cut.ranges[:-1]):
        if not pieces:
            raise AssertionError("a range without its end")
        raise Misfit
    if not cut.ranges:
        raise Invalid("no approved item is left to freeze: approve some, or widen the query", code="empty_version")
    cut.facts |= recording.stratified(version.recipe, cut.counts())
    return cut


def _keep(snapshot: Snapshot, cut: Cut) -> None:
    """Take over the ranges in which nothing has changed; what they count stands in their files."""
    known = Shard.objects.in_bulk([piece.shard for piece in snapshot.kept])
    for piece in snapshot.kept:
        assert piece.digest is not None
        with shards.opened(piece.shard) as file:
            cut.tally.add(parquet.tally(file))
        cut.ranges.append(Range(known[piece.shard], piece.first, piece.last, piece.digest, piece.taken, piece.fingerprint))


AHEAD = 8 << 20  # bytes that may wait to be built, so that neither side stands still


def _write(snapshot: Snapshot, cut: Cut, work: Work, organisation_id: int, recipe: Mapping[str, Any]) -> None:
    waiting: deque[tuple[int, Future[tuple[int, list[LeftOut], list[Built]]]]] = deque()
    done, ahead = cut.tally.rows, 0

    def take() -> None:
        nonlocal done, ahead
        size, made = waiting.popleft()
        rows, left_out, built = made.result()
        ahead -= size
        for key, code, words in left_out:
            cut.excluded[code] += 1
            work.report(key, code, words)
        for each in built:
            _store(each, cut, organisation_id)
        done += rows
        work.progress(done, snapshot.total)

    with ThreadPoolExecutor(1, thread_name_prefix="files") as writing, ThreadPoolExecutor(1, thread_name_prefix="ranges") as pool:
        ranging = Ranging(Fitting(snapshot.schema.pk, recipe, snapshot.placement), writing)
        for fetched in snapshot.rows():
            while waiting and (ahead + fetched.size > AHEAD or waiting[0][1].done()):
                take()
            waiting.append((fetched.size, pool.submit(ranging.build, fetched)))
            ahead += fetched.size
        while waiting:
            take()
        last = ranging.last()
        if last is not None:
            _store(last, cut, organisation_id)


def _store(built: Built, cut: Cut, organisation_id: int) -> None:
    """Take the range's shard from an earlier version (or attempt), or write it."""
    shard = shards.find(organisation_id, built.name)
    if shard is None:
        shard, tally = shards.make(organisation_id, built.name, built.content.result())
    else:
        built.content.result().file.close()
        with shards.opened(shard.pk) as file:
            tally = parquet.tally(file)
    cut.tally.add(tally)
    cut.ranges.append(Range(shard, built.first, built.last, built.digest, built.taken, built.fingerprint))
