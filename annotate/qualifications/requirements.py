"""What a queue asks for: set by managers, all of it anew each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid
from annotate.people.actor import Actor
from annotate.projects.policies import may_manage
from annotate.qualifications.models import Qualification, Requirement
from annotate.queues.models import Queue
from annotate.queues.requiring import requirements

MOST = 20


@requirements.register("set")
@transaction.atomic
def set_requirements(queue: Queue, wanted: Sequence[Mapping[str, Any]], by: Actor) -> bool:
    """The queue asks for these from now on, {"qualification": id, "bar": 0 to 1 or None} each; who holds something of it may
    finish that. Whether anything changed. `Invalid` names what is wrong by its place."""
    require(may_manage(by, queue.project))
    list(Queue.objects.filter(pk=queue.pk).select_for_update(of=("self",)).values_list("pk"))
    if queue.state == "closed":
        raise Conflict(_("A closed queue does not change."), code="queue_closed")
    bars = _checked(queue, wanted)
    before = dict(Requirement.objects.filter(queue=queue).values_list("qualification_id", "bar"))
    if bars == before:
        return False
    Requirement.objects.filter(queue=queue).delete()
    Requirement.objects.bulk_create([Requirement(queue=queue, qualification_id=pk, bar=bar) for pk, bar in bars.items()])
    about = {"requires": [{"qualification": pk, "bar": bar} for pk, bar in sorted(bars.items())]}
    record(by, "queue.require", queue, organisation=queue.project.organisation_id, project=queue.project, data=about)
    return True


def _checked(queue: Queue, wanted: Sequence[Mapping[str, Any]]) -> dict[int, float | None]:
    known = dict(Qualification.objects.filter(project=queue.project).values_list("pk", "queue_id"))
    bars: dict[int, float | None] = {}
    wrong: dict[str, str] = {} if len(wanted) <= MOST else {"requires": f"at most {MOST}"}
    for place, one in enumerate(wanted[: MOST + 1]):
        pk, bar = one.get("qualification"), one.get("bar")
        if pk not in known:
            wrong[f"requires[{place}].qualification"] = _("no such qualification in this project")
        elif known[pk] == queue.pk:
            wrong[f"requires[{place}].qualification"] = _("this queue is the run of that qualification")
        elif pk in bars:
            wrong[f"requires[{place}].qualification"] = _("named twice")
        elif bar is not None and (isinstance(bar, bool) or not isinstance(bar, int | float) or not 0 <= bar <= 1):
            wrong[f"requires[{place}].bar"] = _("a number from 0 to 1, or nothing")
        else:
            bars[pk] = None if bar is None else float(bar)
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    return bars


@requirements.register("of")
def requirements_of(queue: Queue) -> list[dict[str, Any]]:
    rows = Requirement.objects.filter(queue=queue).select_related("qualification").order_by("qualification__name")
    return [{"qualification": row.qualification_id, "name": row.qualification.name, "bar": row.bar} for row in rows]


@requirements.register("choice")
def choice(queue: Queue) -> list[dict[str, Any]]:
    """Every qualification of the project, by name: id, name, asked, bar; for the page of the queue."""
    bars = dict(Requirement.objects.filter(queue=queue).values_list("qualification_id", "bar"))
    rows = Qualification.objects.filter(project=queue.project).exclude(queue=queue.pk).order_by("name").values_list("pk", "name")
    return [{"id": pk, "name": name, "asked": pk in bars, "bar": bars.get(pk)} for pk, name in rows]
