"""Deliveries that nobody will look at any more go: what has ended, after a while, but for the newest of each webhook."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet
from django.utils import timezone

from annotate.kernel.registry import ticks
from workflows.webhooks.models import Delivery, Webhook

KEEP = dt.timedelta(days=30)  # after its end
NEWEST = 20  # of a webhook, that stay however old they are: its page is to say what came of it
MOST = 5000  # of a webhook, however new
PIECE = 2000  # rows that go in one statement


def prune() -> int:
    """Drop deliveries that arrived or were given up, older than `KEEP` or beyond the `MOST` newest of their webhook; how many. What waits stays."""
    return sum(_prune(pk) for pk in Webhook.objects.order_by("pk").values_list("pk", flat=True))


def _prune(webhook_id: int) -> int:
    ended = Delivery.objects.filter(webhook_id=webhook_id, ended_at__isnull=False).exclude(state="waiting")
    newest_first = ended.order_by("-pk").values_list("pk", flat=True)
    kept, last = newest_first[NEWEST - 1 : NEWEST].first(), newest_first[MOST - 1 : MOST].first()
    if kept is None:
        return 0
    old = ended.filter(pk__lt=kept, ended_at__lt=timezone.now() - KEEP)
    dropped = _drop(old)
    return dropped + (_drop(ended.filter(pk__lt=last)) if last is not None else 0)


def _drop(rows: QuerySet[Delivery]) -> int:
    """Piece by piece: nobody who sends meanwhile waits for long."""
    dropped = 0
    while some := list(rows.order_by("pk").values_list("pk", flat=True)[:PIECE]):
        Delivery.objects.filter(pk__in=some).exclude(state="waiting").delete()  # one that is sent again stays
        dropped += len(some)
        if len(some) < PIECE:
            break
    return dropped


ticks.add("prune deliveries", (86_400.0, prune))
