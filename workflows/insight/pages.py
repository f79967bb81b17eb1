"""Home, the line of a project, help. What a page shows depends on the role; what one may do, on the policies."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotate.kernel.pages import PageRequest, open_page, page, render_page
from annotate.projects import queries
from annotate.projects.policies import SEES_ITEM_PAGES, may_manage
from annotate.qualifications.standing import Standing, concerns
from annotate.queues import pausing, skip_pages
from annotate.reviews import asking, disputing, inbox
from annotate.search.explain import explain
from workflows.insight import line as the_line
from workflows.insight import work
from workflows.insight.new import new_routes
from workflows.insight.people_pages import people_routes
from workflows.quality.models import SkillPause

SMALL_LINES = 12


def _collecting(actor: Any, roles: dict[int, str]) -> list[Any]:
    """Projects that the person collects for, the newest first."""
    wanted = [pk for pk, role in roles.items() if role == "collector"]
    return list(queries.visible(actor).filter(pk__in=wanted, archived_at=None).order_by("-id")[:SMALL_LINES]) if wanted else []


def _qualifying(actor: Any, roles: dict[int, str], offers: list[work.Offer]) -> list[Standing]:
    """Qualifications that the person is to earn, is earning, or has lately tried for."""
    return concerns(actor.person_id, [pk for pk, role in roles.items() if role in work.LABELS], [offer.queue for offer in offers])


@page
def home(request: PageRequest) -> HttpResponse:
    """One Start button, what I did today, and for who manages, their projects' line in small."""
    actor = request.actor
    roles = queries.roles(actor)
    offers = work.offers(actor.person_id, roles)
    managed = [pk for pk, role in roles.items() if role in SEES_ITEM_PAGES]
    shown = list(queries.visible(actor).filter(pk__in=managed, archived_at=None).order_by("-id")[:SMALL_LINES])
    pools = the_line.pools([project.pk for project in shown])
    held = set(roles.values())
    context: dict[str, Any] = {
        "start": next((offer for offer in offers if offer.something), None),
        "offers": offers,
        "mine": _qualifying(actor, roles, offers),
        "stopped": pausing.stopped_by_skill(actor.person_id, roles),
        "today": work.today(actor.person_id),
        "answers": asking.answers_for(actor.person_id, list(roles)),
        "lines": [(project, pools[project.pk], roles[project.pk]) for project in shown],
        "manages": "manager" in held or bool([role for role in actor.organisations.values() if role != "member"]),
        "works": bool(held & {"annotator", "reviewer", "manager"}),
        "collects": _collecting(actor, roles),
        "enough": work.ENOUGH,
        "roles": held,
    }
    return render_page(request, "insight/home.html", context, section="home")


def _own_work(actor: Any, project: Any, role: str | None) -> the_line.Block | None:
    """What is to be done when all that waits for review is the person's own work, such as labels they brought in."""
    waiting = [desk for desk in inbox.desks(actor, project, role) if desk.standing.waiting]
    if not waiting or any(desk.left for desk in waiting):
        return None
    n = sum(desk.own for desk in waiting)
    words = ngettext(
        "%(n)d item in review is your own work or came in by you: somebody else must judge it.",
        "%(n)d items in review are your own work or came in by you: somebody else must judge them.",
        n,
    )
    return the_line.Block("info", "people", words % {"n": n}, f"/p/{project.pk}/settings#members", _("Add a reviewer"))


def _not_knowing(project: Any, role: str | None) -> list[the_line.Block]:
    """Work that stands still until somebody says something: questions, and what was skipped."""
    found = []
    if role != "viewer" and (n := asking.waiting(project).count()):
        words = ngettext("%(n)d question of an annotator waits for an answer.", "%(n)d questions of annotators wait for an answer.", n)
        found.append(the_line.Block("warn", "ask", words % {"n": n}, f"/p/{project.pk}/reviews#questions", _("Answer")))
    if role != "viewer" and (n := disputing.waiting(project)):
        words = ngettext("%(n)d returned answer is disputed: somebody who had no part in it decides.", "%(n)d returned answers are disputed: somebody who had no part in them decides.", n)
        found.append(the_line.Block("warn", "split", words % {"n": n}, f"/p/{project.pk}/disputes", _("Decide")))
    if role == "manager" and (n := skip_pages.waiting(project)):
        words = ngettext("%(n)d skipped item waits for your word.", "%(n)d skipped items wait for your word.", n)
        found.append(the_line.Block("warn", "right", words % {"n": n}, f"/p/{project.pk}/skipped", _("Look at it")))
    if role == "manager" and (n := SkillPause.objects.filter(project=project, ended_at=None).count()):
        words = ngettext("%(n)d person is paused by what their gold answers say.", "%(n)d people are paused by what their gold answers say.", n)
        found.append(the_line.Block("warn", "pause", words % {"n": n}, f"/p/{project.pk}/pauses", _("Look at it")))
    return found


@page
def line(request: PageRequest, project: int) -> HttpResponse:
    """The line, for who sees the items; for annotators and collectors, their work in the project."""
    found = queries.get(request.actor, project)
    role = queries.role(request.actor, found)
    if role not in SEES_ITEM_PAGES:
        offers = work.offers(request.actor.person_id, {found.pk: role or ""})
        context: dict[str, Any] = {"offers": offers, "role": role, "batches": f"/p/{found.pk}/batches", "today": work.today(request.actor.person_id), "enough": work.ENOUGH}
        context["mine"] = _qualifying(request.actor, {found.pk: role or ""}, offers)
        context["stopped"] = pausing.stopped_by_skill(request.actor.person_id, [found.pk])
        return render_page(request, "insight/my_work.html", context | {"start": next((o for o in offers if o.something), None)}, project=found, section="line")
    offers = work.offers(request.actor.person_id, {found.pk: role or ""})
    manages = bool(may_manage(request.actor, found))
    shown = the_line.line(found, judges=role != "viewer")
    if manages and not any(offer.something for offer in offers) and (own := _own_work(request.actor, found, role)):
        shown.blocks.append(own)
    shown.blocks[:0] = _not_knowing(found, role)
    context = {
        "line": shown,
        "manages": manages,
        "role": role,
        "start": next((offer for offer in offers if offer.something), None),
    }
    return render_page(request, "insight/line.html", context, project=found, section="line")


@open_page
def help_page(request: PageRequest) -> HttpResponse:
    """The words of the product, and the query language with every field that rooms have declared."""
    return render_page(request, "insight/help.html", {"fields": explain()}, section="help")


page_routes = [
    path("", home),
    path("p/<id:project>", line),
    path("help", help_page),
    *new_routes,
    *people_routes,
]
