"""Submit: the answer to a task, under a lease. Whole or not at all, durable once acknowledged, counted once.

The annotation itself keeps the lease's id, the Idempotency-Key and the digest of the request, so a repeat finds the first
answer without a table of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import transaction
from django.utils.translation import gettext as _

from annotate.annotations.apart import append_apart, shown
from annotate.annotations.schemas import parsed
from annotate.annotations.writing import append
from annotate.kernel import canonical, sql
from annotate.kernel.errors import Conflict, Gone, Invalid, KeyReused, SluiceError
from annotate.labels.validation import check
from annotate.people.actor import Actor
from annotate.queues.agreeing import settle
from annotate.queues.at_once import asking, next_at_once
from annotate.queues.drafts import keep, require_seen
from annotate.queues.leases import Locked, lock, refusal, require_stage
from annotate.queues.models import Lease

Follow = Callable[[Lease], object]
LONGEST_SECONDS = 7 * 24 * 3600.0

_BEFORE = f"SELECT a.id, {shown('a')}, a.request_key, a.request_digest FROM annotate_annotation a WHERE a.lease_id = %(lease)s::bigint"
_CLOSING = """ended AS (
    UPDATE annotate_lease SET ended_at = clock_timestamp(), ended_by = 'submit' WHERE id = %(lease)s::bigint
), answered AS (
    UPDATE annotate_task
    SET state = 'answered', person_id = %(person)s::bigint, annotation_id = added.id, answered_at = clock_timestamp(), reserved_until = NULL
    FROM added WHERE annotate_task.id = %(task)s::bigint
), cleared AS (
    DELETE FROM annotate_draft WHERE task_id = %(task)s::bigint AND person_id = %(person)s::bigint
), told AS (
    INSERT INTO annotate_activity (organisation_id, project_id, person_id, token_id, verb, noun, noun_id, after, data,
                                   request_id, address)
    SELECT %(organisation)s::bigint, %(project)s::bigint, %(person)s::bigint, %(token)s::bigint, 'annotation.submit',
           'annotation', added.id, %(digest)s::bytea, %(about)s::jsonb || jsonb_build_object('revision', added.number),
           %(request)s::text, %(address)s::text
    FROM added
)"""
_THEN = f", {_CLOSING}"
# What an answer to gold added stands apart, and is not part of the same statement.
_CLOSE = f"WITH added AS (SELECT %(annotation)s::bigint AS id, %(number)s::int AS number), {_CLOSING} SELECT 1"


@dataclass(frozen=True)
class Submitted:
    """`repeated`: this was the same request again, and the first answer stands."""

    annotation_id: int
    revision: int
    queue_id: int
    repeated: bool = False


def submit(
    lease_id: int,
    actor: Actor,
    document: Any,
    seconds: float | None = None,
    *,
    draft: int | None = None,
    request_key: str | None = None,
    request_digest: bytes | None = None,
    follow: Follow | None = None,
) -> Submitted:
    """Answer the lease's task. `draft` is the revision of the draft that the answer has seen: when the person's own draft
    has moved on since, in another tab, it is `Stale` and nothing changes.

    `Missing` for a lease that is not the actor's; `Invalid` (fields name the objects) when the document does not fit the
    schema version the lease pins; `Conflict` when the lease is over, in which case the document is kept as a draft;
    `KeyReused` for another body under the same key; `Gone` when the item was erased.

    `follow` is told of the person's next lease in the queue, as the last of the transaction (see `at_once.next_at_once`), when that can be
    had without waiting; else it is not called.
    """
    spent = active_seconds(seconds)
    if draft is not None and (isinstance(draft, bool) or not isinstance(draft, int) or not 0 <= draft < 2**31):
        raise Invalid(_("The draft's revision is a whole number."), fields={"draft": "a whole number from 0 on"})
    with transaction.atomic():
        locked = require_stage(lock(lease_id, actor, item=True), "annotate")
        late: SluiceError | None = refusal(locked)
        if late is None:
            return _answer(locked, actor, document, spent, draft, request_key, request_digest, follow)
        if request_key is not None and (before := _repeat(locked, request_key, request_digest)) is not None:
            return before
        late = keep(locked, document, late)
    raise late


def active_seconds(seconds: Any) -> float | None:
    """What a client says was spent, as a number of seconds; None when it says nothing, `Invalid` when it cannot be."""
    if seconds is None:
        return None
    wrong = isinstance(seconds, bool) or not isinstance(seconds, int | float)
    if wrong or not math.isfinite(seconds) or not 0 <= seconds <= LONGEST_SECONDS:
        raise Invalid(_("The time spent is a number of seconds, at most a week."), fields={"seconds": "0 to 604800"})
    return float(seconds)


def _repeat(locked: Locked, key: str, digest: bytes | None) -> Submitted | None:
    """The first answer when this request is its repeat."""
    before = sql.row(_BEFORE, {"lease": locked.id})
    if before is None or before[2] != key:
        return None
    if before[3] is None or digest is None or bytes(before[3]) != digest:
        raise KeyReused()
    return Submitted(before[0], before[1], locked.queue_id, repeated=True)


def _answer(
    locked: Locked,
    actor: Actor,
    document: Any,
    seconds: float | None,
    draft: int | None,
    key: str | None,
    digest: bytes | None,
    follow: Follow | None,
) -> Submitted:
    if not isinstance(document, dict):
        raise Invalid(_("The annotation must be a JSON object."), fields={"annotation": "an object"})
    if locked.item_state == "erased":
        raise Gone()
    if locked.task_state not in ("open", "returned"):
        raise Conflict(_("this task needs no answer any more"), code="task_over")
    schema = parsed(locked.schema_version_id).schema
    sound = check(document, schema, width=locked.width, height=locked.height, text=locked.text)
    if draft is not None:
        require_seen(locked, draft, canonical.dumps(sound))
    answer: dict[str, Any] = {
        "item_id": locked.item_id,
        "document": sound,
        "schema_version_id": locked.schema_version_id,
        "person_id": actor.person_id,
        "parent_id": locked.annotation_id,
        "task_id": locked.task_id,
        "lease_id": locked.id,
        "seconds": seconds,
        "request_key": key,
        "request_digest": digest,
    }
    about = {"item": locked.item_id, "task": locked.task_id, "lease": locked.id, "queue": locked.queue_id}
    more: dict[str, Any] = {
        "organisation": locked.organisation_id,
        "token": actor.token_id,
        "about": orjson.dumps(about).decode(),
        "request": actor.request_id,
        "address": actor.address,
    }
    if locked.gold:
        made, number, _text, content = append_apart(**answer)
        more |= {"annotation": made, "number": number, "digest": content, "project": locked.project_id, "person": actor.person_id}
        sql.rows(_CLOSE, more | {"lease": locked.id, "task": locked.task_id})
    else:
        at_once = follow is not None and locked.agreement_bar is None
        said: list[list[tuple[Any, ...]]] = []
        made, number, _text, _content = append(
            project_id=locked.project_id, source="person", then=_THEN, more=more, commits=locked.agreement_bar is None and not at_once,
            along=asking(locked.queue_id, actor) if at_once else (), said=said, **answer,
        )  # fmt: skip
        if follow is not None and at_once:
            next_at_once(locked.queue_id, actor, said, follow)
    if locked.agreement_bar is not None and not locked.gold:
        asked: dict[str, Any] = {"overlap": locked.overlap, "bar": locked.agreement_bar, "most": locked.overlap_most}
        settle(locked.project_id, locked.queue_id, locked.item_id, locked.round, **asked)
    return Submitted(made, number, locked.queue_id)


