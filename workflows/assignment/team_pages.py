"""/teams/{team}: its people, what they hold, what they did today, what they ask. All that a lead sees."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone

from annotate.kernel.pages import PageRequest, page, render_page
from annotate.projects import team_queries, team_rules
from annotate.projects.policies import may_view
from workflows.assignment import team_work

ASKED = 50


@page
def one_team(request: PageRequest, team: int) -> HttpResponse:
    found = team_queries.get(request.actor, team)
    projects = team_work.scope(request.actor, found)
    rows = team_work.rows(found, projects, now=timezone.now())
    asked = list(team_work.questions(found, projects)[:ASKED])
    # Who may see the items of a project finds the way to them; to others a question is only its words.
    seen = {one.project_id: one.project for one in (question.item for question in asked)}
    open_to = {pk for pk, project in seen.items() if may_view(request.actor, project)}
    context = {
        "team": found,
        "rows": rows,
        "asked": [(question, question.item.project_id in open_to) for question in asked],
        "totals": {name: sum(getattr(row, name) for row in rows) for name in ("open", "today", "week", "seconds_today", "sent_back")},
        "may_change": bool(team_rules.may_change(request.actor, found)),
    }
    return render_page(request, "assignment/team.html", context, section="teams")


team_routes = [path("teams/<id:team>", one_team)]
