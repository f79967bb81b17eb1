"""Measuring what has no facts yet, some at a time, so that it goes on where it was however often it is killed.

Several jobs may measure the same scope: each takes pieces that nobody else is at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import orjson
from django.db import connection, transaction

from annotate.kernel import canonical
from annotate.kernel.instant import steady
from annotate.media.models import Blob
from workflows.cleaning import facts
from workflows.cleaning.looking import look
from workflows.cleaning.measures import objects, picture, text
from workflows.cleaning.models import LabelFacts
from workflows.cleaning.scope import Scope

PICTURES, TEXTS, LABELS = 50, 200, 1000  # of one piece
_NAMESPACE = 5_107_019  # of advisory locks on pieces
Say = Callable[[int], object]

_PICTURES = """
SELECT b.id FROM annotate_blob b WHERE b.type LIKE 'image/%%' AND b.id > %s
  AND EXISTS (SELECT 1 FROM annotate_item i WHERE i.blob_id = b.id AND {within})
  AND NOT EXISTS (SELECT 1 FROM workflows_picturefacts p WHERE p.blob_id = b.id AND p.version = %s)
ORDER BY b.id LIMIT %s
"""
_TEXTS = """
SELECT i.id, i.sha256, i.text FROM annotate_item i WHERE {within} AND i.text IS NOT NULL AND i.sha256 IS NOT NULL AND i.id > %s
  AND NOT EXISTS (SELECT 1 FROM workflows_textfacts t WHERE t.organisation_id = %s AND t.sha256 = i.sha256 AND t.version = %s)
ORDER BY i.id LIMIT %s
"""
_LABELS = """
SELECT i.id, a.id, a.document, i.width, i.height, i.text
FROM annotate_item i JOIN annotate_currentannotation c ON c.item_id = i.id JOIN annotate_annotation a ON a.id = c.annotation_id
WHERE {within} AND i.id > %s
  AND NOT EXISTS (SELECT 1 FROM workflows_labelfacts f WHERE f.annotation_id = a.id AND f.version = %s AND f.schema_version_id = %s)
ORDER BY i.id LIMIT %s
"""


def measure(scope: Scope, say: Say = lambda done: None) -> int:
    """Measure what of the scope has no facts: pictures, texts, then current labels. How many this call measured."""
    done, busy = 0, list[int]()
    for pieces in (_pictures(scope, busy), _texts(scope), _labels(scope)):
        for number in pieces:
            done += number
            say(done)
    if busy:  # somebody is at these: once they are done, whoever asked finds all facts there
        for number in _pictures(scope, None):
            done += number
            say(done)
    return done


def missing(scope: Scope) -> int:
    """How many contents of the scope have no facts yet."""
    within, values = scope.within()
    schema = scope.project.schema_versions.latest("number")
    asked = (
        (_PICTURES, [0, *values, picture.VERSION, None]),
        (_TEXTS, [*values, 0, scope.project.organisation_id, text.VERSION, None]),
        (_LABELS, [*values, 0, objects.VERSION, schema.pk, None]),
    )
    with steady() as instant:
        found = instant.together([partial(_rows, f"SELECT count(*) FROM ({statement.format(within=within)}) AS few", given) for statement, given in asked])
    return sum(int(rows[0][0]) for rows in found)


def _rows(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def _alone(piece: int, busy: list[int] | None) -> bool:
    """Whether this transaction may have the piece that begins at this id; with no list of `busy` ones it waits until it may."""
    if busy is None:
        _rows("SELECT pg_advisory_xact_lock(%s, %s)", [_NAMESPACE, piece % 2**31])
    elif not _rows("SELECT pg_try_advisory_xact_lock(%s, %s)", [_NAMESPACE, piece % 2**31])[0][0]:
        busy.append(piece)
        return False
    return True


def _pictures(scope: Scope, busy: list[int] | None) -> Iterator[int]:
    within, values = scope.within()
    last = 0
    while ids := [row[0] for row in _rows(_PICTURES.format(within=within), [last, *values, picture.VERSION, PICTURES])]:
        with transaction.atomic():
            if _alone(ids[0], busy):
                blobs = list(Blob.objects.filter(pk__in=ids).exclude(picture_facts__version=picture.VERSION))
                for blob in blobs:
                    look(blob)
                yield len(blobs)
        last = ids[-1]


def _texts(scope: Scope) -> Iterator[int]:
    within, values = scope.within()
    organisation, last = scope.project.organisation_id, 0
    while rows := _rows(_TEXTS.format(within=within), [*values, last, organisation, text.VERSION, TEXTS]):
        facts.keep_texts(organisation, {bytes(digest): text.measure(words) for _item, digest, words in rows})
        yield len(rows)
        last = rows[-1][0]


def _labels(scope: Scope) -> Iterator[int]:
    within, values = scope.within()
    schema, last = scope.project.schema_versions.latest("number"), 0
    while rows := _rows(_LABELS.format(within=within), [*values, last, objects.VERSION, schema.pk, LABELS]):
        facts.keep_labels(_label_facts(annotation, document, schema, *about) for _item, annotation, document, *about in rows)
        yield len(rows)
        last = rows[-1][0]


def _label_facts(annotation: int, document: str, schema: Any, width: int | None, height: int | None, words: str | None) -> LabelFacts:
    content = orjson.loads(document)
    records = objects.measure(content, schema.content, width=width, height=height, text=words)
    return LabelFacts(
        annotation_id=annotation,
        version=objects.VERSION,
        schema_version=schema,
        objects_count=len(records),
        answer=answer(content),
        records=objects.pack(records),
    )


def answer(content: dict[str, Any]) -> int:
    """A digest of what an annotation says, whatever the ids and the order of its objects; 64 bits, signed."""
    said = sorted(canonical.dumps({name: value for name, value in one.items() if name not in _NOT_SAID}) for one in content.get("objects", []))
    return int.from_bytes(canonical.digest(canonical.dumps([said, content.get("item", {})]))[:8], "big", signed=True)


_NOT_SAID = ("id", "track", "source", "from", "to")
