"""What a frozen version says of itself, and going back to it: its ranges and their files, what leaks, data card, Croissant metadata."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid, Missing
from annotate.kernel.http import Endpoint, answer
from annotate.media.serving import serve
from workflows.releases import card, croissant, leaking, policies, queries, reverting
from workflows.releases.models import Version
from workflows.releases.presenting import present_shard, present_version
from workflows.releases.slices_api import PULL
from workflows.releases.versions_api import NDJSON, AlsoLines


class Message(serializers.Serializer[Any]):
    message = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class _Read(Endpoint):
    scopes: ClassVar = {"GET": PULL}
    dataset_tokens: ClassVar = ("GET", "POST")

    def found(self, version: int) -> Version:
        found = queries.get_version(self.actor, version)
        require(policies.may_pull(self.actor, found))
        return found


class Reversal(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}
    dataset_tokens: ClassVar = ("GET", "POST")

    @extend_schema(request=Message, responses={201: dict})
    def post(self, request: Request, version: int) -> Response:
        """Makes a new version that is equal to this one: the same rows, the same hash, the next number."""
        found = queries.get_version(self.actor, version)
        require(policies.may_cut(self.actor, found.dataset))
        return answer(present_version(reverting.revert(found, by=self.actor, **self.read(Message))), 201)


class Shards(_Read):
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request, version: int) -> Response:
        """The ranges that the version's hash is over, in their order, with the hash of each and of the file that holds it."""
        rows = self.found(version).version_shards.select_related("shard")
        return self.listing(rows, present_shard, keys=("ordinal",))


class ShardFile(_Read):
    content_negotiation_class = AlsoLines

    @extend_schema(responses={(200, "application/vnd.apache.parquet"): OpenApiTypes.BINARY, (206, "application/vnd.apache.parquet"): OpenApiTypes.BINARY})
    def get(self, request: Request, version: int, ordinal: int) -> HttpResponse | StreamingHttpResponse:
        """A range's Parquet file. ETag is its sha256; takes Range. An erasure puts another file in its place."""
        row = self.found(version).version_shards.select_related("shard").filter(ordinal=ordinal).first()
        if row is None:
            raise Missing()
        shard = row.shard
        try:
            return serve(
                request._request,
                shard.stored,
                type="application/vnd.apache.parquet",
                etag=bytes(shard.file_sha256).hex(),
                name=f"shard-{ordinal:05d}.parquet",
                download=True,
                cache="private, no-cache",
            )
        except FileNotFoundError as error:
            raise Missing("the bytes of this file are not in the store", code="missing_bytes") from error


class Leaks(_Read):
    content_negotiation_class = AlsoLines

    @extend_schema(responses={(200, NDJSON): str})
    def get(self, request: Request, version: int) -> StreamingHttpResponse:
        """What stands in two splits, a line each, with the keys in each of them: groups, same bytes, and look-alikes as rules see them now."""
        stream: Iterator[bytes] = leaking.report_lines(self.found(version))
        return StreamingHttpResponse(stream, content_type=NDJSON)


class Card(_Read):
    query: ClassVar = ("format",)
    content_negotiation_class = AlsoLines

    @extend_schema(parameters=[OpenApiParameter("format", enum=["json", "md"])], responses={200: dict, (200, "text/markdown"): str})
    def get(self, request: Request, version: int) -> Any:
        """The data card: counts, people, quality on the day of the cut, known problems, what has changed; with `?format=md` as Markdown."""
        found = card.card(self.found(version))
        kind = request.query_params.get("format", "json")
        if kind not in ("json", "md"):
            raise Invalid("format: json or md", fields={"format": "json or md"})
        if kind == "json":
            return answer(found)
        return HttpResponse(card.markdown(found), content_type="text/markdown; charset=utf-8", headers={"X-Content-Type-Options": "nosniff"})


class Croissant(_Read):
    content_negotiation_class = AlsoLines

    @extend_schema(responses={(200, "application/ld+json"): OpenApiTypes.OBJECT})
    def get(self, request: Request, version: int) -> Response:
        """The version as Croissant 1.1 metadata: its files with their hashes, its records and splits."""
        origin = f"{request.scheme}://{request.get_host()}"
        response = answer(croissant.croissant(self.found(version), origin))
        response.content_type = "application/ld+json"
        return response
