"""Exports as the actor may see them: with their version, which is theirs to see or not there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from annotate.kernel import sql
from annotate.kernel.canonical import check_text
from annotate.kernel.errors import Conflict, Gone, Missing
from annotate.people.actor import Actor
from annotate.projects.models import Project
from workflows.releases import queries as releases
from workflows.releases.models import Export, Version

DEAD = ("failed", "cancelled")
# A pull of a version with pictures asks this for each of them.
_FILE = """
SELECT v.dataset_id, p.id, p.organisation_id, e.state, j.state, coalesce(jsonb_exists(e.report -> 'erased', %(digest)s::text), false), f.id, f.stored, f.sha256
FROM workflows_export e JOIN workflows_version v ON v.id = e.version_id AND v.number IS NOT NULL
JOIN workflows_dataset d ON d.id = v.dataset_id JOIN annotate_project p ON p.id = d.project_id LEFT JOIN annotate_job j ON j.id = e.job_id
LEFT JOIN workflows_exportfile f ON f.export_id = e.id AND f.path = %(path)s::text
WHERE e.id = %(export)s::bigint
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """Where the bytes of a file lie in the store, and what they are."""

    place: str
    sha256: bytes


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


def alike(export: Export, version: Version) -> Export | None:
    """The version's newest ready export of the same format, split and media. The version's visibility is the caller's."""
    rows = Export.objects.filter(version=version, format=export.format, split=export.split, media=export.media, state="ready")
    return rows.exclude(pk=export.pk).order_by("-pk").first()


def state_of(export: Export) -> str:
    """The state as people see it: what is being made by a job that has ended was not made."""
    return _state(export.state, export.job.state if export.job else None)


def _state(state: str, job: str | None) -> str:
    return "failed" if state == "making" and (job is None or job in DEAD) else state


def path_digest(path: str) -> str:
    """What remains of a path whose item was erased: it can be recognised, not read."""
    return hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()


def require_ready(export: Export) -> None:
    """`Conflict` (code `not_ready`) while it is being made or when that failed."""
    _require_ready(state_of(export))


def _require_ready(state: str) -> None:
    if state == "making":
        raise Conflict(_("this export is being made; try again when its job is done"), code="not_ready")
    if state != "ready":
        raise Conflict(_("this export was not made; ask for a new one"), code="not_ready")


def find_file(actor: Actor, export_id: int, path: str, *, file_id: int = 0) -> Stored:
    """The file of that path; `Gone` when its item was erased, or when it is not the one of `file_id` any more, `Missing` when there is none, or
    the export is not the actor's to see."""
    check_text(path)
    found = sql.row(_FILE, {"export": export_id, "path": path, "digest": path_digest(path)})
    if found is None:
        raise Missing()
    dataset, project, organisation, state, job, erased, number, place, sha256 = found
    if not releases.may_pull(actor, dataset, Project(pk=project, organisation_id=organisation)):
        raise Missing()
    if file_id and number != file_id:
        raise Gone(_("This file was made anew because an item was erased; ask for a new link."))
    if erased:
        raise Gone(_("the item of this picture was erased"))
    _require_ready(_state(state, job))
    if place is None:
        raise Missing()
    return Stored(place, bytes(sha256))
