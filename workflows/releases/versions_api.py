"""/versions and what differs between them: reading what was frozen, whole or only what changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django.core import signing
from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid
from annotate.kernel.http import Endpoint, answer
from annotate.kernel.paging import limit_of
from workflows.releases import differing, policies, queries, reading, services
from workflows.releases.models import Dataset, Version
from workflows.releases.presenting import present_row, present_version
from workflows.releases.slices_api import PULL

NDJSON = "application/x-ndjson"


class AlsoLines(DefaultContentNegotiation):
    """Lines are written by the view itself: who accepts them gets JSON for anything else."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class Reason(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


def lines(stream: Iterator[bytes]) -> StreamingHttpResponse:
    return StreamingHttpResponse(stream, content_type=NDJSON)


def _number(request: Request, name: str, least: int = 1) -> int:
    text = request.query_params.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) >= least):
        raise Invalid(f"{name} must be a version's number", fields={name: "a version's number"})
    return int(text)


def _base(dataset: Dataset, number: int) -> Version | None:
    """The version to compare with; 0 stands for nothing at all."""
    return queries.numbered(dataset, number) if number else None


class OneVersion(Endpoint):
    scopes: ClassVar = {"GET": PULL}
    dataset_tokens: ClassVar = ("GET", "POST")

    @extend_schema(responses={200: dict})
    def get(self, request: Request, version: int) -> Response:
        """Number, hash (the root over all rows), what it counts, its recipe and its label schema."""
        return answer(present_version(queries.get_version(self.actor, version)))


class Items(Endpoint):
    scopes: ClassVar = {"GET": PULL}
    dataset_tokens: ClassVar = ("GET", "POST")
    query: ClassVar = ("split", "cursor", "limit", "count")

    @extend_schema(parameters=[OpenApiParameter(name) for name in query], responses={200: dict})
    def get(self, request: Request, version: int) -> Response:
        """The frozen rows in the order of their keys, with labels and provenance; an erased item's is a tombstone."""
        found = queries.get_version(self.actor, version)
        require(policies.may_pull(self.actor, found))
        split = request.query_params.get("split", "")
        if split and split not in found.splits:
            raise Invalid("the version has no such split", fields={"split": f"one of {', '.join(found.splits)}"})
        limit = limit_of(request.query_params.get("limit"))
        signer = signing.Signer(salt=f"cursor:version:{found.pk}:{split}:{self.actor.person_id}")
        results: list[dict[str, Any]] = []
        following = None
        for place, row in reading.places(found, split, start=self._start(signer)):
            if len(results) == limit:
                following = signer.sign_object(list(place))
                break
            results.append(present_row(row))
        body: dict[str, Any] = {"results": results, "next": following}
        if request.query_params.get("count") == "1":
            body["count"] = found.splits[split] if split else found.counts["items"]
        return answer(body)

    def _start(self, signer: signing.Signer) -> tuple[int, int]:
        cursor = self.request.query_params.get("cursor")
        if not cursor:
            return (0, 0)
        try:
            ordinal, index = signer.unsign_object(cursor)
        except (signing.BadSignature, ValueError, TypeError) as error:
            wrong = "this cursor does not belong to this list"
            raise Invalid(wrong, fields={"cursor": "start again without it"}) from error
        return int(ordinal), int(index)


class Withdrawal(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}
    dataset_tokens: ClassVar = ("GET", "POST")

    @extend_schema(request=Reason, responses={200: dict})
    def post(self, request: Request, version: int) -> Response:
        """Takes a version back with a reason: it can still be read, and is no longer the latest."""
        found = queries.get_version(self.actor, version)
        require(policies.may_cut(self.actor, found.dataset))
        return answer(present_version(services.withdraw(found, by=self.actor, **self.read(Reason))))


class Diff(Endpoint):
    scopes: ClassVar = {"GET": PULL}
    dataset_tokens: ClassVar = ("GET", "POST")
    query: ClassVar = ("from", "to")
    content_negotiation_class = AlsoLines

    @extend_schema(parameters=[OpenApiParameter(name) for name in query], responses={200: dict, (200, NDJSON): str})
    def get(self, request: Request, dataset: int) -> Any:
        """How many items and objects differ between two numbers; accepting NDJSON, a line for each item that does."""
        found = queries.get_dataset(self.actor, dataset)
        before, after = _number(request, "from", least=0), _number(request, "to")
        old, new = _base(found, before), queries.numbered(found, after)
        require(policies.may_pull(self.actor, new))
        if NDJSON in request.headers.get("Accept", ""):
            return lines(differing.diff_lines(old, new))
        return answer({"dataset": found.pk, "from": before, "to": after} | differing.summary(old, new))


class Delta(Endpoint):
    scopes: ClassVar = {"GET": PULL}
    dataset_tokens: ClassVar = ("GET", "POST")
    query: ClassVar = ("since",)
    content_negotiation_class = AlsoLines

    @extend_schema(parameters=[OpenApiParameter("since")], responses={(200, NDJSON): str})
    def get(self, request: Request, version: int) -> StreamingHttpResponse:
        """What changed since the version of this number (0: everything), with the whole rows, and every erased item."""
        found = queries.get_version(self.actor, version)
        require(policies.may_pull(self.actor, found))
        return lines(differing.delta_lines(_base(found.dataset, _number(request, "since", least=0)), found))
