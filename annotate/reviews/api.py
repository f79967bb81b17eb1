"""/items/{id}/comments, /comments/{id}/resolve and /items/{id}/withdraw. The verdict itself is in workbench/judging.py."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.items import queries as items
from annotate.kernel.http import Endpoint, answer
from annotate.reviews import asking, queries, services
from annotate.reviews.dispute_api import dispute_routes
from annotate.reviews.models import Comment, Question

_SEEING = ("read", "label", "review", "manage")
_SPEAKING = ("label", "review", "manage")


class CommentInput(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=4000)
    object = serializers.UUIDField(required=False, allow_null=True, help_text="an object of the revision shown")
    at = serializers.ListField(
        child=serializers.FloatField(), min_length=2, max_length=2, required=False, allow_null=True, help_text="[x, y] in pixels"
    )


class WithdrawInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class AnswerInput(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=4000)


class NothingInput(serializers.Serializer[Any]):
    """A call without a body."""


class PersonShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class CommentShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    item = serializers.IntegerField()
    annotation_id = serializers.IntegerField(allow_null=True)
    revision = serializers.IntegerField(allow_null=True)
    review = serializers.IntegerField(allow_null=True, help_text="the verdict that it came with")
    object = serializers.UUIDField(allow_null=True)
    at = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    text = serializers.CharField()
    author = PersonShape(allow_null=True)
    created_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    resolved_by = PersonShape(allow_null=True)


class QuestionShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    item = serializers.IntegerField()
    object = serializers.UUIDField(allow_null=True)
    at = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    text = serializers.CharField()
    author = PersonShape(allow_null=True)
    created_at = serializers.DateTimeField()
    answer = serializers.CharField(allow_null=True)
    answered_by = PersonShape(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)


class WithdrawnShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    state = serializers.CharField()


def _person(person: Any) -> dict[str, Any] | None:
    return {"id": person.pk, "name": person.name} if person is not None else None


def present_comment(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.pk,
        "item": comment.item_id,
        "annotation_id": comment.annotation_id,
        "revision": comment.annotation.revision if comment.annotation else None,
        "review": comment.review_id,
        "object": str(comment.object) if comment.object else None,
        "at": comment.at,
        "text": comment.text,
        "author": _person(comment.person),
        "created_at": comment.created_at,
        "resolved_at": comment.resolved_at,
        "resolved_by": _person(comment.resolved_by),
    }


class Comments(Endpoint):
    scopes: ClassVar = {"GET": _SEEING, "POST": _SPEAKING}
    lists = True

    @extend_schema(responses={200: CommentShape(many=True)})
    def get(self, request: Request, item: int) -> Response:
        """Newest first; annotators get their own and those on their own answers."""
        return self.listing(queries.comments(self.actor, items.get(self.actor, item)), present_comment)

    @extend_schema(request=CommentInput, responses={201: CommentShape})
    def post(self, request: Request, item: int) -> Response:
        """Pinned to an object or a point of the revision that the caller sees, or to neither."""
        found = items.get(self.actor, item)
        return answer(present_comment(services.comment(found, by=self.actor, **self.read(CommentInput))), 201)


def present_question(question: Question) -> dict[str, Any]:
    return {
        "id": question.pk,
        "item": question.item_id,
        "object": str(question.object) if question.object else None,
        "at": question.at,
        "text": question.text,
        "author": _person(question.person),
        "created_at": question.created_at,
        "answer": question.answer or None,
        "answered_by": _person(question.answered_by),
        "answered_at": question.answered_at,
    }


class Ask(Endpoint):
    scopes: ClassVar = {"POST": ("label", "review")}

    @extend_schema(request=CommentInput, responses={201: QuestionShape})
    def post(self, request: Request, lease: int) -> Response:
        """Parks the task with a question and frees the lease; with the answer it comes back to the caller first."""
        return answer(present_question(asking.ask(lease, self.actor, **self.read(CommentInput))), 201)


class AnswerQuestion(Endpoint):
    scopes: ClassVar = {"POST": ("review", "manage")}

    @extend_schema(request=AnswerInput, responses={200: QuestionShape})
    def post(self, request: Request, question: int) -> Response:
        """Brings the task back to who asked."""
        return answer(present_question(asking.answer(question, self.read(AnswerInput)["text"], by=self.actor)))


class Resolve(Endpoint):
    scopes: ClassVar = {"POST": _SPEAKING}

    @extend_schema(request=None, responses={200: CommentShape})
    def post(self, request: Request, comment: int) -> Response:
        """Settled; again changes nothing."""
        self.read(NothingInput)
        return answer(present_comment(services.resolve(queries.comment(self.actor, comment), by=self.actor)))


class Withdraw(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=WithdrawInput, responses={200: WithdrawnShape})
    def post(self, request: Request, item: int) -> Response:
        """Ends the approval of an approved item; versions that have it keep it."""
        found = items.get(self.actor, item)
        done = services.withdraw(found, self.read(WithdrawInput)["reason"], by=self.actor)
        return answer({"id": done.pk, "state": done.state})


api_routes = [
    *dispute_routes,
    path("items/<id:item>/comments", Comments.as_view()),
    path("items/<id:item>/withdraw", Withdraw.as_view()),
    path("comments/<id:comment>/resolve", Resolve.as_view()),
    path("leases/<id:lease>/ask", Ask.as_view()),
    path("questions/<id:question>/answer", AnswerQuestion.as_view()),
]
