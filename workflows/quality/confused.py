"""The very things behind a cell of who takes what for what: people's answers against what was approved, or a model's proposals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from annotate.kernel import sql
from annotate.projects.models import Project
from workflows.quality.matching.match import match

PIECE = 200  # items looked at together
# Of each approved item what is true, and what somebody else said of it: (item, true revision, its text, revision that said it or null, its text).
_PEOPLE = """
SELECT i.id, c.id, c.document, a.id, a.document
FROM annotate_item i
JOIN annotate_approval p ON p.item_id = i.id AND p.ended_at IS NULL
JOIN annotate_annotation c ON c.id = p.annotation_id
JOIN annotate_annotation a ON a.item_id = i.id AND a.source = 'person' AND a.id <> c.id
WHERE i.id = ANY(%(items)s::bigint[]) ORDER BY i.id DESC, a.id
"""
_MODEL = """
SELECT i.id, c.id, c.document, NULL::bigint, m.document
FROM annotate_item i
JOIN annotate_approval p ON p.item_id = i.id AND p.ended_at IS NULL
JOIN annotate_annotation c ON c.id = p.annotation_id
JOIN LATERAL (SELECT document FROM annotate_prediction WHERE item_id = i.id ORDER BY id DESC LIMIT 1) m ON true
WHERE i.id = ANY(%(items)s::bigint[]) ORDER BY i.id DESC
"""
_ITEMS = """
SELECT id FROM annotate_item WHERE project_id = %(project)s::bigint AND state <> 'erased'
  AND (%(batch)s::bigint IS NULL OR batch_id = %(batch)s::bigint) AND id <= %(from)s::bigint ORDER BY id DESC LIMIT %(limit)s::bigint
"""


@dataclass(frozen=True)
class Thing:
    """An object where it is confused: of the answer that said it, or of what is true where nothing was said, or a model said it."""

    item_id: int
    annotation_id: int
    object_id: str


def things(project: Project, *, given: str | None, meant: str | None, of: str = "people", batch: int | None = None, limit: int, after: tuple[Any, ...] | None) -> list[Thing]:
    """At most `limit` things that were `given` where `meant` is true (None: nothing there), newest items first, after the thing
    (item, annotation, object) of a list before."""
    found: list[Thing] = []
    first, past = (int(after[0]), tuple(after)) if after else (2**62, None)
    while len(found) < limit:
        items = [row[0] for row in sql.rows(_ITEMS, {"project": project.pk, "batch": batch, "from": first, "limit": PIECE})]
        if not items:
            break
        for thing in _of(items, given, meant, of):
            if past is not None and thing.item_id == past[0]:  # the item where the list before ended: the rest of it
                past = None if (thing.item_id, thing.annotation_id, thing.object_id) == past else past
                continue
            past = None
            found.append(thing)
        first = items[-1] - 1
    return found[:limit]


def _of(items: list[int], given: str | None, meant: str | None, of: str) -> Iterator[Thing]:
    for item, truth_id, truth, said_id, said in sql.rows(_MODEL if of == "model" else _PEOPLE, {"items": items}):
        true, told = (orjson.loads(text).get("objects", []) for text in (truth, said))
        made = match(true, told)
        for pair in made.pairs:
            if true[pair.truth]["label"] == meant and told[pair.answer]["label"] == given:
                yield Thing(item, truth_id, true[pair.truth]["id"]) if said_id is None else Thing(item, said_id, told[pair.answer]["id"])
        if given is None:
            yield from (Thing(item, truth_id, true[place]["id"]) for place in made.missing if true[place]["label"] == meant)
        if meant is None:
            yield from (Thing(item, said_id or truth_id, told[place]["id"]) for place in made.extra if told[place]["label"] == given)
