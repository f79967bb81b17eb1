"""What rows count: by split, and their objects by label, found in the text of the documents where that is sure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import orjson

from workflows.releases import parquet
from workflows.releases.columns import contents, whole

_MARK = b'label":"'  # eight bytes, found as one number
_LABEL = re.compile(rb'"label":"((?:[^"\\]|\\.)*)"')
MOST = 40  # different labels that are looked for one by one


def tally(table: Any, *, plain: bool) -> parquet.Tally:
    """What rows with the columns "split" and "document" count. `plain`: whether `plain_labels` says so of the schema; else every document is read."""
    import pyarrow.compute as pc

    found = parquet.Tally(rows=len(table))
    splits = whole(table["split"])
    for name in pc.unique(splits).to_pylist():
        documents = table["document"].filter(pc.equal(splits, name))
        found.splits[name] = len(documents)
        counts = Counter[str]()
        if plain:
            text, bounds = contents(documents)
            counts = _labels(bytes(text[bounds[0] : bounds[-1]]))
        else:
            for document in documents.to_pylist():
                counts.update(str(thing.get("label", "")) for thing in orjson.loads(document).get("objects") or ())
        if counts:
            found.labels[name] = counts
    return found


def _labels(text: bytes) -> Counter[str]:
    """How often each label is named. The mark cannot stand within a string of canonical JSON: there quotation marks are escaped."""
    import numpy as np

    counts = Counter[str]()
    data = np.frombuffer(text + bytes(8), np.uint8)
    eight = np.ndarray(len(text), "<u8", data, strides=(1,))  # the eight bytes from each place on
    at = np.flatnonzero(data[1 : len(text)] == _MARK[0]) + 1
    at = at[(data[at - 1] == ord('"')) & (eight[at] == int.from_bytes(_MARK, "little"))] + len(_MARK)
    while len(at):
        if len(counts) == MOST:
            return Counter({_read(name): n for name, n in Counter(_LABEL.findall(text)).items()})
        first = int(at[0])
        found = _LABEL.match(text, first - len(_MARK) - 1)
        assert found is not None
        same, size = np.ones(len(at), bool), len(found[1]) + 1  # with the mark at its end
        for place in range(0, size, 8):
            bits = np.uint64((1 << 8 * min(8, size - place)) - 1)
            same &= eight[at + place] & bits == eight[first + place] & bits
        counts[_read(found[1])] += int(same.sum())
        at = at[~same]
    return counts


def _read(name: bytes) -> str:
    return str(orjson.loads(b'"' + name + b'"'))


def plain_labels(content: Mapping[str, Any]) -> bool:
    """Whether the schema gives nothing but objects' labels the name "label"."""
    named = [one.get("name") for one in content.get("item") or []]
    named += [attribute.get("name") for label in content.get("labels") or [] for attribute in label.get("attributes") or []]
    return "label" not in named
