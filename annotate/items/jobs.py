"""Background work on bytes: making renditions after an import, deleting bytes after an erasure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from annotate.jobs.services import enqueue, handler
from annotate.media import services
from annotate.media.models import Blob
from annotate.media.probe import Refused
from annotate.media.renditions import make

CHUNK = 200  # blobs of one job, so that a large import is spread over the workers


def enqueue_renditions(
    blob_ids: Sequence[int], *, organisation_id: int, project_id: int | None = None, by: Any = None
) -> list[Any]:
    """Jobs that make thumbnails and display sizes of these blobs; part of the caller's transaction."""
    wanted = list(dict.fromkeys(blob_ids))
    return [
        enqueue(
            "media.renditions",
            organisation_id=organisation_id,
            project_id=project_id,
            by=by,
            arguments={"blobs": wanted[start : start + CHUNK]},
        )
        for start in range(0, len(wanted), CHUNK)
    ]


@handler("media.renditions")
def make_renditions(work: Any) -> dict[str, int]:
    """Skips what is there already, so running it again is cheap; a picture that fails is reported, the rest go on."""
    ids = work.arguments["blobs"]
    made = failed = 0
    for done, blob in enumerate(Blob.objects.filter(pk__in=ids).order_by("pk").iterator(chunk_size=50), start=1):
        known = blob.facts.get("renditions", {})
        missing = [size for size in ("thumb", "display") if size not in known]
        if missing and blob.type.startswith("image/"):
            try:
                make(blob, missing)
                made += 1
            except (Refused, OSError) as error:
                failed += 1
                work.report(blob.hex, getattr(error, "code", "missing_bytes"), str(getattr(error, "detail", error)))
        work.progress(done, len(ids))
    return {"made": made, "failed": failed}


@handler("media.purge")
def purge_bytes(work: Any) -> dict[str, bool]:
    """Bytes whose last item was erased."""
    return {"gone": services.purge(work.organisation_id, bytes.fromhex(work.arguments["sha256"]))}
