"""/release-gate of a project, batch or slice: what must hold before items go into a version."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.items import queries as items
from annotate.items.models import Batch
from annotate.kernel.decisions import require
from annotate.kernel.errors import Missing
from annotate.kernel.http import Endpoint, answer
from annotate.projects import queries as projects
from annotate.projects.models import Project
from workflows.gating import queries, services
from workflows.gating.expression import LONGEST
from workflows.gating.models import ReleaseGate
from workflows.gating.policies import may_set_gates
from workflows.releases import queries as releases
from workflows.releases.models import Slice

_SCOPES = {"GET": ("read", "manage"), "PUT": ("manage",), "DELETE": ("manage",), "POST": ("manage",)}


class ReleaseGateInput(serializers.Serializer[Any]):
    expression = serializers.CharField(max_length=LONGEST, help_text="like agreement(car) >= 0.8 and gold_accuracy >= 0.95 and returned_rate < 0.05")


class OpenGateInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=services.LONGEST_REASON)


def _bare(gate: ReleaseGate) -> dict[str, Any]:
    """The project's rule, which is held against each batch by itself."""
    about = {"project": gate.project_id, "batch": None, "slice": None, "name": None, "of": "project", "expression": gate.expression}
    nothing: dict[str, Any] = {"state": None, "said": None, "parts": [], "failed": [], "why": "", "opened": None}
    return {**about, **nothing, "created_by": gate.created_by_id, "created_at": gate.created_at}


class _Gate(Endpoint):
    scopes: ClassVar = _SCOPES

    def of_batch(self, batch: Batch) -> Response:
        found = queries.judged_batch(self.actor, batch)
        if found is None:
            raise Missing("this batch has no release gate")
        return answer(queries.document(found, batch.project))

    def of_slice(self, one: Slice) -> Response:
        found = queries.judged_slice(self.actor, one)
        if found is None:
            raise Missing("this slice has no release gate")
        return answer(queries.document(found, one.project, q=one.q))

    def set(self, project: Project, **of: Any) -> None:
        require(may_set_gates(self.actor, project))
        services.set_gate(project, self.read(ReleaseGateInput)["expression"], **of, by=self.actor)

    def open_it(self, project: Project, **of: Any) -> None:
        require(may_set_gates(self.actor, project))
        services.open_by_hand(project, reason=self.read(OpenGateInput)["reason"], **of, by=self.actor)


class ProjectGate(_Gate):
    @extend_schema(responses={200: dict})
    def get(self, request: Request, project: int) -> Response:
        """The rule of every batch that has none of its own; what it says of a batch, the batch tells."""
        gate = queries.gate_of(self.actor, found := projects.get(self.actor, project))
        if gate is None:
            raise Missing("this project has no release gate")
        return answer(_bare(gate) | {"project": found.pk})

    @extend_schema(request=ReleaseGateInput, responses={200: dict})
    def put(self, request: Request, project: int) -> Response:
        """Set it: batches whose figures do not pass stay out of versions that are cut from now on. 400 names the column."""
        found = projects.get(self.actor, project)
        self.set(found)
        gate = queries.gate_of(self.actor, found)
        assert gate is not None
        return answer(_bare(gate))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, project: int) -> Response:
        """Remove it; gates of batches and slices stay."""
        services.remove_gate(projects.get(self.actor, project), by=self.actor)
        return answer(status=204)


class BatchGate(_Gate):
    @extend_schema(responses={200: dict})
    def get(self, request: Request, batch: int) -> Response:
        """What the batch's gate (`of`: its own or the project's) says now. Each part has its figure with the interval, on how many it
        rests, and how it is computed; `state` is pass, fail, not_enough (which does not pass) or opened (by hand)."""
        return self.of_batch(items.get_batch(self.actor, batch))

    @extend_schema(request=ReleaseGateInput, responses={200: dict})
    def put(self, request: Request, batch: int) -> Response:
        """Give the batch a rule of its own. 400 names the column of what cannot be read."""
        found = items.get_batch(self.actor, batch)
        self.set(found.project, batch=found)
        return self.of_batch(found)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, batch: int) -> Response:
        """The batch has the project's rule again, where there is one."""
        found = items.get_batch(self.actor, batch)
        services.remove_gate(found.project, batch=found, by=self.actor)
        return answer(status=204)


class BatchGateOpen(_Gate):
    @extend_schema(request=OpenGateInput, responses={200: dict})
    def post(self, request: Request, batch: int) -> Response:
        """Open it by hand although it does not pass, and say why; until the rule changes or more items come in."""
        found = items.get_batch(self.actor, batch)
        self.open_it(found.project, batch=found)
        return self.of_batch(found)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, batch: int) -> Response:
        """Shut again what was opened by hand."""
        found = items.get_batch(self.actor, batch)
        services.shut_again(found.project, batch=found, by=self.actor)
        return answer(status=204)


class SliceGate(_Gate):
    @extend_schema(responses={200: dict})
    def get(self, request: Request, slice: int) -> Response:
        """What the slice's gate says now of its items together."""
        return self.of_slice(releases.get_slice(self.actor, slice))

    @extend_schema(request=ReleaseGateInput, responses={200: dict})
    def put(self, request: Request, slice: int) -> Response:
        """Set it: while it does not pass, no version of the slice's query is cut: 409 `gate_failed` with the figures."""
        found = releases.get_slice(self.actor, slice)
        self.set(found.project, slice=found)
        return self.of_slice(found)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slice: int) -> Response:
        """Remove it."""
        found = releases.get_slice(self.actor, slice)
        services.remove_gate(found.project, slice=found, by=self.actor)
        return answer(status=204)


class SliceGateOpen(_Gate):
    @extend_schema(request=OpenGateInput, responses={200: dict})
    def post(self, request: Request, slice: int) -> Response:
        """Open it by hand, and say why; until the rule changes or more items come in."""
        found = releases.get_slice(self.actor, slice)
        self.open_it(found.project, slice=found)
        return self.of_slice(found)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slice: int) -> Response:
        """Shut again what was opened by hand."""
        found = releases.get_slice(self.actor, slice)
        services.shut_again(found.project, slice=found, by=self.actor)
        return answer(status=204)


api_routes = [
    path("projects/<id:project>/release-gate", ProjectGate.as_view()),
    path("batches/<id:batch>/release-gate", BatchGate.as_view()),
    path("batches/<id:batch>/release-gate/open", BatchGateOpen.as_view()),
    path("slices/<id:slice>/release-gate", SliceGate.as_view()),
    path("slices/<id:slice>/release-gate/open", SliceGateOpen.as_view()),
]
