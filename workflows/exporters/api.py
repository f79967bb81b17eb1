"""/versions/{id}/exports and /exports: asking for an export, and pulling its files, one by one or as an archive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import quote

from django.core.files.storage import default_storage
from django.http import StreamingHttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.jobs.api import accepted
from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid, Missing
from annotate.kernel.http import Endpoint, answer
from annotate.media.serving import POLICY, disposition, serve
from annotate.projects.policies import may_export
from workflows.exporters import archive, copying, links, patching, queries, services
from workflows.exporters.files import kind_of, pages
from workflows.releases import queries as releases
from workflows.releases.models import Export, ExportFile
from workflows.releases.versions_api import AlsoLines, ndjson, number_of

PULLS: dict[str, tuple[str, ...]] = {"GET": ("read", "export", "manage"), "HEAD": ("read", "export", "manage"), "POST": ("export", "manage")}


class ExportInput(serializers.Serializer[Any]):
    format = serializers.CharField(max_length=60)
    split = serializers.CharField(required=False, allow_blank=True, max_length=60)
    media = serializers.CharField(required=False, max_length=20)


def file_url(export_id: int, path: str) -> str:
    return f"/api/v1/exports/{export_id}/files/{quote(path)}"


def present(export: Export) -> dict[str, Any]:
    """An export as lists show it; `notes` counts what the format could not say."""
    ready = export.state == "ready"
    return {
        "id": export.pk,
        "version": export.version_id,
        "format": export.format,
        "split": export.split or None,
        "media": export.media,
        "state": queries.state_of(export),
        "notes": export.report.get("notes", {}),
        "size": getattr(export, "size", None),
        "job": export.job_id,
        "created_by": export.created_by_id,
        "created_at": export.created_at,
        "links": {f"archive_{name}": f"/api/v1/exports/{export.pk}/archive?type={name}" for name in archive.WAYS} if ready else {},
    }


def present_file(export_id: int, path: str, size: int, sha256: bytes) -> dict[str, Any]:
    return {"path": path, "size": size, "sha256": sha256.hex(), "url": file_url(export_id, path)}


class Exports(Endpoint):
    scopes: ClassVar = PULLS
    dataset_tokens: ClassVar = ("GET", "POST")
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request, version: int) -> Response:
        """The version's exports, newest first."""
        return self.listing(queries.exports(releases.get_version(self.actor, version)), present)

    @extend_schema(request=ExportInput, responses={202: dict})
    def post(self, request: Request, version: int) -> Response:
        """A job; its result is `{"export": id}`."""
        found = releases.get_version(self.actor, version)
        require(may_export(self.actor, found.dataset.project))
        made = services.export(found, **self.read(ExportInput), by=self.actor)
        assert made.job is not None
        return accepted(made.job)


class Patch(Endpoint):
    scopes: ClassVar = PULLS
    dataset_tokens: ClassVar = ("GET",)
    query: ClassVar = ("since", "lines")
    content_negotiation_class = AlsoLines

    @extend_schema(
        parameters=[OpenApiParameter("since", int), OpenApiParameter("lines", enum=["0", "1"])],
        responses={(200, "application/x-ndjson"): str},
    )
    def get(self, request: Request, version: int) -> StreamingHttpResponse:
        """What makes this version's manifest, and with `lines=1` its lines of items, of those of the version numbered `since`."""
        found = releases.get_version(self.actor, version)
        require(may_export(self.actor, found.dataset.project))
        since, lines = number_of(request, "since", least=0), request.query_params.get("lines", "0")
        if lines not in ("0", "1"):
            raise Invalid("lines must be 0 or 1", fields={"lines": "0 or 1"})
        before = releases.numbered(found.dataset, since) if since else None
        blocks = patching.patch_lines(before, found, lines=lines == "1")
        packed = "gzip" in {each.strip() for each in request.headers.get("Accept-Encoding", "").split(",")}
        made = ndjson(patching.gzipped(blocks) if packed else blocks)
        if packed:
            made["Content-Encoding"] = "gzip"
        made["Vary"] = "Accept-Encoding, Authorization, Cookie"
        return made


def _seconds(text: str | None) -> int:
    """How long a link is good for; 0 when none was asked for."""
    if text is None:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 8 and 1 <= int(text) <= links.LONGEST):
        raise Invalid(f"signed: seconds, 1 to {links.LONGEST}", fields={"signed": f"seconds, 1 to {links.LONGEST}"})
    return int(text)


