"""POST /reviews/{id}/undo: a verdict is taken back, and who gave it has the item on the desk again."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import transaction
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.kernel.http import Endpoint, answer
from annotate.queues.reopening import judge_again
from annotate.reviews.undoing import undo
from annotate.workbench.bundle import bundle
from annotate.workbench.shapes import UndoneShape


class UndoInput(serializers.Serializer[Any]):
    """A call without a body."""


class UndoVerdict(Endpoint):
    scopes: ClassVar = {"POST": ("review", "manage")}

    @extend_schema(request=None, responses={200: UndoneShape})
    def post(self, request: Request, review: int) -> Response:
        """Until the item is in a version. What the verdict changed goes back, and its author judges the item anew."""
        self.read(UndoInput)
        with transaction.atomic():
            done = undo(review, by=self.actor)
            mine = done.person_id == self.actor.person_id
            lease = judge_again(done.task_id, self.actor) if mine and done.task_id else None
        shown = bundle(lease) if lease is not None else None
        return answer({"review_id": done.review_id, "item": done.item_id, "state": done.state, "bundle": shown})


undo_routes = [path("reviews/<id:review>/undo", UndoVerdict.as_view())]
