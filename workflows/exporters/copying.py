"""What of an export's Parquet files is in those of another that is like it: a plan for who holds the other.

Files that both have are not looked at; of the others at most `MOST` bytes on either side are read, and what lies beyond is not
in the plan. A plan tells places, no content but footers; what is made by it is right when its sha256 is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from annotate.media import store
from workflows.exporters import parts, queries
from workflows.exporters.parquet import ENDING
from workflows.releases.models import Export, ExportFile, Version

MOST = 512 * 1024**2


def copies(before: Version, after: Export) -> dict[str, Any]:
    """{"from", "files"}: the sha256 of each of the others, and {"path", "size", "sha256", "parts", "tail"} of each file that has something
    of them, as `parts` says it. Nothing where there is no export of `before` that is like this one."""
    other = queries.alike(after, before)
    if other is None:
        return {"from": [], "files": []}
    old, new = _files(other), _files(after)
    known = {sha256 for sha256, _stored, _path, _size in old}
    kept = {sha256 for sha256, _stored, _path, _size in new}
    held: list[str] = []
    spans: list[parts.Spans] = []
    for sha256, stored, _path, _size in _within([each for each in old if each[0] not in kept]):
        if (found := _spans(stored)) is not None:
            held.append(sha256.hex())
            spans.append(found)
    made: list[dict[str, Any]] = []
    for sha256, stored, path, size in _within([each for each in new if each[0] not in known]) if spans else ():
        if (plan := _planned(stored, size, spans)) is not None:
            made.append({"path": path, "size": size, "sha256": sha256.hex()} | plan)
    return {"from": held if made else [], "files": made}


_File = tuple[bytes, str, str, int]  # sha256, stored, path, size


def _files(export: Export) -> list[_File]:
    """Its Parquet files in the order of rows; no pictures, whatever these are called."""
    rows = ExportFile.objects.filter(export=export, item=None, path__endswith=ENDING).order_by("path").values_list("sha256", "stored", "path", "size")
    return [(bytes(sha256), stored, path, size) for sha256, stored, path, size in rows]


def _within(files: list[_File]) -> Iterator[_File]:
    left = MOST
    for each in files:
        left -= each[3]
        if left < 0:
            return
        yield each


def _spans(stored: str) -> parts.Spans | None:
    try:
        with store.local(stored) as file:
            return parts.spans(file)
    except (FileNotFoundError, ValueError):  # made anew this moment because of an erasure
        return None


def _planned(stored: str, size: int, others: list[parts.Spans]) -> dict[str, Any] | None:
    try:
        with store.local(stored) as file:
            return parts.planned(file, size, others)
    except (FileNotFoundError, ValueError):
        return None
