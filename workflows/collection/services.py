"""Handing in: files, manifests and labels for a batch, each answered by a job; and projects begun from files or an export."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.items.models import Batch, Upload, UploadFile
from annotate.items.policies import may_add
from annotate.items.services import create_batch
from annotate.jobs.models import Job
from annotate.jobs.services import enqueue
from annotate.kernel.decisions import Denial, require
from annotate.kernel.errors import Conflict, Invalid
from annotate.labels import schema as schemas
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.projects.queries import current_schema
from annotate.projects.services import create as create_project
from workflows.collection import waiting
from workflows.collection.importers import EITHER, FORMATS, LATER, TEXTS
from workflows.collection.ingest.plan import read_labels
from workflows.collection.ingest.walking import Source, walk_sources
from workflows.collection.kinds import FILES, LABELS, MANIFEST
from workflows.collection.propose import propose, survey
from workflows.collection.waiting import Waiting

ROLES = ("annotation", "approved", "prediction")
UNKNOWN_LABELS = ("reject", "add")
MISSING = ("auto", "reference", "reject")
MANIFESTS = ("ndjson", "csv")
FRAMES = ("", "folder")
Named = tuple[str, Any]  # a file's path as its sender calls it, and the Django file


def _one_of(name: str, value: str, known: Iterable[str]) -> str:
    names = list(known)
    if value not in names:
        words = ", ".join(names)
        raise Invalid(f"{name} must be one of {words}, not {value[:60]!r}", fields={name: f"one of {words}"})
    return value


def check_format(format: str) -> str:
    """A format that label files can be read in; `Invalid` names those that exist."""
    if format in LATER:
        words = _("%(format)s is not available yet: convert the labels to %(others)s.")
        raise Invalid(
            words % {"format": format, "others": ", ".join(FORMATS)},
            code="not_available",
            fields={"format": _("not available yet")},
        )
    return _one_of("format", format, FORMATS)


def require_may_add(batch: Batch, by: Actor) -> None:
    """`Denied` for who may not upload here, `Conflict` when the batch is sealed."""
    decision = may_add(by, batch)
    if isinstance(decision, Denial) and decision.code == "sealed":
        raise Conflict(decision.why, code="sealed")
    require(decision)


@transaction.atomic
def _receive(
    batch: Batch, kind: str, job_kind: str, kept: Sequence[Waiting], options: dict[str, Any], by: Actor
) -> Job:
    require_may_add(batch, by)
    project = batch.project
    options["schema_version"] = current_schema(project.pk).pk
    upload = Upload.objects.create(batch=batch, kind=kind, options=options, created_by=by.person)
    UploadFile.objects.bulk_create(
        [UploadFile(upload=upload, path=one.path, stored=one.stored, size=one.size, sha256=one.sha256) for one in kept],
        batch_size=1000,
    )
    job = enqueue(
        job_kind,
        organisation_id=project.organisation_id,
        project_id=project.pk,
        by=by,
        arguments={"upload": upload.pk, "batch": batch.pk},
    )
    upload.job = job
    upload.save(update_fields=["job"])
    size = sum(one.size for one in kept)
    record(
        by,
        "batch.upload",
        batch,
        organisation=project.organisation_id,
        project=project,
        data={"kind": kind, "files": len(kept), "bytes": size, "job": job.pk},
    )
    return job


def check_frames(frames: str) -> str:
    """`frames` itself, or `Invalid`."""
    return _one_of("frames", frames, FRAMES)


def import_files(batch: Batch, kept: Sequence[Waiting], *, frames: str = "", by: Actor) -> Job:
    """A job that makes items of waiting pictures, texts and archives. The job owns the bytes from here on.

    With `frames` "folder", the numbered files of a folder become the frames of one group.
    """
    check_frames(frames)
    if not kept:
        raise Invalid(_("No file was sent."), fields={"files": _("at least one file")})
    return _receive(batch, "files", FILES, kept, {"frames": frames} if frames else {}, by)


def import_manifest(batch: Batch, kept: Waiting, *, kind: str, by: Actor) -> Job:
    """A job that makes items of a waiting manifest, `kind` "ndjson" or "csv". Only managers bring in approved labels."""
    _one_of("kind", kind, MANIFESTS)
    may_approve = bool(may_manage(by, batch.project)) and by.has_scope("manage")
    options = {"kind": kind, "lines": kept.lines, "may_approve": may_approve}
    return _receive(batch, "manifest", MANIFEST, [kept], options, by)


def check_label_options(
    batch: Batch, *, format: str, role: str, unknown_labels: str, missing: str, model: str, by: Actor
) -> dict[str, Any]:
    """What a label import is asked for, judged before any byte is read; `Invalid` names the parameter."""
    check_format(format)
    _one_of("as", role, ROLES)
    _one_of("unknown_labels", unknown_labels, UNKNOWN_LABELS)
    _one_of("missing", missing, MISSING)
    if len(model) > 200:
        raise Invalid("model has at most 200 characters", fields={"model": "too long"})
    if format not in EITHER and (batch.project.media == "text") != (format in TEXTS):
        words = (
            _("Files of this format hold texts; this is a project of pictures.")
            if format in TEXTS
            else _("Labels of this format are for pictures; this is a project of texts.")
        )
        raise Invalid(words, fields={"format": "wrong media"})
    if role == "approved" or unknown_labels == "add":
        by.require_scope("manage")
        require(may_manage(by, batch.project))
    return {"format": format, "as": role, "unknown_labels": unknown_labels, "missing": missing, "model": model}


def import_labels(
    batch: Batch,
    kept: Sequence[Waiting],
    *,
    format: str,
    role: str = "annotation",
    unknown_labels: str = "reject",
    missing: str = "auto",
    model: str = "",
    by: Actor,
) -> Job:
    """A job that reads waiting label files, with or without their pictures.

    `role` is what the labels are: "annotation", "approved" or "prediction" (by `model`). `missing` says what labels whose
    picture is not there become: "reference" items that name it, or rejections; "auto" makes references only where neither
    the upload nor the batch has any picture.
    """
    if not kept:
        raise Invalid(_("No file was sent."), fields={"files": _("at least one file")})
    options = check_label_options(
        batch, format=format, role=role, unknown_labels=unknown_labels, missing=missing, model=model, by=by
    )
    return _receive(batch, "labels", LABELS, kept, options, by)


@contextmanager
def _content(file: Any) -> Iterator[IO[bytes]]:
    file.seek(0)
    yield getattr(file, "file", file)
    file.seek(0)


def propose_from_upload(files: Iterable[Named], format: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """(schema document, summary) from an export's files, label files or archives. The files can be read again afterwards.

    The summary counts pictures, objects and each label's objects, and lists up to 20 things that could not be read.
    """
    return propose_from((Source(name, file.size, partial(_content, file)) for name, file in files), format)


def propose_from(sources: Iterable[Source], format: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same from files anywhere, opened one at a time."""
    check_format(format)
    plan = read_labels(walk_sources(sources), format)
    found = survey(labels.doc for labels in plan.labels)
    if not found.labels and not found.item_attributes:
        words = plan.problems[0].detail if plan.problems else _("there are no labels in these files")
        raise Invalid(_("No labels were found: %(why)s") % {"why": words}, code="no_labels", fields={"files": words})
    problems = [*plan.problems, *(problem for labels in plan.labels for problem in labels.doc.problems)]
    summary = {
        "pictures": len(plan.pictures),
        "labelled": found.pictures,
        "objects": found.objects,
        "labels": {name: seen.count for name, seen in found.labels.items()},
        "problems": [{"place": one.place, "code": one.code, "detail": one.detail} for one in problems[:20]],
    }
    return propose(found), summary


