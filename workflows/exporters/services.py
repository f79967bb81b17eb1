"""Asking for an export. Making it is in `making`, by a job."""

from __future__ import annotations

from django.db import transaction

from annotate.activity.services import record
from annotate.jobs.services import enqueue
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid
from annotate.people.actor import Actor
from annotate.projects.policies import may_export
from workflows.exporters import formats
from workflows.releases.models import Export, Version

MEDIA = ("reference", "include")
MAKE = "export.make"


_USUAL = ("train", "val", "valid", "validation", "test")


def splits_of(version: Version) -> list[str]:
    """The names of the version's splits, in the order in which people say them (the database keeps none)."""
    names = {*(version.recipe.get("splits") or {}), *(version.splits or {})} - {""}
    return sorted(names, key=lambda name: (_USUAL.index(name) if name in _USUAL else len(_USUAL), name))


@transaction.atomic
def export(version: Version, *, format: str, split: str = "", media: str = "reference", by: Actor) -> Export:
    """An export in state "making", with its `job`; when that is done it is "ready" and has its files, or none at all.

    `split` "" takes all splits. `media` "include" adds the pictures that are stored here, "reference" leaves them where
    they are. `Invalid` on an unknown format, split or media, `Conflict` when the version is not frozen.
    """
    project = version.dataset.project
    require(may_export(by, project))
    wanted = formats.find(format)
    if media not in MEDIA:
        raise Invalid(f"media must be one of {', '.join(MEDIA)}", fields={"media": f"must be one of {', '.join(MEDIA)}"})
    if project.media not in wanted.media:
        why = f"{format} holds {' and '.join(wanted.media)} items, this project's are {project.media}"
        raise Invalid(why, code="wrong_media", fields={"format": why})
    if split and split not in (known := splits_of(version)):
        why = f"there is no split {split[:60]!r}; there are {', '.join(known)}" if known else "this version has no splits"
        raise Invalid(why, code="unknown_split", fields={"split": why})
    if version.state != "frozen":
        raise Conflict(f"this version is {version.state}: only frozen versions are exported", code="not_frozen")
    made = Export.objects.create(version=version, format=format, split=split, media=media, created_by=by.person)
    record(
        by,
        "export.create",
        made,
        organisation=project.organisation_id,
        project=project.pk,
        after=bytes(version.root) if version.root else None,
        data={"format": format, "split": split, "media": media, "version": version.pk},
    )
    start(made, by=by)
    return made


def start(made: Export, *, by: Actor | None) -> None:
    """The job that makes the files; for each time that they are asked for, one."""
    project = made.version.dataset.project
    made.job = enqueue(
        MAKE,
        organisation_id=project.organisation_id,
        project_id=project.pk,
        by=by,
        arguments={"export": made.pk},
        key=f"{MAKE}:{made.pk}:{made.report.get('asked', 0)}",
    )
    made.save(update_fields=["job"])
