"""A batch's imports: job, counts, and what was refused by code, each account kept by the import's own job."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy

from annotate.items.models import Batch, Upload
from annotate.items.queries import sees_all
from annotate.jobs.models import JobReportLine
from annotate.people.actor import Actor

MOST = 20
CODES = 8  # of what an import refused, the most frequent
KINDS: dict[str, Any] = {
    "files": gettext_lazy("Files"),
    "manifest": gettext_lazy("Manifest"),
    "labels": gettext_lazy("Labels"),
}


def imports(actor: Actor, batch: Batch) -> list[dict[str, Any]]:
    """The batch's imports, newest first: job, counts, and what was refused by code; collectors get only their own."""
    seen = Upload.objects.filter(batch=batch)
    seen = seen if sees_all(actor, batch.project) else seen.filter(created_by=actor.person_id)
    uploads = list(seen.select_related("job", "created_by").order_by("-id")[:MOST])
    jobs = [upload.job_id for upload in uploads if upload.job_id]
    refused: dict[int, list[tuple[str, int]]] = defaultdict(list)
    lines = JobReportLine.objects.filter(job__in=jobs).order_by().values_list("job_id", "code")
    for job_id, code, n in lines.annotate(n=Count("pk")).order_by("-n", "code"):
        refused[job_id].append((code, n))
    out = []
    for upload in uploads:
        result = (upload.job.result if upload.job else None) or {}
        codes = refused[upload.job_id or 0]
        counts = {name: result.get(name, 0) for name in ("accepted", "duplicate", "rejected")}
        out.append({"upload": upload, "job": upload.job, "words": KINDS.get(upload.kind, upload.kind), "counts": counts, "total": sum(counts.values()),
                    "codes": codes[:CODES], "more": len(codes) > CODES})  # fmt: skip
    return out
