"""Labels are counted in the text of documents, and as they would be in the documents read one by one."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.releases import tallying
from workflows.releases.tallying import plain_labels, tally


def _table(*rows: tuple[str, list[dict[str, Any]]]) -> Any:
    documents = [json.dumps({"objects": objects}, separators=(",", ":"), ensure_ascii=False) for _split, objects in rows]
    return pa.table({"split": pa.array([split for split, _objects in rows], pa.string()), "document": pa.array(documents, pa.string())})


def test_labels_are_counted_in_the_text_unless_something_else_is_called_so() -> None:
    table = _table(("x", [{"attributes": {"label": "car"}, "label": "car"}, {"label": 'a "b" \\'}, {"label": "old"}]))
    assert not plain_labels({"labels": [{"name": "car", "attributes": [{"name": "label"}]}]})
    assert not plain_labels({"labels": [{"name": "car"}], "item": [{"name": "label"}]})
    assert plain_labels({"labels": [{"name": "car"}], "item": [{"name": "weather"}]})
    assert tally(table, plain=False).labels == {"x": {"car": 1, 'a "b" \\': 1, "old": 1}}
    assert tally(table, plain=True).labels == {"x": {"car": 2, 'a "b" \\': 1, "old": 1}}


# Alike in their first eight bytes and more, as long as a number of eight bytes and not, with what JSON escapes, empty, and what looks like the mark.
_NAMES = st.sampled_from(["", "car", "label", 'label":"', "traffic light", "traffic light red", "traffic sign", "seven77", "eight888", "深圳", 'a"b', "\\", "\n"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["", "train", "val"]), st.lists(_NAMES, max_size=4)), max_size=12), st.integers(0, 3))
def test_the_text_says_what_the_documents_do(rows: list[tuple[str, list[str]]], most: int) -> None:
    """However many different labels are looked for one by one, and wherever the table begins."""
    table = _table(("val", [{"label": "not in it"}]), *((split, [{"kind": "box", "label": name, "z": n} for n, name in enumerate(names)]) for split, names in rows))
    was, tallying.MOST = tallying.MOST, most
    try:
        text, read = (tally(table.slice(1), plain=plain) for plain in (True, False))
    finally:
        tallying.MOST = was
    assert (text.labels, text.splits, text.rows) == (read.labels, read.splits, len(rows))
