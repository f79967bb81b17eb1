"""/projects/{id}/datasets and /datasets: training sets, asking for versions of them, and their tags."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.jobs.api import accepted
from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid
from annotate.kernel.http import Endpoint, answer
from annotate.kernel.paging import limit_of
from annotate.projects import queries as projects
from workflows.releases import drafting, policies, queries, services
from workflows.releases.models import Dataset, Version
from workflows.releases.presenting import present_dataset, present_tag, present_version
from workflows.releases.recipes import LONGEST_SALT
from workflows.releases.slices_api import PULL


class DatasetInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200)
    licence = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class LicenceInput(serializers.Serializer[Any]):
    licence = serializers.CharField(max_length=300, allow_blank=True)


class VersionInput(serializers.Serializer[Any]):
    slice = serializers.JSONField(required=False, allow_null=True)
    q = serializers.CharField(allow_blank=True, required=False, max_length=services.LONGEST_QUERY)
    message = serializers.CharField(allow_blank=True, required=False, default="", max_length=services.LONGEST_MESSAGE)
    splits = serializers.JSONField(required=False, allow_null=True)
    by = serializers.ChoiceField(choices=["group", "item"], required=False, allow_null=True)
    stratify = serializers.CharField(allow_blank=True, allow_null=True, required=False)
    salt = serializers.CharField(allow_blank=True, allow_null=True, required=False, max_length=LONGEST_SALT)
    together = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, allow_null=True, max_length=20
    )
    labels = serializers.JSONField(required=False, allow_null=True)
    order = serializers.ListField(
        child=serializers.CharField(max_length=300), required=False, allow_null=True, max_length=5000
    )


class TagInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=60)
    version = serializers.IntegerField(required=False, min_value=1, max_value=2**62)
    number = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)


class Datasets(Endpoint):
    scopes: ClassVar = {"GET": PULL, "POST": ("manage",)}
    dataset_tokens: ClassVar = ("GET", "POST")
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project: int) -> Response:
        """The project's datasets, newest first."""
        return self.listing(queries.datasets(self.actor, projects.get(self.actor, project)), present_dataset)

    @extend_schema(request=DatasetInput, responses={201: dict})
    def post(self, request: Request, project: int) -> Response:
        """A dataset, as yet without versions."""
        found = projects.get(self.actor, project)
        require(policies.may_create_dataset(self.actor, found))
        return answer(present_dataset(services.create_dataset(found, by=self.actor, **self.read(DatasetInput))), 201)


class AllDatasets(Endpoint):
    scopes: ClassVar = {"GET": PULL}
    dataset_tokens: ClassVar = ("GET",)
    lists = True
    query: ClassVar = ("name",)

    @extend_schema(parameters=[OpenApiParameter("name")], responses={200: dict})
    def get(self, request: Request) -> Response:
        """Every dataset that the caller may pull from, newest first; with `?name=`, those of this name."""
        rows, name = queries.all_datasets(self.actor), request.query_params.get("name")
        return self.listing(rows if name is None else rows.filter(name=name), present_dataset, bind=name or "")


class OneDataset(Endpoint):
    scopes: ClassVar = {"GET": PULL, "PATCH": ("manage",)}
    dataset_tokens: ClassVar = ("GET", "POST")

    @extend_schema(responses={200: dict})
    def get(self, request: Request, dataset: int) -> Response:
        """The dataset and its latest version that was not withdrawn."""
        found = queries.get_dataset(self.actor, dataset)
        latest = queries.latest(found)
        return answer(present_dataset(found) | {"latest": present_version(latest) if latest else None})

    @extend_schema(request=LicenceInput, responses={200: dict})
    def patch(self, request: Request, dataset: int) -> Response:
        """Under what licence the data may be used, as its data cards say from now on."""
        found = queries.get_dataset(self.actor, dataset)
        require(policies.may_cut(self.actor, found))
        return answer(present_dataset(services.set_licence(found, self.read(LicenceInput)["licence"], by=self.actor)))


