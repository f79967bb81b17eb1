"""Out and in again: an export read by our importers onto the same items, exported once more, is the same to the byte."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from annotate.labels.schema import parse
from tests.exporters.rows import box, export_of, row, thing
from workflows.collection.ingest.archives import Member
from workflows.collection.ingest.fitting import fit
from workflows.collection.ingest.plan import group_alone, read_labels
from workflows.exporters.folder import Folder
from workflows.exporters.raster import run_lengths
from workflows.releases.rows import Row

BOX_ONLY = {
    "labels": [
        {"name": "car", "kinds": ["box"], "attributes": [{"name": "occluded", "type": "bool"}, {"name": "make", "type": "choice", "options": ["a & b", "c"]}]},
        {"name": "traffic light", "kinds": ["box"], "attributes": [{"name": "truncated", "type": "number"}]},
        {"name": "DontCare", "kinds": ["box"]},
    ]
}
SHAPES = {
    "labels": [
        {"name": "car", "kinds": ["box", "polygon"]},
        {"name": "cell", "kinds": ["mask", "polygon"]},
        {"name": "person", "kinds": ["keypoints"], "skeleton": {"points": ["nose", "left_eye", "right_eye"], "edges": [[0, 1]]}},
    ]
}
KEYS = ["A.jpg", "a.jpg", "a.png", "b b/1.jpg", "b/1.jpg", "images/labels/ü.jpg"]
SIZES = [(64, 48), (1920, 1080), (333, 777), (4000, 3000)]


def members(folder: Folder) -> Iterator[Member]:
    for one in sorted(folder.written, key=lambda one: one.path):
        content = (folder.root / one.path).read_bytes()
        yield Member(one.path, one.path, lambda content=content: io.BytesIO(content))  # type: ignore[misc]


def again(folder: Folder, rows: list[Row], format: str, schema: Any) -> list[Row]:
    """The same items with the labels that the export's files give them."""
    plan = read_labels(members(folder), {"coco_keypoints": "coco"}.get(format, format.partition("_")[0]))
    plan.alone = plan.labels
    assert not plan.problems
    found: dict[int, Any] = {}
    for group in group_alone(plan, [each.key for each in rows]):
        assert group.index is not None, group
        each = rows[group.index]
        fitted = fit(group.docs, parse(schema), owner=each.key, width=each.width, height=each.height)
        assert not fitted.refusals and not fitted.dropped, fitted
        found[group.index] = fitted.document
    made = []
    for index, each in enumerate(rows):
        assert index in found, f"{each.key} has no labels"
        made.append(row(each.key, found[index]["objects"], split=each.split, item_id=each.item_id, width=each.width, height=each.height))
    return made


def content(folder: Folder) -> dict[str, bytes]:
    """Files without what an import makes anew: ids of objects, the root over them."""
    found = {one.path: (folder.root / one.path).read_bytes() for one in folder.written if not one.path.startswith("sluice-") or one.path.endswith("names.ndjson")}
    return {path: re.sub(rb',"object":"[^"]*"|"root":"[^"]*",', b"", body) for path, body in found.items()}


def check(rows: list[Row], format: str, schema: Any, place: Path) -> list[Row]:
    first, _notes = export_of(rows, place / "1", format, schema=schema)
    back = again(first, rows, format, schema)
    second, _notes = export_of(back, place / "2", format, schema=schema)
    assert content(second) == content(first)
    return back


def boxes_of(dice: random.Random, width: int, height: int, whole: bool) -> tuple[float, ...]:
    def number(most: int) -> float:
        return dice.randint(0, most) if whole else round(dice.uniform(1, most - 1), dice.choice([0, 1, 2, 3]))

    left, top = number(width - 10), number(height - 10)
    return left, top, max(1, min(width - left - (not whole), number(width))), max(1, min(height - top - (not whole), number(height)))


def box_rows(*, whole: bool, attributes: dict[str, dict[str, Any]]) -> list[Row]:
    dice = random.Random(7)
    rows = []
    for place, key in enumerate(KEYS):
        width, height = SIZES[place % len(SIZES)]
        labels = ["car", "traffic light", "DontCare"]
        objects = [box(*boxes_of(dice, width, height, whole), label, **({"attributes": attributes[label]} if label in attributes else {})) for label in labels for _n in range(20)]
        rows.append(row(key, objects if place else [], split=("train", "val", "test")[place % 3], item_id=place, width=width, height=height))
    return rows


