"""/projects/{id}/wall/sheet and /items/{id}/crop: crops as pictures, to who sees every item of the project.

A crop's address names a revision, which never changes, so a browser keeps it for good. An erased item's is 410, and grey on a sheet.
"""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from annotate.items import queries as items
from annotate.items.models import Item
from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid, Missing
from annotate.kernel.http import Endpoint
from annotate.kernel.paging import an_id
from annotate.media.serving import POLICY
from annotate.projects import queries as projects
from workflows.wall import policies, spots
from workflows.wall.showing import COLUMNS, ROWS, squares
from workflows.wall.spots import Spot

MOST = COLUMNS * ROWS
EDITION = "1"  # of how sheets are made: a change gives them new ETags
_READS = ("read", "review", "manage")


def _known(request: Request, etag: str) -> bool:
    wanted = [mark.strip().removeprefix("W/") for mark in request.headers.get("If-None-Match", "").split(",")]
    return f'"{etag}"' in wanted


def _picture(request: Request, data: bytes | None, etag: str) -> HttpResponse:
    response = HttpResponse(status=304) if _known(request, etag) else HttpResponse(data or b"", content_type="image/jpeg")
    response["ETag"] = f'"{etag}"'
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = POLICY
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


class _Pictures(Endpoint):
    scopes: ClassVar = {"GET": _READS}

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        return super().perform_content_negotiation(request, force=True)  # `Accept: image/*` is fine here


class Sheet(_Pictures):
    query: ClassVar = ("of",)

    @extend_schema(
        parameters=[OpenApiParameter("of", required=True, description=f"up to {MOST} names of things, with commas between")],
        responses={(200, "image/jpeg"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, project: int) -> Any:
        """Squares of 192 pixels in rows of 6, in the order of the names; grey where there is no picture."""
        found = projects.get(self.actor, project)
        require(policies.may_see(self.actor, found))
        given = [name for name in request.query_params.get("of", "").split(",") if name]
        if not 1 <= len(given) <= MOST:
            raise Invalid(_("Name 1 to %(n)d things.") % {"n": MOST}, fields={"of": f"1 to {MOST} names"})
        asked = spots.names(given, "of")
        rows = Item.objects.filter(project=found, pk__in={item for item, _annotation in asked}).select_related("blob").in_bulk()
        if len(rows) < len({item for item, _annotation in asked}):
            raise Missing()
        gone = sorted(item.pk for item in rows.values() if item.state == "erased")  # whose places are empty from then on
        etag = hashlib.sha256(f"{EDITION} {','.join(given)} {gone}".encode()).hexdigest()[:32]
        if _known(request, etag):
            return _picture(request, None, etag)
        from annotate.media.crops import crops, sheet  # with the decoder, which idle processes do without

        wanted = _spots(given)
        framed = squares([spot for spot in wanted if spot], rows)
        by_name = {spot.name: frame for spot, frame in zip([spot for spot in wanted if spot], framed, strict=True)}
        pairs = [
            (rows[spot.seen.item].blob, by_name[spot.name]) if spot and rows[spot.seen.item].blob and by_name[spot.name] else None for spot in wanted
        ]
        cut = iter(crops([pair for pair in pairs if pair is not None]))  # type: ignore[misc]
        return _picture(request, sheet([next(cut) if pair else None for pair in pairs], COLUMNS), etag)


def _spots(given: list[str]) -> list[Spot | None]:
    """In the order of the names; None where there is no such object (any more)."""
    parts = [name.split("-") for name in given]
    seen = spots.load(int(annotation) for _item, annotation, _place in parts)
    out: list[Spot | None] = []
    for item, annotation, place in parts:
        one = seen.get(int(annotation))
        at = None if place == "item" else int(place)
        there = one is not None and one.item == int(item) and (at is None or at < len(one.objects))
        out.append(Spot(one, at) if there and one is not None else None)
    return out


class Crop(_Pictures):
    query: ClassVar = ("annotation", "place")

    @extend_schema(
        parameters=[OpenApiParameter("annotation", int, required=True), OpenApiParameter("place", int, description="of the object in the revision, from 0")],
        responses={(200, "image/jpeg"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, item: int) -> Any:
        """One object in a square of 192 pixels with a little of what is around it; the whole item without `place`."""
        found = items.get(self.actor, item)
        require(policies.may_see(self.actor, found.project))
        params = request.query_params
        annotation = an_id(params.get("annotation", ""), "annotation")
        place = str(an_id(params["place"], "place")) if params.get("place") else "item"
        [spot] = _spots([f"{found.pk}-{annotation}-{place}"])
        frame = squares([spot], {found.pk: found})[0] if spot else None
        if frame is None or found.blob is None:
            raise Missing(_("There is no picture of this."))
        from annotate.media.crops import crops  # with the decoder, which idle processes do without

        [data] = crops([(found.blob, frame)])
        if data is None:
            raise Missing(_("The bytes of this item cannot be shown as a picture."), code="not_a_picture")
        return _picture(request, data, f"{found.blob.hex[:32]}-{frame.name.removesuffix('.jpg')}")


crop_routes = [
    path("projects/<id:project>/wall/sheet", Sheet.as_view()),
    path("items/<id:item>/crop", Crop.as_view()),
]
