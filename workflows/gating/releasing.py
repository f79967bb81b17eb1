"""Gates at work: asked while a version is drafted, when one is asked for, and at the instant of its cut."""

from __future__ import annotations

from annotate.items.models import Item
from annotate.projects.models import Project
from annotate.search.compile import compile_query
from workflows.gating.judging import Judged, of_batches, of_slices
from workflows.gating.models import ReleaseGate
from workflows.releases.gates import ASK, CUT, Barred, release_gates
from workflows.releases.models import Slice


@release_gates.register("measures")
def barred(project: Project, q: str, when: str) -> Barred:
    """Batches whose gate does not pass stay out, and a query that is a slice's is refused by that slice's gate.

    Before the cut, what only it can measure bars nothing yet.
    """
    gates = ReleaseGate.objects.filter(project=project)
    if not gates.exists():
        return Barred()
    at_once = when != CUT
    selected = Item.objects.filter(compile_query(q, project.pk), project=project).exclude(state="erased")
    batches = {} if when == ASK else dict(project.batches.filter(pk__in=selected.order_by().values("batch")).values_list("pk", "name"))
    of_batch = of_batches(project, batches, at_once=at_once)
    slices = list(Slice.objects.filter(project=project, q=q, pk__in=gates.exclude(slice=None).values("slice")).order_by("pk"))
    of_slice = of_slices(project, slices, at_once=at_once)
    shut = {pk: one.why for pk, one in sorted(of_batch.items()) if not _through(one, at_once)}
    refusing = [one.document() for one in of_slice.values() if not _through(one, at_once)]
    return Barred(shut, refusing, [one.document() for one in (*of_batch.values(), *of_slice.values())])


def _through(one: Judged, at_once: bool) -> bool:
    return one.lets_through or (at_once and one.waits)
