"""/projects/{project}/bulk and /bulk/{bulk}: acts on many tasks, chosen by a query, with one undo."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid, Missing
from annotate.kernel.http import Endpoint, answer
from annotate.projects import queries as projects
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.queues import bulk_queries, queries
from annotate.queues.bulk import PLACES, Wish, act, preview, undo
from annotate.queues.models import Bulk, BulkTask
from annotate.queues.naming import PersonName, named
from annotate.queues.states import ACTS, BULK


class WishInput(serializers.Serializer[Any]):
    act = serializers.ChoiceField(choices=list(ACTS))
    q = serializers.CharField(required=False, allow_blank=True, max_length=10_000, default="", help_text="which items: the query language")
    queue = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=2**63 - 1, help_text="without it, all queues that are not closed"
    )
    person = PersonName(required=False, help_text="assign: for whom the tasks are kept")
    until = serializers.DateTimeField(required=False, allow_null=True, help_text="assign: until when; without it, without end")
    place = serializers.ChoiceField(required=False, choices=list(PLACES), help_text="prioritise: before or behind all that wait")
    priority = serializers.IntegerField(
        required=False, allow_null=True, min_value=-(10**12), max_value=10**12,
        help_text="prioritise, in queues ordered by priority: as meta.priority",
    )  # fmt: skip
    reason = serializers.CharField(
        required=False, allow_blank=True, max_length=500, default="", help_text="send_back: words for the authors"
    )


class PreviewShape(serializers.Serializer[Any]):
    matched = serializers.IntegerField(help_text="tasks of the selection")
    changes = serializers.IntegerField(help_text="those that would change")
    skipped = serializers.DictField(child=serializers.IntegerField(), help_text="why the others would not → how many")


class BulkShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    project = serializers.IntegerField()
    queue = serializers.IntegerField(allow_null=True)
    act = serializers.ChoiceField(choices=list(ACTS))
    q = serializers.CharField()
    arguments = serializers.DictField()
    state = serializers.ChoiceField(choices=list(BULK.states))
    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text="changed, undone, left (changed by something else since), and why others were skipped"
    )
    job = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    created_by = serializers.DictField(allow_null=True)
    undone_at = serializers.DateTimeField(allow_null=True)
    undone_by = serializers.DictField(allow_null=True)


class BulkTaskShape(serializers.Serializer[Any]):
    task = serializers.IntegerField()
    item = serializers.IntegerField()
    key = serializers.CharField()
    queue = serializers.IntegerField()
    state = serializers.CharField(help_text="of the task now")
    person = serializers.DictField(allow_null=True, help_text="of the task now")
    outcome = serializers.CharField()


class EmptyInput(serializers.Serializer[Any]):
    pass


def _person(person: Any) -> dict[str, Any] | None:
    return {"id": person.pk, "name": person.name} if person is not None else None


def present_bulk(bulk: Bulk) -> dict[str, Any]:
    return {
        "id": bulk.pk,
        "project": bulk.project_id,
        "queue": bulk.queue_id,
        "act": bulk.act,
        "q": bulk.q,
        "arguments": bulk.arguments,
        "state": bulk.state,
        "counts": bulk.counts,
        "job": bulk.job_id,
        "created_at": bulk.created_at,
        "created_by": _person(bulk.created_by),
        "undone_at": bulk.undone_at,
        "undone_by": _person(bulk.undone_by),
    }


def present_task(row: BulkTask) -> dict[str, Any]:
    return {
        "task": row.task_id,
        "item": row.task.item_id,
        "key": row.task.item.key,
        "queue": row.task.queue_id,
        "state": row.task.state,
        "person": _person(row.task.person),
        "outcome": row.outcome,
    }


class _Asking(Endpoint):
    """What both the preview and the act read."""

    def asked(self, project: int) -> tuple[Project, Wish]:
        found = projects.get(self.actor, project)
        require(may_manage(self.actor, found))
        data = self.read(WishInput)
        if (queue := data.pop("queue", None)) is not None:
            try:
                data["queue"] = queries.get(self.actor, queue)
            except Missing:
                raise Invalid("no such queue", fields={"queue": "no such queue in this project"}) from None
            if data["queue"].project_id != found.pk:
                raise Invalid("no such queue", fields={"queue": "no such queue in this project"})
        if "person" in data:
            data["person"] = named(found.organisation_id, data["person"], "person")
        return found, Wish(**data)


class Acts(_Asking):
    scopes: ClassVar = {"GET": ("manage",), "POST": ("manage",)}
    lists = True

    @extend_schema(responses={200: BulkShape(many=True)})
    def get(self, request: Request, project: int) -> Response:
        """Acts on many tasks, newest first."""
        return self.listing(bulk_queries.of_project(self.actor, projects.get(self.actor, project)), present_bulk)

    @extend_schema(request=WishInput, responses={201: BulkShape, 202: BulkShape})
    def post(self, request: Request, project: int) -> Response:
        """Change the tasks of the items that `q` matches: assign, release, prioritise, send_back or void.

        201: it is done. 202: a `job` does it. Tasks that somebody works on, or that do not fit, are skipped and counted.
        """
        found, wish = self.asked(project)
        made = act(found, wish, by=self.actor)
        return answer(present_bulk(made), 201 if made.state == "done" else 202)


class Preview(_Asking):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=WishInput, responses={200: PreviewShape})
    def post(self, request: Request, project: int) -> Response:
        """How many tasks the act would change now, and why it would skip others. Nothing changes."""
        found, wish = self.asked(project)
        said = preview(found, wish, by=self.actor)
        return answer({"matched": said.matched, "changes": said.changes, "skipped": said.passed})


class OneAct(Endpoint):
    scopes: ClassVar = {"GET": ("manage",)}

    @extend_schema(responses={200: BulkShape})
    def get(self, request: Request, bulk: int) -> Response:
        """An act, how far it is, and what became of the tasks: `counts` are told when it is done, and again when it is undone."""
        return answer(present_bulk(bulk_queries.get(self.actor, bulk)))


class ActTasks(Endpoint):
    scopes: ClassVar = {"GET": ("manage",)}
    query: ClassVar = ("outcome",)
    lists = True

    @extend_schema(
        parameters=[OpenApiParameter("outcome", OpenApiTypes.STR, description="changed, undone, left, or a reason of `counts`")],
        responses={200: BulkTaskShape(many=True)},
    )
    def get(self, request: Request, bulk: int) -> Response:
        """The tasks that the act was about, and what became of each."""
        outcome = request.query_params.get("outcome", "")
        rows = bulk_queries.tasks(bulk_queries.get(self.actor, bulk), outcome)
        return self.listing(rows, present_task, keys=("id",), bind=outcome)


class Undo(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=None, responses={200: BulkShape, 202: BulkShape})
    def post(self, request: Request, bulk: int) -> Response:
        """Put back what the act changed, once. Tasks that something else changed since are `left`: see `/bulk/{bulk}/tasks?outcome=left`."""
        found = bulk_queries.get(self.actor, bulk)
        self.read(EmptyInput)
        found = undo(found, by=self.actor)
        return answer(present_bulk(found), 200 if found.state == "undone" else 202)


bulk_routes = [
    path("projects/<id:project>/bulk", Acts.as_view()),
    path("projects/<id:project>/bulk/preview", Preview.as_view()),
    path("bulk/<id:bulk>", OneAct.as_view()),
    path("bulk/<id:bulk>/tasks", ActTasks.as_view()),
    path("bulk/<id:bulk>/undo", Undo.as_view()),
]
