"""Pictures whose pixels are labels: COCO panoptic and Pascal VOC's segmentation, in and out again, and files that lie."""

from __future__ import annotations

import io
import json
import re
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from annotate.labels.schema import parse
from tests.exporters.rows import box, export_of, row, thing
from tests.exporters.test_round_trips import RICH, files, mask, plain
from workflows.collection.importers import GATHERED
from workflows.collection.importers.found import LabelDoc, Problem
from workflows.collection.importers.painted import decoded, parts
from workflows.collection.ingest.fitting import fit
from workflows.exporters.colours import voc_colours
from workflows.exporters.outlines import grid
from workflows.exporters.raster import pixels


def taken(format: str, given: dict[str, bytes]) -> list[LabelDoc | Problem]:
    upload = GATHERED[format]()
    for path, content in given.items():
        upload.take(io.BytesIO(content), f"up.zip!{path}", path)
    return [found for found, _path in upload.finish(())]


def label_files(folder: Path, *suffixes: str) -> dict[str, bytes]:
    return {path: content for path, content in files(folder).items() if path.endswith(suffixes)}


def png(values: Any, colours: Any = None, mode: str | None = None) -> bytes:
    made = Image.fromarray(np.asarray(values, dtype=np.uint8), mode)
    if colours is not None:
        made.putpalette([part for colour in colours for part in colour])
    out = io.BytesIO()
    made.save(out, "PNG")
    return out.getvalue()


def comes_back(rows: list[Any], place: Path, export: str, format: str, *suffixes: str) -> list[Any]:
    """The rows after the way out and in; what goes out then is what went out before."""
    first = export_of(rows, place / "first", export, schema=RICH)[0].root
    back = []
    for doc in taken(format, label_files(first, *suffixes)):
        assert isinstance(doc, LabelDoc) and not doc.problems, doc
        old = next(each for each in rows if each.key.replace("/", "__").rpartition(".")[0] in (doc.file.rpartition(".")[0], doc.other_name))
        fitted = fit([doc], parse(RICH), owner=old.key, width=64, height=48)
        assert fitted.document is not None and not fitted.refusals, fitted.refusals
        back.append(row(old.key, fitted.document["objects"], split=old.split, item_id=old.item_id))
    back.sort(key=lambda each: each.key)
    second = export_of(back, place / "second", export, schema=RICH)[0].root
    assert without_root(files(first)) == without_root(files(second))
    return back


def without_root(found: dict[str, bytes]) -> dict[str, bytes]:
    """The root is that of the documents, and objects have other ids now."""
    return {path: re.sub(rb'"root":"[0-9a-f]{64}"', b"", content) for path, content in found.items()}


def rows() -> list[Any]:
    cells = mask((3, 4), (3, 5), (4, 5), (47, 63))
    pose = thing("pose", kind="mask", rle=mask(*[(y, x) for y in range(10, 20) for x in range(8, 30)])["rle"])
    return [row("a/1.jpg", [cells, pose], split="train", item_id=1), row("b.jpg", [], split="val", item_id=2)]


def test_panoptic_masks_go_out_the_same_after_they_came_in(tmp_path: Path) -> None:
    back = comes_back(rows(), tmp_path, "coco_panoptic", "coco", ".json", ".png")
    assert [sorted(map(str, each)) for each in plain(back)] == [sorted(map(str, each)) for each in plain(rows())]


def test_voc_masks_go_out_the_same_after_they_came_in_with_their_attributes_and_boxes(tmp_path: Path) -> None:
    given = rows()
    given[0] = row("a/1.jpg", [*orjson.loads(given[0].document)["objects"], box(1, 2, 30, 4)], split="train", item_id=1)
    back = comes_back(given, tmp_path, "voc", "voc", ".xml", ".png", ".txt")
    assert [[one["kind"] for one in each] for each in plain(back)] == [["mask", "mask", "box"], []]


@settings(max_examples=30, deadline=None)
@given(cells=st.sets(st.tuples(st.integers(0, 47), st.integers(0, 63)), min_size=1, max_size=40))
@pytest.mark.parametrize(("export", "format"), [("coco_panoptic", "coco"), ("voc", "voc")])
def test_any_mask_comes_back_to_the_pixel(export: str, format: str, tmp_path_factory: Any, cells: Any) -> None:
    given = [row("a.jpg", [mask(*cells)], split="train")]
    assert plain(comes_back(given, tmp_path_factory.mktemp("way"), export, format, ".json", ".png", ".xml", ".txt")) == plain(given)


@settings(max_examples=40, deadline=None)
@given(cells=st.sets(st.tuples(st.integers(0, 8), st.integers(0, 9)), min_size=1, max_size=60))
def test_a_label_without_masks_gets_outlines_that_cover_the_same_pixels(cells: Any) -> None:
    from workflows.collection.importers.found import Found

    shape = {"rle": mask(*cells)["rle"]}
    schema = parse({"labels": [{"name": "cell", "kinds": ["polygon", "box"]}]})
    doc = LabelDoc("a.jpg", "x", objects=(Found("cell", {"mask": (shape,), "box": ({"box": [0, 0, 9, 9]},)}),))
    made = fit([doc], schema, owner="x", width=64, height=48).document
    assert made is not None
    covered = np.zeros((48, 64), dtype=bool)
    for one in made["objects"]:
        assert one["kind"] == "polygon"
        found = pixels(one, 64, 48)
        assert found is not None
        part, left, top = found
        covered[top : top + part.shape[0], left : left + part.shape[1]] ^= part
    assert (covered == grid(shape["rle"])).all()


