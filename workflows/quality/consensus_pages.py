"""/p/{project}/consensus: overlapping answers brought together: foretold first, then decided, with what was left and why; and undone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotate.items.thumbs import thumbs
from annotate.jobs.states import LIVE
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid, Missing
from annotate.kernel.pages import PageRequest, form_errors, fragment, page, posted, render_page
from annotate.kernel.paging import page as keyset
from annotate.projects.policies import may_manage
from workflows.quality import concluding, members, undoing
from workflows.quality.consensus_queries import get, of_project, project_of, standing
from workflows.quality.consensus_queries import members as rows_of
from workflows.quality.models import ConsensusRun
from workflows.quality.overlapped import items_of
from workflows.quality.tabs import tabs
from workflows.quality.to_adjudication import LEAVES, send
from workflows.quality.wording import LEFT_WORDS, METHOD_WORDS, METHODS_MEAN, UNDONE_WORDS

PER_PAGE, SHOWN = 30, 48
_CODE = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false", "class": "mono", "placeholder": 'batch = "march"'}


class ConsensusForm(forms.Form):
    """What is brought together, and how."""

    q = forms.CharField(
        label=gettext_lazy("Which items"), required=False, max_length=4000, widget=forms.TextInput(attrs=_CODE),
        help_text=gettext_lazy("A query, as on the page Items. Empty takes all that several have answered."),
    )  # fmt: skip
    method = forms.ChoiceField(label=gettext_lazy("Method"), choices=[(name, METHOD_WORDS[name]) for name in METHODS_MEAN], initial="best")
    quorum = forms.IntegerField(
        label=gettext_lazy("Quorum"), required=False, min_value=1, max_value=concluding.MOST_PEOPLE,
        help_text=gettext_lazy("So many must say the same. Empty: more than half of those who answered."),
    )  # fmt: skip

    @property
    def methods(self) -> list[tuple[Any, Any]]:
        return [(METHOD_WORDS[name], meaning) for name, meaning in METHODS_MEAN.items()]


def _run(request: PageRequest, project: int, run: int) -> ConsensusRun:
    found = get(request.actor, run)
    if found.project_id != project:
        raise Missing()
    return found


@page
def runs(request: PageRequest, project: int) -> HttpResponse:
    """The form for who manages, and every run, the newest first."""
    found = project_of(request.actor, project)
    manages = bool(may_manage(request.actor, found))
    form = ConsensusForm(request.POST or None)
    if request.method == "POST":
        require(may_manage(request.actor, found))
        if form.is_valid():
            try:
                job = concluding.start(found, **form.cleaned_data, dry_run=True, by=request.actor)
            except Invalid as error:
                form_errors(form, error)
            else:
                return HttpResponseRedirect(f"/p/{project}/consensus/{job.arguments['run']}")
    shown = keyset(of_project(found), keys=("-id",), cursor=request.GET.get("cursor") or None, limit=PER_PAGE, bind=f"consensus|{found.pk}")
    context = {
        "tabs": tabs(found, request.actor, "consensus"),
        "form": form if manages else None,
        "rows": [_row(run) for run in shown.rows],
        "next": shown.next,
        "later": bool(request.GET.get("cursor")),
        "overlapped": bool(items_of(found.pk)) if not shown.rows else True,
    }
    return render_page(request, "quality/consensus.html", context, project=found, section="people", status=400 if form.errors else 200)


def _row(run: ConsensusRun) -> dict[str, Any]:
    decided, left = members.counts(run)
    return {"run": run, "state": standing(run), "method": METHOD_WORDS.get(run.method, run.method), "decided": sum(decided.values()), "left": sum(left.values())}


@page
def one_run(request: PageRequest, project: int, consensus_run: int) -> HttpResponse:
    """What became of the items, or would; each number opens them. While a job is at it, how far it is."""
    found = _run(request, project, consensus_run)
    state = standing(found)
    context: dict[str, Any] = {
        "run": found, "state": state, "job": found.job, "busy": state in ("deciding", "undoing"), "method": METHOD_WORDS.get(found.method, found.method),
        "manages": bool(may_manage(request.actor, found.project)) and found.project.archived_at is None,
    }  # fmt: skip
    if not context["busy"]:
        context |= _whole(request, found, state)
    response = render_page(request, "quality/consensus_run.html", context, project=found.project, section="people")
    if fragment(request) and not context["busy"]:
        response["HX-Refresh"] = "true"  # it ended while the page was open
    return response


def _whole(request: PageRequest, run: ConsensusRun, state: str) -> dict[str, Any]:
    decided, left = members.counts(run)
    undone = undoing.counts(run.pk)
    show, end = request.GET.get("show", ""), request.GET.get("undone", "")
    show = show if show in ("decided", *LEFT_WORDS) else ""
    end = end if end in UNDONE_WORDS else ""
    rows = rows_of(run, show, end)
    shown = keyset(rows, keys=("id",), cursor=request.GET.get("cursor") or None, limit=SHOWN, bind=f"consensus|{run.pk}|{show}|{end}") if show or end else None
    return {
        "decided": [(METHOD_WORDS.get(name, name), n) for name, n in decided.items()],
        "n_decided": sum(decided.values()),
        "left": [(why, LEFT_WORDS[why], n) for why, n in left.items()],
        "n_left": sum(left.values()),
        "disputed": sum(left.get(why, 0) for why in LEAVES) if not run.dry_run else 0,
        "undone": undone["undone"],
        "stayed": [(why, UNDONE_WORDS[why], n) for why, n in undone["left"].items()],
        "may_decide": run.dry_run and run.state == "decided" and bool(decided),
        "may_undo": not run.dry_run and run.state in ("deciding", "decided") and not (run.job and run.job.state in LIVE) and bool(decided),
        "show": show or end,
        "shown": LEFT_WORDS.get(show) or UNDONE_WORDS.get(end) or _("decided"),
        "thumbs": thumbs([row.item for row in shown.rows]) if shown is not None else [],
        "next": shown.next if shown is not None else None,
        "kept": f"show={show}" if show else f"undone={end}",
    }


@page
@posted("/p/{project}/consensus/{consensus_run}")
def decide(request: PageRequest, project: int, consensus_run: int) -> HttpResponse:
    """What a dry run has foretold is carried out, by the answers as they are then."""
    foretold = _run(request, project, consensus_run)
    try:
        job = concluding.start(foretold.project, q=foretold.q, method=foretold.method, quorum=foretold.quorum, by=request.actor)
    except (Conflict, Invalid) as error:
        messages.error(request, str(error.detail))
        return HttpResponseRedirect(f"/p/{project}/consensus/{consensus_run}")
    return HttpResponseRedirect(f"/p/{project}/consensus/{job.arguments['run']}")


@page
def undo(request: PageRequest, project: int, consensus_run: int) -> HttpResponse:
    """What undoing would put back and what would stay, and then the undoing itself."""
    found = _run(request, project, consensus_run)
    require(may_manage(request.actor, found.project))
    if request.method == "POST":
        try:
            undoing.start(found, by=request.actor)
        except Conflict as error:
            messages.error(request, error.detail)
        return HttpResponseRedirect(f"/p/{project}/consensus/{consensus_run}")
    would = undoing.preview(found)
    back = would.pop("undone", 0)
    context = {"run": found, "back": back, "stay": [(UNDONE_WORDS[why], n) for why, n in sorted(would.items())]}
    return render_page(request, "quality/consensus_undo.html", context, project=found.project, section="people")


@page
@posted("/p/{project}/consensus/{consensus_run}")
def adjudicate(request: PageRequest, project: int, consensus_run: int) -> HttpResponse:
    """Ties, and what too few say, go to people who decide."""
    found = _run(request, project, consensus_run)
    queue, added = send(found.project, by=request.actor)
    messages.success(request, _("%(n)s items wait for an adjudicator.") % {"n": added} if added else _("All of them wait for an adjudicator already, or cannot be decided just now."))
    return HttpResponseRedirect(f"/queues/{queue.pk}")



consensus_routes = [
    path("p/<id:project>/consensus", runs),
    path("p/<id:project>/consensus/<id:consensus_run>", one_run),
    path("p/<id:project>/consensus/<id:consensus_run>/decide", decide),
    path("p/<id:project>/consensus/<id:consensus_run>/undo", undo),
    path("p/<id:project>/consensus/<id:consensus_run>/adjudicate", adjudicate),
]
