"""The row of a version: one approved item with its annotation, as it was at the instant of the cut.

Shards hold rows, `reading` streams them, writers of exports take them. A row whose item was erased later is a tombstone:
`erased` is True, `key` is "erased:<item id>", and everything but `item_id`, `split` and `leaf` is empty.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

NO_OBJECTS = '{"objects":[]}'


@dataclass(slots=True)  # not frozen, though nothing is set: there are millions, and to make a frozen one takes 4 microseconds instead of 0.5
class Row:
    """`width` and `height` are pixels of the upright picture; digests are 32 raw bytes.

    `group` and `split` are "" when there is none. `document` is the annotation's canonical JSON text, `{"objects", "item"}`.
    `provenance` is {"labelled_by", "labelled_at", "source", "reviewed_by", "approved_by", "approved_at", "cause", "round", "method"}: names,
    RFC 3339 times; None where nobody did it. `round`: the number of the batch's round in which it was judged, or that passed it
    unseen; `method`: how one answer was made of several, "adjudication" where a person decided. `schema_number` is the schema version that the annotation was made under;
    every row is valid under the version's own schema. `leaf` is the row's place in the root hash (see `merkle`).
    """

    key: str
    item_id: int
    split: str
    leaf: bytes
    batch: str = ""
    group: str = ""
    frame: int | None = None
    width: int | None = None
    height: int | None = None
    media_sha256: bytes | None = None
    uri: str | None = None
    text: str | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    annotation_id: int | None = None
    revision: int | None = None
    document: str = NO_OBJECTS
    label_digest: bytes | None = None
    schema_number: int | None = None
    provenance: dict[str, Any] = field(default_factory=dict)
    erased: bool = False


@dataclass(slots=True)
class Leaf:
    """What identity needs of a row, for manifests. `ends`: a range of the root hash ends with this row.

    `ends` follows from the key, and is kept because a tombstone has lost its key. The last leaf of a version always ends.
    """

    key: str
    item_id: int
    split: str
    leaf: bytes
    erased: bool
    ends: bool
