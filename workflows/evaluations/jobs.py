"""The job of a report. Figures that were sent are taken as they are; the job is where predictions would be measured."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from annotate.jobs.services import Work, handler
from annotate.jobs.words import KINDS
from annotate.kernel.errors import Invalid
from workflows.evaluations.models import Evaluation
from workflows.evaluations.services import REPORT

KINDS[REPORT] = gettext_lazy("Report of a model")


@handler(REPORT)
def take(work: Work) -> dict[str, Any]:
    """{"evaluation": id}."""
    found = Evaluation.objects.filter(pk=work.arguments["evaluation"]).first()
    if found is None:
        raise Invalid("the evaluation has gone with its version")
    return {"evaluation": found.pk}
