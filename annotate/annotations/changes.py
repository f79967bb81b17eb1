"""Changing a project's labels while work goes on: a change is applied, taken back, or carried on with after it stopped.

The schema's new version is there at once; a job makes the annotations follow (`following`, `change_jobs`). One change of a
project is at work at a time, and the last one that is not undone can be, as long as the schema is as that change left it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from annotate.annotations.models import SchemaChange
from annotate.annotations.states import AT_WORK, CHANGE
from annotate.annotations.touching import watermark
from annotate.jobs.models import Job
from annotate.jobs.services import enqueue
from annotate.jobs.states import LIVE
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid, Missing, Stale
from annotate.kernel.registry import Registry
from annotate.labels.mapping import interest
from annotate.labels.operations import Operation, applied, read
from annotate.people.actor import Actor
from annotate.projects import queries as projects
from annotate.projects.models import Project, SchemaVersion
from annotate.projects.policies import may_manage
from annotate.projects.services import change_schema

FOLLOW, RESTORE = "annotations.follow", "annotations.restore"

# "queue": f(project, name, labels, by) gives the id of a queue in which objects of these labels are labelled anew.
relabellers: Registry[Callable[[Project, str, Sequence[str], Actor], int]] = Registry("relabellers")


def visible(actor: Actor, project: Project) -> Any:
    """The project's changes, newest first; for its managers."""
    require(may_manage(actor, project))
    rows = SchemaChange.objects.filter(project=project).select_related("before", "after", "restored", "queue", "job", "created_by", "undone_by")
    return rows.order_by("-pk")


def get(actor: Actor, change_id: int) -> SchemaChange:
    """The change, or `Missing`; `Denied` to who does not manage its project."""
    found = SchemaChange.objects.filter(pk=change_id).select_related("project").first()
    if found is None:
        raise Missing()
    project = projects.get(actor, found.project_id)
    return visible(actor, project).get(pk=change_id)  # type: ignore[no-any-return]


def prepared(project: Project, operations: Any, base: int | None = None) -> tuple[SchemaVersion, dict[str, Any], list[Operation]]:
    """(the present version, the document after the operations, the operations read).

    `Invalid` names the operation and place of a fault; `Stale` when the present version is not number `base` any more.
    """
    present = projects.current_schema(project.pk)
    if base is not None and present.number != base:
        words = _("The schema has changed since: version %(n)d is in use now. Look at the preview again.") % {"n": present.number}
        raise Stale(words, code="schema_changed", extra={"number": present.number})
    asked = read(operations)
    document = applied(present.content, asked)
    if document == present.content:
        raise Invalid(_("These operations leave the schema as it is."), fields={"operations": "change nothing"})
    return present, document, asked


@transaction.atomic
def apply(project: Project, operations: Any, *, base: int | None = None, by: Actor) -> SchemaChange:
    """A new schema version, and a job that makes the annotations follow. `base`: the number of the version that the
    preview was made on.

    `Conflict` (`change_at_work`) while another change of the project is at work.
    """
    require(may_manage(by, project))
    _lock(project.pk)
    present, document, asked = prepared(project, operations, base)
    summary = {"operations": len(asked), "acts": sorted({f"{one.act}_{one.thing}" for one in asked})}
    after = change_schema(project, document, by=by, data=summary)
    change = SchemaChange(
        project=project, before=present, after=after, operations=operations, watermark=watermark(), created_by=by.person
    )
    try:
        with transaction.atomic():
            change.save()
    except IntegrityError as error:
        raise _at_work() from error
    split = [label for place, one in enumerate(asked) if one.act == "split" for label in interest(asked, place).labels]
    if split and "queue" in relabellers:
        name = _("Relabel %(labels)s (schema %(n)d)") % {"labels": ", ".join(split)[:120], "n": after.number}
        change.queue_id = relabellers.get("queue")(project, name, split, by)
    return _begin(change, FOLLOW, by)


@transaction.atomic
def undo(change: SchemaChange, *, by: Actor) -> SchemaChange:
    """The schema as it was before, as a new version, and a job that puts the annotations back into its words.

    `Conflict` when it was undone already, is being worked at, or when the schema was changed after it.
    """
    require(may_manage(by, change.project))
    _lock(change.project_id)
    change.refresh_from_db()
    if _runs(change) or SchemaChange.objects.filter(project=change.project_id, state__in=AT_WORK).exclude(pk=change.pk).exists():
        raise _at_work()
    state = CHANGE.after(change.state, "undo")
    if not last(change):
        raise Conflict(_("The schema was changed again since; undo that change first."), code="changed_since")
    restored = change_schema(change.project, change.before.content, by=by, data={"undoes": change.pk})
    change.state, change.restored, change.cursor, change.done, change.total = state, restored, 0, 0, None
    change.settled_at, change.watermark = None, watermark()
    change.undone_by, change.undone_at = by.person, DatabaseNow()  # type: ignore[assignment]
    change.save()
    change.refresh_from_db()
    return _begin(change, RESTORE, by)


@transaction.atomic
def resume(change: SchemaChange, *, by: Actor) -> SchemaChange:
    """Carry on where a change or its undo stopped (its job failed or was cancelled); `Conflict` when it has not."""
    require(may_manage(by, change.project))
    _lock(change.project_id)
    change.refresh_from_db()
    if change.state not in AT_WORK:
        raise Conflict(_("This is done already."), code="illegal_move")
    if _runs(change):
        raise _at_work()
    return _begin(change, FOLLOW if change.state == "running" else RESTORE, by)


def last(change: SchemaChange) -> bool:
    """Whether the schema is as the change left it and every later change is undone: steps are taken back in reverse order."""
    present = projects.current_schema(change.project_id)
    later = SchemaChange.objects.filter(project=change.project_id, pk__gt=change.pk, restored=None)
    return present.digest == change.after.digest and not later.exists()


def stopped(change: SchemaChange) -> bool:
    """Whether it is unfinished and nothing works at it."""
    return change.state in AT_WORK and not _runs(change)


def _lock(project_id: int) -> None:
    Project.objects.select_for_update().get(pk=project_id)


def _runs(change: SchemaChange) -> bool:
    return change.job_id is not None and Job.objects.filter(pk=change.job_id, state__in=LIVE).exists()


def _at_work() -> Conflict:
    return Conflict(_("Another change of the labels is being carried out; wait for its end."), code="change_at_work")


def _begin(change: SchemaChange, kind: str, by: Actor) -> SchemaChange:
    change.job = enqueue(
        kind,
        organisation_id=change.project.organisation_id,
        project_id=change.project_id,
        by=by,
        arguments={"change": change.pk},
        key=f"schema-change-{change.pk}-{kind}",
    )
    change.save(update_fields=["job", "queue"])
    return change
