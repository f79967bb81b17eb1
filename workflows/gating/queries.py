"""Gates as a person may see them, with links to the items behind each figure."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from annotate.items.models import Batch
from annotate.kernel.decisions import require
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.search.writing import narrowed, quoted
from workflows.gating.fields import MEASURES
from workflows.gating.judging import Judged, of_batches, of_slices
from workflows.gating.logic import Part
from workflows.gating.models import ReleaseGate
from workflows.gating.policies import may_see_gates
from workflows.releases.models import Slice


def gate_of(actor: Actor, project: Project, *, batch: Batch | None = None, slice: Slice | None = None) -> ReleaseGate | None:
    """The gate itself: of the batch, of the slice, or the project's; `Denied` for who does not see all items."""
    require(may_see_gates(actor, project))
    return ReleaseGate.objects.filter(project=project, batch=batch, slice=slice).first()


def judged_batch(actor: Actor, batch: Batch) -> Judged | None:
    """What the batch's gate says now, its own or the project's."""
    require(may_see_gates(actor, batch.project))
    return of_batches(batch.project, {batch.pk: batch.name}).get(batch.pk)


def judged_slice(actor: Actor, slice: Slice) -> Judged | None:
    require(may_see_gates(actor, slice.project))
    return of_slices(slice.project, [slice]).get(slice.pk)


def link(project: Project, part: Part, *, batch: str | None, q: str = "") -> str:
    """The page of the items behind a part: those of the batch, or of the slice's query, that count against it where a query can tell."""
    if part.name in ("gold_accuracy", "gold_answers"):
        return f"/p/{project.pk}/gold"
    whole = f"batch = {quoted(batch)}" if batch is not None else q
    for condition in (MEASURES[part.name].items, f"label = {quoted(part.argument)}" if part.argument is not None else ""):
        whole = narrowed(whole, condition) if condition else whole
    return f"/p/{project.pk}/items?{urlencode({'q': whole})}"


def document(found: Judged, project: Project, *, q: str = "") -> dict[str, Any]:
    """What the API says: the judged gate, each part with how it is computed and a link to the items behind it."""
    made = found.document()
    batch = str(found.about["name"]) if found.about.get("batch") else None
    for shown, part in zip(made["parts"], found.outcome.parts, strict=True):
        measure = MEASURES[part.name]
        shown |= {"how": str(measure.how), "counted": str(measure.of), "link": link(project, part, batch=batch, q=q)}
    about = {"project": project.pk, "created_by": found.gate.created_by_id, "created_at": found.gate.created_at}
    return made | about
