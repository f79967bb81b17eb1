"""The files of an export, read in pages, and the type that each is sent as."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.exporters.archive import Broken
from workflows.releases.models import Export, ExportFile

PAGE = 500
# By the end of the name; whatever else comes is bytes. None of these can act in a browser, and all are sent as downloads.
_KINDS = {
    ".json": "application/json",
    ".jsonl": "application/x-ndjson",
    ".ndjson": "application/x-ndjson",
    ".csv": "text/csv",
    ".md": "text/markdown",
    ".tar": "application/x-tar",
    ".txt": "text/plain",
    ".xml": "application/xml",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".bmp": "image/bmp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
}


def kind_of(path: str) -> str:
    dot = path.rfind(".")
    return _KINDS.get(path[dot:].lower(), "application/octet-stream") if dot >= 0 else "application/octet-stream"


def pages(export: Export) -> Iterator[ExportFile]:
    """Every file in order of its path, a page at a time; `Broken` when an erasure comes in between."""
    after, asked = "", export.report.get("asked", 0)
    while True:
        now = Export.objects.only("state", "report").get(pk=export.pk)
        if now.state != "ready" or now.report.get("asked", 0) != asked:
            raise Broken("an item was erased")
        rows = list(ExportFile.objects.filter(export=export, path__gt=after).order_by("path")[:PAGE])
        yield from rows
        if len(rows) < PAGE:
            return
        after = rows[-1].path
