"""/batches/{batch}/assign: choose a team, see who would get what, hand the batch out, take it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotate.items.models import Batch
from annotate.kernel.errors import Missing, SluiceError
from annotate.kernel.pages import PageRequest, form_errors, page, posted, render_page
from annotate.people.models import Team
from annotate.projects import team_queries
from workflows.assignment import handing, queries
from workflows.assignment.forms import HandingForm
from workflows.assignment.planning import LEFT_OUT, Plan, Wish, elsewhere, own_query, queue_of

SHOWN = 20


def _team(request: PageRequest, batch: Batch) -> Team | None:
    """The team that was chosen, of those that may be given the batch."""
    word = request.POST.get("team") or request.GET.get("team") or ""
    if not word:
        return None
    if not (word.isascii() and word.isdigit() and len(word) < 19):
        raise Missing()
    found = team_queries.for_project(request.actor, batch.project).filter(pk=int(word)).first()
    if found is None:
        raise Missing()
    return found


def _show(request: PageRequest, batch: Batch, team: Team | None, form: HandingForm | None, plan: Plan | None) -> HttpResponse:
    given = {person.pk: (share, plan.given[person.pk]) for person, share in plan.people} if plan else {}
    out = {person.pk: LEFT_OUT[why] for person, why in plan.left_out} if plan else {}
    rows = [(person, form[f"share-{person.pk}"], given.get(person.pk), out.get(person.pk)) for person in form.people] if form else []
    context: dict[str, Any] = {
        "batch": batch,
        "team": team,
        "teams": list(team_queries.for_project(request.actor, batch.project).order_by("name", "id")),
        "form": form,
        "plan": plan,
        "elsewhere": elsewhere(batch, plan.queue) if plan else [],
        "of_batch": own_query(batch),
        "rows": rows,
        "queue": queue_of(batch),
        "past": list(queries.handings(batch).order_by("-id")[:SHOWN]),
    }
    return render_page(request, "assignment/hand_out.html", context, project=batch.project, section="batches")


def _wish(batch: Batch, team: Team, form: HandingForm) -> Wish:
    data = form.cleaned_data
    return Wish(batch, team, data["mode"], form.shares() if data["mode"] == "shares" else {}, None, data["overlap"] or 1, form.until())


@page
def assign(request: PageRequest, batch: int) -> HttpResponse:
    found = queries.managed_batch(request.actor, batch)
    team = _team(request, found)
    if team is None:
        return _show(request, found, None, None, None)
    form = HandingForm(request.POST if request.method == "POST" else None, team=team)
    plan = None
    if request.method != "POST":
        try:
            plan = handing.preview(Wish(found, team), by=request.actor)
        except SluiceError as error:
            form_errors(form, error)
        return _show(request, found, team, form, plan)
    if form.is_valid():
        try:
            wish = _wish(found, team, form)
            if not request.POST.get("do"):
                return _show(request, found, team, form, handing.preview(wish, by=request.actor))
            made = handing.hand_out(wish, by=request.actor)
        except SluiceError as error:
            form_errors(form, error, {f"shares.{person.pk}": f"share-{person.pk}" for person in form.people})
        else:
            _say(request, made.state, made.counts.get("answers", 0), team.name)
            return HttpResponseRedirect(f"/batches/{batch}/assign")
    return _show(request, found, team, form, plan)


def _say(request: PageRequest, state: str, number: int, name: str) -> None:
    if state == "running":
        messages.info(request, _("The batch is being handed to %(name)s in the background.") % {"name": name})
        return
    said = ngettext("%(n)d answer is kept for %(name)s.", "%(n)d answers are kept for %(name)s.", number)
    messages.success(request, said % {"n": number, "name": name})


@page
@posted("/")
def undo(request: PageRequest, assignment: int) -> HttpResponse:
    found = queries.get(request.actor, assignment)
    handing.undo(found, by=request.actor)
    messages.success(request, _("It is taken back. What was answered, or is being worked on, stays."))
    return HttpResponseRedirect(f"/batches/{found.batch_id}/assign")


handing_routes = [path("batches/<id:batch>/assign", assign), path("assignments/<id:assignment>/undo", undo)]
