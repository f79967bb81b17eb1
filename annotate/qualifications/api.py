"""`/projects/{id}/qualifications` and one qualification: for managers all of it, for who works there how they stand with it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import transaction
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.kernel.decisions import require
from annotate.kernel.http import Endpoint, answer
from annotate.people.models import Person
from annotate.people.queries import by_name_or_id
from annotate.projects import queries as projects
from annotate.projects.policies import may_manage
from annotate.qualifications import further, queries, services
from annotate.qualifications.models import Qualification, Qualified, QualifyingRun
from annotate.qualifications.setting_up import give_run, take_run
from annotate.qualifications.standing import Standing, standings
from annotate.qualifications.states import KINDS, RUN

_READ = ("read", "label", "review", "manage")


class RunInput(serializers.Serializer[Any]):
    questions = serializers.IntegerField(required=False, help_text="1 to 1000, as many items of gold there must be; without it 10")
    pass_mark = serializers.FloatField(required=False, help_text="the mean score that passes, 0 to 1; without it 0.8")
    attempts = serializers.IntegerField(required=False, help_text="1 to 100; without it 1")

    def to_internal_value(self, data: Any) -> Any:
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []
        if unknown:
            raise serializers.ValidationError(dict.fromkeys(unknown, "there is no such field"))
        return super().to_internal_value(data)


class QualificationInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200)
    kind = serializers.ChoiceField(choices=list(KINDS), required=False)
    about = serializers.CharField(required=False, allow_blank=True, max_length=services.LONGEST_ABOUT, help_text="for who is to earn it")
    run = RunInput(required=False, allow_null=True, help_text="how people earn it; null: by a manager's word only")


class QualificationChange(QualificationInput):
    name = serializers.CharField(required=False, max_length=200)


class GiveInput(serializers.Serializer[Any]):
    score = serializers.FloatField(required=False, allow_null=True, help_text="0 to 1; a queue with a bar wants one")


class RunShape(serializers.Serializer[Any]):
    queue = serializers.IntegerField(help_text="where its questions are served: POST /queues/{queue}/next")
    questions = serializers.IntegerField()
    pass_mark = serializers.FloatField()
    attempts = serializers.IntegerField()


class MineShape(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=["has", "begin", "running", "measuring", "used_up", "by_hand"])
    score = serializers.FloatField(allow_null=True)
    attempts_left = serializers.IntegerField()
    answered = serializers.IntegerField(help_text="questions of the running attempt")
    last = serializers.DictField(allow_null=True, help_text='the attempt that ended last: {"state", "score", "ended_at"}')


class QualificationShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    project = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=list(KINDS))
    about = serializers.CharField()
    created_at = serializers.DateTimeField()
    run = RunShape(allow_null=True)
    mine = MineShape(help_text="how the caller stands with it")
    people = serializers.IntegerField(required=False, help_text="how many have it; this and the next two for managers")
    running = serializers.IntegerField(required=False, help_text="how many are in its run")
    queues = serializers.ListField(child=serializers.IntegerField(), required=False, help_text="that ask for it")


class HolderShape(serializers.Serializer[Any]):
    person = serializers.DictField()
    score = serializers.FloatField(allow_null=True)
    given_at = serializers.DateTimeField()
    given_by = serializers.DictField(allow_null=True, help_text="null: by the run")


class AttemptShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    person = serializers.DictField()
    attempt = serializers.IntegerField()
    state = serializers.ChoiceField(choices=list(RUN.states))
    score = serializers.FloatField(allow_null=True)
    begun_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


def present_standing(one: Standing) -> dict[str, Any]:
    last = {"state": one.last_state, "score": one.last_score, "ended_at": one.last_at} if one.last_state is not None else None
    return {"state": one.state, "score": one.score, "attempts_left": one.left, "answered": one.answered, "last": last}


def present(row: Qualification, mine: Standing, *, full: bool) -> dict[str, Any]:
    run = {"queue": row.queue_id, "questions": row.questions, "pass_mark": row.pass_mark, "attempts": row.attempts}
    body: dict[str, Any] = {
        "id": row.pk,
        "project": row.project_id,
        "name": row.name,
        "kind": row.kind,
        "about": row.about,
        "created_at": row.created_at,
        "run": run if row.queue_id is not None else None,
        "mine": present_standing(mine),
    }
    if full:
        asking = list(row.requirements.order_by("queue_id").values_list("queue_id", flat=True))
        body |= {"people": getattr(row, "people", 0), "running": getattr(row, "running", 0), "queues": asking}
    return body


def _who(person: Person | None) -> dict[str, Any] | None:
    return {"id": person.pk, "name": person.name} if person is not None else None


def _present_holder(row: Qualified) -> dict[str, Any]:
    return {"person": _who(row.person), "score": row.score, "given_at": row.given_at, "given_by": _who(row.given_by)}


def _present_attempt(row: QualifyingRun) -> dict[str, Any]:
    about = {"id": row.pk, "person": _who(row.person), "attempt": row.attempt, "state": row.state, "score": row.score}
    return {**about, "begun_at": row.begun_at, "ended_at": row.ended_at}


class _One(Endpoint):
    def shown(self, qualification_id: int, status: int = 200) -> Response:
        row = queries.get(self.actor, qualification_id)
        [mine] = standings(self.actor.person_id, [row.project_id], [row.pk])
        return answer(present(row, mine, full=bool(may_manage(self.actor, row.project))), status)


def _set_run(row: Qualification, data: dict[str, Any] | None, actor: Any) -> None:
    if data is None:
        take_run(row, by=actor)
        return
    before = {"questions": row.questions, "pass_mark": row.pass_mark, "attempts": row.attempts} if row.queue_id is not None else {}
    give_run(row, **(before | data), by=actor)


class Qualifications(_One):
    scopes: ClassVar = {"GET": _READ, "POST": ("manage",)}
    lists = True

    @extend_schema(responses={200: QualificationShape(many=True)})
    def get(self, request: Request, project: int) -> Response:
        """The project's qualifications, and how the caller stands with each, newest first."""
        found = projects.get(self.actor, project)
        full = bool(may_manage(self.actor, found))
        mine = {one.id: one for one in standings(self.actor.person_id, [found.pk])}
        return self.listing(queries.visible(self.actor, found), lambda row: present(row, mine[row.pk], full=full))

    @extend_schema(request=QualificationInput, responses={201: QualificationShape})
    def post(self, request: Request, project: int) -> Response:
        """Something that people must be able to do. With `run` they earn it by answers to items whose truth is known."""
        found = projects.get(self.actor, project)
        require(may_manage(self.actor, found))
        data = self.read(QualificationInput)
        run = data.pop("run", None)
        with transaction.atomic():
            made = services.create(found, data.pop("name"), by=self.actor, **data)
            if run is not None:
                give_run(made, **run, by=self.actor)
        return self.shown(made.pk, 201)


