"""The import jobs: each reads an upload to its end, keeps its place, then removes the bytes and lets queues fill."""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from annotate.items.models import Upload
from annotate.jobs.services import Cancelled, Work, handler, links
from annotate.kernel.errors import Conflict, Invalid, SluiceError
from annotate.kernel.registry import ticks
from annotate.people.actor import Actor
from workflows.collection import arriving, waiting
from workflows.collection.ingest.ledger import Ledger
from workflows.collection.kinds import FILES, LABELS, MANIFEST

log = logging.getLogger("sluice.collection")
Run = Callable[[Ledger, Upload, Actor], dict[str, Any] | None]


def _upload(work: Work) -> Upload:
    found = Upload.objects.select_related("batch__project").filter(pk=work.arguments["upload"]).first()
    if found is None:
        raise Invalid("the upload of this import has gone")
    return found


def _carry_out(work: Work, run: Run) -> dict[str, Any]:
    if work.by is None:
        raise Conflict("the person who asked for this import has gone")
    upload = _upload(work)
    ledger = Ledger(work, upload)
    try:
        if not ledger.finished:
            more = run(ledger, upload, work.by) or {}
            ledger.finish(more)
    except (Cancelled, SluiceError):  # ends for good; anything else is tried again and needs the bytes
        waiting.end(upload)
        raise
    waiting.end(upload)
    arriving.tell(upload.batch, work.by)
    _refill(upload.batch.project_id)
    return ledger.result()


def _refill(project_id: int) -> None:
    """Queues whose query matches take the new items up."""
    if find_spec("annotate.queues.jobs"):
        import_module("annotate.queues.jobs").refill(project_id)


@handler(FILES, resumes=True)
def take_files(work: Work) -> dict[str, Any]:
    from workflows.collection.ingest import files

    return _carry_out(work, files.run)


@handler(MANIFEST, resumes=True)
def take_manifest(work: Work) -> dict[str, Any]:
    from workflows.collection.ingest import manifests

    return _carry_out(work, manifests.run)


@handler(LABELS, resumes=True)
def take_labels(work: Work) -> dict[str, Any]:
    from workflows.collection.ingest import labels

    return _carry_out(work, labels.run)


def _link(job: Any) -> dict[str, str]:
    batch = job.arguments.get("batch")
    return {"batch": f"/api/v1/batches/{batch}"} if batch else {}


for _kind in (FILES, MANIFEST, LABELS):
    links.add(_kind, _link)
ticks.add("sweep uploads", (3600.0, waiting.sweep))
