"""A range of the snapshot as Arrow columns: read in one piece, hashed in bulk, made into the table of a shard. No row becomes an object here.

`merkle.leaf` says what a leaf is; this writes the same text column by column, and a test holds one against the other.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.db import connection

from annotate.kernel import canonical
from workflows.releases import merkle, parquet
from workflows.releases.rows import Row
from workflows.releases.tombstones import tombstone

TABLE = "sluice_cut"
_HEX = ("media", "words", "labels")
_PEOPLE = (
    "labelled_by",
    "labelled_at",
    "source",
    "reviewed_by",
    "approved_by",
    "approved_at",
    "cause",
    "round",
    "method",
)
# Of the revision whose words these are: taking a fix back puts its author's revision there anew.
_BACK = "n.source = 'undo' AND p.id IS NOT NULL"
_SELECT = f"""
SELECT 0 AS begins, t.key, t.item, t.split_unit, t.hash, t.ends, t.group_key, t.frame, t.width, t.height, encode(t.media, 'hex') AS media, t.uri,
       encode(t.words, 'hex') AS words, t.meta, t.batch, t.annotation, encode(t.labels, 'hex') AS labels,
       t.schema_version, v.number AS schema_number, t.approval, n.number AS revision, n.document, {{text}} AS text,
       who.name AS labelled_by, CASE WHEN {_BACK} THEN p.created_at ELSE n.created_at END AS labelled_at,
       CASE WHEN {_BACK} THEN p.source ELSE n.source END AS source, reviewer.name AS reviewed_by, approver.name AS approved_by,
       a.created_at AS approved_at, a.cause, {{origins}}, 0 AS finishes
FROM {TABLE} t JOIN annotate_annotation n ON n.id = t.annotation JOIN annotate_schemaversion v ON v.id = n.schema_version_id
JOIN annotate_approval a ON a.id = t.approval {{texts}}
LEFT JOIN annotate_annotation p ON p.id = n.parent_id AND n.source = 'undo'
LEFT JOIN annotate_person who ON who.id = CASE WHEN {_BACK} THEN p.person_id ELSE n.person_id END
LEFT JOIN annotate_review r ON r.id = a.review_id LEFT JOIN annotate_person reviewer ON reviewer.id = r.person_id
LEFT JOIN annotate_person approver ON approver.id = a.person_id
{{joins}}
WHERE t.range = {{range}} ORDER BY t.range, t.n
"""
# All rows in one value: a driver that takes them one by one costs more than the database. Labels apart: canonical JSON has no line breaks of
# its own, and the rest is written with every quotation mark doubled.
_WHOLE = "SELECT convert_to(string_agg(ROW({names})::text, E'\\n'), 'UTF8'), convert_to(string_agg(document, E'\\n'), 'UTF8') FROM ({rows}) s"
_NAMES = (
    "begins", "key", "item", "split_unit", "hash", "ends", "group_key", "frame", "width", "height", "media", "uri", "words", "meta", "batch", "annotation", "labels",
    "schema_version", "schema_number", "approval", "revision", "text", *_PEOPLE, "finishes",
)  # fmt: skip
_QUOTED = re.compile(r'[\x00-\x1f"\\]')
_LABEL = re.compile(rb'"label":"((?:[^"\\]|\\.)*)"')


def statement(place: int, origins: Mapping[str, tuple[str, str]], *, words: bool) -> str:
    """`origins`: column ("round", "method") → (expression, joins), from rooms that know of them. `words`: some of the items are texts."""
    columns = ", ".join(f"{origins[name][0] if name in origins else 'NULL::text'} AS {name}" for name in ("round", "method"))
    text, texts = ("i.text", "JOIN annotate_item i ON i.id = t.item") if words else ("NULL::text", "")
    joins = " ".join(joins for _column, joins in origins.values())
    return _WHOLE.format(names=", ".join(_NAMES), rows=_SELECT.format(origins=columns, joins=joins, text=text, texts=texts, range=int(place)))


Fetched = tuple[bytes, bytes]


def fetch(asked: str) -> Fetched:
    """(the rows of a range as the database writes composite values: in brackets, two backslashes for one; their documents, a line each)."""
    from psycopg import Cursor

    connection.ensure_connection()
    with Cursor(connection.connection) as cursor:
        found = cursor.execute(asked.encode(), binary=True, prepare=False).fetchone()  # in text, bytes would come twice as long
    assert found is not None
    rows, documents = found
    return (b"", b"") if rows is None else (bytes(rows), bytes(documents))


def parse(fetched: Fetched) -> Any:
    """The same as a table."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv

    numbers = {"item": pa.int64(), "split_unit": pa.int64(), "hash": pa.int64(), "ends": pa.bool_(), "frame": pa.int32(), "width": pa.int32(), "height": pa.int32()}
    numbers |= {"annotation": pa.int64(), "schema_version": pa.int64(), "schema_number": pa.int32(), "approval": pa.int64(), "revision": pa.int32()}
    strings = ("begins", "finishes", "key", "group_key", "uri", "meta", "batch", "text", *_HEX, *_PEOPLE)
    raw, documents = fetched
    table = csv.read_csv(
        pa.BufferReader(raw),
        read_options=csv.ReadOptions(block_size=max(len(raw) + 1, 1 << 20), use_threads=False, column_names=list(_NAMES)),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=numbers | {name: pa.string() for name in strings}, include_columns=list(_NAMES[1:-1]), check_utf8=False,
            null_values=[""], true_values=["t"], false_values=["f"], strings_can_be_null=True, quoted_strings_can_be_null=False,
        ),
    ).combine_chunks()  # fmt: skip
    slashed = b"\\" in raw
    for n, name in enumerate(table.column_names):
        column = table[name]
        if name in ("labelled_at", "approved_at"):
            plain = pc.replace_substring(pc.replace_substring(column, " ", "T"), "+00", "Z")
        elif slashed and name in strings:
            plain = pc.replace_substring(column, "\\\\", "\\")
        else:
            continue
        table = table.set_column(n, name, plain)
    lines = pa.array(documents.split(b"\n"), pa.binary()).cast(pa.string())
    return table.append_column("document", lines).combine_chunks()


