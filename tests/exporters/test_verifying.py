"""`verify_export` accepts what was exported, and names the first thing that somebody changed."""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command

from tests.exporters.rows import box, export_of, row
from workflows.exporters.manifest import FILES, MANIFEST

ROWS = [row(f"{n}.jpg", [box(n, 1, 2, 3)], split="val" if n % 3 == 0 else "train", item_id=n, item={"weather": "rain"}) for n in range(1, 8)]


def run(place: Path, **options: str) -> str:
    out = io.StringIO()
    call_command("verify_export", str(place), stdout=out, **options)
    return out.getvalue()


def refused(place: Path, **options: str) -> str:
    with pytest.raises(CommandError) as caught:
        run(place, **options)
    assert caught.value.returncode == 1
    return str(caught.value)


def relist(root: Path, *paths: str) -> None:
    """What a careful forger does: the list of files agrees again."""
    entries = [orjson.loads(each) for each in (root / FILES).read_bytes().splitlines()]
    for entry in entries:
        if entry["path"] in paths:
            content = (root / entry["path"]).read_bytes()
            entry |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (root / FILES).write_bytes(b"".join(orjson.dumps(entry) + b"\n" for entry in entries))


def edit(path: Path, change: Callable[[bytes], bytes]) -> None:
    before = path.read_bytes()
    after = change(before)
    assert before != after
    path.write_bytes(after)


def without_line(number: int) -> Callable[[bytes], bytes]:
    return lambda content: b"".join(each for place, each in enumerate(content.splitlines(keepends=True)) if place != number)


@pytest.mark.parametrize("format", ["coco", "jsonl", "parquet"])
@pytest.mark.parametrize("split", ["", "val"])
def test_an_untouched_export_is_verified(tmp_path: Path, format: str, split: str) -> None:
    root = export_of(ROWS, tmp_path, format, split=split)[0].root
    said = run(root)
    assert "Verified." in said and "7 leaves give the root" in said and "sha256 agree" in said


@pytest.mark.parametrize("format", ["coco", "jsonl", "parquet"])
def test_an_export_with_erased_items_is_verified(tmp_path: Path, format: str) -> None:
    rows = [row("a.jpg", item_id=1), row("b.jpg", item_id=2, erased=True), row("c.jpg", item_id=3, erased=True)]
    assert "3 leaves (2 erased since)" in run(export_of(rows, tmp_path, format)[0].root)


def test_archives_are_verified_like_folders(tmp_path: Path) -> None:
    root = export_of(ROWS, tmp_path, "jsonl")[0].root
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as zipped, tarfile.open(tmp_path / "a.tar", "w") as tarred:
        for path in sorted(root.rglob("*")):
            if path.is_file():
                zipped.write(path, path.relative_to(root))
                tarred.add(path, f"streets-v3/{path.relative_to(root)}")
    assert "Verified." in run(tmp_path / "a.zip") and "Verified." in run(tmp_path / "a.tar")


def test_a_changed_byte_names_its_file(tmp_path: Path) -> None:
    root = export_of(ROWS, tmp_path)[0].root
    edit(root / "annotations/instances_all.json", lambda content: content.replace(b"2026", b"2027", 1))
    assert "annotations/instances_all.json: has sha256" in refused(root)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    root = export_of(ROWS, tmp_path)[0].root
    (root / "annotations/instances_all.json").unlink()
    assert "annotations/instances_all.json: is missing" in refused(root)


def test_a_changed_box_in_json_lines_is_found_by_its_leaf(tmp_path: Path) -> None:
    root = export_of(ROWS, tmp_path, "jsonl")[0].root
    edit(root / "items.jsonl", lambda content: content.replace(b'"box":[3,1,2,3]', b'"box":[3,1,2,4]'))
    relist(root, "items.jsonl")
    assert "items.jsonl line 3 (3.jpg): gives the leaf" in refused(root)


def test_a_changed_item_attribute_is_found_by_its_leaf(tmp_path: Path) -> None:
    root = export_of(ROWS, tmp_path, "jsonl")[0].root
    edit(root / "items.jsonl", lambda content: content.replace(b"rain", b"snow", 1))
    relist(root, "items.jsonl")
    assert "items.jsonl line 1 (1.jpg)" in refused(root)