class Versions(Endpoint):
    scopes: ClassVar = {"GET": PULL, "POST": ("manage",)}
    dataset_tokens: ClassVar = ("GET", "POST")
    lists = True
    query: ClassVar = ("draft", "excluded", "after", "limit")

    @extend_schema(responses={200: dict})
    def get(self, request: Request, dataset: int) -> Response:
        """Frozen and withdrawn versions, newest first. One that is being cut is not here yet."""
        found = queries.get_dataset(self.actor, dataset)
        return self.listing(queries.versions(found), present_version, keys=("-number",))

    @extend_schema(
        request=VersionInput,
        parameters=[OpenApiParameter(name) for name in ("draft", "excluded", "after")],
        responses={200: dict, 202: dict},
    )
    def post(self, request: Request, dataset: int) -> Response:
        """Freezes the approved items that a slice or query selects (all without one), as background work.

        `splits` left out: those of the last version, at first 80 % train, 10 % val, 10 % test. `{}`: none. `{"field": "meta.split"}`: as the items say.
        With `?draft=1` nothing is cut: what would be in and what would stay out; with `&excluded=quarantined`, those items.
        """
        found = queries.get_dataset(self.actor, dataset)
        require(policies.may_cut(self.actor, found))
        data = self.read(VersionInput)
        splits = data.get("splits")
        if splits is not None and not isinstance(splits, dict):
            raise Invalid("splits: an object of names and shares", fields={"splits": "must be an object"})
        by = data.get("by")
        asked: dict[str, Any] = {"splits": splits, "by_group": None if by is None else by == "group", "salt": data.get("salt") or ""}
        asked |= {name: data.get(name) for name in ("stratify", "together", "labels", "order")}
        q = self._query(found, data)
        if request.query_params.get("draft") in ("1", ""):
            return answer(self._draft(found, q, asked))
        version = services.cut(found, q=q, message=data["message"], by=self.actor, **asked)
        assert version.job is not None
        return accepted(version.job)

    def _draft(self, dataset: Dataset, q: str, asked: dict[str, Any]) -> dict[str, Any]:
        found = drafting.draft(dataset, q=q, asked=asked, by=self.actor)
        reason = self.request.query_params.get("excluded")
        if reason is None:
            return found.document()
        limit = limit_of(self.request.query_params.get("limit"))
        rows, following = drafting.behind(found, reason, after=self.request.query_params.get("after", ""), limit=limit)
        return found.document() | {"results": rows, "next": following}

    def _query(self, dataset: Dataset, data: dict[str, Any]) -> str:
        """The query given, or that of the slice named by id or name."""
        named = data.get("slice")
        if named is None:
            return str(data.get("q", ""))
        if data.get("q"):
            raise Invalid("give a slice or a query, not both", fields={"q": "not with a slice"})
        rows = queries.slices(self.actor, dataset.project)
        if isinstance(named, str):
            found = rows.filter(name=named).first()
        elif isinstance(named, int) and not isinstance(named, bool):
            found = rows.filter(pk=named).first()
        else:
            found = None
        if found is None:
            raise Invalid("there is no such slice in the project", fields={"slice": "there is no such slice"})
        return found.q


class Tags(Endpoint):
    scopes: ClassVar = {"GET": PULL, "POST": ("manage",)}
    dataset_tokens: ClassVar = ("GET", "POST")
    lists = True
    query: ClassVar = ("name",)

    @extend_schema(parameters=[OpenApiParameter("name")], responses={200: dict})
    def get(self, request: Request, dataset: int) -> Response:
        """What each tag means now; with `?name=`, every version that this one has meant, newest first."""
        found = queries.get_dataset(self.actor, dataset)
        name = request.query_params.get("name")
        rows = queries.tags(found) if name is None else queries.tag_history(found, name)
        return self.listing(rows, present_tag, bind=name or "")

    @extend_schema(request=TagInput, responses={201: dict})
    def post(self, request: Request, dataset: int) -> Response:
        """Sets a tag to a version, named by its id (`version`) or by its `number`; a tag that exists moves."""
        found = queries.get_dataset(self.actor, dataset)
        require(policies.may_cut(self.actor, found))
        data = self.read(TagInput)
        version = self._version(found, data)
        return answer(present_tag(services.create_tag(found, data["name"], version=version, by=self.actor)), 201)

    @staticmethod
    def _version(dataset: Dataset, data: dict[str, Any]) -> Version:
        if ("version" in data) == ("number" in data):
            raise Invalid("give the version's id or its number", fields={"version": "give this or number"})
        rows = queries.versions(dataset)
        found = rows.filter(pk=data["version"]) if "version" in data else rows.filter(number=data["number"])
        version = found.first()
        if version is None:
            raise Invalid("the dataset has no such version", fields={"version": "there is no such version"})
        return version
