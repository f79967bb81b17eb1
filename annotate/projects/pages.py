"""A project's settings: label schema, members, name, archive."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _

from annotate.kernel.decisions import require
from annotate.kernel.errors import Missing, SluiceError
from annotate.kernel.pages import PageRequest, form_errors, page, posted, render_page
from annotate.people.models import Person
from annotate.projects import leaving, policies, queries, return_reasons, services, skip_reasons
from annotate.projects.forms import (
    ROLE_CHOICES,
    MemberForm,
    ProjectForm,
    ReturnReasonsForm,
    RoleForm,
    SchemaForm,
    SkipReasonsForm,
)
from annotate.projects.guideline_pages import guideline_routes
from annotate.projects.invite_pages import invite_routes
from annotate.projects.models import Project, ProjectMember
from annotate.projects.schema_text import readable
from annotate.projects.schema_words import schema_words
from annotate.projects.team_pages import team_routes

BACK = "/p/{project}/settings"
MOST_PEOPLE = 500


def _managed(request: PageRequest, project: int) -> Project:
    found = queries.get(request.actor, project)
    require(policies.may_manage(request.actor, found))
    return found


def _others(project: Project) -> list[tuple[int, str]]:
    """People of the organisation who are not in the project, by name."""
    inside = ProjectMember.objects.filter(project=project).values("person_id")
    rows = Person.objects.filter(memberships__organisation_id=project.organisation_id, is_active=True)
    return list(rows.exclude(pk__in=inside).order_by("name").values_list("pk", "name")[:MOST_PEOPLE])


def _show(request: PageRequest, project: Project, **over: Any) -> HttpResponse:
    version = queries.current_schema(project.pk)
    context: dict[str, Any] = {
        "version": version,
        "schema_form": over.get("schema_form") or SchemaForm(initial={"schema": readable(version.content)}),
        "words": schema_words(),
        "project_form": ProjectForm(initial={"name": project.name}),
        "member_form": over.get("member_form") or MemberForm(people=_others(project)),
        "members": queries.members(project).order_by("person__name"),
        "roles": ROLE_CHOICES,
        "skip_form": SkipReasonsForm(initial={"reasons": "\n".join(skip_reasons.of(project))}),
        "return_form": ReturnReasonsForm(initial={"returns": return_reasons.as_text(project)}),
    }
    return render_page(request, "projects/settings.html", context | over, project=project, section="settings")


@page
def settings(request: PageRequest, project: int) -> HttpResponse:
    return _show(request, _managed(request, project))


@page
@posted(BACK)
def schema(request: PageRequest, project: int) -> HttpResponse:
    found = _managed(request, project)
    form = SchemaForm(request.POST)
    if form.is_valid():
        before = queries.current_schema(found.pk).number
        try:
            version = services.change_schema(found, form.cleaned_data["schema"], by=request.actor)
        except SluiceError as error:
            form_errors(form, error)
            return _show(request, found, schema_form=form, problems=error.fields)
        if version.number == before:
            messages.info(request, _("Nothing changed: this is the schema already."))
        else:
            messages.success(request, _("Schema version %(n)d is in use from now on.") % {"n": version.number})
        return HttpResponseRedirect(BACK.format(project=project))
    return _show(request, found, schema_form=form)


@page
@posted(BACK)
def rename(request: PageRequest, project: int) -> HttpResponse:
    found = _managed(request, project)
    form = ProjectForm(request.POST)
    if form.is_valid():
        try:
            services.change(found, name=form.cleaned_data["name"], by=request.actor)
        except SluiceError as error:
            form_errors(form, error)
            return _show(request, queries.get(request.actor, project), project_form=form)
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(BACK.format(project=project))
    return _show(request, found, project_form=form)


@page
@posted(BACK)
def archive(request: PageRequest, project: int) -> HttpResponse:
    """Put the project away, or take it back: nothing is lost either way."""
    found = _managed(request, project)
    away = request.POST.get("archived") == "1"
    services.change(found, archived=away, by=request.actor)
    messages.success(request, _("The project is archived.") if away else _("The project is back."))
    return HttpResponseRedirect(BACK.format(project=project))


@page
@posted(BACK)
def add_member(request: PageRequest, project: int) -> HttpResponse:
    found = _managed(request, project)
    form = MemberForm(request.POST, people=_others(found))
    if form.is_valid():
        try:
            person = Person.objects.get(pk=form.cleaned_data["person"])
            services.set_member(found, person, role=form.cleaned_data["role"], by=request.actor)
        except SluiceError as error:
            form_errors(form, error)
        else:
            messages.success(request, _("%(name)s is in the project.") % {"name": person.name})
            return HttpResponseRedirect(BACK.format(project=project))
    return _show(request, found, member_form=form)


@page
@posted(BACK)
def change_skip_reasons(request: PageRequest, project: int) -> HttpResponse:
    """What the workbench offers when an item is skipped."""
    found = _managed(request, project)
    form = SkipReasonsForm(request.POST)
    if form.is_valid():
        try:
            skip_reasons.change(found, form.cleaned_data["reasons"].splitlines(), by=request.actor)
        except SluiceError as error:
            form_errors(form, error, {"skip_reasons": "reasons"})
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(BACK.format(project=project))
    return _show(request, found, skip_form=form)


@page
@posted(BACK)
def change_return_reasons(request: PageRequest, project: int) -> HttpResponse:
    """What the workbench offers when an answer is returned."""
    found = _managed(request, project)
    form = ReturnReasonsForm(request.POST)
    if form.is_valid():
        try:
            return_reasons.change(found, return_reasons.from_text(form.cleaned_data["returns"]), by=request.actor)
        except SluiceError as error:
            form_errors(form, error, dict.fromkeys(error.fields, "returns"))
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(BACK.format(project=project))
    return _show(request, found, return_form=form)


def _member(project: Project, person: int) -> ProjectMember:
    found = queries.members(project).filter(person_id=person).first()
    if found is None:
        raise Missing()
    return found


@page
@posted(BACK)
def member(request: PageRequest, project: int, person: int) -> HttpResponse:
    """Change a member's role, or take them out of the project."""
    found = _managed(request, project)
    held = _member(found, person)
    if request.POST.get("remove"):
        said = [_("%(name)s is out of the project.") % {"name": held.person.name}]
        said += leaving.words(leaving.remove(found, held.person, by=request.actor)) or [_("There was nothing of theirs to come back.")]
        messages.success(request, said[0] + " " + "; ".join(said[1:]))
    else:
        form = RoleForm(request.POST)
        if not form.is_valid():
            return _show(request, found, member_form=MemberForm(people=_others(found)))
        services.set_member(found, held.person, role=form.cleaned_data["role"], by=request.actor)
        messages.success(request, _("Saved."))
    return HttpResponseRedirect(BACK.format(project=project))


@page
def leave(request: PageRequest, project: int, person: int) -> HttpResponse:
    """What would come back if this person went out of the project; the button that does it."""
    found = _managed(request, project)
    held = _member(found, person)
    words = leaving.words(leaving.leaves_behind(found, held.person, by=request.actor))
    return render_page(request, "projects/leave.html", {"member": held, "words": words}, project=found, section="settings")


page_routes = [
    *guideline_routes,
    *team_routes,
    *invite_routes,
    path("p/<id:project>/settings/skip-reasons", change_skip_reasons),
    path("p/<id:project>/settings/return-reasons", change_return_reasons),
    path("p/<id:project>/settings", settings),
    path("p/<id:project>/settings/schema", schema),
    path("p/<id:project>/settings/name", rename),
    path("p/<id:project>/settings/archive", archive),
    path("p/<id:project>/settings/members", add_member),
    path("p/<id:project>/settings/members/<id:person>", member),
    path("p/<id:project>/settings/members/<id:person>/leave", leave),
]
