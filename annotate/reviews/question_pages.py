"""Questions on the reviews page: read with their picture, answered, and made an example of the guidelines."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _

from annotate.items.thumbs import thumbs
from annotate.kernel.errors import Conflict, Invalid
from annotate.kernel.pages import PageRequest, page, posted
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.reviews import asking

SHOWN = 24


def questions(actor: Actor, project: Project) -> dict[str, Any]:
    """What the reviews page shows of them: those that wait, and the latest answers."""
    waiting = list(asking.waiting(project)[:SHOWN])
    answered = list(asking.answered(project)[: SHOWN // 2])
    pictures = thumbs([row.item for row in (*waiting, *answered)])
    return {
        "questions": list(zip(waiting, pictures, strict=False)),
        "asked": len(waiting) if len(waiting) < SHOWN else asking.waiting(project).count(),
        "answers": list(zip(answered, pictures[len(waiting) :], strict=True)),
        "may_example": bool(may_manage(actor, project)),
    }


def _back(project_id: int, place: str) -> HttpResponse:
    return HttpResponseRedirect(f"/p/{project_id}/reviews#{place}")


@page
@posted("/")
def answer_question(request: PageRequest, question: int) -> HttpResponse:
    """The words of an answer; the task goes back to who asked."""
    found = asking.get(request.actor, question)
    try:
        asking.answer(question, request.POST.get("text", ""), by=request.actor)
    except (Invalid, Conflict) as error:
        messages.error(request, error.detail)
    else:
        who = found.person.name if found.person else ""
        messages.success(request, _("Answered. It is back at %(name)s first.") % {"name": who} if who else _("Answered."))
    return _back(found.item.project_id, "questions")


@page
@posted("/")
def question_example(request: PageRequest, question: int) -> HttpResponse:
    """One click: question and answer become an example that everybody of the project is shown once."""
    found = asking.get(request.actor, question)
    try:
        made = asking.make_example(question, good=request.POST.get("good", "1") == "1", by=request.actor)
    except Conflict as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _("It is in the guidelines, version %(n)d.") % {"n": made.number})
    return _back(found.item.project_id, "answered")


question_routes = [
    path("questions/<id:question>/answer", answer_question),
    path("questions/<id:question>/example", question_example),
]
