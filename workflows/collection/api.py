"""/batches/{id}/files, /manifest and /import: bytes in, a job out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.http import HttpRequest
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.items.models import Batch
from annotate.items.queries import get_batch
from annotate.jobs.api import accepted
from annotate.jobs.models import Job
from annotate.kernel.errors import Unsupported
from annotate.kernel.http import Endpoint
from workflows.collection import services, waiting
from workflows.collection.importers import FORMATS
from workflows.collection.receiving import body_reader, keep_paths, uploaded_files
from workflows.collection.waiting import Waiting

_FILES = {
    "multipart/form-data": {
        "type": "object",
        "required": ["files"],
        "properties": {"files": {"type": "array", "items": {"type": "string", "format": "binary"}}},
    }
}
_MANIFEST = {"application/x-ndjson": {"type": "string"}, "text/csv": {"type": "string"}}
_KINDS = {
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
    "application/x-jsonlines": "ndjson",
    "text/csv": "csv",
}


class Receiving(Endpoint):
    """Takes bytes: they stream to storage, hashed as they come, and belong to the job once there is one."""

    scopes: ClassVar = {"POST": ("label", "manage")}
    streams = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        keep_paths(request)
        return super().dispatch(request, *args, **kwargs)

    def batch(self, batch_id: int) -> Batch:
        found = get_batch(self.actor, batch_id)
        services.require_may_add(found, self.actor)
        return found

    def begin(self, kept: Sequence[Waiting], start: Callable[[], Job]) -> Response:
        """`start()` once per Idempotency-Key; bytes that no job took are removed."""
        started = False

        def run() -> Response:
            nonlocal started
            job = start()
            started = True
            return accepted(job)

        try:
            response = self.once(waiting.fingerprint(kept), run)
        except BaseException:
            started = False
            raise
        finally:
            if not started:
                waiting.drop(one.stored for one in kept)
        return response


class Files(Receiving):
    query: ClassVar = ("frames",)

    @extend_schema(
        request=_FILES,
        responses={202: dict},
        parameters=[
            OpenApiParameter("frames", enum=["folder"], description="numbered files of a folder are the frames of one group")
        ],
    )
    def post(self, request: Request, batch: int) -> Response:
        """Pictures, texts, zip or tar; an item's key is its file's path in the upload."""
        found = self.batch(batch)
        frames = services.check_frames(request.query_params.get("frames", ""))
        kept = waiting.keep(uploaded_files(request._request))
        return self.begin(kept, lambda: services.import_files(found, kept, frames=frames, by=self.actor))


class Manifest(Receiving):
    @extend_schema(request=_MANIFEST, responses={202: dict})
    def post(self, request: Request, batch: int) -> Response:
        """One item per line: `{"key", "uri" | "sha256" | "text", "width", "height", "group", "frame", "captured", "meta": {…},
        "annotation": {"objects": […], "item": {…}}, "approved": false, "prediction": {"objects", "item", "model", "score",
        "probabilities": {"<attribute of the item>": {"<option>": p, …}}}}`.

        Of these `key` and one of `uri`, `sha256` and `text` are needed. A `uri` is kept as a reference and never fetched. The
        probabilities of an attribute, a choice of one option, are numbers from 0 to 1 that sum to 1 within 0.001; options that
        are not named have 0. They are what the cleaning rule `wrong_label` looks at.
        """
        found = self.batch(batch)
        kind = _KINDS.get(request._request.content_type or "")
        if kind is None:
            raise Unsupported("a manifest is application/x-ndjson or text/csv")
        kept = waiting.keep_stream(body_reader(request._request), f"manifest.{kind}")
        return self.begin([kept], lambda: services.import_manifest(found, kept, kind=kind, by=self.actor))


class Import(Receiving):
    query: ClassVar = ("format", "as", "unknown_labels", "missing", "model")

    @extend_schema(
        request=_FILES,
        responses={202: dict},
        parameters=[
            OpenApiParameter("format", required=True, enum=list(FORMATS)),
            OpenApiParameter("as", enum=list(services.ROLES), default="annotation"),
            OpenApiParameter("unknown_labels", enum=list(services.UNKNOWN_LABELS), default="reject"),
            OpenApiParameter("missing", enum=list(services.MISSING), default="auto"),
            OpenApiParameter("model", description="of predictions; the format's name when it is left out"),
        ],
    )
    def post(self, request: Request, batch: int) -> Response:
        """Label files, or an archive of them, with or without the pictures; matched to items by file name.

        Pictures whose pixels are labels come along in folders of their own: COCO's `panoptic_<name>/` beside `panoptic_<name>.json`, VOC's
        `SegmentationClass/` and `SegmentationObject/` with `labelmap.txt`. They become masks, or polygons for a label that has no masks.
        """
        found = self.batch(batch)
        params = request.query_params
        options = services.check_label_options(
            found,
            format=params.get("format", ""),
            role=params.get("as", "annotation"),
            unknown_labels=params.get("unknown_labels", "reject"),
            missing=params.get("missing", "auto"),
            model=params.get("model", ""),
            by=self.actor,
        )
        kept = waiting.keep(uploaded_files(request._request))
        role = options.pop("as")
        return self.begin(kept, lambda: services.import_labels(found, kept, role=role, by=self.actor, **options))


api_routes = [
    path("batches/<id:batch>/files", Files.as_view()),
    path("batches/<id:batch>/manifest", Manifest.as_view()),
    path("batches/<id:batch>/import", Import.as_view()),
]
