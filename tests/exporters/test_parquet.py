"""Parquet holds what the leaf was computed from, and the same in columns that any reader opens in place."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
from hypothesis import given, settings

from annotate.labels import masks
from tests.conformance.small import exported
from tests.exporters.rows import box, export_of, row, thing
from tests.exporters.test_jsonl import CONTENT
from workflows.exporters.columns import Shards
from workflows.exporters.folder import Folder
from workflows.exporters.parquet import agrees, leaf_of
from workflows.releases.merkle import ends_range

COUNTS = masks.encode([2 * 48 + 5, 3, 45, 4, 64 * 48 - (2 * 48 + 5) - 52])


@settings(max_examples=60, deadline=None)
@given(**CONTENT)
def test_the_leaf_computed_from_a_row_is_the_versions_leaf(tmp_path_factory: Any, **content: Any) -> None:
    made = row(content.pop("key"), content.pop("things"), **content)
    folder, _notes = export_of([made], tmp_path_factory.mktemp("rows"), "parquet")
    (record,) = pq.read_table(folder.root / "rows").to_pylist()
    assert leaf_of(record) == made.leaf == record["leaf"] and agrees(record)


def test_every_kind_of_object_has_its_columns(tmp_path: Path) -> None:
    square = [[10, 10], [20, 10], [20, 20], [10, 20]]
    objects = [
        box(1, 2, 3, 4, rotation=30, attributes={"occluded": True}),
        thing("car", kind="polygon", points=square, holes=[square]),
        thing("pose", kind="mask", rle={"size": [48, 64], "counts": COUNTS}),
        thing("pose", kind="keypoints", points=[[5, 6, 2], [0, 0, 0], [15, 26, 1]]),
        {"id": "r", "kind": "relation", "label": "near", "from": "a", "to": "b"},
    ]
    folder, notes = export_of([row("a.jpg", objects, meta={"weather": "rain"})], tmp_path, "parquet")
    (record,) = pq.read_table(folder.root / "rows").to_pylist()
    first, polygon, mask, pose, link = record["objects"]
    assert first["box"] == [1, 2, 3, 4] and first["rotation"] == 30 and first["attributes"] == '{"occluded":true}'
    assert polygon["points"] == square and polygon["holes"] == [square]
    assert mask["rle"] == {"size": [48, 64], "counts": COUNTS} and pose["points"][2] == [15, 26, 1]
    assert (link["from"], link["to"]) == ("a", "b") and record["meta"] == '{"weather":"rain"}' and not notes


def test_duckdb_counts_labels_by_split_where_the_files_lie(tmp_path: Path) -> None:
    """The statement of README.md."""
    folder = exported(tmp_path, "parquet")
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    statement = readme[readme.index("SELECT split, o.label") :].splitlines()[0].replace("rows/", f"{folder}/rows/")
    assert duckdb.sql(statement).fetchall() == [("test", "car", 2), ("test", "sign", 1), ("train", "car", 1), ("train", "sign", 1), ("val", "car", 1)]
    assert duckdb.sql(f"SELECT file FROM '{folder}/rows/*.parquet' WHERE len(objects) = 0").fetchall() == [("images/night/1.jpg",)]


def test_erased_items_and_other_splits_have_no_row(tmp_path: Path) -> None:
    rows = [row("a", split="val"), row("b", split="train"), row("c", split="val", erased=True, item_id=3)]
    table = pq.read_table(export_of(rows, tmp_path, "parquet", split="val")[0].root / "rows")
    assert table.column("key").to_pylist() == ["a"]


def test_a_version_without_items_has_the_columns(tmp_path: Path) -> None:
    assert pq.read_table(export_of([], tmp_path, "parquet")[0].root / "rows").num_rows == 0


def test_a_new_file_begins_when_one_is_full(tmp_path: Path) -> None:
    import pyarrow as pa

    folder = Folder(tmp_path)
    shards = Shards(folder, pa.schema([("n", pa.int64())]), lambda number: f"part-{number}.parquet", rows=10, file_rows=20)
    for n in range(45):
        shards.add({"n": n})
    shards.finish()
    assert [one.path for one in folder.written] == shards.paths == ["part-0.parquet", "part-1.parquet", "part-2.parquet"]
    assert [pq.read_table(tmp_path / path).num_rows for path in shards.paths] == [20, 20, 5]
    assert pq.read_table([tmp_path / path for path in shards.paths]).column("n").to_pylist() == list(range(45))


def test_a_range_without_changes_is_the_same_file_in_the_next_version(tmp_path: Path) -> None:
    last = next(key for key in (f"b{n}" for n in count()) if ends_range(key))
    keys = ["a", last, "c", "d"]
    before = {key: row(key, [box(1, 2, 3, 4)]) for key in keys}
    after = before | {"d": row("d", [box(5, 6, 7, 8)])}
    files = [
        [one.sha256 for one in export_of(list(rows.values()), tmp_path / name, "parquet")[0].written if one.path.startswith("rows/")]
        for name, rows in (("before", before), ("after", after))
    ]
    assert len(files[0]) == len(files[1]) == 2
    assert files[0][0] == files[1][0] and files[0][1] != files[1][1]
