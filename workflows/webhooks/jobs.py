"""The job that sends what is due in one organisation."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from annotate.jobs.services import Work, handler
from annotate.jobs.words import KINDS
from workflows.webhooks.following import SEND
from workflows.webhooks.models import Delivery
from workflows.webhooks.sending import due, send

KINDS[SEND] = gettext_lazy("Sending news to webhooks")


@handler(SEND, resumes=True)
def run(work: Work) -> dict[str, Any]:
    """{"sent": how many arrived}."""
    waiting = due(int(work.arguments["organisation"]))
    sent = 0
    for place, delivery in enumerate(waiting):
        work.progress(place, len(waiting))
        if Delivery.objects.filter(pk=delivery).exists():  # its webhook may have gone
            sent += send(delivery)
    work.progress(len(waiting), len(waiting))
    return {"sent": sent}
