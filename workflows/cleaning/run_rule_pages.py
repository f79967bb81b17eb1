"""One rule of a check run: its scores with the threshold to be moved, what it catches, and what it only just does not."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _

from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid, Missing
from annotate.kernel.pages import PageRequest, page, posted, render_page
from annotate.kernel.paging import page as keyset
from workflows.cleaning import charts, policies, queries, running, services
from workflows.cleaning.forms import ThresholdForm
from workflows.cleaning.marks import ABOUT
from workflows.cleaning.models import CheckRun, Finding, Rule
from workflows.cleaning.presenting import ordered, parameters_of, rules_of
from workflows.cleaning.showing import Shown, caught_words, samples, says, shown, value_words
from workflows.cleaning.states import CHECK_RUN
from workflows.cleaning.wording import words_of

PER_PAGE = 50


def _rule(run: CheckRun, rule_id: int) -> dict[str, Any]:
    found: dict[str, Any] | None = next((rule for rule in rules_of(run) if rule["id"] == rule_id), None)
    if found is None:
        raise Missing()
    return found


def _beside(run: CheckRun, rule_id: int) -> tuple[Any, Any]:
    """The rules before and after it, in the order of the run's page."""
    order = [rule["id"] for rule in ordered(run)]
    place = order.index(rule_id)
    return (order[place - 1] if place else None, order[place + 1] if place + 1 < len(order) else None)


def _worst(run: CheckRun, rule_id: int, rows: list[list[Any]]) -> list[Shown]:
    """What would be caught, worst first, as findings; where no rows were kept, as bare items."""
    found: dict[int, Finding] = {}
    wanted = Finding.objects.filter(run=run, rule=rule_id, item__in=[row[0] for row in rows])
    scores = {row[0]: row[1] for row in rows}
    for finding in queries.in_words(wanted).order_by("id"):
        if finding.item_id is not None and (finding.item_id not in found or finding.score == scores[finding.item_id] != found[finding.item_id].score):
            found[finding.item_id] = finding
    some = [found[row[0]] for row in rows if row[0] in found]
    return shown(some, queries.partners(some)) if some else samples(rows, objects=False)


def _groups(worst: list[Shown]) -> list[dict[str, Any]]:
    """Copies by the item they are copies of, in the order of the worst."""
    from annotate.items.thumbs import thumbs

    groups: dict[int, dict[str, Any]] = {}
    for one in worst:
        if one.keeper is not None:
            groups.setdefault(one.keeper.pk, {"keeper": one.keeper, "copies": []})["copies"].append(one)
    drawn = {thumb.item.pk: thumb for thumb in thumbs([group["keeper"] for group in groups.values()])}
    return [group | {"thumb": drawn[pk]} for pk, group in groups.items()]


def _listed(request: PageRequest, run: CheckRun, rule_id: int) -> dict[str, Any]:
    """One page of all that the rule found; `?also=` narrows it to items that another rule caught too."""
    rows = queries.in_words(Finding.objects.filter(run=run, rule=rule_id))
    also = request.GET.get("also", "")
    other = _rule(run, int(also)) if also.isascii() and also.isdigit() and len(also) < 19 else None
    if other is not None:
        rows = rows.filter(item__in=Finding.objects.filter(run=run, rule=other["id"]).values("item"))
    found = keyset(rows, keys=("id",), cursor=request.GET.get("cursor"), limit=PER_PAGE, bind=f"findings|{run.pk}|{rule_id}|{also}")
    return {
        "findings": shown(found.rows, queries.partners(found.rows), bare=True),
        "next": found.next,
        "later": "cursor" in request.GET,
        "also": None if other is None else {"id": other["id"], "title": words_of(other["kind"]).title},
    }


def _now(rule: dict[str, Any], kind: Any) -> dict[str, Any]:
    """The rule as it is now: {"there"} and, where it is not as in the run, its threshold."""
    found = Rule.objects.filter(pk=rule["id"]).first()
    if found is None:
        return {"there": False}
    now, then = parameters_of(found.kind, found.parameters), parameters_of(rule["kind"], rule["parameters"])
    changed = now != then or found.action != rule["action"] or found.severity != rule["severity"]
    return {"there": True, "changed": changed, "says": says(found.kind, found.parameters), "threshold": now.get(kind.line)}


