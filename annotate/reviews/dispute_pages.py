"""/p/{project}/disputes: returns that their authors hold against, for those who decide, and one's own for an author."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotate.items import queries as items
from annotate.items.thumbs import thumbs
from annotate.kernel.errors import Conflict, Invalid
from annotate.kernel.pages import PageRequest, page, posted, render_page
from annotate.kernel.paging import page as keyset
from annotate.projects import queries as projects
from annotate.projects import return_reasons
from annotate.reviews import disputing, rechecking
from annotate.reviews.models import Recheck
from annotate.reviews.policies import SEES_INBOX
from annotate.reviews.states import DISPUTE

PER_PAGE = 24
LOOKS = 12


@page
def disputes(request: PageRequest, project: int) -> HttpResponse:
    """Open ones first come to decide; the others with what became of them."""
    actor, found = request.actor, projects.get(request.actor, project)
    sees = items.sees_all(actor, found)
    state = request.GET.get("state", "open" if sees else "")
    state = state if state in DISPUTE.states else ""
    rows = disputing.visible(actor, found, state)
    shown = keyset(rows, keys=("-id",), cursor=request.GET.get("cursor") or None, limit=PER_PAGE, bind=f"disputes|{found.pk}|{state}")
    others = disputing.not_theirs(actor, shown.rows)
    decides = projects.role(actor, found) in SEES_INBOX
    for row in shown.rows:
        row.why = return_reasons.said(found, row.review.reason_key, row.review.reason)  # type: ignore[attr-defined]
        row.mine = row.person_id == actor.person_id  # type: ignore[attr-defined]
        row.decidable = decides and row.pk not in others  # type: ignore[attr-defined]
    looks = list(rechecking.differing(actor, found).order_by("-id")[:LOOKS])
    for look in looks:
        look.first_why = return_reasons.said(found, look.review.reason_key, look.review.reason)  # type: ignore[attr-defined]
        look.second_why = return_reasons.said(found, look.reason_key, look.reason)  # type: ignore[attr-defined]
    context = {
        "looks": list(zip(looks, thumbs([look.item for look in looks]), strict=True)),
        "looks_in_all": len(looks) if len(looks) < LOOKS else rechecking.differing(actor, found).count(),
        "may_take_back": projects.role(actor, found) == "manager",
        "disputes": list(zip(shown.rows, thumbs([row.item for row in shown.rows]), strict=True)),
        "sees": sees,
        "decides": decides,
        "state": state,
        "states": DISPUTE.states,
        "next": shown.next,
        "later": bool(request.GET.get("cursor")),
    }
    return render_page(request, "reviews/disputes.html", context, project=found, section="reviews")


_DECIDED: dict[str, Any] = {
    "uphold": gettext_lazy("The return stands: its author does it again."),
    "overturn": gettext_lazy("The return counts no longer: the answer waits for another reviewer."),
    "approve": gettext_lazy("The return counts no longer, and the answer is approved."),
}


@page
@posted("/")
def decide_dispute(request: PageRequest, dispute: int) -> HttpResponse:
    """One of three buttons, with words for both sides."""
    found = disputing.get(request.actor, dispute)
    act = request.POST.get("act", "")
    try:
        decision = "overturn" if act == "approve" else act
        disputing.decide(dispute, decision, answer=request.POST.get("text", ""), approves=act == "approve", by=request.actor)
    except (Invalid, Conflict) as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _DECIDED[act])
    return HttpResponseRedirect(f"/p/{found.item.project_id}/disputes")


@page
@posted("/")
def withdraw_dispute(request: PageRequest, dispute: int) -> HttpResponse:
    """Its author does it again after all."""
    found = disputing.get(request.actor, dispute)
    try:
        disputing.withdraw(dispute, by=request.actor)
    except Conflict as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _("Withdrawn. The item comes first when you start."))
    return HttpResponseRedirect(f"/p/{found.item.project_id}/disputes")


@page
@posted("/")
def settle_recheck(request: PageRequest, recheck: int) -> HttpResponse:
    """Which of two verdicts was right; perhaps the first one is taken back."""
    act = request.POST.get("act", "")
    try:
        found = rechecking.settle(recheck, "second" if act == "take_back" else act, takes_back=act == "take_back", by=request.actor)
    except (Invalid, Conflict) as error:
        messages.error(request, error.detail)
        row = Recheck.objects.select_related("item").filter(pk=recheck).first()
        return HttpResponseRedirect(f"/p/{row.item.project_id}/disputes" if row is not None else "/")
    messages.success(request, _("Settled; the first verdict is taken back, and the item waits for another.") if act == "take_back" else _("Settled. What stands stays as it is."))
    return HttpResponseRedirect(f"/p/{found.item.project_id}/disputes")


dispute_routes = [
    path("rechecks/<id:recheck>/settle", settle_recheck),
    path("p/<id:project>/disputes", disputes),
    path("disputes/<id:dispute>/decide", decide_dispute),
    path("disputes/<id:dispute>/withdraw", withdraw_dispute),
]