def panoptic(segments: list[dict[str, Any]], **more: Any) -> bytes:
    document = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 3, "height": 2}], "categories": [{"id": 9, "name": "car", "isthing": 1}],
        "annotations": [{"image_id": 1, "file_name": "a.png", "segments_info": segments}],
    }  # fmt: skip
    return json.dumps(document | more).encode()


IDS = [[[7, 0, 0], [7, 0, 0], [0, 0, 0]], [[0, 1, 0], [0, 0, 0], [0, 0, 0]]]  # 7, and 256 below its first pixel


def test_a_segment_is_the_pixels_of_its_id_and_what_does_not_fit_is_named() -> None:
    segments = [{"id": 7, "category_id": 9, "bbox": [0, 0, 2, 1], "iscrowd": 1}, {"id": 8, "category_id": 9, "bbox": [0, 0, 1, 1]}]
    (doc,) = taken("coco", {"panoptic_val/a.png": png(IDS), "panoptic_val.json": panoptic(segments)})
    assert isinstance(doc, LabelDoc)
    assert doc.objects[0].shapes["mask"] == ({"rle": {"size": [2, 3], "counts": "01102"}},) and doc.objects[0].attributes == {"iscrowd": True}
    assert [(each.code, each.place) for each in doc.problems] == [("no_pixels", "up.zip!panoptic_val.json annotations[0] segments_info[1]"), ("unknown_segment", "up.zip!panoptic_val/a.png")]


def test_without_its_picture_a_segment_is_its_box() -> None:
    (doc,) = taken("coco", {"panoptic_val.json": panoptic([{"id": 7, "category_id": 9, "bbox": [0, 0, 2, 1]}, {"id": 8, "category_id": 9}])})
    assert isinstance(doc, LabelDoc)
    assert [dict(one.shapes) for one in doc.objects] == [{"box": ({"box": [0, 0, 2, 1]},)}] and [each.code for each in doc.problems] == ["no_shape"]


CLASSES = np.array([[0, 7, 7, 255], [15, 15, 7, 255]])
OBJECTS = np.array([[0, 1, 1, 255], [3, 3, 2, 255]])


def test_vocs_own_pictures_need_no_labelmap_and_255_is_nobodys() -> None:
    given = {"VOC/SegmentationClass/a.png": png(CLASSES, voc_colours()), "VOC/SegmentationObject/a.png": png(OBJECTS, voc_colours())}
    (doc,) = taken("voc", given)
    assert isinstance(doc, LabelDoc) and not doc.problems and (doc.other_name, doc.width, doc.height) == ("a", 4, 2)
    assert [(one.label, one.shapes["box"][0]["box"]) for one in doc.objects] == [("car", [1, 0, 2, 1]), ("car", [2, 1, 1, 1]), ("person", [0, 1, 2, 1])]


def test_without_object_pictures_all_of_a_class_is_one_mask() -> None:
    (doc,) = taken("voc", {"SegmentationClass/a.png": png(CLASSES, voc_colours())})
    assert isinstance(doc, LabelDoc) and [one.label for one in doc.objects] == ["car", "person"]


def test_colours_of_a_labelmap_name_the_classes_in_rgb_too_and_others_are_told() -> None:
    colours = np.array([[[0, 0, 0], [10, 20, 30]], [[10, 20, 30], [1, 2, 3]]])
    (doc,) = taken("voc", {"labelmap.txt": b"# x\nbackground:0,0,0::\nroad:10,20,30::\nbad line\n", "SegmentationClass/a.png": png(colours)})[1:]
    assert isinstance(doc, LabelDoc) and [one.label for one in doc.objects] == ["road"]
    assert [(each.code, each.detail) for each in doc.problems] == [("unknown_class", "pixels of the colour 1,2,3 are named by no labelmap.txt")]


def headed(width: int, height: int) -> bytes:
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


GOOD = png(CLASSES, voc_colours())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no PNG"),
        (b"GIF89a" + bytes(40), "no PNG"),
        (headed(100_000, 100_000), "100,000,000 pixels"),
        (headed(0, 5), "width and height"),
        (headed(4, 2), "decoded"),
        (GOOD[:-30], "decoded"),
        (GOOD.replace(b"IDAT", b"IDAT\x00", 1), "decoded"),
        (png(np.zeros((3, 3)), voc_colours()), "3 × 3 pixels, the picture 4 × 2"),
    ],
)
def test_a_picture_that_lies_costs_its_masks_and_is_named_with_the_mend(content: bytes, words: str) -> None:
    xml = b"<annotation><filename>a.jpg</filename><size><width>4</width><height>2</height></size><object><name>car</name><bndbox><xmin>1</xmin><ymin>0</ymin><xmax>3</xmax><ymax>1</ymax></bndbox></object></annotation>"
    (doc,) = taken("voc", {"Annotations/a.xml": xml, "SegmentationClass/a.png": content, "SegmentationObject/a.png": png(OBJECTS, voc_colours())})
    assert isinstance(doc, LabelDoc) and [list(one.shapes) for one in doc.objects] == [["box"]]
    (told,) = doc.problems
    assert (told.code, told.place) == ("bad_label_picture", "up.zip!SegmentationClass/a.png") and words in told.detail


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, len(GOOD) - 1), byte=st.integers(0, 255), cut=st.integers(0, 20))
def test_whatever_the_bytes_a_picture_is_read_or_refused_in_words(at: int, byte: int, cut: int) -> None:
    content = (GOOD[:at] + bytes([byte]) + GOOD[at + 1 :])[: len(GOOD) - cut]
    try:
        list(parts(decoded(content).values))
    except ValueError as error:
        assert str(error)
