"""What is done about suspected labels: their items sent to a queue, and called back; questions asked about them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.kernel.canonical import check_text, dumps
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid
from annotate.people.actor import Actor
from annotate.projects.policies import may_manage
from annotate.queues import sending
from annotate.queues.models import Queue
from annotate.reviews import asking
from workflows.evaluations import queries
from workflows.evaluations.models import Evaluation, Suspect
from workflows.evaluations.wording import reason
from workflows.releases import policies

MOST = 500
MOST_ASKED = 50  # questions are read one by one


def _chosen(evaluation: Evaluation, ids: Sequence[int], most: int) -> list[Suspect]:
    """The suspects of these ids, locked, in their order; `Invalid` for what is none of this evaluation."""
    wanted = set(ids)
    if not 1 <= len(wanted) <= most:
        raise Invalid(_("Choose 1 to %(n)d of the suspects.") % {"n": most}, fields={"suspects": f"1 to {most}"})
    rows = list(queries.suspects(evaluation).filter(pk__in=wanted).select_for_update(of=("self",)).order_by("rank"))
    unknown = wanted - {row.pk for row in rows}
    if unknown:
        raise Invalid(_("The evaluation has no such suspect."), fields={"suspects": f"unknown: {', '.join(map(str, sorted(unknown)[:20]))}"})
    return rows


@transaction.atomic
def send(evaluation: Evaluation, queue: Queue, *, suspects: Sequence[int], by: Actor) -> int:
    """Their items to an annotate queue of the project, whatever its query says; how many it did not have. `call_back` undoes it."""
    project = evaluation.version.dataset.project
    require(may_manage(by, project))
    if queue.project_id != project.pk or queue.stage != "annotate":
        raise Invalid(_("It takes a queue of this project in which items are labelled."), fields={"queue": "an annotate queue of the project"})
    if queue.state == "closed":
        raise Conflict(_("This queue is closed."), code="closed")
    rows = _chosen(evaluation, suspects, MOST)
    made = sending.send(queue, {row.item_id for row in rows})
    told: set[int] = set()
    for row in rows:
        if row.item_id in made and row.item_id not in told:
            told.add(row.item_id)
            row.task = made[row.item_id]
    Suspect.objects.bulk_update([row for row in rows if row.item_id in told], ["task"])
    data = {"queue": queue.pk, "suspects": len(rows), "items": len(made)}
    record(by, "evaluation.send", evaluation, organisation=project.organisation_id, project=project, data=data)
    return len(made)


@transaction.atomic
def call_back(evaluation: Evaluation, *, by: Actor) -> int:
    """Tasks that were made of its suspects and that nobody has begun are taken away; how many."""
    project = evaluation.version.dataset.project
    require(may_manage(by, project))
    rows = Suspect.objects.filter(evaluation=evaluation, task__isnull=False).select_for_update()
    gone = sending.call_back([row.task for row in rows if row.task])
    Suspect.objects.filter(evaluation=evaluation, task__in=gone).update(task=None)
    record(by, "evaluation.call_back", evaluation, organisation=project.organisation_id, project=project, data={"items": len(gone)})
    return len(gone)


@transaction.atomic
def ask(evaluation: Evaluation, *, suspects: Sequence[int], words: str = "", by: Actor) -> int:
    """A question on the item of each, pinned to what was frozen or to the middle of what was predicted; how many had none yet."""
    version = evaluation.version
    require(policies.may_pull(by, version))
    rows = [row for row in _chosen(evaluation, suspects, MOST_ASKED) if row.question_id is None]
    more = check_text(words or "").strip()
    if len(more) > 1500:
        raise Invalid(_("At most 1,500 characters."), fields={"reason": "at most 1,500 characters"})
    for row in rows:
        told = {"reason": f"{more} — {reason(row)}" if more else reason(row), "number": version.number, "dataset": version.dataset.name, "model": evaluation.model}
        text = _("%(reason)s (%(model)s on v%(number)s of %(dataset)s)") % told
        document = dumps({"objects": [row.drawn]}) if row.drawn else ""
        row.question = asking.tell(row.item, text[:4000], object=row.drawn["id"] if row.drawn else None, at=_middle(row), document=document, by=by)
    Suspect.objects.bulk_update(rows, ["question"])
    project = version.dataset.project
    record(by, "evaluation.ask", evaluation, organisation=project.organisation_id, project=project, data={"questions": len(rows)})
    return len(rows)


def _middle(row: Suspect) -> list[float] | None:
    """Of what was predicted, within the picture; None of what was frozen, or has no place."""
    from workflows.quality.matching.likeness import AREAS  # numpy, which idle processes do without
    from workflows.quality.matching.overlap import Area

    if row.drawn is not None or row.shape is None or row.shape["kind"] not in AREAS:
        return None
    left, top, right, bottom = Area(row.shape).bounds
    wide, high = row.item.width, row.item.height
    x, y = max(0.0, (left + right) / 2), max(0.0, (top + bottom) / 2)
    return [float(min(x, wide) if wide else x), float(min(y, high) if high else y)]
