"""What a change of the labels would do, before it is done: counts from what is derived for search, and some items in full."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.db import connection

from annotate.annotations import touching
from annotate.annotations.changes import prepared
from annotate.annotations.live import IS_LIVE
from annotate.kernel.decisions import require
from annotate.kernel.registry import Registry
from annotate.labels.changes import changes
from annotate.labels.mapping import Interest, interest, mapped
from annotate.labels.operations import Operation
from annotate.labels.schema import parse
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.projects.policies import may_manage

SAMPLE = 8
READ = 500  # so many documents are read to count objects by their attributes

# name → f(project id, names): what goes by one of the names in its query, as {"kind", "id", "name", "q"}.
namers: Registry[Callable[[int, list[str]], list[dict[str, Any]]]] = Registry("namers")

_SHOWN = """
FROM annotate_currentannotation c JOIN annotate_annotation a ON a.id = c.annotation_id JOIN annotate_item i ON i.id = c.item_id
WHERE c.project_id = %(project)s AND {condition}
"""
_LEASES = """
SELECT count(*) FROM annotate_lease l JOIN annotate_queue q ON q.id = l.queue_id
WHERE q.project_id = %(project)s AND l.ended_at IS NULL AND l.expires_at > clock_timestamp()
"""
_DRAFTS = """
SELECT count(*) FROM annotate_draft d JOIN annotate_task t ON t.id = d.task_id JOIN annotate_queue q ON q.id = t.queue_id
WHERE q.project_id = %(project)s
"""
FATES = {"rename": "renamed", "merge": "renamed", "split": "relabel", "add": "nothing"}


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _one(statement: str, values: dict[str, Any]) -> int:
    return int(_rows(statement, values)[0][0] or 0)


def preview(project: Project, operations: Any, *, base: int | None = None, by: Actor) -> dict[str, Any]:
    """What `changes.apply` with the same arguments would do. Nothing changes.

    `operations`: per operation, the items and objects that it meets and what becomes of them (renamed, dropped, kept,
    relabel, nothing); `objects` is null when only reading every document could tell. `items`, `annotations`: how many are
    met in all; `kept`: items that stay under their version; `approved`: how many of the items are approved, `judged_anew`:
    of those, how many lose something and so wait for a verdict. Up to so many items their documents are read for that (`READ`);
    beyond, these are the items that have the names, of which some may not be met. `leases` and `drafts` go on under the version they pinned.
    """
    require(may_manage(by, project))
    present, document, asked = prepared(project, operations, base)
    condition, values = touching.shown(interest(asked))
    values["project"] = project.pk
    met = _SHOWN.format(condition=condition)
    standing = " AND EXISTS (SELECT 1 FROM annotate_approval p WHERE p.annotation_id = a.id AND p.ended_at IS NULL)"
    losing = _only(asked, lambda one: not one.lossless and not one.keeps and one.act != "add")
    keeping = _only(asked, lambda one: one.keeps)
    revisions = f"SELECT count(*) FROM annotate_annotation a WHERE a.item_id IN (SELECT c.item_id {met}) AND {IS_LIVE}"
    counts = {
        "items": _one("SELECT count(*) " + met, values),
        "approved": _one("SELECT count(*) " + met + standing, values),
        "judged_anew": _met(project.pk, losing, standing),
        "kept": _met(project.pk, keeping),
    }
    if counts["items"] <= READ:
        counts = _read(met, values, asked, document)
    return {
        "base": {"id": present.pk, "number": present.number},
        "schema": document,
        "operations": [_operation(project.pk, operations[place], asked, place) for place in range(len(asked))],
        **counts,
        "annotations": _one(revisions, values),
        "leases": _one(_LEASES, {"project": project.pk}),
        "drafts": _one(_DRAFTS, {"project": project.pk}),
        "named_in": _named(project.pk, asked),
        "sample": _sample(met, values, asked, document),
    }


def _read(met: str, values: dict[str, Any], asked: list[Operation], document: dict[str, Any]) -> dict[str, int]:
    """The counts of what is shown, by what becomes of each document."""
    schema = parse(document)
    counts = dict.fromkeys(("items", "approved", "judged_anew", "kept"), 0)
    stands = "EXISTS (SELECT 1 FROM annotate_approval p WHERE p.annotation_id = a.id AND p.ended_at IS NULL)"
    for text, approved in _rows(f"SELECT a.document, {stands} {met}", values):
        made = mapped(json.loads(text), asked, schema)
        counts["items"] += made.touched
        counts["approved"] += made.touched and approved
        counts["judged_anew"] += approved and not made.lossless and not made.kept
        counts["kept"] += bool(made.kept)
    return counts


def _only(asked: list[Operation], fits: Callable[[Operation], bool]) -> list[Interest]:
    return [interest(asked, place) for place, one in enumerate(asked) if fits(one)]


def _met(project_id: int, wanted: list[Interest], also: str = "") -> int:
    """How many items show something of any of these."""
    joined = Interest(*(tuple(name for one in wanted for name in getattr(one, kind)) for kind in ("labels", "objects", "item")))
    condition, values = touching.shown(joined)
    return _one("SELECT count(*) " + _SHOWN.format(condition=condition) + also, {**values, "project": project_id})


def _operation(project_id: int, raw: Any, asked: list[Operation], place: int) -> dict[str, Any]:
    operation = asked[place]
    wanted = interest(asked, place)
    condition, values = touching.shown(wanted)
    values["project"] = project_id
    met = _SHOWN.format(condition=condition)
    items = _one("SELECT count(*) " + met, values)
    objects: int | None = 0
    if wanted.labels:
        objects = _one("SELECT sum(n) FROM annotate_labelcount WHERE project_id = %(project)s AND label = ANY(%(labels)s)", values)
    elif wanted.item:
        objects = items
    elif items:
        objects = _objects(met, values, asked, place) if items <= READ else None
    return {"operation": raw, "items": items, "objects": objects, "becomes": _fate(operation), "lossless": operation.lossless or operation.act == "add"}


def _fate(operation: Operation) -> str:
    return FATES.get(operation.act) or ("kept" if operation.keeps else "dropped")


def _objects(met: str, values: dict[str, Any], asked: list[Operation], place: int) -> int:
    documents = _rows("SELECT a.document " + met, values)
    return sum(mapped(json.loads(text), asked).objects.get(place, 0) for (text,) in documents)


def _named(project_id: int, asked: list[Operation]) -> list[dict[str, Any]]:
    names = sorted({name for one in asked for name in one.origins})
    return [row for _name, find in namers for row in find(project_id, names)] if names else []


def _sample(met: str, values: dict[str, Any], asked: list[Operation], document: dict[str, Any]) -> list[dict[str, Any]]:
    """Some items in full: `becomes` is changed or kept, `why` the name that has no place in the new schema."""
    schema = parse(document)
    found = []
    for item, key, annotation, number, text in _rows(f"SELECT i.id, i.key, a.id, a.number, a.document {met} ORDER BY i.id LIMIT {SAMPLE}", values):
        before = json.loads(text)
        made = mapped(before, asked, schema)
        told = [] if made.kept else [change.document() for change in changes(before, made.document)]
        found.append(
            {
                "item": item,
                "key": key,
                "annotation": annotation,
                "revision": number,
                "becomes": "kept" if made.kept else "changed",
                "why": made.kept,
                "objects": sum(made.objects.values()),
                "changes": told[:20],
            }
        )
    return found
