"""The loop behind a manifest: lines in chunks, read and judged ahead, each chunk added by COPY in one transaction with its counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from annotate.annotations.arriving import Arriving, add_arriving
from annotate.annotations.schemas import parsed
from annotate.items.adding import add_items
from annotate.items.models import Batch, Upload
from annotate.kernel.errors import Invalid
from annotate.media.queries import by_sha256
from annotate.people.actor import Actor
from workflows.collection.ingest import lines
from workflows.collection.ingest.ahead import read_ahead
from workflows.collection.ingest.judging import Judge, Judged
from workflows.collection.ingest.ledger import Chunk, Ledger
from workflows.collection.waiting import opened

CHUNK_LINES, CHUNK_BYTES = 4000, 16 * 1024**2


def run(ledger: Ledger, upload: Upload, by: Actor) -> None:
    batch = upload.batch
    version_id = upload.options["schema_version"]
    judge = Judge(batch.project_id, parsed(version_id).schema, bool(upload.options.get("may_approve")))
    writer = ManifestWriter(batch, judge, version_id, by)
    ledger.total = upload.options.get("lines")
    for file in upload.files.order_by("id"):
        with opened(file) as content:
            rows = _readable(lines.read(content, upload.options["kind"], batch.project.media, skip=ledger.position), file.path)
            with read_ahead(_chunks(map(judge.first, rows))) as chunks:
                for judged in chunks:
                    with ledger.chunk(len(judged)) as chunk:
                        writer.take(judged, chunk)


def _readable(rows: Iterator[lines.Line], name: str) -> Iterator[lines.Line]:
    """The lines; a header that cannot be read is the one line of its file."""
    try:
        yield from rows
    except Invalid as error:
        yield lines.Line(1, code=error.code, detail=error.detail)


def _chunks(rows: Iterable[Judged]) -> Iterator[list[Judged]]:
    chunk: list[Judged] = []
    size = 0
    for row in rows:
        chunk.append(row)
        size += row.line.size
        if len(chunk) >= CHUNK_LINES or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


class ManifestWriter:
    """Writes chunks of judged lines into one batch."""

    def __init__(self, batch: Batch, judge: Judge, schema_version_id: int, by: Actor) -> None:
        self.batch, self.judge, self.schema_version_id, self.by = batch, judge, schema_version_id, by
        self.project = batch.project

    def take(self, rows: list[Judged], chunk: Chunk) -> None:
        digests = {row.line.row.sha256 for row in rows if row.waits and row.line.row is not None and row.line.row.sha256 is not None}
        blobs = by_sha256(self.project.organisation_id, digests) if digests else {}
        ready: dict[str, Judged] = {}
        for judged in rows:
            found = judged.line.row
            if found is not None and found.key in ready:
                chunk.count("duplicate")
                continue
            if judged.waits and found is not None:
                judged = self.judge.second(judged.line, found, blobs.get(found.sha256) if found.sha256 is not None else None)
            if judged.item is None:
                chunk.refuse(f"line {judged.line.number}", judged.code, judged.detail)
            else:
                ready[judged.item.key] = judged
        self._add(ready, chunk)

    def _add(self, ready: dict[str, Judged], chunk: Chunk) -> None:
        if not ready:
            return
        items = [one.item for one in ready.values() if one.item is not None]
        added = add_items(self.batch, items, by=self.by)
        chunk.count("accepted", len(added.accepted))
        chunk.count("duplicate", len(ready) - len(added.accepted))
        arriving: list[Arriving] = []
        for key, item_id in added.accepted.items():
            one = ready[key]
            for place, code, detail in one.refusals:
                chunk.refuse_object(place, code, detail)
            row = one.line.row
            if row is not None and (one.annotation is not None or one.prediction is not None):
                arriving.append(Arriving(item_id, one.annotation, row.approved, one.prediction, row.model or "manifest", row.score))
        if arriving:
            add_arriving(arriving, project=self.project, schema_version_id=self.schema_version_id, by=self.by)
