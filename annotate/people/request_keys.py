"""The keeper of Idempotency-Keys: a keyed POST takes effect once, its first answer is replayed to repeats.

The key's row is written in the transaction of the work itself. Kept for at least a day, pruned by the clock.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import orjson
from django.db import connection, transaction
from django.utils import timezone

from annotate.kernel import canonical
from annotate.kernel.errors import Conflict, KeyReused
from annotate.kernel.registry import request_keys, ticks
from annotate.people.actor import Actor
from annotate.people.models import RequestKey

if TYPE_CHECKING:
    from rest_framework.response import Response

# The framework of the API is imported where it is used: the clock and the job workers do without.
KEEP = dt.timedelta(days=2)
_SECRETS = ("token", "invite", "password")


def _kept(data: Any) -> str:
    """The answer's text as it may be stored, since a column of JSON would reorder it: a repeat gets the very same bytes.
    A secret that is shown once is not kept, so a replay comes without it."""
    plain = json.loads(_rendered(data))
    if isinstance(plain, dict):
        plain = {name: value for name, value in plain.items() if name not in _SECRETS}
    return orjson.dumps(plain).decode()


def _rendered(data: Any) -> bytes:
    from annotate.kernel.wire import JSONRenderer

    return JSONRenderer().render(data) or b"null"


def once(actor: Actor, route: str, key: str, body_digest: bytes, run: Callable[[], Response]) -> tuple[int, Any]:
    """(status, body) of the first run. `Conflict` while it is in flight, `KeyReused` for another body. Errors are not kept."""
    lock = int.from_bytes(canonical.digest(f"{actor.person_id}|{route}|{key}")[:8], signed=True)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock])
            if not cursor.fetchone()[0]:
                raise Conflict("a request with this Idempotency-Key is being carried out", code="in_flight")
        known = RequestKey.objects.filter(person_id=actor.person_id, route=route[:300], key=key).first()
        if known is not None:
            if bytes(known.body_digest) != body_digest:
                raise KeyReused()
            return known.status, orjson.Fragment(str(known.answer))
        response = run()
        RequestKey.objects.create(
            person_id=actor.person_id,
            route=route[:300],
            key=key,
            body_digest=body_digest,
            status=response.status_code,
            answer=_kept(response.data),
        )
    return response.status_code, orjson.Fragment(_rendered(response.data))


def prune() -> int:
    """Drop keys older than two days; returns how many."""
    return RequestKey.objects.filter(created_at__lt=timezone.now() - KEEP).delete()[0]


request_keys.add("once", once)
ticks.add("prune request keys", (3600.0, prune))
