"""POST /leases/{id}/review: the verdict on what the lease pinned, and the next bundle with it when asked for."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.kernel.errors import Invalid
from annotate.kernel.http import Endpoint, answer
from annotate.reviews.services import review
from annotate.workbench.following import following
from annotate.workbench.shapes import JudgedShape, VerdictInput


class Judge(Endpoint):
    scopes: ClassVar = {"POST": ("review",)}
    query: ClassVar = ("next",)

    @extend_schema(
        request=VerdictInput,
        parameters=[OpenApiParameter("next", int, enum=[0, 1], description="1 adds the next bundle, or null")],
        responses={201: JudgedShape},
    )
    def post(self, request: Request, lease: int) -> Response:
        """accept, return (with a reason) or fix (with the annotation). 409 `stale` when a newer revision came meanwhile."""
        wants_next = request.query_params.get("next", "0")
        if wants_next not in ("0", "1"):
            raise Invalid("next must be 0 or 1", fields={"next": "0 or 1"})
        data = self.read(VerdictInput)
        # Annotation and comments as they came: their own checks know the schema and the picture, and numbers stay exact.
        done = review(
            lease,
            self.actor,
            data["verdict"],
            reason=data.get("reason") or "",
            reason_key=data.get("reason_key") or "",
            to=data.get("to"),
            annotation=request.data.get("annotation"),
            comments=request.data.get("comments") or (),
            seconds=data.get("seconds"),
        )
        said: dict[str, Any] = {
            "review_id": done.review_id,
            "verdict": done.verdict,
            "annotation_id": done.annotation_id,
            "revision": done.revision,
        }
        if wants_next == "1":
            said["next"] = following(done.queue_id, self.actor)
        return answer(said, 201)