def rewritten(root: Path, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """The Parquet part with its rows changed by somebody who knows how, and listed again."""
    path = root / "rows/part-00000.parquet"
    table = pq.read_table(path)
    rows = table.to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    relist(root, "rows/part-00000.parquet")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: rows[2].update(document=rows[2]["document"].replace("3,1,2,3", "3,1,2,4")), r"row 3 \(3.jpg\): gives the leaf"),
        (lambda rows: rows[1].update(width=65), r"row 2 \(2.jpg\): gives the leaf"),
        (lambda rows: rows[0]["objects"][0].update(label="sign"), r"row 1 \(1.jpg\): has columns that say something else"),
        (lambda rows: rows[0].update(item=None), r"row 1 \(1.jpg\): has columns that say something else"),
        (lambda rows: rows.pop(), "lacks the item '7.jpg'"),
        (lambda rows: rows.pop(3), "row 4: holds '5.jpg', the manifest has '4.jpg'"),
        (lambda rows: rows.append(rows[0]), "comes after the last item"),
    ],
)  # fmt: skip
def test_changed_rows_of_parquet_are_found_by_their_leaves(tmp_path: Path, change: Any, words: str) -> None:
    root = export_of(ROWS, tmp_path, "parquet")[0].root
    rewritten(root, change)
    assert re.search(words, refused(root))


def test_a_part_that_is_no_parquet_is_named(tmp_path: Path) -> None:
    root = export_of(ROWS, tmp_path, "parquet")[0].root
    (root / "rows/part-00000.parquet").write_bytes(b"PAR1 nothing")
    relist(root, "rows/part-00000.parquet")
    assert "rows/part-00000.parquet: is not Parquet" in refused(root)


def test_a_missing_leaf_changes_the_count_or_the_root(tmp_path: Path) -> None:
    root = export_of(ROWS, tmp_path)[0].root
    edit(root / MANIFEST, without_line(4))
    relist(root, MANIFEST)
    assert "lists 6 leaves, its head says 7" in refused(root)
    edit(root / MANIFEST, lambda content: content.replace(b'"items":7', b'"items":6'))
    relist(root, MANIFEST)
    assert "its leaves give the root" in refused(root)


def test_a_missing_line_names_the_item(tmp_path: Path) -> None:
    root = export_of(ROWS, tmp_path, "jsonl")[0].root
    edit(root / "items.jsonl", without_line(6))
    relist(root, "items.jsonl")
    assert "items.jsonl: lacks the item '7.jpg'" in refused(root)


def test_a_coco_image_without_a_leaf_and_a_leaf_without_an_image_are_named(tmp_path: Path) -> None:
    root = export_of(ROWS, tmp_path)[0].root
    path = root / "annotations/instances_all.json"
    edit(path, lambda content: content.replace(b'"key":"3.jpg"', b'"key":"9.jpg"'))
    relist(root, "annotations/instances_all.json")
    assert "instances_all.json image 3 (9.jpg)" in refused(root)
    document = orjson.loads(path.read_bytes())
    document["images"] = [image for image in document["images"] if image["id"] != 3]
    document["annotations"] = [entry for entry in document["annotations"] if entry["image_id"] != 3]
    path.write_bytes(orjson.dumps(document))
    relist(root, "annotations/instances_all.json")
    assert "(3.jpg): has no image" in refused(root)


def test_another_root_than_the_one_expected_is_refused(tmp_path: Path) -> None:
    root = export_of(ROWS, tmp_path)[0].root
    right = orjson.loads((root / MANIFEST).read_bytes().splitlines()[0])["root"]
    assert "Verified." in run(root, root=right)
    assert "the root is" in refused(root, root="00" * 32)


def test_what_is_no_export_is_said_to_be_none(tmp_path: Path) -> None:
    assert "holds no sluice-manifest.ndjson" in refused(tmp_path)
    assert "is not there" in refused(tmp_path / "nowhere")
    (tmp_path / "text").write_text("hello")
    assert "neither a folder nor a zip nor a tar" in refused(tmp_path / "text")
