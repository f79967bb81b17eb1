"""Background work of rounds: planning one of a large batch, and what follows from a decision."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from annotate.jobs.services import Work, handler, links
from annotate.jobs.words import KINDS
from annotate.kernel.errors import Conflict
from workflows.rounds import deciding as deciding  # its tick is registered by the import
from workflows.rounds import planning, settling
from workflows.rounds.models import RoundItem


@handler(planning.JOB, resumes=True)
def plan(work: Work) -> dict[str, Any]:
    if work.by is None:
        raise Conflict("the person who asked for this has gone")
    made = planning.carry_out(work.arguments["round"], by=work.by)
    return {"round": made.pk, "items": made.items, "sampled": made.sampled}


@handler(settling.JOB, resumes=True)
def settle(work: Work) -> dict[str, Any]:
    round_id = work.arguments["round"]
    total = RoundItem.objects.filter(round=round_id, sampled=False, outcome="").count()
    made = settling.carry_out(round_id, lambda done: work.progress(done, total))
    return {"round": made.pk, "state": made.state, "counts": made.counts}


def _link(job: Any) -> dict[str, str]:
    made = job.arguments.get("round")
    return {"round": f"/api/v1/rounds/{made}"} if made else {}


links.add(planning.JOB, _link)
links.add(settling.JOB, _link)
KINDS[planning.JOB] = gettext_lazy("Planning of a review round")
KINDS[settling.JOB] = gettext_lazy("Outcome of a review round")