class OneQualification(_One):
    scopes: ClassVar = {"GET": _READ, "PATCH": ("manage",)}

    @extend_schema(responses={200: QualificationShape})
    def get(self, request: Request, qualification: int) -> Response:
        """What it is, how it is earned, and how the caller stands with it."""
        return self.shown(qualification)

    @extend_schema(request=QualificationChange, responses={200: QualificationShape})
    def patch(self, request: Request, qualification: int) -> Response:
        """`run` sets the run up or changes it; null takes it away, and attempts that run end without a result."""
        found = queries.managed(self.actor, qualification)
        data = self.read(QualificationChange)
        with transaction.atomic():
            if set(data) - {"run"}:
                services.change(found, by=self.actor, **{name: value for name, value in data.items() if name != "run"})
            if "run" in data:
                _set_run(found, data["run"], self.actor)
        return self.shown(qualification)


class Holders(Endpoint):
    scopes: ClassVar = {"GET": ("manage",)}
    lists = True

    @extend_schema(responses={200: HolderShape(many=True)})
    def get(self, request: Request, qualification: int) -> Response:
        """Who has it, the latest first."""
        return self.listing(queries.holders(queries.managed(self.actor, qualification)), _present_holder)


class OneHolder(Endpoint):
    scopes: ClassVar = {"PUT": ("manage",), "DELETE": ("manage",)}

    def somebody(self, qualification: int, person: int) -> tuple[Qualification, Person]:
        found = queries.managed(self.actor, qualification)
        return found, by_name_or_id(found.project.organisation_id, person)

    @extend_schema(request=GiveInput, responses={200: HolderShape})
    def put(self, request: Request, qualification: int, person: int) -> Response:
        """Give it to a person who works in the project. Once more with another `score` gives it anew."""
        found, who = self.somebody(qualification, person)
        return answer(_present_holder(services.give(found, who, score=self.read(GiveInput).get("score"), by=self.actor)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, qualification: int, person: int) -> Response:
        """The person has it no more. Who has it not is left as they are; who has left the organisation can lose it too."""
        found = queries.managed(self.actor, qualification)
        who = Person.objects.filter(pk=person, qualified__qualification=found).first()
        services.end(found, who or by_name_or_id(found.project.organisation_id, person), by=self.actor)
        return answer(status=204)


class FurtherAttempt(OneHolder):
    @extend_schema(request=None, responses={200: MineShape})
    def put(self, request: Request, qualification: int, person: int) -> Response:
        """Let the person take the run once more than its `attempts`, when theirs are used up; answers how they stand now.

        While an attempt runs or is left to them, nothing more is granted: once more changes nothing. 409 `has_qualification`,
        `no_run`, or `too_little_gold` with `missing`, how many items of gold they would have to be asked about besides."""
        found, who = self.somebody(qualification, person)
        further.grant(found, who, by=self.actor)
        [stands] = standings(who.pk, [found.project_id], [found.pk])
        return answer(present_standing(stands))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, qualification: int, person: int) -> Response:
        """Take back the attempt that was granted last. None granted: nothing changes. 409 `attempt_used` once it has begun."""
        further.revoke(*self.somebody(qualification, person), by=self.actor)
        return answer(status=204)


class Attempts(Endpoint):
    scopes: ClassVar = {"GET": ("manage",)}
    lists = True

    @extend_schema(responses={200: AttemptShape(many=True)})
    def get(self, request: Request, qualification: int) -> Response:
        """Runs of all people, the latest first."""
        return self.listing(queries.attempts(queries.managed(self.actor, qualification)), _present_attempt)


api_routes = [
    path("projects/<id:project>/qualifications", Qualifications.as_view()),
    path("qualifications/<id:qualification>", OneQualification.as_view()),
    path("qualifications/<id:qualification>/people", Holders.as_view()),
    path("qualifications/<id:qualification>/people/<id:person>", OneHolder.as_view()),
    path("qualifications/<id:qualification>/people/<id:person>/attempt", FurtherAttempt.as_view()),
    path("qualifications/<id:qualification>/runs", Attempts.as_view()),
]
