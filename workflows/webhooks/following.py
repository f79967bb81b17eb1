"""From the record to deliveries: read by a cursor, each act once, in one transaction with what is to be sent; then at most one
job per organisation that sends what is due."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from annotate.activity.cursors import read_news, skip_to_now
from annotate.jobs.services import enqueue
from annotate.kernel.registry import ticks
from workflows.webhooks.events import BY_VERB, of_activity
from workflows.webhooks.models import Delivery, Webhook

NAME = "webhooks"
SEND = "webhooks.send"
SECONDS = 2.0
READ, READS = 1000, 20


def follow() -> int:
    """Put on its way whatever active webhooks of the projects ask for; how many deliveries were made."""
    if not Webhook.objects.filter(active=True).exists():
        skip_to_now(NAME)
        return 0
    made = 0
    for _each in range(READS):
        with transaction.atomic():
            rows = read_news(NAME, READ)
            told = [row for row in rows if row.verb in BY_VERB and row.project_id]
            asking = list(Webhook.objects.filter(active=True, project__in={row.project_id for row in told})) if told else []
            due = [
                Delivery(webhook=webhook, event=BY_VERB[row.verb], activity_id=row.pk, payload=of_activity(row), next_at=timezone.now())
                for row in told
                for webhook in asking
                # What happened before it was there is no news to it.
                if webhook.project_id == row.project_id and BY_VERB[row.verb] in webhook.events and webhook.created_at <= row.at
            ]
            Delivery.objects.bulk_create(due, ignore_conflicts=True)
        made += len(due)
        if len(rows) < READ:
            break
    return made


def wake(organisation_id: int) -> None:
    """The one job that sends what is due in the organisation."""
    enqueue(SEND, organisation_id=organisation_id, by=None, arguments={"organisation": organisation_id}, key=f"{SEND} {organisation_id}")


def look() -> int:
    """Read the news, then ask for a job wherever something is due; how many were asked for."""
    follow()
    due = Delivery.objects.filter(state="waiting", next_at__lte=timezone.now(), webhook__active=True)
    organisations = sorted(set(due.values_list("webhook__project__organisation_id", flat=True)[:1000]))
    for organisation_id in organisations:
        wake(organisation_id)
    return len(organisations)


ticks.add("webhooks", (SECONDS, look))