def media_of(format: str, schema: dict[str, Any], sources: Callable[[], Iterable[Source]]) -> str:
    """What a project of these label files holds. Where the format leaves it open, the schema's spans say it, else the first labels."""
    if format not in EITHER:
        return "text" if format in TEXTS else "image"
    if labels := schema.get("labels"):
        return "text" if any("span" in label.get("kinds", ()) for label in labels if isinstance(label, dict)) else "image"
    docs = read_labels(walk_sources(sources()), format).labels
    return "text" if docs and docs[0].doc.text is not None else "image"


def _begin(
    name: str,
    files: Iterable[Named],
    schema: dict[str, Any],
    media: str,
    organisation_id: int,
    by: Actor,
    start: Callable[[Batch, list[Waiting]], Job],
    batch_name: str = "",
) -> tuple[Project, Job | None]:
    kept = waiting.keep(files)
    try:
        with transaction.atomic():
            project = create_project(name, media=media, schema=schema, organisation_id=organisation_id, by=by)
            batch = begin_line(project, batch_name or _("First batch"), by=by)
            return project, start(batch, kept) if kept else None
    except BaseException:
        waiting.drop(one.stored for one in kept)
        raise


def begin_line(project: Project, batch_name: str, *, by: Actor) -> Batch:
    """What a new project starts with: a batch, an annotate queue for all that needs labels, a review queue, and a dataset.

    Items that come in with labels go to review at once; those sent back from there need labels again.
    """
    from annotate.queues.services import create_queue
    from workflows.releases.services import create_dataset

    batch = create_batch(project, batch_name, by=by)
    create_queue(project, _("Annotate"), stage="annotate", q="stage = label", by=by)
    create_queue(project, _("Review"), stage="review", by=by)
    create_dataset(project, project.name, by=by)
    return batch


def quick_schema(labels: Iterable[str], media: str = "image") -> dict[str, Any]:
    """A schema of plain labels: boxes on pictures, spans in texts. `Invalid` when there is none."""
    names = list(dict.fromkeys(label.strip() for label in labels if label.strip()))
    if not names:
        raise Invalid(_("A project needs at least one label."), fields={"labels": _("at least one label")})
    kinds = ["box"] if media == "image" else ["span"]
    return schemas.propose([(name, kinds) for name in names])


def quick_project(
    name: str,
    files: Iterable[Named],
    labels: Iterable[str] = (),
    *,
    schema: dict[str, Any] | None = None,
    media: str = "image",
    batch_name: str = "",
    organisation_id: int,
    by: Actor,
) -> tuple[Project, Job | None]:
    """Project, batch, default queues, dataset and the import of the files, all or nothing: (project, job or None).

    `schema` speaks instead of plain `labels` when it is given.
    """
    schema = quick_schema(labels, media) if schema is None else schema
    return _begin(name, files, schema, media, organisation_id, by, partial(import_files, by=by), batch_name)


def start_project_from_export(
    name: str,
    files: Iterable[Named],
    format: str,
    schema: dict[str, Any],
    *,
    role: str = "annotation",
    batch_name: str = "",
    organisation_id: int,
    by: Actor,
) -> tuple[Project, Job | None]:
    """The same from another tool's export: pictures and labels come in together under `schema` (proposed, then edited)."""
    check_format(format)
    files = list(files)
    media = media_of(format, schema, lambda: [Source(path, file.size, partial(_content, file)) for path, file in files])
    start = partial(import_labels, format=format, role=role, by=by)
    return _begin(name, files, schema, media, organisation_id, by, start, batch_name)
