"""/items/{id}/media: the picture or text of an item, to those who may see the item."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from annotate.items import queries
from annotate.items.models import Item
from annotate.kernel.errors import Invalid, Missing
from annotate.kernel.http import Endpoint
from annotate.media.facts import Refused
from annotate.media.renditions import SIZES, remake, rendition
from annotate.media.serving import POLICY, serve

EDITION = "1"  # of how renditions are made: a change gives them new ETags


def media_url(item_id: int, size: str) -> str:
    return f"/api/v1/items/{item_id}/media?size={size}"


def _text(item: Item) -> HttpResponse:
    response = HttpResponse(item.text or "", content_type="text/plain; charset=utf-8")
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-cache"
    return response


class Media(Endpoint):
    scopes: ClassVar = {"GET": ("read", "label", "review"), "HEAD": ("read", "label", "review")}
    query: ClassVar = ("size",)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        return super().perform_content_negotiation(request, force=True)  # `Accept: image/*` is fine here

    @extend_schema(
        parameters=[OpenApiParameter("size", enum=list(SIZES))],
        responses={(200, "image/*"): OpenApiTypes.BINARY, (206, "image/*"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, item: int) -> Any:
        """`thumb` (256 px), `display` (1600 px, the default) or `full`; always upright, without metadata. Takes Range."""
        found = queries.get(self.actor, item)
        size = request.query_params.get("size", "display")
        if size not in SIZES:
            raise Invalid(f"size must be one of {', '.join(SIZES)}", fields={"size": "unknown size"})
        blob = found.blob
        if blob is None:
            if found.text is not None:
                return _text(found)
            raise Missing(_("This item is a reference: its bytes are not stored here."), code="reference")
        try:
            stored, kind = rendition(blob, size)
            options: dict[str, Any] = {
                "etag": f"{blob.hex}-{size}-{EDITION}",
                "name": found.key.rpartition("/")[2],
                "type": kind,
            }
            try:
                return serve(request._request, stored, **options)
            except FileNotFoundError:
                stored, kind = remake(blob, size)
                return serve(request._request, stored, **(options | {"type": kind}))
        except FileNotFoundError as error:
            raise Missing(_("The bytes of this item are not in the store."), code="missing_bytes") from error
        except Refused as error:
            raise Missing(_("The bytes of this item cannot be shown as a picture."), code="not_a_picture") from error

    def head(self, request: Request, item: int) -> Any:
        return self.get(request, item)


api_routes = [path("items/<id:item>/media", Media.as_view())]
