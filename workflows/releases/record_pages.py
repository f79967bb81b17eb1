"""Pages beside a version: its data card, going back to it, withdrawing it; what a tag has meant; a draft before the cut; the licence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _

from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid, SluiceError
from annotate.kernel.pages import PageRequest, page, posted, render_page
from workflows.releases import card, drafting, policies, queries, reverting, services
from workflows.releases.asking import asked_of, query_of
from workflows.releases.forms import CutForm, in_order
from workflows.releases.wording import EXCLUDED


def _left_out(excluded: Mapping[str, int]) -> bool:
    """Whether rows were left out after leakage was counted, so that fewer may leak than were counted."""
    return any(excluded.get(name) for name in ("schema", "mapping"))


@page
def data_card(request: PageRequest, version: int) -> HttpResponse:
    """Everything that a reader must know before training with it."""
    found = queries.get_version(request.actor, version)
    require(policies.may_pull(request.actor, found))
    told = card.card(found)
    splits = in_order(told["counts"]["splits"] or {})
    by_split = told["counts"]["split_labels"] or {}
    labels = sorted((told["counts"]["labels"] or {}).items(), key=lambda each: (-each[1], each[0]))
    people = [(words, told["people"][role]) for role, words in (("labelled_by", _("labelled")), ("reviewed_by", _("reviewed")), ("approved_by", _("approved"))) if told["people"][role]]
    figures = [(words, told["quality"].get(name)) for name, words in (("agreement", _("Agreement")), ("gold_accuracy", _("Gold accuracy")), ("returned_rate", _("Returned by reviewers")))]
    context = {
        "version": found,
        "dataset": found.dataset,
        "card": told,
        "splits": [(name, told["counts"]["splits"][name]) for name in splits],
        "labels": [(name, n, [(by_split.get(split) or {}).get(name, 0) for split in splits]) for name, n in labels],
        "people": people,
        "figures": [(words, figure, {name: 100 * figure[name] for name in ("value", "low", "high")} if figure and figure.get("value") is not None else None) for words, figure in figures],
        "excluded": [(EXCLUDED.get(name, name), n) for name, n in told["problems"]["excluded"].items()],
        "leaks_of_left_out": bool(told["problems"]["leakage"]) and _left_out(told["problems"]["excluded"]),
        "origins": [(name, n) for some in told["origins"].values() for name, n in some.items()],
        "manages": bool(policies.may_cut(request.actor, found.dataset)),
        "ranges": found.version_shards.select_related("shard").order_by("ordinal")[:200],
    }
    return render_page(request, "releases/card.html", context, project=found.dataset.project, section="versions")


@page
@posted("/versions/{version}")
def revert(request: PageRequest, version: int) -> HttpResponse:
    found = queries.get_version(request.actor, version)
    try:
        made = reverting.revert(found, message=request.POST.get("message", ""), by=request.actor)
    except (Invalid, SluiceError) as error:
        if error.status in (403, 404):
            raise
        messages.error(request, error.detail)
        return HttpResponseRedirect(f"/versions/{version}")
    messages.success(request, _("v%(new)s is equal to v%(old)s.") % {"new": made.number, "old": found.number})
    return HttpResponseRedirect(f"/versions/{made.pk}")


@page
@posted("/versions/{version}")
def withdraw(request: PageRequest, version: int) -> HttpResponse:
    found = queries.get_version(request.actor, version)
    try:
        services.withdraw(found, reason=request.POST.get("reason", ""), by=request.actor)
    except SluiceError as error:
        if error.status in (403, 404):
            raise
        messages.error(request, error.detail)
    else:
        messages.success(request, _("v%(number)s is withdrawn.") % {"number": found.number})
    return HttpResponseRedirect(f"/versions/{version}")


@page
@posted("/datasets/{dataset}")
def licence(request: PageRequest, dataset: int) -> HttpResponse:
    found = queries.get_dataset(request.actor, dataset)
    try:
        services.set_licence(found, request.POST.get("licence", ""), by=request.actor)
    except Invalid as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _("The licence is kept."))
    return HttpResponseRedirect(f"/datasets/{dataset}")


@page
def tags(request: PageRequest, dataset: int) -> HttpResponse:
    """Every move of every tag, the newest first."""
    found = queries.get_dataset(request.actor, dataset)
    moves = found.tags.select_related("version", "created_by").order_by("-pk")[:500]
    holds = {tag.pk for tag in queries.tags(found)}
    return render_page(request, "releases/tags.html", {"dataset": found, "moves": [(tag, tag.pk in holds) for tag in moves]}, project=found.project, section="versions")


@page
def draft(request: PageRequest, dataset: int) -> HttpResponse:
    """What a cut would take now, by split and label, and what would stay out, item by item; writes nothing."""
    found = queries.get_dataset(request.actor, dataset)
    require(policies.may_cut(request.actor, found))
    data = (request.POST if request.method == "POST" else request.GET).copy()
    data.pop("csrfmiddlewaretoken", None)
    if data:
        data["dataset"] = str(found.pk)  # the address says which
    form = CutForm(data or None, datasets=[found], slices=queries.slices(request.actor, found.project).order_by("name"))
    context: dict[str, Any] = {"dataset": found, "form": form}
    if form.is_valid():
        q = query_of(request.actor, found.project, form.cleaned_data)
        try:
            told = drafting.draft(found, q=q, asked=asked_of(form.cleaned_data), by=request.actor)
            reason = data.get("excluded", "")
            rows, following = drafting.behind(told, reason, after=data.get("after", "")) if reason in drafting.REASONS else ([], None)
        except Invalid as error:
            context["refused"] = error.detail
        else:
            document = told.document()
            for name in ("excluded", "after"):
                data.pop(name, None)
            splits = in_order(document["splits"])
            context |= {
                "draft": document,
                "splits": [(name, document["splits"][name], 100 * document["splits"][name] / max(1, document["items"])) for name in splits],
                "labels": [(name, n, [(document["split_labels"].get(split) or {}).get(name, 0) for split in splits]) for name, n in document["labels"].items()],
                "excluded": [(name, EXCLUDED.get(name, name), n) for name, n in document["excluded"].items()],
                "leaks_of_left_out": _left_out(document["excluded"]),
                "reason": reason,
                "behind": rows,
                "next": following,
                "kept": data.urlencode(),
            }
    else:
        context["refused"] = "; ".join(f"{form[name].label}: {error}" for name, errors in form.errors.items() if name in form.fields for error in errors) if form.is_bound else ""
    return render_page(request, "releases/draft.html", context, project=found.project, section="versions")


page_routes = [
    path("versions/<id:version>/card", data_card),
    path("versions/<id:version>/revert", revert),
    path("versions/<id:version>/withdraw", withdraw),
    path("datasets/<id:dataset>/licence", licence),
    path("datasets/<id:dataset>/tags", tags),
    path("datasets/<id:dataset>/draft", draft),
]
