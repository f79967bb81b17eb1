"""JSON lines hold what the leaf was computed from, to the last digit."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.kernel import canonical
from tests.exporters.rows import box, export_of, row
from tests.exporters.test_verifying import edit, refused, relist, run, without_line
from workflows.exporters import jsonl
from workflows.exporters.jsonl import files_of, leaf_of, line
from workflows.releases import merkle

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


def test_lines_of_a_large_version_are_in_parts_that_end_where_ranges_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merkle, "_MASK", 7)
    rows = [row(f"{n:03d}.jpg", [box(n, 1, 2, 3)], split="train" if n % 2 else "val", item_id=n) for n in range(100)]
    whole = (export_of(rows, tmp_path / "one", "jsonl")[0].root / "items.jsonl").read_bytes()
    monkeypatch.setattr(jsonl, "LARGE", 0)
    before, root = parts_of(rows, tmp_path / "parts")
    assert b"".join(before) == whole and len(before) > 5 and b"100 lines of items/" in verified(root)
    assert all(merkle.ends_range(orjson.loads(part.splitlines()[-1])["key"]) for part in before[:-1])
    assert sum(merkle.ends_range(each.key) for each in rows) in (len(before), len(before) - 1)
    rows[50] = row("050.jpg", [], item_id=50, split="val")
    after, _root = parts_of(rows, tmp_path / "again")
    assert len(set(before) & set(after)) == len(before) - 1 == len(after) - 1
    some, root = parts_of(rows, tmp_path / "val", split="val")
    assert b"".join(some).count(b"\n") == 50 and b"50 lines of" in verified(root)
    none, root = parts_of(rows, tmp_path / "none", split="test")
    assert none == [b""] and verified(root)


def test_a_line_that_somebody_changed_in_a_part_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merkle, "_MASK", 7)
    monkeypatch.setattr(jsonl, "LARGE", 0)
    rows = [row(f"{n:03d}.jpg", [box(n, 1, 2, 3)], item_id=n) for n in range(60)]
    _parts, root = parts_of(rows, tmp_path)
    edit(root / "items" / "part-00001.jsonl", without_line(0))
    relist(root, "items/part-00001.jsonl")
    assert re.search(r"items/part-00001.jsonl line 1: holds '0\d\d.jpg', the manifest has", refused(root))
    (root / "items" / "part-00001.jsonl").unlink()
    assert "items/part-00001.jsonl: is missing" in refused(root)


def parts_of(rows: list[Any], place: Path, **more: Any) -> tuple[list[bytes], Path]:
    root = export_of(rows, place, "jsonl", **more)[0].root
    return [(root / path).read_bytes() for path in files_of(path.relative_to(root).as_posix() for path in root.rglob("*"))], root


def verified(root: Path) -> bytes:
    return run(root).encode()