def metas(table: Any) -> tuple[list[str], list[Any]]:
    """(the canonical text, the value) of each row's meta; what many rows have alike is read once."""
    coded = table["meta"].combine_chunks().dictionary_encode()
    values = [orjson.loads(text) for text in coded.dictionary.to_pylist()]
    texts = [canonical.dumps(value) for value in values]
    places = coded.indices.to_pylist()
    return [texts[n] for n in places], [values[n] for n in places]


def _quoted(column: Any) -> Any:
    """A column of JSON strings; null where it is null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pc.any(pc.match_substring_regex(column, _QUOTED.pattern)).as_py():
        return pa.array(
            [None if text is None else json.dumps(text, ensure_ascii=False) for text in column.to_pylist()], pa.string()
        )
    return pc.binary_join_element_wise('"', column, '"', "")


def leaves(table: Any, splits: list[str], meta: list[str]) -> list[bytes]:
    """`merkle.leaf` of each row."""
    import pyarrow as pa
    import pyarrow.compute as pc

    def text(column: Any) -> Any:
        return pc.fill_null(column, "null")

    def named(name: str, *, empty: bool = False) -> Any:
        column = table[name].combine_chunks()
        if empty:
            column = pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
        return text(_quoted(column))

    def number(name: str) -> Any:
        return text(pc.cast(table[name].combine_chunks(), pa.string()))

    split = pa.array([name or None for name in splits], pa.string())
    parts = [
        merkle.LEAF.decode() + '{"frame":', number("frame"), ',"group":', named("group_key", empty=True), ',"height":', number("height"),
        ',"key":', named("key"), ',"labels":', named("labels"), ',"media":', named("media"), ',"meta":', pa.array(meta, pa.string()),
        ',"split":', text(_quoted(split)), ',"text":', named("words"), ',"uri":', named("uri"), ',"width":', number("width"), "}",
    ]  # fmt: skip
    whole = pc.binary_join_element_wise(*parts, "").cast(pa.binary())
    sha256 = hashlib.sha256
    return [sha256(each).digest() for each in whole.to_pylist()]


def raw(column: Any) -> Any:
    """A column of hex digests as 32 bytes each."""
    import pyarrow as pa

    return pa.array([None if text is None else bytes.fromhex(text) for text in column.to_pylist()], pa.binary(32))


def _bytes(column: Any) -> list[bytes]:
    import pyarrow as pa

    found: list[bytes] = column.cast(pa.binary()).to_pylist()
    return found


def lost(table: Any) -> list[int]:
    """Places of rows whose labels or text are not those of the snapshot any more: their items were erased since."""
    sha256 = hashlib.sha256
    found = [
        n
        for n, (document, labels) in enumerate(
            zip(table["document"].to_pylist(), table["labels"].to_pylist(), strict=True)
        )
        if document is None or sha256(document.encode()).hexdigest() != labels
    ]
    if table["words"].null_count < len(table):
        pairs = zip(table["text"].to_pylist(), table["words"].to_pylist(), strict=True)
        found += [
            n
            for n, (text, words) in enumerate(pairs)
            if words is not None and (text is None or sha256(text.encode()).hexdigest() != words)
        ]
    return sorted(set(found))


def shard(table: Any, splits: list[str], found: list[bytes], meta: list[str]) -> Any:
    """The table of a shard, whole; tombstones are made of it row by row where there are any."""
    import pyarrow as pa

    n = len(table)
    people = pa.StructArray.from_arrays([table[name].combine_chunks() for name in _PEOPLE], names=list(_PEOPLE))
    plain = {
        "batch": "batch",
        "group": "group_key",
        "frame": "frame",
        "width": "width",
        "height": "height",
        "uri": "uri",
        "text": "text",
    }
    plain |= {
        "annotation_id": "annotation",
        "revision": "revision",
        "document": "document",
        "schema_number": "schema_number",
        "key": "key",
        "item_id": "item",
    }
    made = {name: table[column] for name, column in plain.items()} | {
        "split": pa.array(splits, pa.string()),
        "leaf": pa.array(found, pa.binary(32)),
        "ends": pa.array([False] * (n - 1) + [True]),
        "erased": pa.array([False] * n),
        "media_sha256": raw(table["media"]),
        "meta": pa.array(meta, pa.string()),
        "label_digest": raw(table["labels"]),
        "provenance": people,
    }
    schema = parquet.schema()
    return pa.table([made[field.name] for field in schema], schema=schema)


def buried(table: Any, places: list[int]) -> list[Row]:
    """The rows of a shard's table, those at `places` as tombstones."""
    rows = parquet.rows(table)
    for n in places:
        rows[n] = tombstone(rows[n].item_id, rows[n].split, rows[n].leaf)
    return rows


