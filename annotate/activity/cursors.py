"""How news travels up: a consumer reads activity by a cursor of its own, each row exactly once.

Rows come in (transaction, id) order and only from below the oldest running transaction, so none can appear behind the cursor.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import BigIntegerField, Func, Q

from annotate.activity.models import Activity, Consumer


class OldestRunning(Func):
    """Below this transaction id everything has ended."""

    template = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    output_field = BigIntegerField()


@transaction.atomic
def read_news(name: str, limit: int = 1000) -> list[Activity]:
    """The next rows for the consumer `name`; its cursor moves in the caller's transaction, with what the caller makes of them.

    Two readers of one name take turns. A new name starts at the very beginning.
    """
    Consumer.objects.get_or_create(name=name)
    cursor = Consumer.objects.select_for_update().get(name=name)
    after = Q(transaction=cursor.transaction, id__gt=cursor.activity_id) | Q(transaction__gt=cursor.transaction)
    ready = Activity.objects.filter(transaction__gte=cursor.transaction, transaction__lt=OldestRunning())
    rows = list(ready.filter(after).order_by("transaction", "id")[:limit])
    if rows:
        cursor.transaction, cursor.activity_id = rows[-1].transaction, rows[-1].pk
        cursor.save()
    return rows


@transaction.atomic
def skip_to_now(name: str) -> None:
    """Start the consumer at what happens from here on."""
    last = Activity.objects.filter(transaction__lt=OldestRunning()).order_by("-transaction", "-id").first()
    if last is not None:
        Consumer.objects.update_or_create(name=name, defaults={"transaction": last.transaction, "activity_id": last.pk})
