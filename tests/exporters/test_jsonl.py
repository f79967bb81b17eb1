"""JSON lines hold what the leaf was computed from, to the last digit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.kernel import canonical
from tests.exporters.rows import box, export_of, row
from workflows.exporters.jsonl import leaf_of, line

plain = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=12)
number = st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False))
value = st.recursive(st.one_of(st.none(), st.booleans(), number, plain), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(plain, inner, max_size=3), max_leaves=6)
objects = st.lists(st.builds(lambda x, y, w, h, attributes: box(x, y, w, h, attributes=attributes), number, number, number, number, st.dictionaries(plain, value, max_size=2)), max_size=4)


CONTENT: dict[str, Any] = {
    "key": plain.filter(bool),
    "things": objects,
    "item": st.none() | st.dictionaries(plain, value, max_size=2),
    "meta": st.dictionaries(plain, value, max_size=3),
    "text": st.none() | plain,
    "group": plain,
    "frame": st.none() | st.integers(0, 10**6),
    "split": st.sampled_from(["", "train", "val"]),
    "uri": st.none() | plain,
}


@settings(max_examples=150, deadline=None)
@given(**CONTENT)
def test_the_leaf_computed_from_a_line_is_the_rows_leaf(**content: Any) -> None:
    made = row(content.pop("key"), content.pop("things"), **content)
    entry = orjson.loads(line(made))
    assert leaf_of(entry) == made.leaf and entry["leaf"] == made.leaf.hex()
    assert canonical.loads_strict(line(made))["objects"] == canonical.loads_strict(made.document)["objects"]


def test_one_line_per_item_of_the_split(tmp_path: Path) -> None:
    rows = [row(f"{n}.jpg", [box(n, 1, 2, 3)], split="train" if n % 2 else "val", item_id=n) for n in range(7)]
    folder, _notes = export_of(rows, tmp_path, "jsonl", split="val")
    entries = [orjson.loads(each) for each in (folder.root / "items.jsonl").read_bytes().splitlines()]
    assert [entry["key"] for entry in entries] == ["0.jpg", "2.jpg", "4.jpg", "6.jpg"]
    assert entries[1]["objects"][0]["box"] == [2, 1, 2, 3] and entries[1]["split"] == "val"


def test_an_erased_item_keeps_only_a_tombstone(tmp_path: Path) -> None:
    folder, _notes = export_of([row("secret.jpg", [box(1, 1, 2, 2)], item_id=4, erased=True)], tmp_path, "jsonl")
    (entry,) = [orjson.loads(each) for each in (folder.root / "items.jsonl").read_bytes().splitlines()]
    assert entry["key"] == "erased:4" and entry["erased"] is True and set(entry) == {"key", "split", "leaf", "erased"}
