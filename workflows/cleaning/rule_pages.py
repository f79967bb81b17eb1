"""The page of what a project calls clean: rules, packs of them, the runs that checked, and the forms of a rule."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotate.items.models import Batch
from annotate.items.queries import batches
from annotate.kernel.decisions import require
from annotate.kernel.errors import Missing, SluiceError
from annotate.kernel.pages import PageRequest, fragment, page, posted, render_page
from annotate.kernel.paging import page as keyset
from annotate.projects.models import Project
from workflows.cleaning import policies, queries, services
from workflows.cleaning.forms import CheckForm, RuleForm
from workflows.cleaning.marks import ABOUT, PACKS, SUITS
from workflows.cleaning.models import CheckRun, Rule
from workflows.cleaning.packs import PACKS as PACK_RULES
from workflows.cleaning.showing import grouped, rule_rows
from workflows.cleaning.states import BUSY
from workflows.cleaning.tallies import short, tally
from workflows.cleaning.wording import words_of

PER_PAGE, CHOICES = 5, 200  # runs; batches to choose from


def _order(project: Project) -> tuple[str, ...]:
    return SUITS.get(project.media, SUITS["image"])


def packs(project: Project, there: set[str]) -> list[dict[str, Any]]:
    """Those of the project's medium first; `new`: how many of its rules are not there yet."""
    found = []
    for name, (icon, title, sentence, media) in PACKS.items():
        rules = PACK_RULES.get(name, ())
        kinds = list(dict.fromkeys(rule.kind for rule in rules))
        pack = {"name": name, "icon": icon, "title": title, "sentence": sentence, "suits": media == project.media, "size": len(rules)}
        pack["new"] = sum(rule.kind not in there for rule in rules)
        pack["some"] = [words_of(kind).title for kind in kinds[:4]]
        pack["more"] = max(0, len(kinds) - 4)
        found.append(pack)
    return sorted(found, key=lambda pack: not pack["suits"])


def run_rows(runs: list[CheckRun]) -> list[dict[str, Any]]:
    """Runs of a list, each with what it would do, or did."""
    return [{"run": run, "tally": short(tally(run, run.would))} for run in runs]  # type: ignore[attr-defined]


@page
def cleaning(request: PageRequest, project: int) -> HttpResponse:
    """Rules by what they are about, with what each caught last; a check to ask for; the runs."""
    return show_cleaning(request, queries.project_of(request.actor, project))


def show_cleaning(
    request: PageRequest, found: Project, form: CheckForm | None = None, batch: Batch | None = None, fault: dict[str, Any] | None = None
) -> HttpResponse:
    """The page; `form` and `batch` as they were refused, with the query's `fault` where it has one."""
    rules = list(queries.rules(request.actor, found))
    runs = keyset(queries.listed_runs(request.actor, found), keys=("-id",), cursor=request.GET.get("cursor"), limit=PER_PAGE, bind=f"check_runs|{found.pk}")
    rows = rule_rows(rules, queries.last_caught(found) if rules else {})
    manages = bool(policies.may_clean(request.actor, found))
    context = {
        "groups": grouped(rows, _order(found)),
        "rules": len(rules),
        "active": sum(rule.active for rule in rules),
        "runs": run_rows(runs.rows),
        "next": runs.next,
        "later": "cursor" in request.GET,
        "busy": any(run.state in BUSY for run in runs.rows),
        "manages": manages,
        "packs": packs(found, {rule.kind for rule in rules}) if manages else [],
        "form": form or CheckForm(),
        "fault": fault,
        "chosen": batch,
        "batches": list(batches(request.actor, found).order_by("-id")[:CHOICES]) if manages and rules else [],
    }
    return render_page(request, "cleaning/cleaning.html", context, project=found, section="cleaning", status=400 if form else 200)


@page
@posted("/p/{project}/cleaning")
def add_pack(request: PageRequest, project: int) -> HttpResponse:
    """All rules of a pack that the project does not have yet."""
    found = queries.project_of(request.actor, project)
    made = services.add_pack(found, request.POST.get("pack", ""), by=request.actor)
    n = len(made)
    messages.success(request, ngettext("%(n)s rule added. Check a batch to see what it catches.", "%(n)s rules added. Check a batch to see what they catch.", n) % {"n": n})
    return HttpResponseRedirect(f"/p/{project}/cleaning")


