"""Making projects, new schema versions, and giving people their roles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.kernel import canonical
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid, Missing
from annotate.kernel.registry import Registry
from annotate.labels.schema import parse
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.people.services import clean_name
from annotate.people.states import PROJECT_ROLES
from annotate.projects.models import MEDIA, Project, ProjectMember, SchemaVersion
from annotate.projects.policies import may_create, may_manage

# Rooms below add f(project_id, person_id): what to free when a person leaves a project.
leavers: Registry[Callable[[int, int], object]] = Registry("leavers")


@transaction.atomic
def create(name: str, *, media: str, schema: dict[str, Any], organisation_id: int, by: Actor) -> Project:
    """A project with schema version 1; `Invalid` names the path of a wrong schema part, `Conflict` a taken name."""
    require(may_create(by, organisation_id))
    if media not in MEDIA:
        raise Invalid(f"media must be one of {', '.join(MEDIA)}", fields={"media": "unknown"})
    text = _schema_text(schema)
    try:
        with transaction.atomic():
            project = Project.objects.create(
                organisation_id=organisation_id, name=clean_name(name, longest=200), media=media, created_by=by.person
            )
    except IntegrityError as error:
        raise Conflict(_("A project of this name exists."), code="name_taken", fields={"name": "taken"}) from error
    _add_schema(project, 1, text, by)
    if not by.administers(organisation_id):
        ProjectMember.objects.create(project=project, person=by.person, role="manager")
    record(by, "project.create", project, organisation=organisation_id, project=project)
    return project


def _schema_text(schema: dict[str, Any]) -> str:
    try:
        parse(schema)
    except Invalid as error:
        fields = {f"schema.{path}" if path else "schema": why for path, why in error.fields.items()}
        raise Invalid(error.detail, code="schema", fields=fields or {"schema": error.detail}) from error
    return canonical.dumps(schema)


def _add_schema(project: Project, number: int, text: str, by: Actor) -> SchemaVersion:
    return SchemaVersion.objects.create(
        project=project, number=number, document=text, digest=canonical.digest(text), created_by=by.person
    )


@transaction.atomic
def change_schema(
    project: Project, schema: dict[str, Any], *, by: Actor, data: Mapping[str, Any] | None = None
) -> SchemaVersion:
    """A new schema version; the same content as the newest gives the newest again. `data` goes on record with the act."""
    require(may_manage(by, project))
    text = _schema_text(schema)
    Project.objects.select_for_update().get(pk=project.pk)
    newest = SchemaVersion.objects.filter(project=project).order_by("-number").first()
    if newest is not None and newest.document == text:
        return newest
    top = SchemaVersion.objects.filter(project=project).aggregate(top=Max("number"))["top"] or 0
    added = _add_schema(project, top + 1, text, by)
    record(
        by,
        "schema.change",
        added,
        organisation=project.organisation_id,
        project=project,
        before=newest.digest if newest else None,
        after=added.digest,
        data={"number": added.number, **(data or {})},
    )
    return added


@transaction.atomic
def change(project: Project, *, name: str | None = None, archived: bool | None = None, by: Actor) -> Project:
    """Rename, archive or take out of the archive."""
    require(may_manage(by, project))
    try:
        with transaction.atomic():
            if name is not None:
                project.name = clean_name(name, longest=200)
            if archived is not None:
                project.archived_at = timezone.now() if archived else None
            project.save(update_fields=["name", "archived_at"])
    except IntegrityError as error:
        raise Conflict(_("A project of this name exists."), code="name_taken", fields={"name": "taken"}) from error
    record(by, "project.change", project, organisation=project.organisation_id, project=project)
    return project


@transaction.atomic
def set_member(project: Project, person: Person, *, role: str, by: Actor) -> ProjectMember:
    """Give the person this role in the project, instead of any other they had there."""
    require(may_manage(by, project))
    if role not in PROJECT_ROLES:
        raise Invalid(f"role must be one of {', '.join(PROJECT_ROLES)}", fields={"role": "unknown role"})
    if not person.memberships.filter(organisation_id=project.organisation_id).exists():
        raise Missing(_("This person does not belong to the organisation."))
    member, _made = ProjectMember.objects.update_or_create(project=project, person=person, defaults={"role": role})
    record(by, "member.set", person, organisation=project.organisation_id, project=project, data={"role": role})
    return member


@transaction.atomic
def remove_member(project: Project, person: Person, *, by: Actor) -> None:
    """Take the person out of the project; what they hold is freed by whoever listens (`leavers`)."""
    require(may_manage(by, project))
    removed, _rows = ProjectMember.objects.filter(project=project, person=person).delete()
    if not removed:
        raise Missing()
    for _name, free in leavers:
        free(project.pk, person.pk)
    record(by, "member.remove", person, organisation=project.organisation_id, project=project)
