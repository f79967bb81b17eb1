"""/teams: the teams one manages or leads; making, changing and ending them. What a team does stands on its own page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _

from annotate.kernel.decisions import require
from annotate.kernel.errors import Missing, SluiceError
from annotate.kernel.pages import PageRequest, form_errors, page, posted, render_page
from annotate.people.queries import administered, organisations
from annotate.projects import queries, team_queries, team_rules, teams
from annotate.projects.models import Project
from annotate.projects.team_forms import TeamForm

SHOWN = 500


def _where(request: PageRequest) -> list[tuple[str, str]]:
    """Where the person may make a team: ("o1", organisation) and ("p3", project), for the links on the page."""
    own = administered(request.actor)
    places = [(f"o{pk}", name) for pk, name in organisations(request.actor).filter(pk__in=own).order_by("name").values_list("pk", "name")]
    managed = [pk for pk, role in queries.roles(request.actor).items() if role == "manager"]
    rows = Project.objects.filter(pk__in=managed, archived_at=None).order_by("name").values_list("pk", "name")[:SHOWN]
    return places + [(f"p{pk}", name) for pk, name in rows]


def _place(request: PageRequest, word: str) -> tuple[int, Project | None]:
    """Organisation and project that a word of `_where` means; `Missing` when it is not the person's."""
    kind, digits = word[:1], word[1:]
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        raise Missing()
    if kind == "p":
        project = queries.get(request.actor, int(digits))
        return project.organisation_id, project
    if kind != "o" or int(digits) not in request.actor.organisations:
        raise Missing()
    return int(digits), None


@page
def all_teams(request: PageRequest) -> HttpResponse:
    rows = team_queries.with_people(team_queries.visible(request.actor)).order_by("organisation__name", "project__name", "name", "id")
    places = _where(request)
    return render_page(request, "projects/teams.html", {"teams": list(rows[:SHOWN]), "places": places}, section="teams")


@page
def new_team(request: PageRequest) -> HttpResponse:
    """`in` says where: o and an organisation's id, or p and a project's. Who has one place needs not say it; of several one
    chooses on the page of teams."""
    places = _where(request)
    word = str(request.POST.get("in") or request.GET.get("in") or (places[0][0] if len(places) == 1 else ""))
    if not word and places:
        return HttpResponseRedirect("/teams")
    organisation_id, project = _place(request, word)
    require(team_rules.may_make(request.actor, organisation_id, project))
    form = TeamForm(request.POST or None, organisation_id=organisation_id, project=project)
    if request.method == "POST" and form.is_valid():
        try:
            team = teams.create_team(organisation_id=organisation_id, project=project, by=request.actor, **form.settings())
        except SluiceError as error:
            form_errors(form, error)
        else:
            messages.success(request, _("The team %(name)s is made.") % {"name": team.name})
            return HttpResponseRedirect("/teams")
    return _form(request, form, {"where": word, "in_project": project})


def _form(request: PageRequest, form: TeamForm, context: dict[str, Any]) -> HttpResponse:
    return render_page(request, "projects/team_form.html", {"form": form, **context}, section="teams")


@page
def change_team(request: PageRequest, team: int) -> HttpResponse:
    found = team_queries.get(request.actor, team)
    require(team_rules.may_change(request.actor, found))
    form = TeamForm.of(found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            teams.change_team(found, by=request.actor, **form.settings())
        except SluiceError as error:
            form_errors(form, error)
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect("/teams")
    return _form(request, form, {"team": found, "in_project": found.project})


@page
@posted("/teams")
def end_team(request: PageRequest, team: int) -> HttpResponse:
    found = team_queries.get(request.actor, team)
    name = found.name
    teams.end_team(found, by=request.actor)
    messages.success(request, _("The team %(name)s is no more; its people and their work stay.") % {"name": name})
    return HttpResponseRedirect("/teams")


team_routes = [
    path("teams", all_teams),
    path("teams/new", new_team),
    path("teams/<id:team>/change", change_team),
    path("teams/<id:team>/end", end_team),
]
