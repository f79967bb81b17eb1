"""Sending what is due, at least once: a try is counted before it is made, so that whoever is killed in it tries again later."""

from __future__ import annotations

import datetime as dt
import http.client
import time
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from annotate.activity.services import record
from workflows.webhooks.models import Delivery, Webhook
from workflows.webhooks.posting import Refused, post
from workflows.webhooks.signing import signature
from workflows.webhooks.states import DELIVERY

# Seconds until the next try, after the first, the second, …; then it is given up: after about two and a half days.
WAITS = (5, 30, 120, 600, 3600, 3 * 3600, 8 * 3600, 16 * 3600, 24 * 3600)
STOP_AFTER = dt.timedelta(days=3)  # of nothing but failures
SENT = 200  # in one run of the job


def due(organisation_id: int) -> list[int]:
    rows = Delivery.objects.filter(state="waiting", next_at__lte=timezone.now(), webhook__active=True, webhook__project__organisation_id=organisation_id)
    return list(rows.order_by("next_at", "pk").values_list("pk", flat=True)[:SENT])


def send(delivery_id: int) -> bool:
    """One try; True when it arrived. Another sender that has it in hand already is left alone."""
    found = Delivery.objects.select_related("webhook__project").get(pk=delivery_id)
    tries = found.attempts + 1
    wait = WAITS[min(tries, len(WAITS)) - 1]
    mine = Delivery.objects.filter(pk=found.pk, state="waiting", attempts=found.attempts, next_at__lte=timezone.now())
    if not mine.update(attempts=tries, next_at=timezone.now() + dt.timedelta(seconds=wait)):
        return False
    status, why, final = _post(found)
    arrived = status is not None and 200 <= status < 300
    _settle(found, tries, status, "" if arrived else why or f"answered {status}", arrived=arrived, final=final or status == 410)
    return arrived


def _post(found: Delivery) -> tuple[int | None, str, bool]:
    """(status, why there is none, whether to try again is useless)."""
    webhook, stamp, body = found.webhook, int(time.time()), found.payload.encode()
    message = f"msg_{found.pk}"
    headers = {"webhook-id": message, "webhook-timestamp": str(stamp), "webhook-signature": signature(webhook.nonce, message, stamp, body)}
    try:
        return post(webhook.url, body, headers, private=settings.WEBHOOK_PRIVATE), "", False
    except Refused as refused:
        return None, str(refused), True
    except (OSError, http.client.HTTPException) as error:
        return None, f"{type(error).__name__}: {error}"[:300], False


@transaction.atomic
def _settle(found: Delivery, tries: int, status: int | None, why: str, *, arrived: bool, final: bool) -> None:
    move = "deliver" if arrived else "give_up" if final or tries >= len(WAITS) else ""
    fields: dict[str, Any] = {"status": status, "error": why[:300]}
    if move:
        fields |= {"state": DELIVERY.after("waiting", move), "ended_at": timezone.now()}
    Delivery.objects.filter(pk=found.pk, state="waiting", attempts=tries).update(**fields)
    webhook = Webhook.objects.select_for_update().get(pk=found.webhook_id)
    if arrived:
        Webhook.objects.filter(pk=webhook.pk, failing_since__isnull=False).update(failing_since=None)
        return
    webhook.failing_since = webhook.failing_since or timezone.now()
    if webhook.active and (status == 410 or timezone.now() - webhook.failing_since > STOP_AFTER):
        webhook.active, webhook.stopped_why = False, why[:300]
        project = found.webhook.project
        record(None, "webhook.stop", webhook, organisation=project.organisation_id, project=project, data={"status": status})
    webhook.save(update_fields=["failing_since", "active", "stopped_why"])