def _kinds(project: Project) -> list[tuple[Any, list[Any]]]:
    """(what it is about, kinds with their words), those of the project's medium first."""
    from workflows.cleaning.rules import kinds  # numpy, which an idle process does without

    groups: dict[str, list[Any]] = {}
    for kind in kinds().values():
        groups.setdefault(kind.about, []).append({"kind": kind, "words": words_of(kind.name)})
    return [(about, groups[about]) for about in _order(project) if about in groups]


def _kind(name: str) -> Any:
    from workflows.cleaning.rules import kinds

    found = kinds().get(name)
    if found is None:
        raise Missing()
    return found


def _form_page(request: PageRequest, project: Project, form: RuleForm, rule: Rule | None, status: int = 200) -> HttpResponse:
    kind = form.kind
    context = {"form": form, "kind": kind, "words": words_of(kind.name), "about": ABOUT[kind.about], "rule": rule}
    return render_page(request, "cleaning/rule.html", context, project=project, section="cleaning", status=status)


@page
def new_rule(request: PageRequest, project: int) -> HttpResponse:
    """First the kinds, each with its sentence; then the form of the one that was chosen."""
    found = queries.project_of(request.actor, project)
    require(policies.may_clean(request.actor, found))
    chosen = request.POST.get("kind", "") if request.method == "POST" else request.GET.get("kind", "")
    if not chosen:
        context = {"groups": [(ABOUT[about], about, rows) for about, rows in _kinds(found)]}
        return render_page(request, "cleaning/kinds.html", context, project=found, section="cleaning")
    kind = _kind(chosen)
    if request.method != "POST":
        taken = set(queries.rules(request.actor, found).values_list("name", flat=True))
        return _form_page(request, found, RuleForm(initial=RuleForm.first(kind, taken), kind=kind, project=found), None)
    form = RuleForm(request.POST, kind=kind, project=found)
    if form.is_valid():
        try:
            made = services.create_rule(found, kind=kind.name, **form.values(), by=request.actor)
        except SluiceError as error:
            form.refuse(error)
        else:
            messages.success(request, _("“%(rule)s” is added. Check a batch to see what it catches.") % {"rule": words_of(kind.name).title})
            return HttpResponseRedirect(f"/p/{project}/cleaning#rule-{made.pk}")
    return _form_page(request, found, form, None, 400)


@page
def one_rule(request: PageRequest, rule: int) -> HttpResponse:
    """Change it: what runs found by it so far stays as it is."""
    found = queries.get_rule(request.actor, rule)
    require(policies.may_clean(request.actor, found.project))
    kind = _kind(found.kind)
    if request.method != "POST":
        return _form_page(request, found.project, RuleForm(initial=RuleForm.of(kind, found), kind=kind, project=found.project), found)
    form = RuleForm(request.POST, kind=kind, project=found.project)
    if form.is_valid():
        try:
            services.change_rule(found, **form.values(), by=request.actor)
        except SluiceError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved. It counts from the next check on."))
            return HttpResponseRedirect(f"/p/{found.project_id}/cleaning#rule-{rule}")
    return _form_page(request, found.project, form, found, 400)


@page
@posted("/rules/{rule}")
def switch(request: PageRequest, rule: int) -> HttpResponse:
    """On or off: off, it runs no more until it is on again."""
    found = queries.get_rule(request.actor, rule)
    changed = services.change_rule(found, active=request.POST.get("active") == "1", by=request.actor)
    if not fragment(request):
        return HttpResponseRedirect(f"/p/{found.project_id}/cleaning#rule-{rule}")
    [row] = rule_rows([changed], queries.last_caught(found.project))
    return render(request, "cleaning/rule_row.html", {"row": row, "manages": True})


@page
@posted("/rules/{rule}")
def delete(request: PageRequest, rule: int) -> HttpResponse:
    found = queries.get_rule(request.actor, rule)
    services.delete_rule(found, by=request.actor)
    messages.success(request, _("“%(rule)s” is deleted. What it found stays on record.") % {"rule": found.name})
    return HttpResponseRedirect(f"/p/{found.project_id}/cleaning")


rule_page_routes = [
    path("p/<id:project>/cleaning", cleaning),
    path("p/<id:project>/cleaning/packs", add_pack),
    path("p/<id:project>/cleaning/new", new_rule),
    path("rules/<id:rule>", one_rule),
    path("rules/<id:rule>/active", switch),
    path("rules/<id:rule>/delete", delete),
]
