"""Drafts: what was drawn and not yet submitted, one per person and task; it outlives the lease.

A save names the revision it saw last; a stale one changes nothing and learns what stands. A body that arrives after its lease is over is kept,
unless something newer of the same person stands: an answer, or another lease of the same task.
"""

from __future__ import annotations

from typing import Any

import orjson
from django.db import transaction
from django.utils.translation import gettext as _

from annotate.annotations.schemas import parsed
from annotate.kernel import canonical, sql
from annotate.kernel.errors import Conflict, Invalid, SluiceError, Stale
from annotate.labels.validation import check
from annotate.people.actor import Actor
from annotate.queues.leases import Locked, lock, refusal

_FIRST = """
INSERT INTO annotate_draft (task_id, person_id, revision, document, updated_at)
VALUES (%(task)s::bigint, %(person)s::bigint, 1, %(document)s::text, now())
ON CONFLICT (task_id, person_id) DO NOTHING RETURNING revision
"""
_NEXT = """
UPDATE annotate_draft SET revision = revision + 1, document = %(document)s::text, updated_at = now()
WHERE task_id = %(task)s::bigint AND person_id = %(person)s::bigint AND revision = %(revision)s::int
RETURNING revision
"""
_PRESENT = "SELECT revision, document FROM annotate_draft WHERE task_id = %(task)s::bigint AND person_id = %(person)s::bigint"
_KEEP = """
INSERT INTO annotate_draft (task_id, person_id, revision, document, updated_at)
SELECT %(task)s::bigint, %(person)s::bigint, 1, %(document)s::text, now()
WHERE NOT EXISTS (SELECT 1 FROM annotate_lease WHERE task_id = %(task)s::bigint AND person_id = %(person)s::bigint
                  AND id > %(lease)s::bigint)
ON CONFLICT (task_id, person_id) DO UPDATE SET revision = annotate_draft.revision + 1, document = excluded.document,
    updated_at = now()
    WHERE %(seen)s::int IS NULL OR annotate_draft.revision = %(seen)s::int
RETURNING revision
"""


def text_of(document: Any, locked: Locked) -> str:
    """The canonical text of an unfinished document; `Invalid` when it is not even of the right structure."""
    if not isinstance(document, dict):
        raise Invalid(_("The annotation must be a JSON object."), fields={"annotation": "an object"})
    schema = parsed(locked.schema_version_id).schema
    sound = check(document, schema, width=locked.width, height=locked.height, text=locked.text, partial=True)
    return canonical.dumps(sound)


def save(lease_id: int, actor: Actor, *, revision: int, document: Any) -> int:
    """The draft's new revision. `Stale` (with the present `revision`) when another save came first; `Conflict` when the
    lease is over, in which case the body is kept if nothing newer stands."""
    with transaction.atomic():
        locked = lock(lease_id, actor)
        late: SluiceError | None = refusal(locked)
        if late is None:
            return _save(locked, revision, document)
        late = keep(locked, document, late, seen=revision)
    raise late


def _save(locked: Locked, revision: int, document: Any) -> int:
    text = text_of(document, locked)
    values = {"task": locked.task_id, "person": locked.person_id, "revision": revision, "document": text}
    saved = sql.row(_FIRST if revision == 0 else _NEXT, values)
    if saved is not None:
        return int(saved[0])
    present = sql.row(_PRESENT, values) or (0, "")
    raise stale(present, text)


def stale(present: tuple[int, str], document: str = "") -> Stale:
    """The refusal of a save or an answer that has not seen the present draft: it carries both revision and document.

    `same`: most likely this very save, whose answer was lost on the way; who sent it may go on from `revision`.
    """
    extra = {
        "revision": present[0],
        "annotation": orjson.loads(present[1]) if present[1] else None,
        "same": bool(present[1]) and present[1] == document,
    }
    return Stale(_("another tab saved this draft in the meantime"), code="stale_draft", extra=extra)


def require_seen(locked: Locked, revision: int, document: str) -> None:
    """`Stale` when the person's draft has moved on since `revision`, unless it says the same as `document` (canonical)."""
    present = sql.row(_PRESENT, {"task": locked.task_id, "person": locked.person_id})
    if present is not None and present[0] > revision and present[1] != document:
        raise stale(present)


def keep(locked: Locked, document: Any, why: SluiceError, *, seen: int | None = None) -> SluiceError:
    """Keep a body that came too late; `why` with `draft_kept` added to it. Never touches an answer, nor, when the body
    says which revision of the draft it saw last (`seen`), a newer draft."""
    kept = False
    if locked.ended_by not in ("submit", "review", "erase"):
        try:
            values = {"task": locked.task_id, "person": locked.person_id, "lease": locked.id, "seen": seen}
            kept = sql.row(_KEEP, {**values, "document": text_of(document, locked)}) is not None
        except Invalid:
            kept = False
    return Conflict(why.detail, code=why.code, extra={**why.extra, "draft_kept": kept})
