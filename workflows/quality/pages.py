"""/p/{project}/quality: what work is worth by person, label or batch, each figure with its interval and what is behind it."""

from __future__ import annotations

from typing import Any

from django.db.models import Min
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from annotate.items.models import Item
from annotate.items.thumbs import thumbs
from annotate.kernel.pages import PageRequest, page, render_page
from annotate.projects import queries as projects
from annotate.projects.models import Project
from annotate.projects.policies import may_view
from workflows.quality import consensus_parts  # noqa: F401  registers its part of an item's page
from workflows.quality.consensus_pages import consensus_routes
from workflows.quality.reviewer_pages import reviewer_routes
from workflows.quality.standings import LEAST, standings

TABS: dict[str, Any] = {"person": _("By person"), "label": _("By label"), "batch": _("By batch")}
HEADS: dict[str, Any] = {"person": _("Person"), "label": _("Label"), "batch": _("Batch")}
FIGURES = ("gold", "agreement", "returned", "round_errors")
WORST = 12


@page
def quality(request: PageRequest, project: int) -> HttpResponse:
    """The table, and the items whose answers agree least. Who does not see every item sees their own row."""
    found = projects.get(request.actor, project)
    sees = bool(may_view(request.actor, found))
    by = request.GET.get("by", "person")
    by = by if by in TABS and sees else "person"
    rows = [row | {"called": row.get("name") or row.get("label", ""), "figures": [row[name] for name in FIGURES if name in row]} for row in standings(found, by, actor=request.actor)]
    context = {
        "rows": [row for row in rows if row["answers"] or any(figure["of"] for figure in row["figures"])],
        "by": by,
        "head": HEADS[by],
        "tabs": TABS.items() if sees else (),
        "worst": _worst(found) if sees else [],
        "sees": sees,
        "least": LEAST,
    }
    return render_page(request, "quality/quality.html", context, project=found, section="people")


def _worst(project: Project) -> list[tuple[Any, float]]:
    rows = Item.objects.filter(project=project, agreements__value__lt=1).exclude(state="erased").annotate(agree=Min("agreements__value"))
    items = list(rows.order_by("agree", "pk")[:WORST])
    return list(zip(thumbs(items), [item.agree for item in items], strict=True))


page_routes = [path("p/<id:project>/quality", quality), *reviewer_routes, *consensus_routes]
