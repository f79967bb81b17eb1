"""The rounds of a batch on its own page, and the form that plans one, with what it would come to as it is typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from annotate.items.batch_pages import show_batch
from annotate.items.models import Batch
from annotate.items.parts import Part, batch_parts
from annotate.kernel.decisions import require
from annotate.kernel.errors import SluiceError
from annotate.kernel.pages import PageRequest, form_errors, page, posted
from workflows.rounds import planning, policies, queries, showing
from workflows.rounds.forms import PLACES, RoundForm

NEWEST = 5
STRATA = 8


def _foretold(request: PageRequest, form: RoundForm) -> dict[str, Any]:
    """What planning it would come to: `preview`, or `wrong` in words."""
    if not form.is_valid():
        return {"wrong": _("Say how much is to be judged, and the mark.")}
    wish = form.wish()
    try:
        found = planning.preview(wish, by=request.actor)
    except SluiceError as error:
        form_errors(form, error, PLACES)
        return {"wrong": " ".join(str(why) for why in error.fields.values()) or error.detail}
    strata = sorted(found.sample.strata.items(), key=lambda pair: -pair[1][0])
    names = {str(pk): person.name for pk, person in _authors(found).items()} if wish.plan.by == "person" else {}
    return {
        "preview": found,
        "left_out": showing.left_out_words(found.left_out),
        "strata": [(names.get(name, name), of, taken) for name, (of, taken) in strata[:STRATA]],
        "strata_more": max(0, len(strata) - STRATA),
        "rates": _rates(found) if wish.plan.kind == "adaptive" else [],
    }


def _authors(found: planning.Preview) -> dict[int, Any]:
    from annotate.people.models import Person

    ids = [int(name) for name in found.sample.strata if name.isdigit()] + [person for person in found.sample.rates if person is not None]
    return Person.objects.in_bulk(ids)


def _rates(found: planning.Preview) -> list[tuple[str, str]]:
    """Whose work is judged how much, the most first."""
    people = _authors(found)
    rates = sorted(found.sample.rates.items(), key=lambda pair: -pair[1])[:STRATA]
    return [(people[person].name if person in people else _("nobody's"), f"{percent:.3g} %") for person, percent in rates]


def _context(request: PageRequest, batch: Batch, refused: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not policies.may_see(request.actor, batch.project):
        return None
    manages = bool(policies.may_plan(request.actor, batch.project)) and batch.project.archived_at is None
    form = (refused or {}).get("form") or (RoundForm(batch=batch) if manages else None)
    found = list(queries.rounds(batch).order_by("-id")[: NEWEST + 1])
    return {
        "batch": batch,
        "rows": showing.rows(found[:NEWEST]),
        "more": len(found) > NEWEST,
        "manages": manages,
        "form": form,
        "answered": batch.items.filter(state="labelled").exists(),
    }


@batch_parts.register("rounds")
def rounds_part(request: PageRequest, batch: Batch, refused: Any) -> Part | None:
    """The newest rounds, and what plans another."""
    context = _context(request, batch, refused)
    return None if context is None else Part("rounds/batch_rounds.html", context)


@page
@posted("/batches/{batch}")
def preview(request: PageRequest, batch: int) -> HttpResponse:
    """The words that say what the round would come to, as it is typed."""
    found = queries.batch_of(request.actor, batch)
    require(policies.may_plan(request.actor, found.project))
    return render(request, "rounds/preview.html", _foretold(request, RoundForm(request.POST, batch=found)))


@page
@posted("/batches/{batch}")
def plan(request: PageRequest, batch: int) -> HttpResponse:
    """Plan it; what was not taken goes back to who typed it."""
    found = queries.batch_of(request.actor, batch)
    require(policies.may_plan(request.actor, found.project))
    form = RoundForm(request.POST, batch=found)
    if form.is_valid():
        try:
            made = planning.plan(form.wish(), by=request.actor)
        except SluiceError as error:
            form_errors(form, error, PLACES)
        else:
            messages.success(request, _("The round is planned: its sample waits to be judged.") if made.queue_id else _("The round is being planned."))
            return HttpResponseRedirect(f"/p/{found.project_id}/rounds/{made.pk}")
    return show_batch(request, found, refused={"rounds": {"form": form}})


batch_routes = [path("batches/<id:batch>/rounds", plan), path("batches/<id:batch>/rounds/preview", preview)]
