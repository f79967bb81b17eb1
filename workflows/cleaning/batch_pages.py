"""The checks and the gate of a batch, on its own page."""

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
from annotate.items.queries import get_batch
from annotate.kernel.errors import Conflict, Invalid, Missing
from annotate.kernel.pages import PageRequest, form_errors, page, posted
from workflows.cleaning import gates, policies, queries, running
from workflows.cleaning.forms import GateForm, OpenForm
from workflows.cleaning.models import Gate, Rule
from workflows.cleaning.rule_pages import run_rows
from workflows.cleaning.states import BUSY

NEWEST, USUAL, WIDTH = 3, 5, 240  # runs; percent of a new gate; of the bar


def _bar(gate: Gate) -> dict[str, float]:
    """Places in a bar that shows twice what is allowed, or all of it where more is in quarantine."""
    whole = max(2 * gate.bar, gate.share or 0, 0.02)
    return {"mark": round(WIDTH * gate.bar / whole, 1), "width": round(WIDTH * (gate.share or 0) / whole, 1)}


def _context(request: PageRequest, batch: Batch, refused: Mapping[str, Any]) -> dict[str, Any] | None:
    if not policies.may_see_findings(request.actor, batch.project):
        return None
    gate = queries.gate_of(request.actor, batch)
    runs = list(queries.listed_runs(request.actor, batch.project).filter(batch=batch)[:NEWEST])
    return {
        "batch": batch,
        "gate": gate,
        "since": gates.rules_since(gate) if gate else [],
        "bar": _bar(gate) if gate else None,
        "runs": run_rows(runs),
        "busy": any(run.state in BUSY for run in runs),
        "waits_for": next((run for run in runs if run.state == "checked"), None) if gate and gate.state == "waiting" else None,
        "rules": bool(runs) or Rule.objects.filter(project=batch.project).exists(),
        "manages": bool(policies.may_clean(request.actor, batch.project)),
        "gate_form": refused.get("gate") or GateForm(initial={"bar": f"{gate.bar * 100:g}" if gate else USUAL}),
        "open_form": refused.get("open") or OpenForm(),
    }


@batch_parts.register("checks")
def checks_part(request: PageRequest, batch: Batch, refused: Any) -> Part | None:
    """The newest runs, the gate, and what may be done with both."""
    context = _context(request, batch, refused or {})
    return None if context is None else Part("cleaning/batch_checks.html", context)


@page
def checks(request: PageRequest, batch: int) -> HttpResponse:
    """POST asks for a dry run; else the part of the page that refreshes itself while one is at work."""
    found = get_batch(request.actor, batch)
    if request.method == "POST":
        try:
            run = running.start(found.project, batch=found, by=request.actor)
        except Invalid as error:
            messages.error(request, error.detail)
            return HttpResponseRedirect(f"/batches/{batch}")
        return HttpResponseRedirect(f"/check-runs/{run.pk}")
    context = _context(request, found, {})
    if context is None:
        raise Missing()
    return render(request, "cleaning/batch_checks.html", {"part": context})


def _done(request: PageRequest, batch: int, words: str) -> HttpResponse:
    messages.success(request, words)
    return HttpResponseRedirect(f"/batches/{batch}#checks")


@page
@posted("/batches/{batch}")
def set_gate(request: PageRequest, batch: int) -> HttpResponse:
    """Put the gate before the batch, or move its bar."""
    found, form = get_batch(request.actor, batch), GateForm(request.POST)
    if form.is_valid():
        gates.set_gate(found, bar=form.cleaned_data["bar"] / 100, by=request.actor)
        return _done(request, batch, _("The gate is set."))
    return show_batch(request, found, refused={"checks": {"gate": form}})


@page
@posted("/batches/{batch}")
def open_gate(request: PageRequest, batch: int) -> HttpResponse:
    """Open it by hand, and say why."""
    found, form = get_batch(request.actor, batch), OpenForm(request.POST)
    if form.is_valid():
        try:
            gates.open_by_hand(found, reason=form.cleaned_data["reason"], by=request.actor)
        except Invalid as error:
            form_errors(form, error)
        except Conflict as error:
            messages.error(request, error.detail)
            return HttpResponseRedirect(f"/batches/{batch}#checks")
        else:
            return _done(request, batch, _("The gate is open. It waits again when more items come in."))
    return show_batch(request, found, refused={"checks": {"open": form}})


@page
@posted("/batches/{batch}")
def remove_gate(request: PageRequest, batch: int) -> HttpResponse:
    gates.remove_gate(get_batch(request.actor, batch), by=request.actor)
    return _done(request, batch, _("The gate is gone: queues take the batch up."))


batch_page_routes = [
    path("batches/<id:batch>/checks", checks),
    path("batches/<id:batch>/gate", set_gate),
    path("batches/<id:batch>/gate/open", open_gate),
    path("batches/<id:batch>/gate/remove", remove_gate),
]
