"""/versions/{id}/pulls, /evaluations, /flags: what trainings say back about a version."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.jobs.api import accepted
from annotate.kernel import canonical
from annotate.kernel.errors import Invalid, Unsupported
from annotate.kernel.http import Endpoint, answer
from workflows.collection import waiting
from workflows.collection.receiving import body_reader
from workflows.collection.waiting import Waiting
from workflows.evaluations import predicting, queries, services
from workflows.evaluations.asked import FORMATS, UNCOVERED
from workflows.evaluations.gathering import checked
from workflows.evaluations.presenting import present_evaluation, present_pull, present_whole
from workflows.evaluations.suspects_api import suspect_routes
from workflows.releases import queries as releases
from workflows.releases.models import Version

PULLS = ("read", "export", "manage")
REPORTS = ("export", "manage")
FLAGS = ("export", "label", "review", "manage")
ASKED = ("model", "run", "split", "threshold", "confident", "uncovered", "by")
_LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines")


class PullInput(serializers.Serializer[Any]):
    run = serializers.CharField(required=False, allow_blank=True, max_length=services.LONGEST)
    format = serializers.CharField(required=False, allow_blank=True, max_length=40)
    split = serializers.CharField(required=False, allow_blank=True, max_length=60)


class EvaluationInput(serializers.Serializer[Any]):
    model = serializers.CharField(max_length=services.LONGEST)
    metrics = serializers.JSONField(required=False)
    predictions = serializers.JSONField(required=False)
    run = serializers.CharField(required=False, allow_blank=True, max_length=services.LONGEST)
    split = serializers.CharField(required=False, allow_blank=True, max_length=60)
    threshold = serializers.FloatField(required=False, min_value=0, max_value=1)
    confident = serializers.FloatField(required=False, min_value=0, max_value=1)
    uncovered = serializers.ChoiceField(required=False, choices=UNCOVERED)
    by = serializers.ListField(required=False, child=serializers.CharField(max_length=205))


class FlagInput(serializers.Serializer[Any]):
    key = serializers.CharField(max_length=1024, trim_whitespace=False)
    reason = serializers.CharField(max_length=1500)
    object = serializers.UUIDField(required=False)


class Pulls(Endpoint):
    scopes: ClassVar = {"GET": PULLS, "POST": PULLS}
    dataset_tokens: ClassVar = ("GET", "POST")
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request, version: int) -> Response:
        """Who pulled the version, and for which run, newest first."""
        return self.listing(queries.pulls(releases.get_version(self.actor, version)), present_pull)

    @extend_schema(request=PullInput, responses={201: dict})
    def post(self, request: Request, version: int) -> Response:
        """Says that the version was pulled. Whoever may read it may say so, by a read-only token too."""
        found = releases.get_version(self.actor, version)
        return answer(present_pull(services.pull(found, by=self.actor, **self.read(PullInput))), 201)


class Evaluations(Endpoint):
    scopes: ClassVar = {"GET": PULLS, "POST": REPORTS}
    dataset_tokens: ClassVar = ("GET", "POST")
    lists = True
    streams = True
    query: ClassVar = (*ASKED, "format", "metrics")

    @extend_schema(parameters=[OpenApiParameter("model")], responses={200: dict})
    def get(self, request: Request, version: int) -> Response:
        """Figures of models on this version, newest first; with `?model=`, of one."""
        rows, model = queries.evaluations(releases.get_version(self.actor, version)), request.query_params.get("model")
        return self.listing(rows if model is None else rows.filter(model=model), present_evaluation, bind=model or "")

    @extend_schema(
        request={"application/json": EvaluationInput, "application/x-ndjson": {"type": "string"}},
        parameters=[
            *(OpenApiParameter(name, description="of a streamed body; in JSON a field of the body") for name in ASKED),
            OpenApiParameter("format", enum=list(FORMATS), description="coco: the body is COCO's list of results"),
            OpenApiParameter("metrics", description="of a streamed body: figures that go beside it, as JSON"),
        ],
        responses={202: dict},
    )
    def post(self, request: Request, version: int) -> Response:
        """A job; its result is `{"evaluation": id}`. `model` is the recipe that stays the same.

        `metrics` nests names down to numbers, and is kept as it is. `predictions` are measured: a list of `{"key", "objects": [{"label",
        "box" | "points" | "rle" | "start", …, "score"}], "item": {name: value, or {option: probability}}}`. A large set is streamed, one
        such line after the other (`application/x-ndjson`) or as COCO's list of results (`?format=coco`), with the rest in the address.
        From `threshold` (0.5) on a prediction counts as said, from `confident` (0.8) on it speaks against a label. Items without a line
        are left out; with `uncovered=empty` the model said that they hold nothing. `by` names fields whose values are told apart.
        """
        found = releases.get_version(self.actor, version)
        raw, params = request._request, request.query_params
        form = params.get("format") or ("ndjson" if raw.content_type in _LINES else "")
        if form:
            beside = {"metrics": canonical.loads_strict(params["metrics"])} if "metrics" in params else {}
            return self._streamed(found, form, {name: params[name] for name in ASKED if name in params} | beside)
        if raw.content_type not in ("application/json", ""):
            raise Unsupported("predictions are application/json or application/x-ndjson")
        if params:
            name = next(iter(params))
            raise Invalid(f"{name}: stands in the body of a JSON request", fields={name: "stands in the body"})
        return self.once(canonical.digest(raw.body), lambda: self._json(found))

    def _json(self, version: Version) -> Response:
        data = self.read(EvaluationInput)
        predictions, given = data.pop("predictions", None), {name: data.pop(name) for name in ASKED[3:] if name in data}
        if predictions is None:
            if given:
                raise Invalid("predictions: required", fields=dict.fromkeys(given, "belongs to predictions"))
            if "metrics" not in data:
                raise Invalid("metrics: required, or predictions", fields={"metrics": "required, or predictions"})
            made = services.report(version, by=self.actor, **data)
            assert made.job is not None
            return accepted(made.job)
        prepared = predicting.prepared(version, data | given, by=self.actor)
        if not isinstance(predictions, list) or not predictions:
            raise Invalid("predictions: a list of what is said of each item", fields={"predictions": "a list, not empty"})
        body = io.BytesIO(b"".join(checked(predictions, queries.schema_for(version))))
        kept = waiting.keep_stream(body.read, "predictions.ndjson")
        return self._begin(kept, lambda: self._started(version, prepared, kept, "ndjson"))

    def _streamed(self, version: Version, form: str, given: dict[str, Any]) -> Response:
        if form not in FORMATS:
            raise Invalid(f"format: one of {', '.join(FORMATS)}", fields={"format": f"one of {', '.join(FORMATS)}"})
        prepared = predicting.prepared(version, given, by=self.actor)
        kept = waiting.keep_stream(body_reader(self.request._request), f"predictions.{form}")
        return self._begin(kept, lambda: self.once(waiting.fingerprint([kept]), lambda: self._started(version, prepared, kept, form)))

    def _started(self, version: Version, prepared: dict[str, Any], kept: Waiting, form: str) -> Response:
        made = accepted(predicting.predict(version, prepared, kept, form=form, by=self.actor))
        self._taken = kept.stored
        return made

    def _begin(self, kept: Waiting, start: Callable[[], Response]) -> Response:
        """`start()`; bytes that no job took are removed."""
        self._taken = ""
        try:
            return start()
        except BaseException:
            self._taken = ""
            raise
        finally:
            if self._taken != kept.stored:
                waiting.drop([kept.stored])


class OneEvaluation(Endpoint):
    scopes: ClassVar = {"GET": PULLS}
    dataset_tokens: ClassVar = ("GET",)

    @extend_schema(responses={200: dict})
    def get(self, request: Request, evaluation: int) -> Response:
        """A model's figures on a version, and the `report` when they were measured here: per label, per slice, per value, errors."""
        return answer(present_whole(queries.get(self.actor, evaluation)))


class Flags(Endpoint):
    scopes: ClassVar = {"POST": FLAGS}
    dataset_tokens: ClassVar = ("POST",)

    @extend_schema(request=FlagInput, responses={201: dict})
    def post(self, request: Request, version: int) -> Response:
        """Tells a bad label back: a question on the item of this key, as the version froze it; `object` pins it to one."""
        found = releases.get_version(self.actor, version)
        data = self.read(FlagInput)
        made = services.flag(found, key=data["key"], reason=data["reason"], object=str(data["object"]) if "object" in data else None, by=self.actor)
        return answer({"question": made.pk, "item": made.item_id, "key": data["key"]}, 201)


api_routes = [
    path("versions/<id:version>/pulls", Pulls.as_view()),
    path("versions/<id:version>/evaluations", Evaluations.as_view()),
    path("versions/<id:version>/flags", Flags.as_view()),
    path("evaluations/<id:evaluation>", OneEvaluation.as_view()),
    *suspect_routes,
]
