"""/p/{project}/qualifications and one qualification: managers plan there, others read how they stand and take runs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _

from annotate.kernel.decisions import require
from annotate.kernel.errors import Missing, SluiceError
from annotate.kernel.pages import PageRequest, form_errors, page, posted, render_page
from annotate.people.models import Person
from annotate.projects import queries as projects
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.projects.queries import role
from annotate.qualifications import queries, services
from annotate.qualifications.forms import GiveForm, QualificationForm, RunForm
from annotate.qualifications.models import Qualification
from annotate.qualifications.policies import SEES
from annotate.qualifications.setting_up import give_run, take_run
from annotate.qualifications.standing import standings
from annotate.qualifications.words import KIND_WORDS
from annotate.queues import queries as queue_queries
from annotate.queues.services import change_queue

A_PAGE = 100
RUNS_SHOWN = 100


def _list(request: PageRequest, project: Project, form: QualificationForm | None = None, status: int = 200) -> HttpResponse:
    actor = request.actor
    manages = bool(may_manage(actor, project))
    rows = list(queries.visible(actor, project).order_by("name"))
    context = {
        "rows": [{"one": row, "kind": KIND_WORDS[row.kind]} for row in rows],
        "mine": standings(actor.person_id, [project.pk]),
        "works": role(actor, project) != "viewer",
        "manages": manages,
        "gold": queries.gold_there(project) if manages else 0,
        "form": (form or QualificationForm()) if manages else None,
        "asked": form is not None,
    }
    return render_page(request, "qualifications/qualifications.html", context, project=project, section="queues", status=status)


@page
def qualifications(request: PageRequest, project: int) -> HttpResponse:
    """The list; for managers a form for a new one."""
    found = projects.get(request.actor, project)
    if role(request.actor, found) not in SEES:
        raise Missing()
    if request.method != "POST":
        return _list(request, found)
    require(may_manage(request.actor, found))
    form = QualificationForm(request.POST)
    if form.is_valid():
        try:
            made = services.create(found, by=request.actor, **form.cleaned_data)
        except SluiceError as error:
            form_errors(form, error)
        else:
            messages.success(request, _("The qualification is made. Say below how it is earned, or give it by hand."))
            return HttpResponseRedirect(f"/qualifications/{made.pk}")
    return _list(request, found, form, status=400)


def _show(request: PageRequest, row: Qualification, status: int = 200, **forms: Any) -> HttpResponse:
    actor = request.actor
    manages = bool(may_manage(actor, row.project))
    [mine] = standings(actor.person_id, [row.project_id], [row.pk])
    context: dict[str, Any] = {
        "one": row,
        "kind": KIND_WORDS[row.kind],
        "mine": mine,
        "works": role(actor, row.project) != "viewer",
        "manages": manages,
        "runs": queries.attempts(row).filter(person_id=actor.person_id).exclude(state="running").order_by("-attempt")[:RUNS_SHOWN],
    }
    if manages:
        gold = queries.gold_there(row.project)
        context |= {
            "holders": queries.holders(row).order_by("person__name")[: A_PAGE * 10],
            "all_runs": queries.attempts(row).order_by("-pk")[:RUNS_SHOWN],
            "asking": row.requirements.select_related("queue").order_by("queue__name"),
            "gold": gold,
            "scant": row.queue_id is not None and gold < row.questions * row.attempts,
            "wanted": row.questions * row.attempts,
            "form": forms.get("form") or QualificationForm.of(row),
            "run_form": forms.get("run_form") or RunForm.of(row),
            "give_form": forms.get("give_form") or GiveForm(qualification=row, auto_id="give_%s"),
        }
    return render_page(request, "qualifications/qualification.html", context, project=row.project, section="queues", status=status)


@page
def one(request: PageRequest, qualification: int) -> HttpResponse:
    """For managers the people, the runs and the settings; for others what it is, how they stand, and the way into the run."""
    return _show(request, queries.get(request.actor, qualification))


@page
@posted("/qualifications/{qualification}")
def change(request: PageRequest, qualification: int) -> HttpResponse:
    found = queries.managed(request.actor, qualification)
    form = QualificationForm(request.POST)
    if form.is_valid():
        try:
            services.change(found, by=request.actor, **form.cleaned_data)
        except SluiceError as error:
            form_errors(form, error)
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(f"/qualifications/{qualification}")
    return _show(request, found, 400, form=form)


@page
@posted("/qualifications/{qualification}")
def run(request: PageRequest, qualification: int) -> HttpResponse:
    """Set the run up, change it, or take it away."""
    found = queries.managed(request.actor, qualification)
    if request.POST.get("act") == "remove":
        take_run(found, by=request.actor)
        messages.success(request, _("There is no run any more. Who has passed keeps the qualification."))
        return HttpResponseRedirect(f"/qualifications/{qualification}")
    form = RunForm(request.POST)
    if form.is_valid():
        try:
            give_run(found, by=request.actor, **form.settings())
        except SluiceError as error:
            form_errors(form, error)
        else:
            messages.success(request, _("The run is open: newcomers find it on their start page."))
            return HttpResponseRedirect(f"/qualifications/{qualification}")
    return _show(request, found, 400, run_form=form)


@page
@posted("/qualifications/{qualification}")
def give(request: PageRequest, qualification: int) -> HttpResponse:
    """By hand."""
    found = queries.managed(request.actor, qualification)
    form = GiveForm(request.POST, qualification=found, auto_id="give_%s")
    if form.is_valid():
        data = form.settings()
        try:
            services.give(found, data["person"], score=data["score"], by=request.actor)
        except SluiceError as error:
            form_errors(form, error)
        else:
            messages.success(request, _("%(name)s has it now.") % {"name": data["person"].name})
            return HttpResponseRedirect(f"/qualifications/{qualification}#people")
    return _show(request, found, 400, give_form=form)


@page
@posted("/qualifications/{qualification}")
def end(request: PageRequest, qualification: int, person: int) -> HttpResponse:
    """Take it away."""
    found = queries.managed(request.actor, qualification)
    who = Person.objects.filter(pk=person, qualified__qualification=found).first()
    if who is None:
        raise Missing()
    if services.end(found, who, by=request.actor):
        messages.success(request, _("%(name)s has it no more. What they hold they may finish.") % {"name": who.name})
    return HttpResponseRedirect(f"/qualifications/{qualification}#people")


def _bar(text: str) -> float | None:
    """Percent as typed; nothing typed is no bar. What is no number becomes one that the service refuses."""
    try:
        return float(text) / 100 if text.strip() else None
    except ValueError:
        return -1.0


@page
@posted("/queues/{queue}")
def requires(request: PageRequest, queue: int) -> HttpResponse:
    """What a queue asks for, from its page: `need` are ids, `bar_{id}` percent or nothing."""
    found = queue_queries.get(request.actor, queue)
    require(may_manage(request.actor, found.project))
    ids = [int(text) for text in request.POST.getlist("need")[:100] if text.isascii() and text.isdecimal() and len(text) < 19]
    wanted = [{"qualification": pk, "bar": _bar(request.POST.get(f"bar_{pk}", ""))} for pk in ids]
    try:
        with transaction.atomic():
            change_queue(found, requires=wanted, by=request.actor)
    except SluiceError as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _("Saved."))
    return HttpResponseRedirect(f"/queues/{queue}#requires")


page_routes = [
    path("p/<id:project>/qualifications", qualifications),
    path("qualifications/<id:qualification>", one),
    path("qualifications/<id:qualification>/change", change),
    path("qualifications/<id:qualification>/run", run),
    path("qualifications/<id:qualification>/give", give),
    path("qualifications/<id:qualification>/people/<id:person>/end", end),
    path("queues/<id:queue>/requires", requires),
]
