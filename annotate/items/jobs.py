"""Background work on bytes: making thumbnails and looking at pictures after an import, deleting bytes after an erasure."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction

from annotate.jobs.services import enqueue, handler
from annotate.media import looking, services
from annotate.media.facts import Refused
from annotate.media.models import Blob

if TYPE_CHECKING:
    from PIL import Image

log = logging.getLogger("sluice.media")
CHUNK = 200  # blobs of one job, so that a large import is spread over the workers


def enqueue_renditions(
    blob_ids: Sequence[int], *, organisation_id: int, project_id: int | None = None, by: Any = None
) -> list[Any]:
    """Jobs that make thumbnails of these blobs and show them to all `looks`; part of the caller's transaction."""
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
    """Skips what is there and was seen already, so running it again is cheap; a picture that fails is reported, the rest go on."""
    ids = work.arguments["blobs"]
    waiting = looking.wanted(ids)
    made = failed = 0
    for done, blob in enumerate(Blob.objects.filter(pk__in=ids).order_by("pk").iterator(chunk_size=50), start=1):
        names = waiting.get(blob.pk, [])
        missing = [] if "thumb" in blob.facts.get("renditions", {}) else ["thumb"]
        if not blob.type.startswith("text/") and (names or (missing and blob.type.startswith("image/"))):
            fine = _make(work, blob, missing, names)
            made, failed = made + fine, failed + (not fine)
        work.progress(done, len(ids))
    return {"made": made, "failed": failed}


def _make(work: Any, blob: Blob, sizes: Sequence[str], names: Sequence[str]) -> bool:
    """The sizes and the looks of one blob, committed together; False when it is no picture or its bytes are gone."""
    from annotate.media.renditions import make  # with the decoder, which idle processes do without

    failed: looking.Errors = {}

    def see(picture: Image.Image) -> None:
        failed.update(looking.show(blob, picture, names))

    fine = True
    with transaction.atomic():
        try:
            if names and "pixels" not in blob.facts:  # stored without having been decoded, or before that was part of it
                services.verify(blob)
            make(blob, sizes, see if names else None)
        except Refused as error:
            fine = False
            work.report(blob.hex, error.code, str(error.detail))
            failed |= looking.tell(blob, error.code, names)
        except OSError as error:
            fine = False
            work.report(blob.hex, "missing_bytes", str(error))
    for name, why in failed.items():
        work.report(blob.hex, "look_failed", f"{name}: {why}")
        log.error("%s could not look at blob %s", name, blob.pk, exc_info=why)
    return fine


@handler("media.purge")
def purge_bytes(work: Any) -> dict[str, bool]:
    """Bytes whose last item was erased."""
    return {"gone": services.purge(work.organisation_id, bytes.fromhex(work.arguments["sha256"]))}
