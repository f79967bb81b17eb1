"""Objects that go from one frame into the drafts of others: copies along a track, and what lies between two frames.

Each frame is judged by itself: one that has another's hands on it, or another draft than the caller knows, is named and
left as it is, and the others are written.
"""

from __future__ import annotations

from typing import Any

import orjson
from django.db import transaction
from django.utils.translation import gettext as _

from annotate.annotations.schemas import parsed
from annotate.kernel import canonical, sql
from annotate.kernel.errors import Invalid, SluiceError, Stale
from annotate.labels.validation import check
from annotate.people.actor import Actor
from annotate.queues.frames import frames
from annotate.queues.leases import Locked, lock, require_live, require_stage

MOST = 500

_BASE = """
SELECT t.id, i.width, i.height, coalesce(d.document, pinned.document), d.revision
FROM annotate_task t JOIN annotate_item i ON i.id = t.item_id
LEFT JOIN annotate_draft d ON d.task_id = t.id AND d.person_id = %(person)s::bigint
LEFT JOIN annotate_annotation pinned ON pinned.id = t.annotation_id
    AND (t.state = 'returned' OR pinned.source IN ('import', 'migration', 'consensus'))
WHERE t.id = %(task)s::bigint
"""
_WRITE = """
INSERT INTO annotate_draft (task_id, person_id, revision, document, updated_at)
VALUES (%(task)s::bigint, %(person)s::bigint, 1, %(document)s::text, now())
ON CONFLICT (task_id, person_id) DO UPDATE SET revision = annotate_draft.revision + 1, document = excluded.document,
    updated_at = now()
    WHERE annotate_draft.revision = %(revision)s::int
RETURNING revision
"""


@transaction.atomic
def carry(lease_id: int, actor: Actor, changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Write objects into other frames of the group of a live lease; what became of each, in the order given.

    A change is {"item", "revision", "put": [objects], "drop": [object ids], "fill": {name: value}, "clear": [names]};
    `revision` is that of the person's draft there, 0 without one; `fill` gives answers about the item where it has none,
    `clear` takes them out. Written: {"item", "revision", "filled": [names]}; refused: {"item", "code", "detail"} with code `frame_away`,
    `stale_draft` or `invalid`. `Invalid` when the list itself is not sound.
    """
    _sound(changes)
    here = require_live(require_stage(lock(lease_id, actor), "annotate"))
    tasks = frames(here).tasks
    told: list[dict[str, Any]] = []
    for change in sorted(changes, key=lambda one: int(one["item"])):  # in one order, so that two tabs do not wait in a circle
        try:
            told.append({"item": change["item"], **_write(here, tasks, change)})
        except Invalid as why:
            told.append({"item": change["item"], "code": "invalid", "detail": why.detail})
        except SluiceError as why:
            told.append({"item": change["item"], "code": why.code, "detail": why.detail})
    place = {change["item"]: index for index, change in enumerate(changes)}
    return sorted(told, key=lambda one: place[one["item"]])


def _sound(changes: Any) -> None:
    if not isinstance(changes, list) or not 1 <= len(changes) <= MOST:
        raise Invalid(_("Name 1 to 500 frames."), fields={"frames": f"a list of 1 to {MOST}"})
    wrong: dict[str, str] = {}
    for index, change in enumerate(changes):
        where = f"frames[{index}]"
        if not isinstance(change, dict) or change.keys() - {"item", "revision", "put", "drop", "fill", "clear"}:
            wrong[where] = "an object with item, revision, put, drop, fill and clear"
            continue
        if not _whole(change.get("item"), 1, 2**63 - 1):
            wrong[f"{where}.item"] = "the id of an item"
        if not _whole(change.get("revision", 0), 0, 2**31 - 2):
            wrong[f"{where}.revision"] = "a whole number from 0 on"
        if not isinstance(change.get("put", []), list):
            wrong[f"{where}.put"] = "a list of objects"
        for name, what in (("drop", "object ids"), ("clear", "names")):
            found = change.get(name, [])
            if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
                wrong[f"{where}.{name}"] = f"a list of {what}"
        if not isinstance(change.get("fill", {}), dict):
            wrong[f"{where}.fill"] = "an object of values by name"
    items = [change.get("item") for change in changes if isinstance(change, dict)]
    if not wrong and len(set(items)) != len(items):
        wrong["frames"] = "each item once"
    if wrong:
        raise Invalid(_("The frames are not as they should be."), fields=wrong)


def _whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _write(here: Locked, tasks: dict[int, int], change: dict[str, Any]) -> dict[str, Any]:
    if change["item"] not in tasks:
        raise Stale(_("this frame is not yours to change now"), code="frame_away")
    values: dict[str, Any] = {"person": here.person_id, "task": tasks[change["item"]]}
    found = sql.row(_BASE, values)
    assert found is not None  # the task was there in this very transaction
    _task, width, height, document, revision = found
    if (revision or 0) != change.get("revision", 0):
        raise Stale(_("another tab saved this draft in the meantime"), code="stale_draft")
    text, filled = _merged(here, document, change, width, height)
    saved = sql.row(_WRITE, values | {"document": text, "revision": revision or 0})
    if saved is None:
        raise Stale(_("another tab saved this draft in the meantime"), code="stale_draft")
    return {"revision": int(saved[0]), "filled": filled}


def _merged(
    here: Locked, document: str | None, change: dict[str, Any], width: int | None, height: int | None
) -> tuple[str, list[str]]:
    """The frame's document with objects put in by id, in place or at the end, and others taken out; and what was filled."""
    schema = parsed(here.schema_version_id).schema
    base = orjson.loads(document) if document else {"objects": [], "item": _defaults(here)}
    put = {one["id"]: one for one in change.get("put", []) if isinstance(one, dict) and isinstance(one.get("id"), str)}
    if len(put) != len(change.get("put", [])):
        raise Invalid(_("Every object needs an id of its own."), fields={"put": "objects with different ids"})
    out = set(change.get("drop", []))
    known = [one for one in base.get("objects", []) if one.get("id") not in out and not {one.get("from"), one.get("to")} & out]
    placed = [put.pop(one["id"], one) if isinstance(one.get("id"), str) else one for one in known]
    answers = {name: value for name, value in base.get("item", {}).items() if name not in change.get("clear", [])}
    fill = {name: value for name, value in change.get("fill", {}).items() if name not in answers}
    whole = {"objects": [*placed, *put.values()], "item": answers | fill}
    return canonical.dumps(check(whole, schema, width=width, height=height, text=None, partial=True)), sorted(fill)


def _defaults(here: Locked) -> dict[str, Any]:
    """What an untouched item begins with, as on the page."""
    questions = parsed(here.schema_version_id).document.get("item", [])
    return {one["name"]: one["default"] for one in questions if one.get("default") is not None}
