"""The loop behind a manifest: lines in chunks, each chunk added by COPY in one transaction with its counts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from annotate.annotations.schemas import parsed
from annotate.annotations.services import ImportedAnnotation, add_imported
from annotate.items.adding import NewItem, add_items, check_row
from annotate.items.models import Batch, Upload
from annotate.kernel.errors import Invalid
from annotate.labels.schema import Schema
from annotate.labels.validation import sift
from annotate.media.queries import by_sha256
from annotate.people.actor import Actor
from workflows.collection.ingest import lines
from workflows.collection.ingest.identity import stable_id
from workflows.collection.ingest.ledger import Chunk, Ledger
from workflows.collection.waiting import opened

CHUNK_LINES, CHUNK_BYTES = 2000, 16 * 1024**2


@dataclass
class Ready:
    """A line whose content and labels were judged; `objects` counts the objects taken out, told once the item is in."""

    line: lines.Line
    item: NewItem
    annotation: dict[str, Any] | None = None
    prediction: dict[str, Any] | None = None
    refusals: tuple[tuple[str, str, str], ...] = ()


def run(ledger: Ledger, upload: Upload, by: Actor) -> None:
    batch = upload.batch
    version_id = upload.options["schema_version"]
    reader = ManifestReader(batch, parsed(version_id).schema, version_id, by, bool(upload.options.get("may_approve")))
    ledger.total = upload.options.get("lines")
    for file in upload.files.order_by("id"):
        with opened(file) as content:
            rows = lines.read(content, upload.options["kind"], batch.project.media)
            for chunk_lines in _chunks(islice(_readable(rows, file.path), ledger.position, None)):
                with ledger.chunk(len(chunk_lines)) as chunk:
                    reader.take(chunk_lines, chunk)


def _readable(rows: Iterator[lines.Line], name: str) -> Iterator[lines.Line]:
    """The lines; a header that cannot be read is the one line of its file."""
    try:
        yield from rows
    except Invalid as error:
        yield lines.Line(1, code=error.code, detail=error.detail)


def _chunks(rows: Iterable[lines.Line]) -> Iterator[list[lines.Line]]:
    chunk: list[lines.Line] = []
    size = 0
    for row in rows:
        chunk.append(row)
        size += row.size
        if len(chunk) >= CHUNK_LINES or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


class ManifestReader:
    """Takes chunks of lines into one batch."""

    def __init__(self, batch: Batch, schema: Schema, schema_version_id: int, by: Actor, may_approve: bool) -> None:
        self.batch, self.schema, self.schema_version_id = batch, schema, schema_version_id
        self.by, self.may_approve = by, may_approve
        self.organisation_id = batch.project.organisation_id

    def take(self, rows: list[lines.Line], chunk: Chunk) -> None:
        digests = {row.row.sha256 for row in rows if row.row is not None and row.row.sha256 is not None}
        blobs = by_sha256(self.organisation_id, digests) if digests else {}
        ready: dict[str, Ready] = {}
        for line in rows:
            if line.row is None:
                chunk.refuse(f"line {line.number}", line.code, line.detail)
            elif line.row.key in ready:
                chunk.count("duplicate")
            else:
                try:
                    ready[line.row.key] = self._ready(line, line.row, blobs)
                except Invalid as error:
                    chunk.refuse(f"line {line.number}", error.code, error.detail)
        self._add(ready, chunk)

    def _ready(self, line: lines.Line, row: lines.Row, blobs: dict[bytes, Any]) -> Ready:
        blob = blobs.get(row.sha256) if row.sha256 is not None else None
        width, height = row.width, row.height
        if row.sha256 is not None and blob is None and row.uri is None:
            raise Invalid("sha256: no bytes of this digest are stored here", code="unknown_bytes")
        if blob is not None:
            if not blob.type.startswith("image/"):
                raise Invalid("sha256: these bytes are not a picture", code="wrong_media")
            if row.width is not None and (row.width, row.height) != (blob.width, blob.height):
                raise Invalid(f"width: the stored picture is {blob.width} × {blob.height}", code="size_mismatch")
            width, height = blob.width, blob.height
        if row.approved and not self.may_approve:
            raise Invalid("approved: only a manager of the project brings in approved labels", code="denied")
        item = NewItem(
            key=row.key,
            blob_id=None if blob is None else blob.pk,
            uri=row.uri,
            text=row.text,
            sha256=row.sha256 if row.text is None else hashlib.sha256(row.text.encode()).digest(),
            width=width,
            height=height,
            group=row.group,
            frame=row.frame,
            meta=row.meta,
            captured_at=row.captured,
        )
        refusals: list[tuple[str, str, str]] = []
        annotation = self._labels(line, row, row.annotation, "annotation", item, refusals)
        prediction = self._labels(line, row, row.prediction, "prediction", item, refusals)
        return Ready(line, item, annotation, prediction, tuple(refusals))

    def _labels(
        self,
        line: lines.Line,
        row: lines.Row,
        document: dict[str, Any] | None,
        name: str,
        item: NewItem,
        refusals: list[tuple[str, str, str]],
    ) -> dict[str, Any] | None:
        """The document with its good objects; None when there is none, or when none of its objects was good."""
        if document is None:
            return None
        for index, shape in enumerate(document["objects"]):
            if isinstance(shape, dict) and "id" not in shape:
                shape["id"] = stable_id(f"{self.batch.project_id}\x00{row.key}\x00{name}\x00{index}")
        good, bad = sift(document, self.schema, width=item.width, height=item.height, text=row.text)
        for refusal in bad:
            refusals.append((f"line {line.number} {name}", refusal.code, _words(refusal)))
        return good if good.get("objects") or not bad else None

    def _add(self, ready: dict[str, Ready], chunk: Chunk) -> None:
        if not ready:
            return
        try:
            added = add_items(self.batch, (one.item for one in ready.values()), by=self.by)
        except Invalid:
            self._check_each(ready, chunk)
            added = add_items(self.batch, (one.item for one in ready.values()), by=self.by)
        chunk.count("accepted", len(added.accepted))
        chunk.count("duplicate", len(ready) - len(added.accepted))
        imported: list[ImportedAnnotation] = []
        for key, item_id in added.accepted.items():
            one = ready[key]
            for place, code, detail in one.refusals:
                chunk.refuse_object(place, code, detail)
            row = one.line.row
            assert row is not None
            if one.annotation is not None:
                imported.append(ImportedAnnotation(item_id, one.annotation, self.schema_version_id, row.approved, None))
            if one.prediction is not None:
                model = (row.model or "manifest", row.score)
                imported.append(ImportedAnnotation(item_id, one.prediction, self.schema_version_id, False, model))
        if imported:
            add_imported(imported, by=self.by)

    def _check_each(self, ready: dict[str, Ready], chunk: Chunk) -> None:
        """The items room refuses all rows for one that it cannot hold: find those."""
        for key, one in list(ready.items()):
            try:
                check_row(one.item)
            except Invalid as error:
                chunk.refuse(f"line {one.line.number}", error.code, error.detail)
                del ready[key]


def _words(refusal: Any) -> str:
    label = f"{refusal.label}: " if refusal.label and refusal.label not in refusal.detail else ""
    return f"{label}{refusal.detail}"
