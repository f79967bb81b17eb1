"""/work/{queue}: the full-screen page that mounts the workbench (static/src/workbench)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.urls import path
from django.utils.translation import get_language

from annotate.kernel.decisions import require
from annotate.kernel.pages import page, render_page
from annotate.people.actor import Actor
from annotate.people.preferences import key_preferences
from annotate.projects import return_reasons, skip_reasons
from annotate.projects.queries import role
from annotate.qualifications.standing import standings
from annotate.queues import queries
from annotate.queues.models import Queue
from annotate.queues.policies import may_take
from annotate.queues.requiring import lacked

MOST_NAMED = 200


def config(request: HttpRequest, actor: Actor, queue: Queue) -> dict[str, Any]:
    """`Config` of static/src/workbench/sync/bundle.ts."""
    run_of = getattr(queue, "qualification", None)
    return {
        "queue": {
            "id": queue.pk,
            "name": queue.name,
            "stage": queue.stage,
            "project": {"id": queue.project_id, "name": queue.project.name},
        },
        "person": {"id": actor.person_id, "name": actor.person.name},
        "language": get_language() or "en",
        "keys": key_preferences(actor.person),
        "skip_reasons": skip_reasons.of(queue.project),
        "return_reasons": return_reasons.of(queue.project),
        "annotators": _annotators(actor, queue) if queue.stage == "review" else [],
        "run": run_of is not None,
        "tells": queue.gold_feedback,
        "urls": {"api": "/api/v1", "home": f"/qualifications/{run_of.pk}" if run_of is not None else "/"},
        "csrf": get_token(request),
    }


def _annotators(actor: Actor, queue: Queue) -> list[dict[str, Any]]:
    """Who may be given returned work instead of its author."""
    people = queries.able(queue.project, stage="annotate").values()
    return [{"id": person.pk, "name": person.name} for person in people if person.pk != actor.person_id][:MOST_NAMED]


@page
def work(request: HttpRequest, queue: int) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = queries.get(actor, queue)
    require(may_take(role(actor, found.project), found.stage))
    if lacked(actor.person_id, [found.pk]):
        return HttpResponseRedirect(f"/queues/{found.pk}")  # which says what they need, and how they come by it
    run_of = getattr(found, "qualification", None)
    if run_of is not None and not standings(actor.person_id, [found.project_id], [run_of.pk])[0].takes_run:
        return HttpResponseRedirect(f"/qualifications/{run_of.pk}")
    context = {"queue": found, "config": config(request, actor, found)}
    return render_page(request, "workbench/work.html", context, project=found.project, section="work")


page_routes = [path("work/<id:queue>", work, name="work")]
