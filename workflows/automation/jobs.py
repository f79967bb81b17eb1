"""The work of the line that runs by itself: every batch of a project goes on as far as it can."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from annotate.jobs.services import Work, handler
from annotate.jobs.words import KINDS
from workflows.automation.advancing import advance
from workflows.automation.news import JOB, live

MOST = 50  # moves of one batch in a row: more would be a step that goes round in circles


@handler(JOB, resumes=True)
def go(work: Work) -> dict[str, Any]:
    """Each move is a transaction of its own, so that whoever goes on after a kill finds what was done done."""
    passages = [passage.pk for passage in live(work.arguments["project"])]
    moves = 0
    for place, passage in enumerate(passages):
        work.progress(place, len(passages))
        for _each in range(MOST):
            if not advance(passage):
                break
            moves += 1
    work.progress(len(passages), len(passages))
    return {"moves": moves}


KINDS[JOB] = gettext_lazy("Batches going on by themselves")
