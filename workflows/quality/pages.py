"""/p/{project}/quality: what work is worth by person, label or batch, each figure with its interval and what is behind it; how it goes on
over time, which errors there are, and what doing it again costs."""

from __future__ import annotations

from typing import Any

from django.db.models import Min
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from annotate.items.models import Item
from annotate.items.thumbs import thumbs
from annotate.jobs.models import Job
from annotate.kernel.pages import PageRequest, page, render_page
from annotate.people.models import Person
from annotate.projects import queries as projects
from annotate.projects.models import Project
from annotate.projects.policies import may_view
from workflows.quality import consensus_parts, reporting  # noqa: F401  the first registers its part of an item's page
from workflows.quality.confusion_pages import KINDS, batch_in, number_in
from workflows.quality.confusion_pages import page_routes as confusion_routes
from workflows.quality.consensus_pages import consensus_routes
from workflows.quality.pause_pages import pause_page_routes
from workflows.quality.reviewer_pages import reviewer_routes
from workflows.quality.standings import LEAST, standings, with_costs
from workflows.quality.tabs import tabs
from workflows.quality.trends import trend

BY: dict[str, Any] = {"person": _("Person"), "label": _("Label"), "batch": _("Batch")}
PERIODS: dict[str, Any] = {"day": _("by day"), "week": _("by week"), "month": _("by month")}
FIGURES = ("gold", "agreement", "returned", "round_errors")
TRENDS: dict[str, Any] = {"skill": _("Skill, from gold"), "agreement": _("Agreement with others"), "returned": _("Returned answers")}
WORST = 12


@page
def quality(request: PageRequest, project: int) -> HttpResponse:
    """The tables, agreement over time, and the items whose answers agree least. Who does not see every item sees their own."""
    found = projects.get(request.actor, project)
    sees = bool(may_view(request.actor, found))
    person = number_in(request, "person") if sees else request.actor.person_id
    batch = batch_in(request, found) if sees else None
    by = request.GET.get("by", "person")
    by = by if by in BY and sees else "person"
    step = request.GET.get("step", "week")
    step = step if step in PERIODS else "week"
    rows = with_costs(found, by, standings(found, by, actor=request.actor, person=person, batch=batch), actor=request.actor, person=person, batch=batch)
    rows = [row | {"called": row.get("name") or row.get("label", ""), "figures": [row[name] for name in FIGURES if name in row]} for row in rows]
    shown = [row for row in rows if row["answers"] or any(figure["of"] for figure in row["figures"])]
    over_time = _over_time(request, found, step, batch) if sees and person is None else {}
    context = {
        "tabs": tabs(found, request.actor, by),
        "rows": shown,
        "wrong": [row for row in shown if row.get("errors") and row["errors"]["things"]],
        "spent": [row for row in shown if row.get("rework") and row["rework"]["of"]],
        "by": by,
        "head": BY[by],
        "kinds": KINDS.items(),
        "person": person if sees else None,
        "named": Person.objects.filter(pk=person).values_list("name", flat=True).first() if sees and person else None,
        "batch": batch,
        "batches": found.batches.order_by("-pk").values_list("pk", "name")[:200] if sees else (),
        "step": step,
        "steps": PERIODS.items(),
        "mine": _mine(request, found, step, person, batch) if person is not None else [],
        "worst": _worst(found, batch) if sees and person is None else [],
        "sees": sees,
        "least": LEAST,
        **over_time,
    }
    return render_page(request, "quality/quality.html", context, project=found, section="people")


def _over_time(request: PageRequest, project: Project, step: str, batch: int | None) -> dict[str, Any]:
    made = reporting.agreement(project, measure="alpha", by=step, batch=batch, actor=request.actor)
    if isinstance(made, Job):
        return {"job": made}
    rows = [row | {"n": row["items"]} for row in made["results"]]
    return {"agreement": trend(rows), "agreement_rows": len(rows), "measured_at": made["measured_at"]}


def _mine(request: PageRequest, project: Project, step: str, person: int, batch: int | None) -> list[tuple[Any, Any]]:
    """How the figures of one person go on."""
    rows = standings(project, step, actor=request.actor, person=person, batch=batch)
    made = []
    for name, words in TRENDS.items():
        told = [_figure(row, name) for row in rows if name in row]
        if told:
            made.append((words, trend(told)))
    return made


def _figure(row: dict[str, Any], name: str) -> dict[str, Any]:
    found = row[name] or {}
    value = found.get("mean") if name == "skill" else found.get("value")
    enough = value is not None and (found.get("of") or 0) >= LEAST
    return {"period": row["period"], "value": value if enough else None, "low": found.get("low") if enough else None, "high": found.get("high") if enough else None, "n": found.get("of", 0)}


def _worst(project: Project, batch: int | None) -> list[tuple[Any, float]]:
    rows = Item.objects.filter(project=project, agreements__value__lt=1).exclude(state="erased").annotate(agree=Min("agreements__value"))
    if batch is not None:
        rows = rows.filter(batch=batch)
    items = list(rows.order_by("agree", "pk")[:WORST])
    return list(zip(thumbs(items), [item.agree for item in items], strict=True))


page_routes = [path("p/<id:project>/quality", quality), *confusion_routes, *reviewer_routes, *consensus_routes, *pause_page_routes]
