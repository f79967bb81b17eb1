"""Exports as the actor may see them: with their version, which is theirs to see or not there."""

from __future__ import annotations

import hashlib

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from annotate.kernel.canonical import check_text
from annotate.kernel.errors import Conflict, Gone, Missing
from annotate.people.actor import Actor
from workflows.releases import queries as releases
from workflows.releases.models import Export, ExportFile, Version

DEAD = ("failed", "cancelled")


def exports(version: Version) -> QuerySet[Export]:
    """The version's exports; who sees the version sees them. With jobs and the sum of their files."""
    return Export.objects.filter(version=version).select_related("job", "created_by").annotate(size=Sum("files__size"))


def get(actor: Actor, export_id: int) -> Export:
    """The export with its version, dataset and project, or `Missing`."""
    found = (
        Export.objects.filter(pk=export_id)
        .select_related("version__dataset__project", "version__schema_version", "job", "created_by")
        .first()
    )
    if found is None:
        raise Missing()
    releases.get_version(actor, found.version_id)
    return found


def state_of(export: Export) -> str:
    """The state as people see it: what is being made by a job that has ended was not made."""
    if export.state == "making" and (export.job is None or export.job.state in DEAD):
        return "failed"
    return export.state


def path_digest(path: str) -> str:
    """What remains of a path whose item was erased: it can be recognised, not read."""
    return hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()


def require_ready(export: Export) -> None:
    """`Conflict` (code `not_ready`) while it is being made or when that failed."""
    state = state_of(export)
    if state == "making":
        raise Conflict(_("this export is being made; try again when its job is done"), code="not_ready")
    if state != "ready":
        raise Conflict(_("this export was not made; ask for a new one"), code="not_ready")


def get_file(export: Export, path: str) -> ExportFile:
    """The file; `Gone` when its item was erased, `Missing` when there is none of that path."""
    check_text(path)
    if path_digest(path) in export.report.get("erased", ()):
        raise Gone(_("the item of this picture was erased"))
    require_ready(export)
    found = ExportFile.objects.filter(export=export, path=path).first()
    if found is None:
        raise Missing()
    return found
