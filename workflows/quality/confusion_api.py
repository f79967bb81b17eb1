"""/projects/{id}/confusion: what is taken for what, as JSON or CSV. /projects/{id}/confusion/things: the very objects behind one count."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core import signing
from django.http import HttpResponse
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.jobs.api import accepted
from annotate.jobs.models import Job
from annotate.kernel.errors import Invalid
from annotate.kernel.http import Endpoint, answer
from annotate.kernel.paging import limit_of
from annotate.projects import queries as projects
from workflows.quality import reporting, sheet
from workflows.quality.confused import OF, Matrix, Thing, things
from workflows.quality.standings import share

BATCH = OpenApiParameter("batch", int)
ABOUT = OpenApiParameter("about", description="the name of a question about the item; without: objects")


def batch_of(text: str | None) -> int | None:
    if text is not None and not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Invalid("batch is a number", fields={"batch": "a batch's id"})
    return int(text) if text is not None else None


def cells(found: Matrix) -> list[dict[str, Any]]:
    """Those that are not empty, row by row: {meant, given, count, of, share}, null for no counterpart; `of` how many were meant so."""
    names = (*found.labels, None)
    return [
        {"meant": meant, "given": given, "count": n, "of": found.meant(row), "share": n / found.meant(row)}
        for row, meant in enumerate(names)
        for given, n in zip(names, found.counts[row], strict=True)
        if n
    ]


def as_json(found: Matrix) -> dict[str, Any]:
    told = {"of": found.of, "about": found.about, "batch": found.batch, "items": found.items, "answers": found.answers, "measured_at": found.measured_at}
    return {**told, "accuracy": share(found.right, found.total), "labels": found.labels, "counts": found.counts, "results": cells(found)}


class ProjectConfusion(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage")}
    query: ClassVar = ("of", "batch", "about", "format")
    content_negotiation_class = sheet.AlsoCsv

    @extend_schema(
        parameters=[OpenApiParameter("of", enum=OF, description="without: people"), BATCH, ABOUT, OpenApiParameter("format", enum=("json", "csv"), description="or by Accept: text/csv")],
        responses={(200, "application/json"): dict, (200, sheet.CSV): str, 202: dict},
    )
    def get(self, request: Request, project: int) -> Response | HttpResponse:
        """What people's answers took for what, against what was approved and against gold; or the newest prediction of each item against
        what people approved. Rows of `counts` are what was meant, columns what was given, in the order of `labels`; the last row is what is
        extra, the last column what is missing. A large project is compared by a job: 202 the first time, then as it was at `measured_at`."""
        asked = request.query_params
        csv = sheet.wanted(request)
        found = projects.get(self.actor, project)
        made = reporting.confusion(found, of=asked.get("of", "people"), batch=batch_of(asked.get("batch")), about=asked.get("about", ""), actor=self.actor)
        if isinstance(made, Job):
            return accepted(made)
        return sheet.as_file(cells(made), f"confusion-{found.pk}-{made.of}.csv") if csv else answer(as_json(made))


class ConfusedThings(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage")}
    query: ClassVar = ("of", "batch", "about", "given", "meant", "limit", "cursor")

    @extend_schema(
        parameters=[
            OpenApiParameter("meant", description="without: what is extra"),
            OpenApiParameter("given", description="without: what is missing"),
            OpenApiParameter("of", enum=OF, description="without: people"),
            BATCH,
            ABOUT,
        ],
        responses={200: dict},
    )
    def get(self, request: Request, project: int) -> Response:
        """The objects of one count, in the order of items, as the answers have them: `annotation` is the answer, of what is missing the
        truth. What only a model saw names its `prediction`."""
        asked = request.query_params
        found = projects.get(self.actor, project)
        of, meant, given = asked.get("of", "people"), asked.get("meant") or None, asked.get("given") or None
        limit, batch = limit_of(asked.get("limit")), batch_of(asked.get("batch"))
        reporting.allow(found, of=of, batch=batch, meant=meant, given=given, actor=self.actor)
        signer = signing.Signer(salt=f"confused:{found.pk}:{of}:{meant}:{given}")
        rows = things(found, given=given, meant=meant, of=of, batch=batch, about=asked.get("about", ""), limit=limit + 1, after=_after(signer, asked.get("cursor")))
        shown = rows[:limit]
        results = [{"item": one.item_id, "annotation": one.annotation_id, "object": one.object_id, "prediction": one.prediction_id} for one in shown]
        last = shown[-1] if len(rows) > limit else None
        return answer({"results": results, "next": signer.sign_object([last.item_id, last.annotation_id, last.object_id, last.prediction_id]) if last else None})


def _after(signer: signing.Signer, cursor: str | None) -> Thing | None:
    if not cursor:
        return None
    try:
        return Thing(*signer.unsign_object(cursor))
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Invalid("the cursor is of another list", fields={"cursor": "use `next` of the page before, with the same query"}) from error


api_routes = [
    path("projects/<id:project>/confusion", ProjectConfusion.as_view()),
    path("projects/<id:project>/confusion/things", ConfusedThings.as_view()),
]
