"""/queues and what a lease is for, but for `next` and `submit` (workbench/api.py)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid, Missing
from annotate.kernel.http import Endpoint, answer
from annotate.kernel.paging import limit_of
from annotate.people.models import Person
from annotate.people.queries import by_name_or_id
from annotate.projects import queries as projects
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.queues import drafts, leases, queries, services
from annotate.queues.bulk_api import bulk_routes
from annotate.queues.fill import fill
from annotate.queues.models import Assignment, Queue
from annotate.queues.naming import PersonName
from annotate.queues.people_api import people_routes
from annotate.queues.policies import OVERSEERS
from annotate.queues.ranking import ORDERS
from annotate.queues.requiring import requirements_of

_WORK = ("label", "review")
_MOVES = {("open", "paused"): "pause", ("paused", "open"): "resume", ("open", "closed"): "close", ("paused", "closed"): "close"}


class RequirementInput(serializers.Serializer[Any]):
    qualification = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="its id")
    bar = serializers.FloatField(required=False, allow_null=True, help_text="0 to 1: the score that it takes; null: any")


class RequirementShape(serializers.Serializer[Any]):
    qualification = serializers.IntegerField()
    name = serializers.CharField()
    bar = serializers.FloatField(allow_null=True)


class QueueSettings(serializers.Serializer[Any]):
    q = serializers.CharField(required=False, allow_blank=True, max_length=10_000, help_text="which items: the query language")
    overlap = serializers.IntegerField(required=False, help_text="answers per item, 1 to 100")
    overlap_percent = serializers.IntegerField(required=False, help_text="the share of items that need so many answers, 0 to 100; others need one")
    overlap_seed = serializers.IntegerField(required=False, help_text="draws the share; the same seed draws the same items")
    agreement_bar = serializers.FloatField(required=False, allow_null=True, help_text="0 to 1: below it one more answer is asked for")
    overlap_most = serializers.IntegerField(required=False, allow_null=True, help_text="up to so many answers in all")
    order = serializers.CharField(required=False, max_length=40, help_text=f"one of {', '.join(ORDERS)}")
    priority = serializers.IntegerField(required=False, help_text="larger is offered first")
    lease_seconds = serializers.IntegerField(required=False)
    gold_percent = serializers.IntegerField(required=False)
    recheck_percent = serializers.IntegerField(required=False, help_text="review queues: the share of verdicts that somebody else is asked for unnoticed, 0 to 100")
    recheck_seed = serializers.IntegerField(required=False, help_text="draws the share; the same seed draws the same items")
    returner_hours = serializers.IntegerField(required=False, help_text="review queues: what comes back is kept so long for who returned it, 0 to 720")
    gold_feedback = serializers.BooleanField(required=False, help_text="tell people how right their answers to gold were, not the truth")
    members = serializers.ListField(child=PersonName(), required=False, max_length=5000, help_text="nobody named: open to all")
    requires = RequirementInput(many=True, required=False, help_text="qualifications without which nobody is served, all of them anew")


class QueueInput(QueueSettings):
    name = serializers.CharField(max_length=200)
    stage = serializers.ChoiceField(choices=["annotate", "review", "adjudicate"])


class QueueChange(QueueSettings):
    name = serializers.CharField(required=False, max_length=200)
    state = serializers.ChoiceField(choices=["open", "paused", "closed"], required=False)


class DraftInput(serializers.Serializer[Any]):
    revision = serializers.IntegerField(min_value=0, max_value=2**31 - 2, help_text="the revision last seen, 0 for the first")
    annotation = serializers.DictField()


class SkipInput(serializers.Serializer[Any]):
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")


class EmptyInput(serializers.Serializer[Any]):
    pass


class QueueShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    project = serializers.IntegerField()
    name = serializers.CharField()
    stage = serializers.CharField()
    q = serializers.CharField()
    overlap = serializers.IntegerField()
    overlap_percent = serializers.IntegerField(required=False, help_text="this and the next three for those who see the item pages")
    overlap_seed = serializers.IntegerField(required=False)
    agreement_bar = serializers.FloatField(required=False, allow_null=True)
    overlap_most = serializers.IntegerField(required=False, allow_null=True)
    order = serializers.CharField()
    priority = serializers.IntegerField()
    lease_seconds = serializers.IntegerField()
    state = serializers.CharField()
    created_at = serializers.DateTimeField()
    gold_percent = serializers.IntegerField(required=False, help_text="for those who see the item pages")
    recheck_percent = serializers.IntegerField(required=False, help_text="this and the next two for who plans the queue")
    recheck_seed = serializers.IntegerField(required=False)
    returner_hours = serializers.IntegerField(required=False)
    gold_feedback = serializers.BooleanField(required=False)
    members = serializers.ListField(child=serializers.DictField(), required=False)
    requires = RequirementShape(many=True, required=False, help_text="qualifications that it asks for")
    counts = serializers.DictField(child=serializers.IntegerField(), required=False)


def present_queue(queue: Queue, *, full: bool, plans: bool = True, counts: queries.Counts | None = None) -> dict[str, Any]:
    """`full` adds people, counts and the share of gold: not for those who only work in the queue. `plans` adds how reviewers are
    measured there: not for those who are."""
    body: dict[str, Any] = {
        "id": queue.pk,
        "project": queue.project_id,
        "name": queue.name,
        "stage": queue.stage,
        "q": queue.q,
        "overlap": queue.overlap,
        "order": queue.order,
        "priority": queue.priority,
        "lease_seconds": queue.lease_seconds,
        "state": queue.state,
        "created_at": queue.created_at,
    }
    if full:
        places = Assignment.objects.filter(queue=queue).select_related("person").order_by("person__name")
        body |= {
            "gold_percent": queue.gold_percent,
            "gold_feedback": queue.gold_feedback,
            "overlap_percent": queue.overlap_percent,
            "overlap_seed": queue.overlap_seed,
            "agreement_bar": queue.agreement_bar,
            "overlap_most": queue.overlap_most,
            "members": [{"id": place.person_id, "name": place.person.name, "paused": place.paused} for place in places],
            "requires": requirements_of(queue),
            "counts": (counts or queries.counts([queue.pk])[queue.pk]).as_dict(),
        }
    if full and plans:
        body |= {"recheck_percent": queue.recheck_percent, "recheck_seed": queue.recheck_seed, "returner_hours": queue.returner_hours}
    return body


def _people(project: Project, named: list[Any]) -> list[Person]:
    found, wrong = [], {}
    for index, name in enumerate(named):
        try:
            found.append(by_name_or_id(project.organisation_id, name))
        except Missing:
            wrong[f"members[{index}]"] = "no such person in this organisation"
    if wrong:
        raise Invalid("a member is not known", fields=wrong)
    return found


class Queues(Endpoint):
    scopes: ClassVar = {"GET": ("read", "label", "review", "manage"), "POST": ("manage",)}
    lists = True

    @extend_schema(responses={200: QueueShape(many=True)})
    def get(self, request: Request, project: int) -> Response:
        """The queues that the caller works in or oversees, newest first."""
        found = projects.get(self.actor, project)
        full, plans = projects.role(self.actor, found) in OVERSEERS, bool(may_manage(self.actor, found))
        return self.listing(queries.visible(self.actor, found), lambda queue: present_queue(queue, full=full, plans=plans))

    @extend_schema(request=QueueInput, responses={201: QueueShape})
    def post(self, request: Request, project: int) -> Response:
        """A queue hands out the items that `q` matches; people may be named in `members`."""
        found = projects.get(self.actor, project)
        require(may_manage(self.actor, found))
        data = self.read(QueueInput)
        members = _people(found, data.pop("members", []))
        queue = services.create_queue(found, data.pop("name"), members=members, by=self.actor, **data)
        return answer(present_queue(queue, full=True), 201)


class OneQueue(Endpoint):
    scopes: ClassVar = {"GET": ("read", "label", "review", "manage"), "PATCH": ("manage",)}

    @extend_schema(responses={200: QueueShape})
    def get(self, request: Request, queue: int) -> Response:
        """Who oversees the project gets members and counts too."""
        found = queries.get(self.actor, queue)
        plans = bool(may_manage(self.actor, found.project))
        return answer(present_queue(found, full=projects.role(self.actor, found.project) in OVERSEERS, plans=plans))

    @extend_schema(request=QueueChange, responses={200: QueueShape})
    def patch(self, request: Request, queue: int) -> Response:
        """`state` pauses ("paused"), resumes ("open") or closes ("closed") the queue; closing takes leases back."""
        found = queries.get(self.actor, queue)
        require(may_manage(self.actor, found.project))
        data = self.read(QueueChange)
        state = data.pop("state", None)
        if "members" in data:
            data["members"] = _people(found.project, data["members"])
        if data:
            found = services.change_queue(found, by=self.actor, **data)
        if state is not None and state != found.state:
            move = _MOVES.get((found.state, state))
            if move is None:
                raise Conflict("a closed queue stays closed", code="illegal_move")
            found = services.move_queue(found, move, by=self.actor)
        return answer(present_queue(found, full=True))


class Fill(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=None, responses={200: dict})
    def post(self, request: Request, queue: int) -> Response:
        """Make the tasks that are missing now: `{"added": n}`."""
        found = queries.get(self.actor, queue)
        require(may_manage(self.actor, found.project))
        self.read(EmptyInput)
        return answer({"added": fill(found.pk)})


class Mine(Endpoint):
    scopes: ClassVar = {"GET": _WORK}
    query: ClassVar = ("limit", "count")

    @extend_schema(responses={200: dict})
    def get(self, request: Request, queue: int) -> Response:
        """My last 50 answers, newest first: `{"results": [{"task", "item", "key", "revision", "reopen", …}]}`."""
        found = queries.mine(self.actor, queries.get(self.actor, queue))
        body: dict[str, Any] = {"results": found[: limit_of(request.query_params.get("limit"))], "next": None}
        if request.query_params.get("count") == "1":
            body["count"] = len(found)
        return answer(body)


class OneLease(Endpoint):
    scopes: ClassVar = {"DELETE": _WORK}

    @extend_schema(responses={204: None})
    def delete(self, request: Request, lease: int) -> Response:
        """Give the task back. A lease that is over already stays so."""
        leases.release(lease, self.actor)
        return answer(status=204)


class Renew(Endpoint):
    scopes: ClassVar = {"POST": _WORK}

    @extend_schema(request=None, responses={200: dict})
    def post(self, request: Request, lease: int) -> Response:
        """Another lifetime: `{"id", "expires_at"}`; at most 8 hours after the claim."""
        self.read(EmptyInput)
        return answer({"id": lease, "expires_at": leases.renew(lease, self.actor)})


class Draft(Endpoint):
    scopes: ClassVar = {"PUT": _WORK}

    @extend_schema(request=DraftInput, responses={200: dict})
    def put(self, request: Request, lease: int) -> Response:
        """`{"revision": next}`. 409 `stale_draft` carries the present `revision`; 409 `lease_ended` says `draft_kept`."""
        data = self.read(DraftInput)
        saved = drafts.save(lease, self.actor, revision=data["revision"], document=request.data["annotation"])
        return answer({"revision": saved})


class Skip(Endpoint):
    scopes: ClassVar = {"POST": _WORK}

    @extend_schema(request=SkipInput, responses={204: None})
    def post(self, request: Request, lease: int) -> Response:
        """Give the task to others; it is not offered to this person again."""
        leases.skip(lease, self.actor, reason=self.read(SkipInput)["reason"])
        return answer(status=204)


api_routes = [
    *bulk_routes,
    *people_routes,
    path("projects/<id:project>/queues", Queues.as_view()),
    path("queues/<id:queue>", OneQueue.as_view()),
    path("queues/<id:queue>/fill", Fill.as_view()),
    path("queues/<id:queue>/mine", Mine.as_view()),
    path("leases/<id:lease>", OneLease.as_view()),
    path("leases/<id:lease>/renew", Renew.as_view()),
    path("leases/<id:lease>/draft", Draft.as_view()),
    path("leases/<id:lease>/skip", Skip.as_view()),
]
