"""Declaring a project's flow: numbered, never changed. Batches on their way keep the one that they set out with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.kernel import canonical
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict
from annotate.people.actor import Actor
from annotate.projects.models import Project
from workflows.automation.document import checked
from workflows.automation.models import Flow
from workflows.automation.policies import may_run


@transaction.atomic
def declare(project: Project, document: Mapping[str, Any], *, by: Actor) -> Flow:
    """The flow from now on; the newest one again when it says the same. `Invalid` names each place that is wrong."""
    require(may_run(by, project))
    if project.archived_at is not None:
        raise Conflict(_("the project is in the archive"), code="archived")
    found = checked(project, document)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('flow ' || %s::text, 0))", [project.pk])
    digest, newest = canonical.digest(canonical.dumps(found)), of_project(project.pk)
    if newest is not None and bytes(newest.digest) == digest:
        return newest
    last = Flow.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0
    made = Flow.objects.create(project=project, number=last + 1, document=found, digest=digest, created_by=by.person)
    before = bytes(newest.digest) if newest else None
    record(by, "flow.declare", ("project", project.pk), organisation=project.organisation_id, project=project, before=before, after=digest, data={"number": made.number})
    return made


def of_project(project_id: int) -> Flow | None:
    """The one that holds now."""
    return Flow.objects.filter(project=project_id).order_by("-number").first()
