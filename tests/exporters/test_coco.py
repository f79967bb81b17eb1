"""COCO as an independent reader sees it: pycocotools opens what we wrote and finds the very numbers that were drawn."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as rle
from pycocotools.coco import COCO

from annotate.labels import masks
from annotate.labels.schema import parse
from tests.exporters.rows import WIDE, box, export_of, row, thing
from workflows.exporters.coco import CocoWriter
from workflows.exporters.coco_shapes import mask_box
from workflows.exporters.folder import Folder
from workflows.exporters.formats import About
from workflows.releases.rows import Row


def opened(folder: Folder, name: str = "all") -> COCO:
    return COCO(str(folder.root / "annotations" / f"instances_{name}.json"))


def test_boxes_keep_their_exact_numbers(tmp_path: Path) -> None:
    folder, notes = export_of([row("a.jpg", [box(0.1, 2, 30.7, 4.25), box(1, 1, 5, 5, "sign")])], tmp_path)
    coco = opened(folder)
    first, second = coco.loadAnns(coco.getAnnIds())
    assert first["bbox"] == [0.1, 2, 30.7, 4.25] and first["area"] == 30.7 * 4.25 and first["iscrowd"] == 0
    assert coco.cats[second["category_id"]]["name"] == "sign" and second["category_id"] == 3
    assert coco.imgs[1] == {"id": 1, "file_name": "a.jpg", "width": 64, "height": 48, "key": "a.jpg"}
    assert not notes


def test_an_item_without_objects_is_a_picture_without_annotations(tmp_path: Path) -> None:
    coco = opened(export_of([row("a.jpg"), row("b.jpg", [box(1, 1, 2, 2)])], tmp_path)[0])
    assert coco.getImgIds() == [1, 2] and coco.getAnnIds(imgIds=[1]) == []


def test_ids_are_the_same_whichever_split_is_pulled(tmp_path: Path) -> None:
    rows = [row(f"{n}.jpg", [box(n, 1, 2, 2), box(n, 3, 2, 2)], split="val" if n % 3 == 1 else "train") for n in range(9)]
    whole = export_of(rows, tmp_path / "whole")[0]
    part = export_of(rows, tmp_path / "part", split="val")[0]
    assert sorted(path.name for path in (whole.root / "annotations").iterdir()) == ["instances_all.json"]
    assert [path.name for path in (part.root / "annotations").iterdir()] == ["instances_val.json"]
    first, second = opened(whole, "all"), opened(part, "val")
    assert list(second.imgs) == [2, 5, 8] and set(second.anns) <= set(first.anns)
    assert second.imgs == {pk: image for pk, image in first.imgs.items() if image["split"] == "val"}
    assert all(first.anns[pk] == entry for pk, entry in second.anns.items())


def test_polygon_mask_and_keypoints_are_read_by_pycocotools(tmp_path: Path) -> None:
    square = [[10, 10], [20, 10], [20, 20], [10, 20]]
    hole = [[12, 12], [14, 12], [14, 14], [12, 14]]
    counts = masks.encode([2 * 48 + 5, 3, 45, 4, 64 * 48 - (2 * 48 + 5) - 52])
    objects = [
        thing("car", kind="polygon", points=square),
        thing("car", kind="polygon", points=square, holes=[hole]),
        thing("pose", kind="mask", rle={"size": [48, 64], "counts": counts}),
        thing("pose", kind="keypoints", points=[[5, 6, 2], [0, 0, 0], [15, 26, 1]]),
    ]
    folder, notes = export_of([row("a.jpg", objects)], tmp_path)
    coco = opened(folder)
    plain, holed, mask, pose = coco.loadAnns(coco.getAnnIds())
    assert plain["segmentation"] == [[10, 10, 20, 10, 20, 20, 10, 20]] and coco.annToMask(plain).sum() == 100 == plain["area"]
    assert holed["area"] == 96 == coco.annToMask(holed).sum() and coco.annToMask(holed)[12:14, 12:14].sum() == 0
    assert holed["polygon"] == plain["segmentation"][0] and holed["holes"] == [[12, 12, 14, 12, 14, 14, 12, 14]] and notes == {"holes_as_masks": 1}
    assert coco.annToMask(mask).sum() == 7 == mask["area"]
    assert mask["bbox"] == list(rle.toBbox(coco.annToRLE(mask)))
    assert pose["keypoints"] == [5, 6, 2, 0, 0, 0, 15, 26, 1] and pose["num_keypoints"] == 2 and pose["bbox"] == [5, 6, 10, 20]
    assert coco.cats[4]["keypoints"] == ["head", "neck", "foot"] and coco.cats[4]["skeleton"] == [[1, 2], [2, 3]]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.data())
def test_a_masks_box_is_pycocotools_box(height: int, width: int, data: Any) -> None:
    bits = data.draw(st.lists(st.booleans(), min_size=height * width, max_size=height * width))
    grid = np.asfortranarray(np.array(bits, dtype=np.uint8).reshape(height, width))
    coded = rle.encode(grid)
    assert mask_box(coded["counts"].decode(), height) == (list(rle.toBbox(coded)) if grid.any() else [0, 0, 0, 0])


def test_what_coco_cannot_say_is_counted_and_left_out(tmp_path: Path) -> None:
    folder, notes = export_of([row("a.jpg", [thing("pose", kind="polyline", points=[[1, 1], [2, 2]]), box(1, 1, 9, 9)])], tmp_path)
    assert len(opened(folder).anns) == 1 and notes == {"not_in_coco_polyline": 1}


def test_a_turned_box_is_the_polygon_of_its_corners(tmp_path: Path) -> None:
    (entry,) = opened(export_of([row("a.jpg", [box(10, 10, 20, 10, rotation=90)])], tmp_path)[0]).anns.values()
    assert np.allclose(entry["bbox"], [15, 5, 10, 20]) and entry["area"] == 200 and entry["rotation"] == 90
    assert np.allclose(sorted(zip(entry["segmentation"][0][::2], entry["segmentation"][0][1::2], strict=True)), [[15, 5], [15, 25], [25, 5], [25, 25]])


def test_an_erased_item_leaves_no_picture_and_moves_no_id(tmp_path: Path) -> None:
    rows = [row("a.jpg", [box(1, 1, 2, 2)], item_id=1), row("b.jpg", item_id=2, erased=True), row("c.jpg", item_id=3)]
    folder = export_of(rows, tmp_path)[0]
    assert list(opened(folder).imgs) == [1, 3]
    assert b"b.jpg" not in (folder.root / "annotations/instances_all.json").read_bytes()


def test_a_version_without_items_is_a_valid_file(tmp_path: Path) -> None:
    assert opened(export_of([], tmp_path)[0]).getImgIds() == []


def many(count: int) -> Iterator[Row]:
    document = orjson.dumps({"objects": [box(n, 1.5, 20.25, 9) for n in range(3)]}).decode()
    for n in range(count):
        yield Row(key=f"{n:08d}.jpg", item_id=n, split="train", leaf=b"\0" * 32, width=640, height=480, document=document)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_version(tmp_path: Path) -> None:
    about = About("big", 1, "00" * 32, "2026-01-01T00:00:00Z", parse(WIDE))
    folder = Folder(tmp_path / "out")
    writer = CocoWriter(about, folder)
    tracemalloc.start()
    began = time.monotonic()
    for each in many(50_000):
        writer.take(each, each.key, True)
    writer.finish()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16e6, f"{peak / 1e6:.0f} MB"
    assert time.monotonic() - began < 60
    document = orjson.loads((folder.root / "annotations/instances_all.json").read_bytes())
    assert len(document["images"]) == 50_000 and len(document["annotations"]) == 150_000
