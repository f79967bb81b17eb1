"""/p/{project}/reviews: the inbox of those who judge."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import path

from annotate.items.thumbs import thumbs
from annotate.kernel.decisions import require
from annotate.kernel.pages import PageRequest, page, render_page
from annotate.kernel.paging import page as keyset
from annotate.projects import queries as projects
from annotate.projects import return_reasons
from annotate.projects.policies import may_manage
from annotate.reviews import disputing, inbox, rechecking
from annotate.reviews.dispute_pages import dispute_routes
from annotate.reviews.item_pages import item_routes
from annotate.reviews.models import VERDICTS
from annotate.reviews.parts import filled
from annotate.reviews.policies import may_see_inbox
from annotate.reviews.question_pages import question_routes, questions

PER_PAGE = 24


@page
def reviews(request: PageRequest, project: int) -> HttpResponse:
    """What waits for judgement, what is back at its authors, and what was decided lately."""
    actor = request.actor
    found = projects.get(actor, project)
    require(may_see_inbox(actor, found))
    verdict = request.GET.get("verdict", "")
    verdict = verdict if verdict in VERDICTS else ""
    reasons = inbox.reasons(found)
    key = request.GET.get("reason", "")
    key = key if key in {name for name, _words, _n in reasons} else ""
    bind = f"reviews|{found.pk}|{verdict}|{key}"
    shown = keyset(inbox.verdicts(found, verdict, key), keys=("-id",), cursor=request.GET.get("cursor") or None, limit=PER_PAGE, bind=bind)
    backs, returned = inbox.at_authors(found)
    pictures = thumbs([*(row.item for row in shown.rows), *(back.item for back in backs)])
    desks = inbox.desks(actor, found, projects.role(actor, found))
    for row in shown.rows:
        row.why = return_reasons.said(found, row.reason_key, row.reason)  # type: ignore[attr-defined]
    context: dict[str, Any] = questions(actor, found) | {
        "desks": desks,
        "waiting": sum(desk.standing.waiting for desk in desks),
        "backs": list(zip(backs, pictures[len(shown.rows) :], strict=True)),
        "returned": returned,
        "verdicts": list(zip(shown.rows, pictures, strict=False)),
        "disputed": disputing.waiting(found),
        "differing": rechecking.differing(actor, found).count(),
        "verdict": verdict,
        "reasons": reasons,
        "reason": key,
        "kinds": VERDICTS,
        "next": shown.next,
        "later": bool(request.GET.get("cursor")),
        "may_manage": bool(may_manage(actor, found)),
        "added": filled(request, found),
    }
    return render_page(request, "reviews/reviews.html", context, project=found, section="reviews")


page_routes = [path("p/<id:project>/reviews", reviews), *item_routes, *question_routes, *dispute_routes]
