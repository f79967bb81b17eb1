"""Making the files of an export: built in a folder of this machine, put into storage, then listed in one transaction.

Until that transaction nothing of it can be pulled, so an attempt that dies leaves nothing but bytes that the next one
removes. When items were erased since the building began, the files are built again without them: the last transaction waits
for erasures under way (they hold the project's lock) and counts.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from django.core.files.storage import default_storage
from django.db import transaction

from annotate.activity.services import record
from annotate.items.models import Item
from annotate.jobs.services import Work
from annotate.kernel import sql
from annotate.labels.schema import parse
from annotate.media import store
from annotate.media.queries import by_sha256
from workflows.exporters import formats
from workflows.exporters.building import build, read_pictures
from workflows.exporters.formats import About, Picture
from workflows.exporters.manifest import tombstone
from workflows.releases import reading
from workflows.releases.mapping import schema_of
from workflows.releases.models import Export, ExportFile
from workflows.releases.rows import Row
from workflows.releases.states import EXPORT
from workflows.releases.tombstones import lock_project

CHUNK = 500
ROWS = 2000  # whose items are looked at together
_GONE = "SELECT id FROM annotate_item WHERE id = ANY(%(items)s::bigint[]) AND state = 'erased'"
STORED = "stored.lines"  # the files of a round that are in storage, beside its folder


@dataclass
class _Round:
    """One go at the files, for what was asked when it began."""

    export: Export
    asked: int
    erased: int  # items of the project when it began
    work: Work
    notes: Counter[str] = field(default_factory=Counter)

    @property
    def organisation_id(self) -> int:
        return int(self.export.version.dataset.project.organisation_id)


def _erased(export: Export) -> int:
    return Item.objects.filter(project_id=export.version.dataset.project_id, state="erased").count()


def folder_of(organisation_id: int, export_id: int) -> str:
    return f"{organisation_id}/exports/{export_id}"


def make(export_id: int, work: Work) -> None:
    """Until the export is ready; nothing to do when it is already."""
    while True:
        found = Export.objects.select_related("version__dataset__project", "version__schema_version").get(pk=export_id)
        if found.state != "making":
            break
        one = _Round(found, int(found.report.get("asked", 0)), _erased(found), work)
        with tempfile.TemporaryDirectory(prefix="sluice-export-") as place:
            _build(one, Path(place))
            if _finish(one, Path(place)):
                break
    _sweep(found)


def _build(one: _Round, place: Path) -> None:
    export, version = one.export, one.export.version
    assert version.schema_version is not None and version.root is not None and version.frozen_at is not None
    total = version.counts.get("items") if isinstance(version.counts, dict) else None
    about = About(
        dataset=version.dataset.name,
        number=version.number or 0,
        root=bytes(version.root).hex(),
        created_at=version.frozen_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        schema=parse(schema_of(version.schema_version.content, version.recipe)),
        split=export.split,
        media=export.media,
        items=total or 0,
        notes=one.notes,
    )
    built = build(
        about,
        formats.find(export.format),
        _rows(one),
        lambda: reading.leaves(version),
        place,
        schema=version.schema_version.number,
        export={"format": export.format, "split": export.split or None, "media": export.media},
        step=lambda done: one.work.progress(done, total) if done % CHUNK == 0 or done == total else None,
    )
    base = folder_of(one.organisation_id, export.pk)
    with (place / STORED).open("wb", buffering=1024 * 1024) as lines:
        for number, written in enumerate(built.written):
            stored = f"{base}/{one.asked}-{one.work.attempt}-{number}"
            with (built.root / written.path).open("rb") as file:
                store.put(stored, file)
            lines.write(orjson.dumps([written.path, stored, written.size, written.sha256]) + b"\n")


def _rows(one: _Round) -> Iterator[tuple[Row, Picture | None]]:
    """The version's rows, with their pictures where these are wanted and stored here; what was erased just now is a tombstone."""
    stream = reading.rows(one.export.version, columns=formats.find(one.export.format).columns)
    include = one.export.media == "include"
    while chunk := list(islice(stream, ROWS)):
        gone = {item for (item,) in sql.rows(_GONE, {"items": [row.item_id for row in chunk]})}
        wanted = {bytes(row.media_sha256) for row in chunk if row.media_sha256} if include else set()
        blobs = by_sha256(one.organisation_id, wanted) if wanted else {}
        for row in chunk:
            if row.erased or row.item_id in gone:
                yield Row(key=tombstone(row.item_id), item_id=row.item_id, split=row.split, leaf=row.leaf, erased=True), None
                continue
            yield row, _picture(one, row, blobs) if include and row.text is None else None


