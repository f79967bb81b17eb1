"""Where each column of `rules.columns` stands in the database: its SQL, and what has to be joined for it."""

from __future__ import annotations

from dataclasses import dataclass

DIGEST = "substring({0} FROM 1 FOR 8)"

JOINS = {
    "b": "LEFT JOIN annotate_blob b ON b.id = i.blob_id",
    "p": "LEFT JOIN workflows_picturefacts p ON p.blob_id = i.blob_id AND p.version = {picture}",
    "t": "LEFT JOIN workflows_textfacts t ON i.text IS NOT NULL AND t.organisation_id = {organisation} AND t.sha256 = i.sha256 AND t.version = {text}",
    "c": "LEFT JOIN annotate_currentannotation c ON c.item_id = i.id",
    "a": "LEFT JOIN annotate_annotation a ON a.id = c.annotation_id",
    "f": "LEFT JOIN workflows_labelfacts f ON f.annotation_id = c.annotation_id AND f.version = {label} AND f.schema_version_id = {schema}",
}
_AFTER = {"a": ("c",), "f": ("c",)}


@dataclass(frozen=True)
class Source:
    """`sql` over the aliases `i` (the item) and `joins`; `type` as in `reading.TYPES`, `reading.CODE` or "text"."""

    sql: str
    type: str
    joins: tuple[str, ...] = ()


def _seconds(column: str) -> str:
    return f"date_part('epoch', {column})"


def _picture(name: str, type: str = "f4") -> Source:
    return Source(f"p.{name}", type, ("p",))


SOURCES = {
    "item": Source("i.id", "i8"),
    "batch": Source("i.batch_id", "i8"),
    "key": Source("i.key", "text"),
    "group": Source(f"CASE WHEN i.group_key <> '' THEN {DIGEST.format('sha256(convert_to(i.group_key, $$UTF8$$))')} END", "digest"),
    "frame": Source("i.frame", "f8"),
    "width": Source("i.width", "f8"),
    "height": Source("i.height", "f8"),
    "created": Source(_seconds("i.created_at"), "f8"),
    "captured": Source(_seconds("i.captured_at"), "f8"),
    "content": Source(DIGEST.format("i.sha256"), "digest"),
    "format": Source("CASE WHEN i.text IS NOT NULL THEN 'TEXT' ELSE b.facts ->> 'format' END", "code", ("b",)),
    "state": Source("i.state", "code"),
    "seen": Source("p.blob_id IS NOT NULL", "?", ("p",)),
    "fault": _picture("fault", "code"),
    **{name: _picture(name) for name in ("bright_p5", "bright_p99", "information", "blur", "contrast", "colour")},
    "orientation": _picture("orientation", "i2"),
    "phash": _picture("phash", "u8"),
    "pixels": Source("decode(rpad(nullif(b.facts ->> 'pixels', ''), 16, '0'), 'hex')", "digest", ("b",)),
    "text_seen": Source("t.id IS NOT NULL", "?", ("t",)),
    **{name: Source(f"t.{name}", "f8", ("t",)) for name in ("characters", "words", "broken")},
    **{name: Source(f"t.{name}", "f4", ("t",)) for name in ("mean_word", "symbols", "repeated", "language_score")},
    "language": Source("t.language", "code", ("t",)),
    "personal": Source("t.personal", "i4", ("t",)),
    "normal": Source("t.normal", "u8", ("t",)),
    "annotation": Source("c.annotation_id", "i8", ("c",)),
    "answer": Source("f.answer", "u8", ("f",)),
    "objects": Source("f.objects_count", "f8", ("f",)),
    "person": Source("CASE WHEN a.source = 'undo' THEN (SELECT w.person_id FROM annotate_annotation w WHERE w.id = a.parent_id) ELSE a.person_id END", "i8", ("a",)),
    "seconds": Source("a.seconds", "f8", ("a",)),
    "answered": Source(_seconds("a.created_at"), "f8", ("a",)),
}
RECORDS = Source("f.records", "raw", ("f",))
BANDS = Source("t.bands", "raw", ("t",))


def joined(sources: list[Source]) -> str:
    """The joins that these need, each once and after what it leans on."""
    wanted = [alias for source in sources for alias in source.joins]
    known = set(wanted) | {before for alias in wanted for before in _AFTER.get(alias, ())}
    return " ".join(text for alias, text in JOINS.items() if alias in known)
