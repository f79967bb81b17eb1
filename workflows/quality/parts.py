"""What of the overlapping answers of an item is compared, kept as a part of its own. `matched` says what a part is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import orjson

from annotate.annotations.schemas import Parsed, parsed
from annotate.kernel import sql
from annotate.kernel.beside import Asked, beside
from annotate.projects.models import Project
from annotate.projects.queries import current_schema
from workflows.quality import kept
from workflows.quality.kept import Found, Say
from workflows.quality.overlapped import Answered, answered_anew, answers, items_of, texts

if TYPE_CHECKING:
    from workflows.quality.matched import Said

KIND = "agreement"
MANY = 1000  # items in a piece from which another process is worth its start
_PARTS = """
SELECT k.item_id, i.batch_id, coalesce(extract(epoch FROM k.at), 0)::bigint, k.part FROM workflows_kept k JOIN annotate_item i ON i.id = k.item_id
WHERE k.project_id = %(project)s::bigint AND k.kind = 'agreement' AND (%(batch)s::bigint IS NULL OR i.batch_id = %(batch)s::bigint) ORDER BY k.item_id
"""
_OF_ITEMS = "SELECT item_id, part FROM workflows_kept WHERE item_id = ANY(%(items)s::bigint[]) AND kind = 'agreement'"


def refresh(project: Project, say: Say = lambda done, total: None) -> int:
    """Match what is new or has changed; how many items that were."""
    schema = parsed(current_schema(project.pk).pk)
    items = sorted({*items_of(project.pk), *kept.items_of(project.pk, KIND)})
    made = 0
    with ExitStack() as stack:
        matching: Asked | None = None
        for done, some in enumerate(kept.pieces(items)):
            stale, gone = answered_anew(some, schema.id, KIND)
            if stale:
                if matching is None:
                    matching = _matching(schema, len(stale) >= MANY)
                    stack.enter_context(matching)
                for start, rows in enumerate(_matched(matching, stale, schema, project.pk)):
                    say(done * kept.PIECE + len(some) - len(stale) + start * kept.CHUNK, len(items))
                    kept.keep(project.pk, KIND, rows)
            if gone:
                kept.keep(project.pk, KIND, (), gone)
            made += len(stale) + len(gone)
    say(len(items), len(items))
    return made


def _matching(schema: Parsed, many: bool) -> Asked:
    from workflows.quality.matched import Matching  # numpy, which idle processes do without

    return beside(many, Matching, schema.document)


def _matched(matching: Asked, stale: Sequence[Answered], schema: Parsed, project_id: int) -> Iterator[list[Found]]:
    """What is found in the answers, some hundred items at a time."""
    from workflows.quality.matched import Said

    def said() -> Iterator[list[Said]]:
        for start in range(0, len(stale), kept.CHUNK):
            some = stale[start : start + kept.CHUNK]
            given = texts(some, schema, project_id)
            yield [Said(one.item, one.people, given[one.item], one.picture) for one in some]

    known = {one.item: one for one in stale}
    for rows, made in matching.each("parts", said()):
        yield [Found(row.item, known[row.item].key, len(row.people), part, known[row.item].at) for row, part in zip(rows, made, strict=True)]


def kept_texts(project: Project, batch: int | None = None) -> Iterator[tuple[int, int, int, bytes]]:
    """(item, its batch, the second of its last answer, its part as JSON) in the order of items, as it was matched last."""
    yield from sql.rows(_PARTS, {"project": project.pk, "batch": batch})


def kept_parts(project: Project, batch: int | None = None) -> Iterator[tuple[int, int, int, list[Any]]]:
    """The same, read."""
    for item, of, at, part in kept_texts(project, batch):
        yield item, of, at, orjson.loads(part)


def changed(project: Project, items: Sequence[int]) -> list[Answered]:
    """Those of these items whose answers are others than what is kept was found in."""
    schema = parsed(current_schema(project.pk).pk)
    return [one for some in kept.pieces(items) for one in answered_anew(some, schema.id, KIND)[0]]


def current_parts(project: Project, items: Sequence[int]) -> list[tuple[int, int, int, list[Any]]]:
    """(item, 0, 0, its part) of those of these items that several answered, in order, as they are at this instant: what is kept where its
    answers are still the same, and the others matched anew. Writes nothing, so that a transaction that only reads may ask."""
    schema = parsed(current_schema(project.pk).pk)
    found: list[tuple[int, int, int, list[Any]]] = []
    for some in kept.pieces(items):
        keys, every = kept.keys_of(some, KIND), answers(some, schema.id)
        same = [one.item for one in every if keys.get(one.item) == one.key]
        found += [(item, 0, 0, orjson.loads(part)) for item, part in sql.rows(_OF_ITEMS, {"items": same})]
        others = [one for one in every if keys.get(one.item) != one.key]
        if others:
            with _matching(schema, many=False) as matching:
                found += [(one.item, 0, 0, orjson.loads(one.part or b"[]")) for rows in _matched(matching, others, schema, project.pk) for one in rows]
    return sorted(found, key=lambda one: one[0])
