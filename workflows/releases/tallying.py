"""What rows count: by split, and their objects by label, found in the text of the documents where that is sure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from workflows.releases import parquet
from workflows.releases.columns import contents, whole

_MARK = b'label":"'  # eight bytes, found as one number
_LABEL = re.compile(rb'((?:[^"\\]|\\.)*)"')
MOST = 40  # different labels that are looked for one by one


def tally(table: Any, *, plain: bool) -> parquet.Tally:
    """What rows with the columns "split" and "document" count. `plain`: whether `plain_labels` says so of the schema; else every document is read."""
    import numpy as np

    found = parquet.Tally(rows=len(table))
    coded = whole(table["split"]).dictionary_encode()
    names, of = coded.dictionary.to_pylist(), coded.indices.to_numpy()
    found.splits.update({name: int(n) for name, n in zip(names, np.bincount(of, minlength=len(names)), strict=True)})
    for label, rows in _labelled(table["document"]) if plain else _read_all(table["document"]):
        for name, n in zip(names, np.bincount(of[rows], minlength=len(names)).tolist(), strict=True):
            if n:
                found.labels.setdefault(name, Counter())[label] += n
    return found


def _read_all(documents: Any) -> Iterator[tuple[str, list[int]]]:
    """(label, the rows of its objects), from the documents read one by one."""
    rows = defaultdict[str, list[int]](list)
    for n, document in enumerate(documents.to_pylist()):
        for thing in orjson.loads(document).get("objects") or ():
            rows[str(thing.get("label", ""))].append(n)
    yield from rows.items()


def _labelled(documents: Any) -> Iterator[tuple[str, Any]]:
    """The same from their text. The mark cannot stand within a string of canonical JSON: there quotation marks are escaped."""
    import numpy as np

    content, bounds = contents(documents)
    text = bytes(content[bounds[0] : bounds[-1]]) + bytes(8)
    data = np.frombuffer(text, np.uint8)
    eight = np.ndarray(len(text) - 8, "<u8", data, strides=(1,))  # the eight bytes from each place on
    at = np.flatnonzero(data[1:-8] == _MARK[0]) + 1
    at = at[(data[at - 1] == ord('"')) & (eight[at] == int.from_bytes(_MARK, "little"))] + len(_MARK)
    rows = np.searchsorted(np.asarray(bounds[1:]) - bounds[0], at, side="right")
    for _ in range(MOST):
        if not len(at):
            return
        first = int(at[0])
        name = _name(text, first)
        same, size = np.ones(len(at), bool), len(name) + 1  # with the mark at its end
        for place in range(0, size, 8):
            bits = np.uint64((1 << 8 * min(8, size - place)) - 1)
            there = np.minimum(at + place, len(eight) - 1)  # a label that ends before is another one already
            same &= eight[there] & bits == eight[first + place] & bits
        yield _read(name), rows[same]
        at, rows = at[~same], rows[~same]
    left = defaultdict[bytes, list[int]](list)  # of many different ones each is read
    for place, row in zip(at.tolist(), rows.tolist(), strict=True):
        left[_name(text, place)].append(row)
    for name, some in left.items():
        yield _read(name), some


def _name(text: bytes, at: int) -> bytes:
    found = _LABEL.match(text, at)
    assert found is not None
    return found[1]


def _read(name: bytes) -> str:
    return str(orjson.loads(b'"' + name + b'"'))


def plain_labels(content: Mapping[str, Any]) -> bool:
    """Whether the schema gives nothing but objects' labels the name "label"."""
    named = [one.get("name") for one in content.get("item") or []]
    named += [attribute.get("name") for label in content.get("labels") or [] for attribute in label.get("attributes") or []]
    return "label" not in named