def _picture(one: _Round, row: Row, blobs: dict[bytes, Any]) -> Picture | None:
    blob = blobs.get(bytes(row.media_sha256)) if row.media_sha256 else None
    if one.export.split and row.split != one.export.split:
        return None
    if blob is None:
        one.notes["pictures_not_stored_here"] += 1
        return None
    if blob.facts.get("orientation", 1) not in (None, 1):  # the numbers are for the upright picture
        one.notes["pictures_to_turn_by_exif"] += 1
    stored = store.blob_path(one.organisation_id, blob.hex)
    return Picture(stored, blob.size, blob.hex, partial(default_storage.open, stored, "rb"))


def _listed(one: _Round, place: Path) -> Iterator[ExportFile]:
    with (place / STORED).open("rb") as lines:
        for line in lines:
            path, stored, size, sha256 = orjson.loads(line)
            yield ExportFile(export=one.export, path=path, stored=stored, size=size, sha256=bytes.fromhex(sha256))
    for path, item, picture in read_pictures(place):
        yield ExportFile(export=one.export, path=path, item=item, stored=picture.stored, size=picture.size, sha256=bytes.fromhex(picture.sha256))


def _finish(one: _Round, place: Path) -> bool:
    """List the files and say that it is ready, all or nothing; False when it has to be built again."""
    with transaction.atomic():
        one.work.save_report()
        lock_project(one.export.version.dataset.project_id)
        now = Export.objects.select_for_update().get(pk=one.export.pk)
        if now.state != "making":
            return True
        if int(now.report.get("asked", 0)) != one.asked or _erased(one.export) != one.erased:
            return False
        ExportFile.objects.filter(export=now).delete()
        for files in _chunks(_listed(one, place)):
            ExportFile.objects.bulk_create(files)
        now.state = EXPORT.after(now.state, "finish")
        now.report |= {"notes": dict(one.notes)}
        now.save(update_fields=["state", "report"])
        project = one.export.version.dataset.project
        data = {"version": now.version_id, "dataset": one.export.version.dataset_id, "format": now.format, "split": now.split, "media": now.media}
        record(None, "export.ready", now, organisation=project.organisation_id, project=project, data=data)
    return True


def _chunks(files: Iterable[ExportFile]) -> Iterator[list[ExportFile]]:
    stream = iter(files)
    while chunk := list(islice(stream, 1000)):
        yield chunk


def fail(export_id: int) -> None:
    """The export will not be made: making → failed."""
    Export.objects.filter(pk=export_id, state__in=EXPORT.origins("fail")).update(state=EXPORT.after("making", "fail"))


def _sweep(export: Export) -> None:
    """Remove bytes of earlier attempts and of encodings that an erasure replaced."""
    base = folder_of(export.version.dataset.project.organisation_id, export.pk)
    kept = set(ExportFile.objects.filter(export=export, stored__startswith=base + "/").values_list("stored", flat=True))
    try:
        _folders, names = default_storage.listdir(base)
    except FileNotFoundError:
        return
    for name in names:
        if f"{base}/{name}" not in kept and not name.startswith("."):
            store.remove(f"{base}/{name}")
