"""/batches/{id}/rounds and /rounds: a batch judged by a sample of its answers."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.items.models import Batch
from annotate.kernel.errors import Invalid, Missing
from annotate.kernel.http import Endpoint, answer
from annotate.people.models import Person
from annotate.people.queries import by_name_or_id
from annotate.projects.person_field import PersonName
from workflows.rounds import deciding, planning, queries
from workflows.rounds.planning import LONGEST_BY, Wish
from workflows.rounds.presenting import present_member, present_preview, present_round, present_whole_round
from workflows.rounds.sampling import KINDS, Plan
from workflows.rounds.states import ESCALATIONS, JUDGED_BY, OUTCOMES

_YES = {"true": True, "false": False}


class SampleInput(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=KINDS)
    value = serializers.FloatField(required=False, allow_null=True, help_text="percent; for count a number of items; nothing for all")
    seed = serializers.IntegerField(required=False, default=0, help_text="the same seed draws the same sample of the same items")
    by = serializers.CharField(required=False, allow_null=True, max_length=LONGEST_BY, help_text="stratified: label, person or meta.<name>")


class RoundInput(serializers.Serializer[Any]):
    sample = SampleInput()
    pass_mark = serializers.FloatField(required=False, default=0.95, help_text="the least share of judged answers that must be right")
    judged_by = serializers.ChoiceField(
        choices=JUDGED_BY, default="point", help_text="point: the share of mistakes keeps to the mark; bound: the upper end of its interval does"
    )
    escalation = serializers.ChoiceField(
        choices=ESCALATIONS, default="larger", help_text="of a failed round: a larger sample, all unsampled items returned, or nothing"
    )
    reviewers = serializers.ListField(child=PersonName(), required=False, max_length=1000, help_text="who judges; none: whoever may review")
    preview = serializers.BooleanField(default=False, help_text="only say what it would come to")


class WithdrawRoundInput(serializers.Serializer[Any]):
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")


class NothingToSay(serializers.Serializer[Any]):
    """A call without a body."""


class BatchRounds(Endpoint):
    scopes: ClassVar = {"GET": ("read", "review", "manage"), "POST": ("manage",)}
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request, batch: int) -> Response:
        """The batch's review rounds, the newest first."""
        return self.listing(queries.rounds(queries.batch_of(self.actor, batch)), present_round)

    @extend_schema(request=RoundInput, responses={200: dict, 201: dict})
    def post(self, request: Request, batch: int) -> Response:
        """A sample of the answers that are neither approved nor being judged goes to a review queue of the round's own. Nobody judges
        these items elsewhere until it is over. With `preview` only what it would come to is answered (200)."""
        found, data = queries.batch_of(self.actor, batch), self.read(RoundInput)
        wish = self._wish(found, data)
        if data["preview"]:
            return answer(present_preview(planning.preview(wish, by=self.actor)))
        return answer(present_round(planning.plan(wish, by=self.actor)), 201)

    def _wish(self, batch: Batch, data: dict[str, Any]) -> Wish:
        sample = data["sample"]
        people: list[Person] = []
        for index, name in enumerate(data.get("reviewers") or ()):
            try:
                people.append(by_name_or_id(batch.project.organisation_id, name))
            except Missing as error:
                raise Invalid(str(error.detail), fields={f"reviewers[{index}]": str(error.detail)}) from error
        plan = Plan(sample["kind"], sample.get("value"), sample["seed"], sample.get("by") or "")
        return Wish(batch, plan, data["pass_mark"], data["judged_by"], data["escalation"], tuple(dict.fromkeys(people)))


class OneRound(Endpoint):
    scopes: ClassVar = {"GET": ("read", "review", "manage")}

    @extend_schema(responses={200: dict})
    def get(self, request: Request, round: int) -> Response:
        """What was found: the share of mistakes with its 95 % interval (Wilson), by person, label and reason."""
        return answer(present_whole_round(queries.get(self.actor, round)))


class RoundItems(Endpoint):
    scopes: ClassVar = {"GET": ("read", "review", "manage")}
    lists = True
    query: ClassVar = ("sampled", "outcome")

    @extend_schema(parameters=[OpenApiParameter("sampled", bool), OpenApiParameter("outcome")], responses={200: dict})
    def get(self, request: Request, round: int) -> Response:
        """The items of a round with the very revisions that it speaks for, and what became of each."""
        rows, params = queries.members(queries.get(self.actor, round)), request.query_params
        if sampled := params.get("sampled"):
            if sampled not in _YES:
                raise Invalid("sampled is true or false", fields={"sampled": "true or false"})
            rows = rows.filter(sampled=_YES[sampled])
        if outcome := params.get("outcome"):
            if outcome not in OUTCOMES:
                raise Invalid("there is no such outcome", fields={"outcome": f"one of {', '.join(OUTCOMES[1:])}"})
            rows = rows.filter(outcome=outcome)
        return self.listing(rows, present_member, keys=("id",))


class CloseRound(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=None, responses={200: dict})
    def post(self, request: Request, round: int) -> Response:
        """Decides it by the verdicts that are in. `state` is passing or failing while a job approves or returns the other items."""
        found = queries.get(self.actor, round)
        self.read(NothingToSay)
        return answer(present_whole_round(deciding.close(found, by=self.actor)))


class WithdrawRound(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=WithdrawRoundInput, responses={200: dict})
    def post(self, request: Request, round: int) -> Response:
        """Ends it without a result: verdicts stand as they were given, nothing else is approved or returned."""
        found = queries.get(self.actor, round)
        return answer(present_whole_round(deciding.withdraw(found, reason=self.read(WithdrawRoundInput)["reason"], by=self.actor)))


api_routes = [
    path("batches/<id:batch>/rounds", BatchRounds.as_view()),
    path("rounds/<id:round>", OneRound.as_view()),
    path("rounds/<id:round>/items", RoundItems.as_view()),
    path("rounds/<id:round>/close", CloseRound.as_view()),
    path("rounds/<id:round>/withdraw", WithdrawRound.as_view()),
]
