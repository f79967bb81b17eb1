"""The jobs of a report: figures that were sent are taken as they are, predictions are measured."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from annotate.jobs.services import Cancelled, Work, handler
from annotate.jobs.words import KINDS
from annotate.kernel.errors import Conflict, Invalid, SluiceError
from workflows.evaluations import predicting
from workflows.evaluations.models import Evaluation
from workflows.evaluations.services import REPORT
from workflows.releases.models import Version

KINDS[REPORT] = gettext_lazy("Report of a model")
KINDS[predicting.MEASURE] = gettext_lazy("Measuring of predictions")


@handler(REPORT)
def take(work: Work) -> dict[str, Any]:
    """{"evaluation": id}."""
    found = Evaluation.objects.filter(pk=work.arguments["evaluation"]).first()
    if found is None:
        raise Invalid("the evaluation has gone with its version")
    return {"evaluation": found.pk}


@handler(predicting.MEASURE)
def measure(work: Work) -> dict[str, Any]:
    """{"evaluation": id}. It may be begun again at any point: the evaluation is written in one step, and once."""
    stored = work.arguments["stored"]
    try:
        version = Version.objects.select_related("dataset__project", "schema_version").filter(pk=work.arguments["version"]).first()
        if version is None:
            raise Invalid("the version has gone")
        if work.by is None:
            raise Conflict("the person who sent these predictions has gone")
        made = predicting.carry_out(work, version)
    except (Cancelled, SluiceError):  # ends for good; anything else is tried again and needs the bytes
        predicting.end(stored)
        raise
    predicting.end(stored)
    return {"evaluation": made}
