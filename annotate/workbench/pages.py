"""/work/{queue}: the full-screen page that mounts the workbench (static/src/workbench)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.urls import path
from django.utils.translation import get_language

from annotate.kernel.decisions import require
from annotate.kernel.pages import page, render_page
from annotate.people.actor import Actor
from annotate.people.preferences import key_preferences
from annotate.projects import skip_reasons
from annotate.projects.queries import role
from annotate.queues import queries
from annotate.queues.models import Queue
from annotate.queues.policies import may_take


def config(request: HttpRequest, actor: Actor, queue: Queue) -> dict[str, Any]:
    """`Config` of static/src/workbench/sync/bundle.ts."""
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
        "urls": {"api": "/api/v1", "home": "/"},
        "csrf": get_token(request),
    }


@page
def work(request: HttpRequest, queue: int) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = queries.get(actor, queue)
    require(may_take(role(actor, found.project), found.stage))
    context = {"queue": found, "config": config(request, actor, found)}
    return render_page(request, "workbench/work.html", context, project=found.project, section="work")


page_routes = [path("work/<id:queue>", work, name="work")]