class OneExport(Endpoint):
    scopes: ClassVar = PULLS
    dataset_tokens: ClassVar = ("GET", "POST")
    query: ClassVar = ("signed",)

    @extend_schema(parameters=[OpenApiParameter("signed", int)], responses={200: dict})
    def get(self, request: Request, export: int) -> Response:
        """With every file once it is ready: `{"path", "size", "sha256", "url"}`, in order of the path.

        `?signed=SECONDS` adds `signed_url`: an address that answers without a token for so long, at most 7 days. Where bytes lie in a bucket,
        those of at most an hour are the bucket's own, and cannot be taken back.
        """
        found = queries.get(self.actor, export)
        seconds = _seconds(request.query_params.get("signed"))
        rows = ExportFile.objects.filter(export=found).order_by("path").values_list("pk", "path", "size", "sha256", "stored")
        files = []
        for pk, place, size, sha256, stored in rows:
            files.append(present_file(found.pk, place, size, bytes(sha256)))
            if seconds:
                own = links.at_store(stored, place, seconds=seconds)
                files[-1]["signed_url"] = own or request.build_absolute_uri(links.signed(self.actor, found, pk, place, seconds=seconds))
        return answer(present(found) | {"files": files, "size": sum(each["size"] for each in files)})


class Parts(Endpoint):
    scopes: ClassVar = PULLS
    dataset_tokens: ClassVar = ("GET",)
    query: ClassVar = ("since",)

    @extend_schema(parameters=[OpenApiParameter("since", int)], responses={200: dict})
    def get(self, request: Request, export: int) -> Response:
        """Which bytes of this export's Parquet files those of the version numbered `since` have already: `exporters/parts.py` says how."""
        found = queries.get(self.actor, export)
        queries.require_ready(found)
        since = number_of(request, "since")
        return answer({"since": since} | copying.copies(releases.numbered(found.version.dataset, since), found))


class _Bytes(Endpoint):
    """Answers bytes whatever is accepted."""

    scopes: ClassVar = PULLS
    dataset_tokens: ClassVar = ("GET", "POST")

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        return super().perform_content_negotiation(request, force=True)


class File(_Bytes):
    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, (206, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, export: int, path: str) -> Any:
        """ETag is the sha256; takes Range and If-Range, so that a pull can be resumed. 410 for the picture of an erased item."""
        found = queries.find_file(self.actor, export, path)
        try:
            return serve(
                request._request,
                found.place,
                type=kind_of(path),
                etag=found.sha256.hex(),
                name=path.rpartition("/")[2],
                download=True,
                cache="private, no-cache",
            )
        except FileNotFoundError as error:
            raise Missing("the bytes of this file are not in the store", code="missing_bytes") from error

    def head(self, request: Request, export: int, path: str) -> Any:
        return self.get(request, export, path)


class Archive(_Bytes):
    query: ClassVar = ("type",)

    @extend_schema(parameters=[OpenApiParameter("type", enum=list(archive.WAYS))], responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: Request, export: int) -> Any:
        """All files as one zip (the default) or tar, written while it is sent; not resumable."""
        kind = request.query_params.get("type", "zip")
        if kind not in archive.WAYS:
            known = f"must be one of {', '.join(archive.WAYS)}"
            raise Invalid(f"type {known}", fields={"type": known})
        found = queries.get(self.actor, export)
        queries.require_ready(found)
        media_type, pack = archive.WAYS[kind]
        body: Iterator[bytes] = iter(()) if request.method == "HEAD" else pack(_entries(found), found.created_at.timestamp())
        response = StreamingHttpResponse(body, content_type=media_type)
        version = found.version
        name = f"{version.dataset.name}-v{version.number}-{found.format}{'-' + found.split if found.split else ''}.{kind}"
        response["Content-Disposition"] = disposition(name, download=True)
        response["Cache-Control"] = "private, no-store"
        response["Accept-Ranges"] = "none"
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = POLICY
        return response

    def head(self, request: Request, export: int) -> Any:
        return self.get(request, export)


def _entries(export: Export) -> Iterator[archive.Entry]:
    for file in pages(export):
        yield archive.Entry(file.path, file.size, lambda stored=file.stored: default_storage.open(stored, "rb"))  # type: ignore[misc]


api_routes = [
    path("versions/<id:version>/exports", Exports.as_view()),
    path("versions/<id:version>/patch", Patch.as_view()),
    path("exports/<id:export>", OneExport.as_view()),
    path("exports/<id:export>/parts", Parts.as_view()),
    path("exports/<id:export>/files/<path:path>", File.as_view()),
    path("exports/<id:export>/archive", Archive.as_view()),
]