@pytest.mark.parametrize("whole", [True, False], ids=["on whole pixels", "between pixels"])
@pytest.mark.parametrize(
    ("format", "attributes"),
    [
        ("coco", {"car": {"occluded": True, "make": "c"}, "traffic light": {"truncated": 0.25}}),
        ("voc", {"car": {"occluded": False, "make": "a & b"}}),
        ("yolo", {}),
        ("kitti", {"car": {"occluded": True}, "traffic light": {"truncated": 0.25}}),
    ],
)
def test_boxes_come_back_to_the_byte(tmp_path: Path, format: str, attributes: dict[str, Any], whole: bool) -> None:
    rows = box_rows(whole=whole, attributes=attributes)
    back = check(rows, format, BOX_ONLY, tmp_path)
    if whole:
        for before, after in zip(rows, back, strict=True):
            assert placed(after) == placed(before)


def placed(of: Row) -> list[Any]:
    import orjson

    return [(thing["label"], thing["box"]) for thing in orjson.loads(of.document)["objects"]]


def shape_rows(*objects: dict[str, Any]) -> list[Row]:
    return [row("x/a.jpg", objects, split="train", item_id=1), row("y.jpg", split="val", item_id=2)]


TRIANGLE = [[1.5, 2], [40.25, 3.125], [20, 47]]
SQUARE = [[1, 2], [41, 2], [41, 42], [1, 42]]


def grid_of(width: int, height: int) -> Any:
    import numpy as np

    there = np.zeros((height, width), dtype=bool)
    there[3:20, 4:30] = there[25:30, 40:44] = True
    there[5:8, 6:9] = False
    return there


def test_shapes_come_back_from_coco(tmp_path: Path) -> None:
    cell = {"size": [48, 64], "counts": run_lengths(grid_of(64, 48), 0, 0, 64, 48)["counts"]}
    objects = [
        thing("car", kind="polygon", points=TRIANGLE),
        thing("car", kind="polygon", points=SQUARE, holes=[[[5, 5], [9, 5], [9, 9]]]),
        box(10, 10, 20, 10, rotation=33.5),
        thing("cell", kind="mask", rle=cell),
        thing("person", kind="keypoints", points=[[3, 4, 2], [0, 0, 0], [50, 40, 1]]),
    ]
    check(shape_rows(*objects), "coco", SHAPES, tmp_path)


def test_polygons_come_back_from_yolo_segments(tmp_path: Path) -> None:
    check(shape_rows(thing("car", kind="polygon", points=TRIANGLE), thing("car", kind="polygon", points=SQUARE)), "yolo_segment", SHAPES, tmp_path)


def test_poses_come_back_from_yolo_and_coco(tmp_path: Path) -> None:
    rows = shape_rows(thing("person", kind="keypoints", points=[[3, 4, 2], [0, 0, 0], [50, 40, 1]]), thing("person", kind="keypoints", points=[[3, 4, 2], [7, 20, 2], [50, 40, 1]]))
    check(rows, "yolo_pose", SHAPES, tmp_path / "yolo")
    check(rows, "coco_keypoints", SHAPES, tmp_path / "coco")


def test_turned_boxes_come_back_from_yolo_to_its_last_digit(tmp_path: Path) -> None:
    import orjson

    objects = [box(10, 10, 20, 10), box(20, 15, 20.5, 10, rotation=33.5), box(20, 15, 20, 10, rotation=270)]
    rows = shape_rows(*objects)
    first, _notes = export_of(rows, tmp_path, "yolo_obb", schema=SHAPES)
    found = orjson.loads(again(first, rows, "yolo_obb", SHAPES)[0].document)["objects"]
    for before, after in zip(objects, found, strict=True):
        assert after["box"] == pytest.approx(before["box"], abs=2e-4)
        assert after.get("rotation", 0) == pytest.approx(before.get("rotation", 0), abs=2e-3)
