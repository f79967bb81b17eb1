"""/schema-changes: labels, options and attributes renamed, merged, split, retired or added while work goes on."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.annotations import changes
from annotate.annotations.change_jobs import outcomes
from annotate.annotations.models import SchemaChange
from annotate.annotations.previewing import preview
from annotate.kernel.decisions import require
from annotate.kernel.http import Endpoint, answer
from annotate.projects import policies, queries


class ChangeInput(serializers.Serializer[Any]):
    operations = serializers.ListField(
        child=serializers.JSONField(),
        help_text='carried out in their order, such as {"op": "rename_label", "from": "car", "to": "vehicle"}',
    )
    base = serializers.IntegerField(required=False, min_value=1, help_text="number of the schema version that the preview was made on")


def present(change: SchemaChange) -> dict[str, Any]:
    return {
        "id": change.pk,
        "project": change.project_id,
        "operations": change.operations,
        "state": change.state,
        "before": change.before.number,
        "after": change.after.number,
        "restored": change.restored.number if change.restored else None,
        "done": change.done,
        "total": change.total,
        "job": change.job_id,
        "queue": change.queue_id,
        "created_by": change.created_by_id,
        "created_at": change.created_at,
        "settled_at": change.settled_at,
        "undone_by": change.undone_by_id,
        "undone_at": change.undone_at,
    }


def present_whole(change: SchemaChange) -> dict[str, Any]:
    """Also how many items there are of each outcome, by its name."""
    return present(change) | {"items": outcomes(change)}


class Changes(Endpoint):
    scopes: ClassVar = {"GET": ("manage",), "POST": ("manage",)}
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project: int) -> Response:
        """Every change of the project's labels, newest first."""
        return self.listing(changes.visible(self.actor, queries.get(self.actor, project)), present)

    @extend_schema(request=ChangeInput, responses={201: dict})
    def post(self, request: Request, project: int) -> Response:
        """Carries the operations out: a new schema version at once, and a job that maps the annotations as new revisions.

        `op` is add, rename, merge or retire, an underscore, and label, attribute or option; or split_label. rename: `from`,
        `to`. merge: `from` (a name or a list), `to`. retire: `name`, `then` keep (objects stay under their version, the
        default) or drop. split_label: `from`, `into` (names or labels); it opens a queue in which they are told apart. add:
        `entry`. Attributes take `label`, whose they are (null or none: the whole item's); options `label` and `attribute`.
        """
        found = queries.get(self.actor, project)
        require(policies.may_manage(self.actor, found))
        data = self.read(ChangeInput)
        change = changes.apply(found, data["operations"], base=data.get("base"), by=self.actor)
        return answer(present_whole(changes.get(self.actor, change.pk)), 201)


class Preview(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=ChangeInput, responses={200: dict})
    def post(self, request: Request, project: int) -> Response:
        """What the same request to /schema-changes would do: what it touches, what becomes of it, what cannot follow."""
        found = queries.get(self.actor, project)
        require(policies.may_manage(self.actor, found))
        data = self.read(ChangeInput)
        return answer(preview(found, data["operations"], base=data.get("base"), by=self.actor))


class OneChange(Endpoint):
    scopes: ClassVar = {"GET": ("manage",)}

    @extend_schema(responses={200: dict})
    def get(self, request: Request, change: int) -> Response:
        """The change, how far the annotations have followed, and how many items there are of each outcome."""
        return answer(present_whole(changes.get(self.actor, change)))


class UndoChange(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=None, responses={200: dict})
    def post(self, request: Request, change: int) -> Response:
        """The schema as it was, as a new version, and a job that puts the annotations back into its words.

        What nobody touched says again what it said before; what was written since goes along, under the old names. Items of
        which something has no place in the old schema are `left` as they are."""
        changes.undo(changes.get(self.actor, change), by=self.actor)
        return answer(present_whole(changes.get(self.actor, change)))


class ResumeChange(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=None, responses={200: dict})
    def post(self, request: Request, change: int) -> Response:
        """Carries on with a change, or an undo, whose job failed or was cancelled."""
        changes.resume(changes.get(self.actor, change), by=self.actor)
        return answer(present_whole(changes.get(self.actor, change)))


api_routes = [
    path("projects/<id:project>/schema-changes", Changes.as_view()),
    path("projects/<id:project>/schema-changes/preview", Preview.as_view()),
    path("schema-changes/<id:change>", OneChange.as_view()),
    path("schema-changes/<id:change>/undo", UndoChange.as_view()),
    path("schema-changes/<id:change>/resume", ResumeChange.as_view()),
]
