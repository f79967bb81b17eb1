"""What rules say of an item, on its own page: why it is in quarantine, and the way out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _

from annotate.items import queries as items
from annotate.items.models import Item
from annotate.items.parts import Part, parts
from annotate.kernel.errors import Conflict
from annotate.kernel.pages import PageRequest, page, posted
from workflows.cleaning import applying, policies, queries
from workflows.cleaning.models import Finding
from workflows.cleaning.presenting import rule_of
from workflows.cleaning.showing import said, state_of
from workflows.cleaning.wording import words_of


def _row(finding: Finding, item: Item) -> dict[str, Any]:
    rule = rule_of(finding)
    state = state_of(finding, str(rule.get("action", "flag")))
    return {
        "finding": finding,
        "title": words_of(str(rule.get("kind", ""))).title,
        "severity": rule.get("severity", "warning"),
        "said": said(finding),
        "state": state,
        "waits": state == "queued" and finding.task_id is None and item.batch.gated,
        "stands": finding.state == "applied",
    }


@parts.register("findings")
def findings(request: PageRequest, item: Item, refused: Any) -> Part | None:
    """What stands first, each rule once for the item or one of its objects; restored ones after that."""
    newest: dict[tuple[str, Any], Finding] = {}
    for finding in queries.of_item(request.actor, item):
        newest.setdefault((finding.name, finding.object), finding)
    if not newest:
        return None
    rows = sorted((_row(finding, item) for finding in newest.values()), key=lambda row: (not row["stands"], row["state"] != "quarantined"))
    partners = queries.partners([row["finding"] for row in rows])
    for row in rows:
        row["partner"] = partners.get(row["finding"].partner)
    seen: set[str] = set()  # one button for each rule
    for row in rows:
        row["first"] = row["stands"] and row["finding"].name not in seen
        seen |= {row["finding"].name} if row["stands"] else set()
    context = {
        "item": item,
        "rows": rows,
        "held": any(row["state"] == "quarantined" for row in rows),
        "several": len(seen) > 1,
        "manages": bool(policies.may_clean(request.actor, item.project)),
        "kept": request.GET.urlencode(),
    }
    return Part("cleaning/item_findings.html", context)


@page
@posted("/items/{item}")
def restore(request: PageRequest, item: int) -> HttpResponse:
    """Out of quarantine, and without its flags, by one rule or by all; further runs of the rules pass it over."""
    found = items.get(request.actor, item)
    kept = request.GET.urlencode()
    try:
        names = applying.restore(found, rule=request.POST.get("rule", ""), by=request.actor)
    except Conflict as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _("Restored. Further checks by %(rules)s pass this item over.") % {"rules": ", ".join(f"“{name}”" for name in names)})
    return HttpResponseRedirect(f"/items/{item}{'?' if kept else ''}{kept}")


item_page_routes = [path("items/<id:item>/restore", restore)]
