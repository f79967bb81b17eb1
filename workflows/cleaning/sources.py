"""Where each column of `rules.columns` stands in the database: a table, and SQL over it.

Tables are read one by one, each by its own key, and put beside the items afterwards: the database would join a million rows in more time
than it takes to send them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

DIGEST = "substring({0} FROM 1 FOR 8)"


@dataclass(frozen=True)
class Table:
    """`name` as FROM has it, the `key` its rows are known by, the item's column that holds this key (`by`), and which rows are meant (`where`)."""

    name: str
    key: str
    by: str = ""
    where: str = ""


ITEM = Table("annotate_item i", "i.id")
CURRENT = Table("annotate_currentannotation c", "c.item_id", "item")
ANNOTATION = Table("annotate_annotation a", "a.id", "annotation")
LABELS = Table("workflows_labelfacts f", "f.annotation_id", "annotation", "f.version = {label} AND f.schema_version_id = {schema}")
BLOB = Table("annotate_blob b", "b.id", "blob")
PICTURE = Table("workflows_picturefacts p", "p.blob_id", "blob", "p.version = {picture}")
TEXT = Table("workflows_textfacts t", "t.id", "text_facts", "t.organisation_id = {organisation} AND t.version = {text}")
BANDS = Table("workflows_textfacts u", "u.id", "text_facts", "u.organisation_id = {organisation} AND u.version = {text}")  # apart: they are long
# Which facts are an item's, by the item; to read those of all texts and compare digests takes less where most of them are asked for.
CONTENT = Table(f"annotate_item i JOIN {TEXT.name} ON t.sha256 = i.sha256 AND i.text IS NOT NULL AND {TEXT.where}", "i.id", "content")


@dataclass(frozen=True)
class Source:
    """`sql` over the table's row, with its `values`; `type` as in `reading.TYPES`, `reading.CODE` or "text"."""

    sql: str
    type: str
    table: Table = ITEM
    values: tuple[Any, ...] = ()


def _seconds(column: str) -> str:
    return f"date_part('epoch', {column})"


def _picture(name: str, type: str = "f4") -> Source:
    return Source(f"p.{name}", type, PICTURE)


SOURCES = {
    "item": Source("i.id", "i8"),
    "blob": Source("i.blob_id", "i8"),
    "is_text": Source("i.text IS NOT NULL", "?"),
    "batch": Source("i.batch_id", "i8"),
    "key": Source("i.key", "text"),
    "tail": Source("substring('\\x0000000000000000'::bytea || convert_to(i.key, 'UTF8') FROM octet_length(i.key) + 1 FOR 8)", "digest"),
    "group": Source("CASE WHEN i.group_key <> '' THEN hashtextextended(i.group_key, 0) END", "u8"),
    "frame": Source("i.frame", "f8"),
    "width": Source("i.width", "f8"),
    "height": Source("i.height", "f8"),
    "created": Source(_seconds("i.created_at"), "f8"),
    "captured": Source(_seconds("i.captured_at"), "f8"),
    "content": Source(DIGEST.format("i.sha256"), "digest"),
    "format": Source("b.format", "code", BLOB),
    "state": Source("i.state", "code"),
    "seen": Source("true", "?", PICTURE),
    "fault": _picture("fault", "code"),
    **{name: _picture(name) for name in ("bright_p5", "bright_p99", "information", "blur", "contrast", "colour")},
    "orientation": _picture("orientation", "i2"),
    "phash": _picture("phash", "u8"),
    "pixels": Source("b.pixels", "u8", BLOB),
    "text_facts": Source("t.id", "i8", CONTENT),
    "text_seen": Source("true", "?", TEXT),
    **{name: Source(f"t.{name}", "f8", TEXT) for name in ("characters", "words", "broken")},
    **{name: Source(f"t.{name}", "f4", TEXT) for name in ("mean_word", "symbols", "repeated", "language_score")},
    "language": Source("t.language", "code", TEXT),
    "personal": Source("t.personal", "i4", TEXT),
    "normal": Source("t.normal", "u8", TEXT),
    "bands": Source("u.bands", "bands", BANDS),
    "annotation": Source("c.annotation_id", "i8", CURRENT),
    "answer": Source("f.answer", "u8", LABELS),
    "objects": Source("f.objects_count", "f8", LABELS),
    "person": Source("CASE WHEN a.source = 'undo' THEN (SELECT w.person_id FROM annotate_annotation w WHERE w.id = a.parent_id) ELSE a.person_id END", "i8", ANNOTATION),
    "seconds": Source("a.seconds", "f8", ANNOTATION),
    "answered": Source(_seconds("a.created_at"), "f8", ANNOTATION),
}
OF_TEXT = DIGEST.format("t.sha256")  # as "content" has it
RECORDS = Source("f.records", "raw", LABELS)


def source(name: str) -> Source | None:
    """Where a column stands; None for one that is worked out (a query, probabilities)."""
    family, dot, path = name.partition(".")
    if dot and family == "meta":
        return Source("i.meta #>> %s::text[]", "code", ITEM, ("{" + ",".join(json.dumps(part) for part in path.split(".")) + "}",))
    if dot and family == "item":
        return Source("c.item_attributes ->> %s", "code", CURRENT, (path,))
    return SOURCES.get(name)
