"""/teams/{team}/work and /questions: how a team stands, for its lead and for who manages its work."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.kernel.http import Endpoint, answer
from annotate.projects import team_queries
from annotate.reviews.models import Question
from workflows.assignment import team_work
from workflows.assignment.team_work import TeamRow


def present_row(row: TeamRow) -> dict[str, Any]:
    values = asdict(row)
    person = {"id": values.pop("id"), "name": values.pop("name")}
    return {"person": person, **values, "open": row.open}


def present_asked(question: Question) -> dict[str, Any]:
    """A question without the answer's drawing: a lead need not see the item."""
    person = question.person
    return {
        "id": question.pk,
        "person": {"id": person.pk, "name": person.name} if person else None,
        "project": question.item.project_id,
        "item": question.item_id,
        "text": question.text,
        "created_at": question.created_at,
    }


class TeamWork(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage")}

    @extend_schema(responses={200: dict})
    def get(self, request: Request, team: int) -> Response:
        """Everyone of the team: what they hold and keep, what they sent today and within 7 days, with active seconds."""
        found = team_queries.get(self.actor, team)
        rows = team_work.rows(found, team_work.scope(self.actor, found), now=timezone.now())
        return answer({"results": [present_row(row) for row in rows], "next": None})


class TeamQuestions(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage")}
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request, team: int) -> Response:
        """What the team's people asked and nobody has answered yet, the oldest first."""
        found = team_queries.get(self.actor, team)
        return self.listing(team_work.questions(found, team_work.scope(self.actor, found)), present_asked, keys=("id",))


team_api_routes = [
    path("teams/<id:team>/work", TeamWork.as_view()),
    path("teams/<id:team>/questions", TeamQuestions.as_view()),
]
