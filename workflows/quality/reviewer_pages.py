"""/p/{project}/quality/reviewers: how good reviewers judge, each figure with its interval; a reviewer sees their own row."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from annotate.kernel.decisions import require
from annotate.kernel.pages import PageRequest, page, render_page
from annotate.projects import queries as projects
from annotate.projects.policies import may_view
from annotate.projects.return_reasons import words
from workflows.quality import reviewers
from workflows.quality.reviewing import LEAST
from workflows.quality.tabs import tabs

CAUSES: dict[str, Any] = {
    "disputed": _("by a dispute"),
    "rechecked": _("by a second look"),
    "undone": _("taken back"),
    "contradicted": _("by a later verdict"),
}
SHOWN = 12  # weeks
HIGH = 40.0  # of a picture, its share of 100 %
STEP = 14.0


@page
def reviewer_quality(request: PageRequest, project: int) -> HttpResponse:
    """The table, and reviewer against reviewer."""
    found = projects.get(request.actor, project)
    require(may_view(request.actor, found))
    rows = reviewers.standings(found, actor=request.actor)
    for row in rows:
        row["causes"] = [(CAUSES[cause], n) for cause, n in row["overturned_by"].items() if n]
        row["why"] = [(words(found, key), n) for key, n in row["reasons"].items()][:3]
        row["weeks"] = [_drawn(place, week) for place, week in enumerate(row["drift"]["weeks"][-SHOWN:])]
        row["wide"] = max(STEP * len(row["weeks"]), STEP)
    context = {
        "tabs": tabs(found, request.actor, "reviewers"),
        "rows": rows,
        "pairs": reviewers.pairs(found, actor=request.actor),
        "all": reviewers.sees_all(request.actor, found),
        "least": LEAST,
        "high": HIGH,
    }
    return render_page(request, "quality/reviewers.html", context, project=found, section="people")


def _drawn(place: int, week: dict[str, Any]) -> dict[str, Any]:
    """Where a week's intervals stand in the picture: numbers for its SVG, from above."""
    def down(value: float) -> float:
        return round(HIGH * (1 - value), 1)

    own, others = week["returned"], week["others"]
    drawn: dict[str, Any] = {"week": parse_date(week["week"]), "own": own, "others": others, "parts": week["parts"], "x": STEP * place}
    if own["value"] is not None:
        drawn |= {"top": down(own["high"]), "tall": round(down(own["low"]) - down(own["high"]), 1), "dot": down(own["value"]), "line": STEP * place + 6, "mark": STEP * place + 4}
    if others["value"] is not None:
        drawn |= {"band": down(others["high"]), "deep": max(1.0, round(down(others["low"]) - down(others["high"]), 1))}
    return drawn


reviewer_routes = [path("p/<id:project>/quality/reviewers", reviewer_quality)]