def _show_rule(request: PageRequest, run: CheckRun, rule: dict[str, Any], form: ThresholdForm | None = None, status: int = 200) -> HttpResponse:
    from workflows.cleaning.rules import kinds

    kind = kinds().get(rule["kind"])
    if kind is None:
        raise Missing()
    result = run.results.get(str(rule["id"])) or {}
    parameters, words = parameters_of(rule["kind"], rule["parameters"]), words_of(rule["kind"])
    drawn = charts.chart(result.get("histogram"), kind, parameters, result.get("rows", 0))
    parameter = next((one for one in kind.parameters if one.name == kind.line), None)
    if form is None:
        form = ThresholdForm(initial={"threshold": value_words(parameters[kind.line]) if kind.line else ""})
    if parameter is not None:
        form.fields["threshold"].label = words.parameters.get(kind.line, form.fields["threshold"].label)
        bounds = {"min": parameter.least, "max": parameter.most, "step": "1" if parameter.type == "whole" else "any"}
        form.fields["threshold"].widget.attrs.update({name: value for name, value in bounds.items() if value is not None})
    worst = _worst(run, rule["id"], result.get("worst") or []) if kind.rows in ("item", "object") else []
    before, after = _beside(run, rule["id"])
    manages = bool(policies.may_clean(request.actor, run.project))
    context = {
        "run": run,
        "rule": rule,
        "kind": kind,
        "words": words,
        "about": ABOUT[kind.about],
        "says": says(rule["kind"], rule["parameters"]),
        "result": result,
        "counted": caught_words(kind.rows, result.get("rows", 0)),
        "in_items": caught_words("item", result.get("caught", 0)) if kind.rows == "object" else "",
        "checked": caught_words(kind.rows if kind.rows in ("label", "quota") else "item", result.get("checked", 0)),
        "unchecked": max(0, run.items - result.get("checked", 0)) if kind.rows in ("item", "object") else 0,
        "alone": _alone(kind, result),
        "passed": result.get("checked", 0) - result.get("caught", 0),
        "chart": drawn,
        "stops": _stops(drawn, kind, result) if drawn and drawn.stops else None,
        "form": form,
        "may_move": manages and CHECK_RUN.allows(run.state, "again") and kind.line != "",
        "now": _now(rule, kind),
        "manages": manages,
        "groups": _groups(worst),
        "worst": [one for one in worst if one.keeper is None],
        "near": samples(result.get("near") or [], objects=kind.rows == "object"),
        "before": before,
        "after": after,
        **_listed(request, run, rule["id"]),
    }
    return render_page(request, "cleaning/run_rule.html", context, project=run.project, section="cleaning", status=status)


def _alone(kind: Any, result: dict[str, Any]) -> int:
    """Items that no other is like: they have no score to draw."""
    return int(result.get("checked", 0) - (result.get("histogram") or {}).get("total", 0)) if kind.alone else 0


def _stops(drawn: charts.Chart, kind: Any, result: dict[str, Any]) -> dict[str, Any]:
    """What the script needs to let the line be moved: [value, x, caught, bars to its left] of each place."""
    return {
        "stops": [[stop.value, stop.x, stop.caught, stop.bars] for stop in drawn.stops],
        "at": drawn.at,
        "side": kind.side,
        "reached": kind.reached,
        "now": result.get("rows", 0),
        "whole": next(one.type for one in kind.parameters if one.name == kind.line) == "whole",
        "exact": drawn.exact,
        "text": _("%(value)s, which catches %(count)s"),
        "between": _("%(low)s to %(high)s"),
        "about": _("about %(count)s"),
    }


@page
def run_rule(request: PageRequest, run: int, rule: int) -> HttpResponse:
    """One rule's scores with its threshold, what it catches and what it only just does not."""
    found = queries.get_run(request.actor, run)
    if found.state == "checking":
        return HttpResponseRedirect(f"/check-runs/{run}?then={rule}")
    return _show_rule(request, found, _rule(found, rule))


@page
@posted("/check-runs/{run}/rules/{rule}")
def use_threshold(request: PageRequest, run: int, rule: int) -> HttpResponse:
    """The rule gets this threshold, and the run is checked anew with it; what is measured is not measured again."""
    from workflows.cleaning.rules import kinds

    found = queries.get_run(request.actor, run)
    require(policies.may_clean(request.actor, found.project))
    of_run = _rule(found, rule)
    kind, form = kinds().get(of_run["kind"]), ThresholdForm(request.POST)
    if kind is None or not kind.line:
        raise Missing()
    if form.is_valid():
        value = form.cleaned_data["threshold"]
        whole = next(one.type for one in kind.parameters if one.name == kind.line) == "whole"
        given = {kind.line: int(value) if whole and value == int(value) else value}
        try:
            running.must_be(found, "again")
            with transaction.atomic():
                services.change_rule(queries.get_rule(request.actor, rule), parameters=given, by=request.actor)
                running.again(found, by=request.actor)
        except (Conflict, Invalid) as error:
            why = next(iter(error.fields.values()), error.detail) if isinstance(error, Invalid) else error.detail
            form.add_error("threshold", str(why))
        else:
            return HttpResponseRedirect(f"/check-runs/{run}?then={rule}")
    return _show_rule(request, found, of_run, form, 400)


run_rule_routes = [
    path("check-runs/<id:run>/rules/<id:rule>", run_rule),
    path("check-runs/<id:run>/rules/<id:rule>/threshold", use_threshold),
]
