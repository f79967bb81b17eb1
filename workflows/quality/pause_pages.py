"""/p/{project}/pauses: who was paused by their gold answers, their way back, and the rule that does it. For managers."""

from __future__ import annotations

import math
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _

from annotate.kernel.decisions import require
from annotate.kernel.errors import Missing, SluiceError
from annotate.kernel.pages import PageRequest, form_errors, page, posted, render_page
from annotate.kernel.paging import page as keyset_page
from annotate.projects import queries as projects
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.qualifications.models import Qualification
from annotate.queues.models import Pause, Queue
from workflows.quality import pause_rules, returning, stopping
from workflows.quality.models import PauseRule, SkillPause
from workflows.quality.pause_forms import PauseRuleForm

ROWS = 50


def _show(request: PageRequest, project: Project, form: PauseRuleForm | None = None) -> HttpResponse:
    rows = stopping.of_project(request.actor, project)
    found = keyset_page(rows.filter(ended_at__isnull=False), keys=("-id",), cursor=request.GET.get("cursor") or None, limit=ROWS, bind=f"pauses {project.pk}")
    rules = list(PauseRule.objects.filter(project=project).select_related("queue").order_by("queue__name", "pk"))
    edited = next((rule for rule in rules if str(rule.queue_id or "") == request.GET.get("queue", "")), None)
    context = {
        "paused": _with_runs(list(rows.filter(ended_at=None).order_by("-pk"))),
        "ended": [_told(row) for row in found.rows],
        "older": found.next or "",
        "rules": [{"rule": rule, "rates": _rates(rule.bar, rule.level, rule.least, len(rule.labels))} for rule in rules],
        "form": form or PauseRuleForm.of(edited, project),
        "runs": list(Qualification.objects.filter(project=project, queue__state="open").order_by("name")),
        "usual": _rates(pause_rules.BAR, pause_rules.LEVEL, pause_rules.LEAST),
        "tab": "pauses",
    }
    return render_page(request, "quality/pauses.html", context, project=project, section="people", status=400 if form else 200)


def _rates(bar: float, level: float, least: int, labels: int = 0) -> dict[str, Any]:
    """A bound is rounded up, so that it stays one."""
    found = pause_rules.error_rates(bar, level, least, labels)
    return found | {"wrongly_words": f"{math.ceil(1000 * found['wrongly']) / 10:g} %"}


def _told(row: SkillPause, by: Qualification | None = None) -> dict[str, Any]:
    found = row.evidence
    return {"row": row, "found": found, "of": round(found["of"]), "right": f"{round(found['right'], 1):g}", "run": by}


def _with_runs(rows: list[SkillPause]) -> list[dict[str, Any]]:
    """Each with the qualification through which the person is to come back."""
    pauses = Pause.objects.filter(person__in=[row.person_id for row in rows], cause="skill").exclude(qualification=None).select_related("qualification")
    known = {(one.project_id, one.queue_id, one.person_id): one.qualification for one in pauses}
    return [_told(row, known.get((row.project_id, row.queue_id, row.person_id))) for row in rows]


@page
def pauses(request: PageRequest, project: int) -> HttpResponse:
    found = projects.get(request.actor, project)
    require(may_manage(request.actor, found))
    return _show(request, found)


@page
@posted("/p/{project}/pauses")
def rule(request: PageRequest, project: int) -> HttpResponse:
    """Set the rule, or remove it (`act`: remove)."""
    found = projects.get(request.actor, project)
    require(may_manage(request.actor, found))
    if request.POST.get("act") == "remove":
        pause_rules.remove_rule(found, _queue(found, request.POST.get("queue", "")), by=request.actor)
        messages.success(request, _("Gold answers pause nobody any more. Who is paused stays so until you let them on."))
        return HttpResponseRedirect(f"/p/{project}/pauses")
    form = PauseRuleForm(request.POST, project=found)
    if not form.is_valid():
        return _show(request, found, form)
    queue = _queue(found, str(form.cleaned_data["queue"] or ""))
    try:
        pause_rules.set_rule(found, queue, **form.settings(), by=request.actor)
    except SluiceError as error:
        form_errors(form, error)
        return _show(request, found, form)
    messages.success(request, _("The rule is set. It looks with each answer to gold from now on."))
    return HttpResponseRedirect(f"/p/{project}/pauses")


def _queue(project: Project, text: str) -> Queue | None:
    if not text:
        return None
    found = Queue.objects.select_related("project").filter(project=project, pk=int(text)).first() if text.isascii() and text.isdecimal() and len(text) < 19 else None
    if found is None:
        raise Missing()
    return found


@page
@posted("/")
def go_on(request: PageRequest, pause: int) -> HttpResponse:
    """Let the person go on (`act`: go), or have them take a run (`qualification`)."""
    found = stopping.get(request.actor, pause)
    back, about = f"/p/{found.project_id}/pauses", {"name": found.person.name}
    wanted = request.POST.get("qualification", "")
    try:
        if request.POST.get("act") == "go":
            returning.let_go_on(found, by=request.actor)
            messages.success(request, _("%(name)s may go on; evidence starts anew.") % about)
        elif wanted.isascii() and wanted.isdecimal() and len(wanted) < 19:
            returning.send_to_run(found, int(wanted), by=request.actor)
            messages.success(request, _("%(name)s finds the run on their start page. Passing it ends the pause by itself.") % about)
        else:
            raise Missing()
    except Missing:
        raise
    except SluiceError as error:
        messages.error(request, error.detail)
    return HttpResponseRedirect(back)


pause_page_routes = [
    path("p/<id:project>/pauses", pauses),
    path("p/<id:project>/pauses/rule", rule),
    path("pauses/<id:pause>", go_on),
]