def with_splits(table: Any, splits: list[str]) -> Any:
    """The columns that `tally` counts."""
    import pyarrow as pa

    return pa.table({"split": pa.array(splits, pa.string()), "document": table["document"]})


def tally(table: Any, *, plain: list[str] | None) -> parquet.Tally:
    """What the shard counts. `plain`: the labels of a schema in which no attribute is called "label", so that objects' labels can be counted in
    the text; None reads every document."""
    import pyarrow.compute as pc

    found = parquet.Tally(rows=len(table))
    splits = table["split"].combine_chunks()
    for name in pc.unique(splits).to_pylist():
        documents = _bytes(table["document"].filter(pc.equal(splits, name)))
        found.splits[name] = len(documents)
        counts: Counter[str] = Counter()
        if plain is not None:
            counts = _labels(b"\n".join(documents), plain)
        else:
            for document in documents:
                counts.update(str(thing.get("label", "")) for thing in orjson.loads(document).get("objects") or ())
        if counts:
            found.labels[name] = counts
    return found


def _labels(text: bytes, names: list[str]) -> Counter[str]:
    counts = Counter({name: n for name in names if (n := text.count(b'"label":' + json.dumps(name, ensure_ascii=False).encode()))})
    if counts.total() != text.count(b'"label":"'):  # some are of an older schema
        counts = Counter()
        for raw_name, n in Counter(_LABEL.findall(text)).items():
            counts[orjson.loads(b'"' + raw_name + b'"')] += n
    return counts


def plain_labels(content: Mapping[str, Any]) -> list[str] | None:
    """The labels of the schema when it gives nothing else the name "label", for `tally`."""
    named = [one.get("name") for one in content.get("item") or []]
    named += [
        attribute.get("name") for label in content.get("labels") or [] for attribute in label.get("attributes") or []
    ]
    labels = [str(label["name"]) for label in content.get("labels") or []]
    return None if "label" in named else labels if len(labels) <= 30 else []  # of many, all are found in one pass


def name_of(found: Iterable[bytes], table: Any) -> bytes:
    """The name of a range's file: over leaves and what stands beside them (ids, batches, approvals)."""
    import numpy as np

    state = hashlib.sha256(b"sluice.shard.3\n" + b"".join(found))
    for column in ("item", "annotation", "approval"):
        state.update(np.ascontiguousarray(table[column].to_numpy(), dtype="<i8").tobytes())
    state.update(json.dumps(table["batch"].to_pylist()).encode())
    return state.digest()


def fingerprint(table: Any) -> int:
    """The exclusive or of the rows' hashes, as the database's bit_xor has it."""
    import numpy as np

    return int(np.bitwise_xor.reduce(table["hash"].to_numpy())) if len(table) else 0
