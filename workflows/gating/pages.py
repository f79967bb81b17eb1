"""The release gate on a batch's page, and /p/{project}/release-gates: the project's rule, every batch, every slice."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from annotate.items.batch_pages import show_batch
from annotate.items.models import Batch
from annotate.items.parts import Part as PagePart
from annotate.items.parts import batch_parts
from annotate.items.queries import get_batch
from annotate.kernel.decisions import require
from annotate.kernel.errors import Missing, SluiceError
from annotate.kernel.pages import PageRequest, form_errors, page, posted, render_page
from annotate.kernel.paging import page as keyset_page
from annotate.projects import queries as projects
from annotate.projects.models import Project
from workflows.gating import policies, queries, services
from workflows.gating.fields import MEASURES, WHY
from workflows.gating.forms import OpenForm, RuleForm
from workflows.gating.judging import Judged, of_batches, of_slices
from workflows.releases import queries as releases
from workflows.releases.models import Slice

ROWS = 25


def _panel(found: Judged | None, project: Project, *, q: str = "") -> dict[str, Any] | None:
    """A judged gate for the template: each part with its figure in words."""
    if found is None:
        return None
    batch = str(found.about["name"]) if found.about.get("batch") else None
    parts = []
    for part in found.outcome.parts:
        measure = MEASURES[part.name]
        why = WHY.get(part.figure.why, "") if part.figure.value is None or part.state == "not_enough" else ""
        parts.append({"part": part, "figure": part.figure, "measure": measure, "why": why, "link": queries.link(project, part, batch=batch, q=q)})
    return {"found": found, "parts": parts}


@batch_parts.register("release")
def release_part(request: PageRequest, batch: Batch, refused: Any) -> PagePart | None:
    """A placeholder that asks for the panel by itself, as figures of a large batch take a moment; at once where a form was refused."""
    if not policies.may_see_gates(request.actor, batch.project):
        return None
    return PagePart("gating/batch.html", {"batch": batch, **(_context(request, batch, refused) if refused else {})})


def _context(request: PageRequest, batch: Batch, refused: Any = None) -> dict[str, Any]:
    refused = refused or {}
    own = queries.gate_of(request.actor, batch.project, batch=batch)
    found = queries.judged_batch(request.actor, batch)
    return {
        "batch": batch,
        "own": own,
        "panel": _panel(found, batch.project),
        "asked": True,
        "manages": bool(policies.may_set_gates(request.actor, batch.project)),
        "rule_form": refused.get("rule") or RuleForm(initial={"expression": own.expression if own else found.gate.expression if found else ""}),
        "open_form": refused.get("open") or OpenForm(),
        "measures": MEASURES.values(),
        "action": f"/batches/{batch.pk}/release-gate",
    }


@page
def batch_gate(request: PageRequest, batch: int) -> HttpResponse:
    """GET: the panel alone. POST sets or removes (`act`) the rule."""
    found = get_batch(request.actor, batch)
    require(policies.may_see_gates(request.actor, found.project))
    if request.method != "POST":
        return render(request, "gating/batch.html", {"part": _context(request, found)})
    form = _set(request, found.project, batch=found)
    return _back(f"/batches/{batch}#release-gate") if form is None else show_batch(request, found, refused={"release": {"rule": form}})


@page
@posted("/batches/{batch}")
def open_batch(request: PageRequest, batch: int) -> HttpResponse:
    """Open by hand, or shut again (`act`)."""
    found = get_batch(request.actor, batch)
    form = _open(request, found.project, batch=found)
    return _back(f"/batches/{batch}#release-gate") if form is None else show_batch(request, found, refused={"release": {"open": form}})


def _set(request: PageRequest, project: Project, **of: Any) -> RuleForm | None:
    """The form with what is wrong; None when it is done."""
    require(policies.may_set_gates(request.actor, project))
    if request.POST.get("act") == "remove":
        services.remove_gate(project, **of, by=request.actor)
        messages.success(request, _("The rule is removed."))
        return None
    form = RuleForm(request.POST)
    if form.is_valid():
        try:
            services.set_gate(project, form.cleaned_data["expression"], **of, by=request.actor)
        except SluiceError as error:
            form_errors(form, error)
        else:
            messages.success(request, _("The rule is set. It counts for versions that are cut from now on."))
            return None
    return form


def _open(request: PageRequest, project: Project, **of: Any) -> OpenForm | None:
    require(policies.may_set_gates(request.actor, project))
    if request.POST.get("act") == "shut":
        services.shut_again(project, **of, by=request.actor)
        messages.success(request, _("The gate is as its rule says again."))
        return None
    form = OpenForm(request.POST)
    if form.is_valid():
        try:
            services.open_by_hand(project, reason=form.cleaned_data["reason"], **of, by=request.actor)
        except Missing:
            raise
        except SluiceError as error:
            form_errors(form, error)
        else:
            messages.success(request, _("The gate is open by your word, until the rule changes or more items come in."))
            return None
    return form


def _back(address: str) -> HttpResponse:
    return HttpResponseRedirect(address)


def _list(request: PageRequest, project: Project, refused: dict[str, Any] | None = None) -> HttpResponse:
    refused = refused or {}
    own = queries.gate_of(request.actor, project)
    found = keyset_page(Batch.objects.filter(project=project), keys=("-id",), cursor=request.GET.get("cursor") or None, limit=ROWS, bind=f"gates {project.pk}")
    judged = of_batches(project, {batch.pk: batch.name for batch in found.rows})
    slices = list(releases.slices(request.actor, project).order_by("name")[:200])
    of_slice = of_slices(project, slices)
    context = {
        "own": own,
        "manages": bool(policies.may_set_gates(request.actor, project)),
        "rule_form": refused.get("rule") or RuleForm(initial={"expression": own.expression if own else ""}),
        "batches": [(batch, judged.get(batch.pk)) for batch in found.rows],
        "older": found.next or "",
        "slices": [_of_slice(project, one, of_slice.get(one.pk), refused.get(one.pk) or {}) for one in slices],
        "measures": MEASURES.values(),
    }
    return render_page(request, "gating/gates.html", context, project=project, section="versions", status=400 if refused else 200)


def _of_slice(project: Project, one: Slice, found: Judged | None, refused: dict[str, Any]) -> dict[str, Any]:
    return {
        "slice": one,
        "panel": _panel(found, project, q=one.q),
        "own": found.gate if found else None,
        "rule_form": refused.get("rule") or RuleForm(initial={"expression": found.gate.expression if found else ""}, prefix=None, auto_id=f"slice{one.pk}_%s"),
        "open_form": refused.get("open") or OpenForm(auto_id=f"slice{one.pk}_open_%s"),
        "open": bool(refused),
        "action": f"/slices/{one.pk}/release-gate",
    }


@page
def gates(request: PageRequest, project: int) -> HttpResponse:
    """The list; POST sets or removes the project's rule."""
    found = projects.get(request.actor, project)
    require(policies.may_see_gates(request.actor, found))
    if request.method != "POST":
        return _list(request, found)
    form = _set(request, found)
    return _back(f"/p/{project}/release-gates") if form is None else _list(request, found, {"rule": form})


@page
@posted("/")
def slice_gate(request: PageRequest, slice: int) -> HttpResponse:
    """Set or remove the slice's rule."""
    found = releases.get_slice(request.actor, slice)
    form = _set(request, found.project, slice=found)
    return _back(f"/p/{found.project_id}/release-gates#slices") if form is None else _list(request, found.project, {found.pk: {"rule": form}})


@page
@posted("/")
def open_slice(request: PageRequest, slice: int) -> HttpResponse:
    """Open by hand, or shut again."""
    found = releases.get_slice(request.actor, slice)
    form = _open(request, found.project, slice=found)
    return _back(f"/p/{found.project_id}/release-gates#slices") if form is None else _list(request, found.project, {found.pk: {"open": form}})


page_routes = [
    path("batches/<id:batch>/release-gate", batch_gate),
    path("batches/<id:batch>/release-gate/open", open_batch),
    path("p/<id:project>/release-gates", gates),
    path("slices/<id:slice>/release-gate", slice_gate),
    path("slices/<id:slice>/release-gate/open", open_slice),
]
