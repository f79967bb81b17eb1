"""What of the overlapping answers of an item is compared, kept as a part of its own.

A part is JSON: [people, labels, questions, attributes]. `labels` has for each thing that anybody drew one label
a person, in their order, "" of who did not draw it; a question is [name, a value for each person]; an attribute [thing, label, name,
places of people, their values].
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Any

import orjson

from annotate.annotations.schemas import Parsed, parsed
from annotate.kernel import sql
from annotate.projects.models import Project
from annotate.projects.queries import current_schema
from workflows.quality import kept
from workflows.quality.kept import Found, Say
from workflows.quality.overlapped import Answered, answers, documents, items_of

KIND = "agreement"
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
    for done, some in enumerate(kept.pieces(items)):
        keys = kept.keys_of(some, KIND)
        found = [(one, kept.key_of(schema.id, one.answers)) for one in answers(some)]
        stale = [(one, key) for one, key in found if keys.get(one.item) != key]
        for start in range(0, len(stale), kept.CHUNK):
            say(done * kept.PIECE + len(found) - len(stale) + start, len(items))
            kept.keep(project.pk, KIND, list(_matched(stale[start : start + kept.CHUNK], schema, project.pk)))
        gone = list(keys.keys() - {one.item for one, _key in found})
        if gone:
            kept.keep(project.pk, KIND, (), gone)
        made += len(stale) + len(gone)
    say(len(items), len(items))
    return made


def _matched(some: Sequence[tuple[Answered, str]], schema: Parsed, project_id: int) -> Iterator[Found]:
    from workflows.quality.agreement import boxes
    from workflows.quality.matching.values import unsaid

    meant = unsaid(schema.document.get("item"))
    named = [one["name"] for one in schema.document.get("item") or () if one["type"] in ("choice", "bool")]
    said = documents([one for one, _key in some], schema, project_id)
    drawn: Any = ((item, {person: document.get("objects") or [] for person, document in given.items()}) for item, given in said.items())
    pictures: Any = {one.item: one.picture for one, _key in some if one.picture}
    units: dict[Hashable, list[Any]] = {}
    for unit in boxes.units(drawn, schema.document, pictures=pictures):
        units.setdefault(unit.item, []).append(unit)
    for one, key in some:
        given, things = said[one.item], units.get(one.item, [])
        people = list(given)
        labels = [unit.members[person]["label"] if person in unit.members else "" for unit in things for person in people]
        questions = [[name, [(given[person].get("item") or {}).get(name, meant.get(name)) for person in people]] for name in named]
        asked_of = [row for row in questions if any(value is not None for value in row[1])]
        asked: dict[tuple[int, Any], list[tuple[int, Any]]] = {}
        if any(thing.get("attributes") for unit in things for thing in unit.members.values()):
            for who, thing, value, about in boxes.attributes(things, schema.document):
                number: Any = thing
                asked.setdefault((number[1], about), []).append((people.index(int(str(who))), sorted(value) if isinstance(value, frozenset) else value))
        attributes = [[number, *about, [place for place, _ in rows], [value for _, value in rows]] for (number, about), rows in asked.items()]
        yield Found(one.item, key, len(people), orjson.dumps([people, labels, asked_of, attributes]), one.at)


def kept_parts(project: Project, batch: int | None = None) -> Iterator[tuple[int, int, int, list[Any]]]:
    """(item, its batch, the second of its last answer, its part) in the order of items, as it was matched last."""
    for item, of, at, part in sql.rows(_PARTS, {"project": project.pk, "batch": batch}):
        yield item, of, at, orjson.loads(part)


def changed(project: Project, items: Sequence[int]) -> list[Answered]:
    """Those of these items whose answers are others than what is kept was found in."""
    schema, found = parsed(current_schema(project.pk).pk), []
    for some in kept.pieces(items):
        keys = kept.keys_of(some, KIND)
        found += [one for one, key in _keyed(some, schema.id) if keys.get(one.item) != key]
    return found


def current_parts(project: Project, items: Sequence[int]) -> list[tuple[int, int, int, list[Any]]]:
    """(item, 0, 0, its part) of those of these items that several answered, in order, as they are at this instant: what is kept where its
    answers are still the same, and the others matched anew. Writes nothing, so that a transaction that only reads may ask."""
    schema = parsed(current_schema(project.pk).pk)
    found: list[tuple[int, int, int, list[Any]]] = []
    for some in kept.pieces(items):
        keys, keyed = kept.keys_of(some, KIND), _keyed(some, schema.id)
        same = [one.item for one, key in keyed if keys.get(one.item) == key]
        found += [(item, 0, 0, orjson.loads(part)) for item, part in sql.rows(_OF_ITEMS, {"items": same})]
        others = [(one, key) for one, key in keyed if keys.get(one.item) != key]
        for start in range(0, len(others), kept.CHUNK):
            found += [(one.item, 0, 0, orjson.loads(one.part or b"[]")) for one in _matched(others[start : start + kept.CHUNK], schema, project.pk)]
    return sorted(found, key=lambda one: one[0])


def _keyed(items: Sequence[int], schema: int) -> list[tuple[Answered, str]]:
    return [(one, kept.key_of(schema, one.answers)) for one in answers(items)]
