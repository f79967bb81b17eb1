"""/reviews/{id}/dispute, /disputes/{id}/decide and /withdraw, /projects/{id}/disputes."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid
from annotate.kernel.http import Endpoint, answer
from annotate.projects import queries as projects
from annotate.reviews import disputing, rechecking
from annotate.reviews.models import Dispute, Recheck
from annotate.reviews.policies import may_see_inbox
from annotate.reviews.states import DISPUTE


class DisputeInput(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=4000, help_text="why it should not have come back")


class DecisionInput(serializers.Serializer[Any]):
    decision = serializers.ChoiceField(choices=list(disputing.DECISIONS))
    text = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="", help_text="what its author and the reviewer are told")
    approve = serializers.BooleanField(required=False, default=False, help_text="with overturn: the work is approved at once")


class EmptyInput(serializers.Serializer[Any]):
    """A call without a body."""


def _person(person: Any) -> dict[str, Any] | None:
    return {"id": person.pk, "name": person.name} if person is not None else None


def present_dispute(found: Dispute) -> dict[str, Any]:
    return {
        "id": found.pk,
        "review": found.review_id,
        "item": found.item_id,
        "key": found.item.key,
        "state": found.state,
        "text": found.text,
        "author": _person(found.person),
        "returned_by": _person(found.against),
        "reason": found.review.reason,
        "reason_key": found.review.reason_key,
        "revision": found.review.annotation.number,
        "created_at": found.created_at,
        "answer": found.answer,
        "decided_by": _person(found.decided_by),
        "decided_at": found.decided_at,
        "approved": found.accepted_id is not None,
    }


class DisputeReview(Endpoint):
    scopes: ClassVar = {"POST": ("label", "review")}

    @extend_schema(request=DisputeInput, responses={201: dict})
    def post(self, request: Request, review: int) -> Response:
        """Hold against a return of one's own work: it waits, parked, until somebody who had no part in it decides."""
        return answer(present_dispute(disputing.dispute(review, self.read(DisputeInput)["text"], by=self.actor)), 201)


class DecideDispute(Endpoint):
    scopes: ClassVar = {"POST": ("review", "manage")}

    @extend_schema(request=DecisionInput, responses={200: dict})
    def post(self, request: Request, dispute: int) -> Response:
        """`uphold`: it goes back to its author as returned. `overturn`: the revision is answered again, and with `approve` approved. 403
        `own_work` for its author and for who returned it."""
        data = self.read(DecisionInput)
        done = disputing.decide(dispute, data["decision"], answer=data["text"], approves=data["approve"], by=self.actor)
        return answer(present_dispute(done))


class WithdrawDispute(Endpoint):
    scopes: ClassVar = {"POST": ("label", "review")}

    @extend_schema(request=None, responses={200: dict})
    def post(self, request: Request, dispute: int) -> Response:
        """Its author does the work again after all."""
        self.read(EmptyInput)
        return answer(present_dispute(disputing.withdraw(dispute, by=self.actor)))


class Disputes(Endpoint):
    scopes: ClassVar = {"GET": ("read", "label", "review", "manage")}
    lists = True
    query: ClassVar = ("state",)

    @extend_schema(parameters=[OpenApiParameter("state", enum=list(DISPUTE.states))], responses={200: dict})
    def get(self, request: Request, project: int) -> Response:
        """Newest first; annotators get their own."""
        state = request.query_params.get("state", "")
        if state and state not in DISPUTE.states:
            raise Invalid("no such state", fields={"state": f"one of {', '.join(DISPUTE.states)}"})
        return self.listing(disputing.visible(self.actor, projects.get(self.actor, project), state), present_dispute)


class SettleInput(serializers.Serializer[Any]):
    right = serializers.ChoiceField(choices=list(rechecking.SIDES))
    take_back = serializers.BooleanField(required=False, default=False, help_text="with second: the first verdict is taken back")


def present_recheck(found: Recheck) -> dict[str, Any]:
    first = {"review": found.review_id, "person": _person(found.against), "verdict": found.review.verdict, "reason": found.review.reason}
    second = {"person": _person(found.person), "verdict": found.verdict, "reason": found.reason, "comments": found.comments}
    return {
        "id": found.pk,
        "item": found.item_id,
        "key": found.item.key,
        "revision": found.annotation.number,
        "first": {**first, "reason_key": found.review.reason_key, "created_at": found.review.created_at},
        "second": {**second, "reason_key": found.reason_key, "created_at": found.created_at},
        "settled": found.settled,
    }


class Rechecks(Endpoint):
    scopes: ClassVar = {"GET": ("review", "manage")}
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project: int) -> Response:
        """Hidden second looks whose verdict differs from the first, and that nobody has settled; none that the caller gave one of."""
        found = projects.get(self.actor, project)
        require(may_see_inbox(self.actor, found))
        return self.listing(rechecking.differing(self.actor, found), present_recheck)


class SettleRecheck(Endpoint):
    scopes: ClassVar = {"POST": ("review", "manage")}

    @extend_schema(request=SettleInput, responses={200: dict})
    def post(self, request: Request, recheck: int) -> Response:
        """Says whether the first or the second verdict was right; what stands changes only with `take_back`."""
        data = self.read(SettleInput)
        return answer(present_recheck(rechecking.settle(recheck, data["right"], takes_back=data["take_back"], by=self.actor)))


dispute_routes = [
    path("projects/<id:project>/rechecks", Rechecks.as_view()),
    path("rechecks/<id:recheck>/settle", SettleRecheck.as_view()),
    path("reviews/<id:review>/dispute", DisputeReview.as_view()),
    path("disputes/<id:dispute>/decide", DecideDispute.as_view()),
    path("disputes/<id:dispute>/withdraw", WithdrawDispute.as_view()),
    path("projects/<id:project>/disputes", Disputes.as_view()),
]
