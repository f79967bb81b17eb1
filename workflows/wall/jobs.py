"""Background work of the wall: acts on many items, and putting many things into an order."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from annotate.jobs.services import Work, handler, links
from annotate.jobs.words import KINDS
from workflows.wall import acting, ordering
from workflows.wall.models import WallAct, WallItem
from workflows.wall.running import counts, run


@handler(acting.JOB, resumes=True)
def carry_out(work: Work) -> dict[str, Any]:
    act_id = work.arguments["act"]
    left = WallItem.objects.filter(act=act_id, outcome="changed" if work.arguments["undo"] else "planned").count()
    run(act_id, lambda done: work.progress(done, left))
    act = WallAct.objects.get(pk=act_id)
    return {"act": act.pk, "state": act.state, "counts": counts(act.pk)}


@handler(ordering.JOB)
def order(work: Work) -> dict[str, Any]:
    made = ordering.carry_out(work.arguments["order"], work.arguments["asked"], work.progress)
    return {"objects": made.things if made is not None else 0}


links.add(acting.JOB, lambda job: {"act": f"/api/v1/wall-acts/{job.arguments['act']}"})
KINDS[acting.JOB] = gettext_lazy("Change from the label wall")
KINDS[ordering.JOB] = gettext_lazy("Order of a label wall")
