"""Handing out a large batch, in the background."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from annotate.jobs.services import Work, handler
from annotate.jobs.words import KINDS
from annotate.kernel.errors import Conflict
from workflows.assignment.handing import JOB, carry_out


@handler(JOB)
def hand_out(work: Work) -> dict[str, Any]:
    if work.by is None:
        raise Conflict("the person who asked for this has gone")
    made = carry_out(work.arguments["handing"], by=work.by)
    return {"handing": made.pk, "queue": made.queue_id, "items": made.counts.get("items", 0), "answers": made.counts.get("answers", 0)}


KINDS[JOB] = gettext_lazy("Batch handed to a team")
