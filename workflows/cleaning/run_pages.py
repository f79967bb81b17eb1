"""A check run: what it found rule by rule, and what applying it would do."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path

from annotate.kernel.pages import PageRequest, page, render_page
from workflows.cleaning import charts, policies, queries
from workflows.cleaning.marks import ABOUT
from workflows.cleaning.models import CheckRun
from workflows.cleaning.presenting import ordered, parameters_of, rules_of
from workflows.cleaning.run_acts import run_act_routes
from workflows.cleaning.run_rule_pages import run_rule_routes
from workflows.cleaning.showing import caught_words, says
from workflows.cleaning.states import BUSY, CHECK_RUN
from workflows.cleaning.tallies import sentence, short, tally
from workflows.cleaning.wording import words_of

PAIRS = 12


def _rows(run: CheckRun) -> list[dict[str, Any]]:
    """Each rule with what it came to, in this order."""
    from workflows.cleaning.rules import kinds  # numpy, which an idle process does without

    rows = []
    for rule in ordered(run):
        result, kind = run.results.get(str(rule["id"])) or {}, kinds().get(rule["kind"])
        parameters = parameters_of(rule["kind"], rule["parameters"])
        items = kind is not None and kind.rows in ("item", "object")
        drawn = charts.chart(result.get("histogram"), kind, parameters, result.get("rows", 0)) if kind and kind.line else None
        checked = result.get("checked", 0)
        rows.append({
            "rule": rule,
            "title": words_of(rule["kind"]).title,
            "says": says(rule["kind"], rule["parameters"]),
            "result": result,
            "caught": result.get("caught", 0),
            "help": words_of(rule["kind"]).help,
            "words": caught_words(kind.rows, result.get("caught", 0)) if kind and not items else "",
            "unchecked": max(0, run.items - checked) if items else 0,
            "why": ABOUT[kind.about][3] if kind else "",
            "about": ABOUT[kind.about] if kind else ABOUT["set"],
            "spark": charts.spark(drawn),
        })  # fmt: skip
    return rows


def _pairs(run: CheckRun, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rules that catch the same items, those that share most first."""
    by_id = {row["rule"]["id"]: row for row in rows}
    found = [pair for pair in run.results.get("overlap", []) if pair[0] in by_id and pair[1] in by_id]
    out = []
    for one, other, both in sorted(found, key=lambda pair: -pair[2])[:PAIRS]:
        small, large = sorted((by_id[one], by_id[other]), key=lambda row: row["caught"])
        share = both / small["caught"] if small["caught"] else 0
        out.append({"small": small, "large": large, "both": both, "share": share, "width": round(120 * share, 1)})
    return out


def _unchecked(run: CheckRun, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Items that rules said nothing of, by why: {"why", "n", "shown", "rules"}; n of the rule that missed most, from the least to the most where they differ."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["unchecked"] and not row["result"].get("error"):
            entry = found.setdefault(str(row["why"]), {"why": row["why"], "least": row["unchecked"], "n": 0, "rules": 0})
            entry["least"], entry["n"], entry["rules"] = min(entry["least"], row["unchecked"]), max(entry["n"], row["unchecked"]), entry["rules"] + 1
    for entry in found.values():
        entry["shown"] = f"{entry['n']:,}" if entry["least"] == entry["n"] else f"{entry['least']:,}–{entry['n']:,}"
    return sorted(found.values(), key=lambda entry: -entry["n"])


def _whole(request: PageRequest, run: CheckRun) -> dict[str, Any]:
    asked = run.results.get("would", {})
    tallied = tally(run, asked)
    context = {
        "run": run,
        "busy": run.state in BUSY,
        "job": run.job,
        "manages": bool(policies.may_clean(request.actor, run.project)),
        "may_apply": CHECK_RUN.allows(run.state, "apply"),
        "may_undo": CHECK_RUN.allows(run.state, "undo"),
        "may_again": CHECK_RUN.allows(run.state, "again"),
    }
    if context["busy"]:
        return context
    rows = _rows(run)
    return context | {
        "rows": rows,
        "caught": [row for row in rows if row["caught"] or row["result"].get("error")],
        "clean": [row for row in rows if not row["caught"] and not row["result"].get("error")],
        "pairs": _pairs(run, rows),
        "unchecked": _unchecked(run, rows),
        "would": asked,
        "tally": short(tallied),
        "sentence": sentence(asked),
        "over": [row for row in rows if row["result"].get("too_many")],
        "nothing": not any(asked.get(name) for name in ("quarantine", "flag", "queue")),
        "restored": tallied.get("waived", 0),
    }


@page
def one_run(request: PageRequest, run: int) -> HttpResponse:
    """What it found, sorted by how much, and what may be done with it."""
    found = queries.get_run(request.actor, run)
    then = request.GET.get("then", "")  # the rule that was being looked at when the check began
    if found.state not in BUSY and any(str(rule["id"]) == then for rule in rules_of(found)):
        return HttpResponseRedirect(f"/check-runs/{run}/rules/{then}")
    return render_page(request, "cleaning/run.html", _whole(request, found), project=found.project, section="cleaning")


@page
def progress(request: PageRequest, run: int) -> HttpResponse:
    """The part that refreshes itself while a job is at work; when it is done the whole page comes anew."""
    found = queries.get_run(request.actor, run)
    response = render(request, "cleaning/progress.html", {"run": found, "job": found.job, "busy": found.state in BUSY})
    if found.state not in BUSY:
        response["HX-Refresh"] = "true"
    return response


run_page_routes = [
    path("check-runs/<id:run>", one_run),
    path("check-runs/<id:run>/progress", progress),
    *run_act_routes,
    *run_rule_routes,
]
