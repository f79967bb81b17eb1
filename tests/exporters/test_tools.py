"""CVAT, Label Studio and labelme: what stands in the files, and what the export says it left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from annotate.labels import masks
from tests.conformance.readers import read
from tests.conformance.small import exported
from tests.exporters.rows import box, export_of, row, thing
from tests.exporters.test_every_format import SPANS
from tests.exporters.test_round_trips import ITEM, RICH, mask, pictures
from workflows.exporters.label_studio_brush import encode
from workflows.exporters.label_studio_regions import box_value
from workflows.exporters.labelme import Stems
from workflows.exporters.rectangles import runs_of, tight

SQUARE = [[10, 10], [20, 10], [20, 20], [10, 20]]
LEFT_OUT = [
    thing("car", kind="polygon", points=SQUARE, holes=[[[12, 12], [14, 12], [14, 14]]]),
    box(1, 1, 2, 2, track="11111111-1111-4111-8111-111111111111"),
]


def cvat(rows: Any, place: Path, **more: Any) -> tuple[Any, Any]:
    folder, notes = export_of(rows, place, "cvat", schema=RICH, **more)
    return ElementTree.parse(folder.root / "annotations.xml").getroot(), notes


def test_cvats_mask_is_the_tight_rectangle_row_by_row(tmp_path: Path) -> None:
    root, _notes = cvat([row("a.jpg", [mask((3, 5), (4, 4), (4, 6))])], tmp_path)
    (found,) = root.iter("mask")
    assert {name: found.get(name) for name in ("rle", "left", "top", "width", "height")} == {"rle": "1, 1, 1, 1, 1, 1", "left": "4", "top": "3", "width": "3", "height": "2"}


def test_cvats_head_has_labels_in_the_schemas_order_and_a_task_for_each_split(tmp_path: Path) -> None:
    root, _notes = cvat(pictures([]), tmp_path)
    labels = [label.findtext("name") for label in root.iter("label") if label.find("parent") is None]
    assert labels == ["car", "person", "sign", "pose", "cell & <co>", "item"]
    assert [(task.findtext("subset"), task.findtext("size")) for task in root.iter("task")] == [("train", "1"), ("val", "1")]
    assert [label.findtext("name") for label in root.iter("label") if label.findtext("parent") == "pose"] == ["head", "neck", "foot"]
    assert [image.get("id") for image in cvat(pictures([]), tmp_path / "part", split="val")[0].iter("image")] == ["1"]


def test_cvats_occluded_and_turned(tmp_path: Path) -> None:
    root, notes = cvat([row("a.jpg", [box(0.1, 2, 0.2, 4, rotation=30, attributes={"occluded": True}), *LEFT_OUT])], tmp_path)
    found = next(root.iter("box"))
    assert (found.get("xbr"), found.get("rotation"), found.get("occluded"), found.findtext("attribute")) == ("0.3", "30", "1", "true")
    assert notes == {"holes_left_out": 1, "tracks_left_out": 1}


def test_datumaro_finds_the_same_pixels_in_cvats_masks(tmp_path: Path) -> None:
    found = read("datumaro", "cvat", exported(tmp_path / "export", "cvat", of=[row("day/1.jpg", [mask((3, 5), (4, 4), (4, 6), (20, 30))])], schema=RICH))
    assert found["masks"] == [["cell & <co>", [[3, 5], [4, 4], [4, 6], [20, 30]]]]


def test_runs_of_a_rectangle_start_with_zeros() -> None:
    assert runs_of(np.array([[1, 1], [0, 1]], dtype=bool)) == [0, 2, 1, 1] and runs_of(np.zeros((2, 2), dtype=bool)) == [4]
    *_corner, pixels = tight({"size": [4, 5], "counts": masks.encode([20])})
    assert pixels.size == 0 and runs_of(pixels) == [0]


def test_label_studios_turned_corner_is_where_its_documents_say() -> None:
    value = box_value([70, 30, 40, 20], 90, 200, 100)
    assert [round(value[name], 9) for name in ("x", "y", "width", "height")] == [50, 20, 20, 20] and value["rotation"] == 90


def test_label_studios_brush_has_four_values_a_pixel_in_runs() -> None:
    """2 by 1, the second set: 8 values, words of 8 bits, fields of 3, 4, 8 and 16 bits, then two runs of 4."""
    bits = "".join(f"{byte:08b}" for byte in encode(np.array([[False, True]])))
    head, runs = bits[:53], bits[53:]
    assert head == f"{8:032b}{7:05b}{2:04b}{3:04b}{7:04b}{15:04b}"
    assert runs.startswith("1" + "00" + "011" + "0" * 8 + "1" + "00" + "011" + "1" * 8)


def tasks(rows: Any, place: Path, **more: Any) -> tuple[list[dict[str, Any]], Any, str]:
    folder, notes = export_of(rows, place, "label_studio", **more)
    return json.loads((folder.root / "tasks.json").read_bytes()), notes, (folder.root / "config.xml").read_text()


def test_label_studio_has_an_answer_for_every_item_and_says_what_it_left_out(tmp_path: Path) -> None:
    pose = thing("pose", kind="keypoints", points=[[5, 6, 2], [0, 0, 0], [15, 26, 1]])
    line = thing("cell & <co>", kind="polyline", points=SQUARE)
    made, notes, config = tasks([row("a.jpg", [*LEFT_OUT, pose, line], item=ITEM), row("b.jpg", width=None, objects=[box(1, 1, 2, 2)])], tmp_path, schema=RICH)
    assert [task["annotations"][0]["was_cancelled"] for task in made] == [False, False] and made[1]["annotations"][0]["result"] == []
    assert notes == {
        "holes_left_out": 1, "tracks_left_out": 1, "keypoints_as_single_points": 1, "left_out_polyline": 1,
        "objects_in_pictures_without_size": 1,
    }  # fmt: skip
    points = [one for one in made[0]["annotations"][0]["result"] if one["type"] == "keypointlabels"]
    assert [one["value"]["keypointlabels"] for one in points] == [["head"], ["foot"]] and {one["parentID"] for one in points} == {pose["id"]}
    root = ElementTree.fromstring(config)
    names = [one.get("name") for one in root]
    assert len(set(names)) == len(names) and {one["from_name"] for one in made[0]["annotations"][0]["result"]} <= set(names)
    assert [one.get("value") for one in root.find("RectangleLabels") or ()] == ["car", "person", "sign", "pose", "cell & <co>"]


def test_label_studio_tells_texts_in_utf_16_units(tmp_path: Path) -> None:
    made, _notes, config = tasks([row("t", [thing("place", kind="span", start=3, end=7)], text="🌧🌧 Oslo")], tmp_path, schema=SPANS)
    assert made[0]["annotations"][0]["result"][0]["value"] == {"start": 5, "end": 9, "text": "Oslo", "labels": ["place"]}
    assert '<Text name="text" value="$text"/>' in config and "Image" not in config


def test_labelme_names_its_files_by_stem_unless_two_would_meet() -> None:
    keys = sorted(["a.jpg", "a.png", "a.b.jpg", "a", "d/a.jpg", "a.png.jpg", ".hidden", "a b.jpg"], key=str.encode)
    stems = Stems()
    made = {key: stems.name(key, key) for key in keys}
    assert len(set(made.values())) == len(keys)
    assert made["a.jpg"] == "a.json" and made["a.png"] == "a.png%.json" and made["d/a.jpg"] == "d/a.json" and made["a b.jpg"] == "a b.json"


def test_labelme_keeps_flags_size_and_the_pictures_name(tmp_path: Path) -> None:
    folder, notes = export_of([row("d/a.png", [box(1, 2, 3, 4, attributes={"occluded": True}), *LEFT_OUT], item=ITEM)], tmp_path, "labelme", schema=RICH)
    made = json.loads((folder.root / "images/d/a.json").read_bytes())
    assert (made["imagePath"], made["imageHeight"], made["imageWidth"], made["imageData"]) == ("a.png", 48, 64, None)
    assert made["shapes"][0] | {"id": 0} == {
        "label": "car", "points": [[1, 2], [4, 6]], "group_id": None, "description": "", "shape_type": "rectangle", "flags": {"occluded": True},
        "mask": None, "attributes": {"occluded": True}, "id": 0,
    }  # fmt: skip
    assert made["flags"] == {"usable": False} and notes == {"holes_left_out": 1, "tracks_left_out": 1}


@pytest.mark.parametrize("format", ["cvat", "labelme", "label_studio"])
def test_relations_without_a_place_are_counted(format: str, tmp_path: Path) -> None:
    link = {"id": "1", "kind": "relation", "label": "drives", "from": "a", "to": "b"}
    notes = export_of([row("a.jpg", [link])], tmp_path, format, schema=RICH)[1]
    assert notes == {"relations_without_their_ends" if format == "label_studio" else "left_out_relation": 1}
