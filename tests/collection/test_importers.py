"""What the readers of label files make of good, odd and hostile files. No database."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.collection.importers import coco, voc
from workflows.collection.importers.found import LabelDoc, Problem


def coco_file(**parts: Any) -> bytes:
    whole = {
        "images": [{"id": 7, "file_name": "a.jpg", "width": 100, "height": 50}],
        "categories": [{"id": 3, "name": "car"}, {"id": 1, "name": "person"}],
        "annotations": [],
    }
    return json.dumps(whole | parts).encode()


def read_coco(content: bytes) -> list[LabelDoc | Problem]:
    return list(coco.read(io.BytesIO(content), "labels.json"))


def one_object(annotation: dict[str, Any], **parts: Any) -> Any:
    found = read_coco(coco_file(annotations=[{"id": 1, "image_id": 7, "category_id": 3, **annotation}], **parts))
    assert len(found) == 1 and isinstance(found[0], LabelDoc)
    return (found[0].objects or found[0].problems)[0]


def test_coco_box_is_taken_as_it_stands_and_its_label_by_category_id() -> None:
    found = one_object({"bbox": [1.5, 2, 3, 4], "segmentation": []})
    assert found.label == "car"
    assert dict(found.shapes) == {"box": ({"box": [1.5, 2, 3, 4]},)}


def test_coco_polygon_parts_become_pieces_before_the_box() -> None:
    found = one_object({"bbox": [0, 0, 9, 9], "segmentation": [[0, 0, 9, 0, 9, 9], [1, 1, 2, 1, 2, 2]]})
    assert list(found.shapes) == ["polygon", "box"]
    assert found.shapes["polygon"][1] == {"points": [[1, 1], [2, 1], [2, 2]]}


def test_coco_polygon_that_is_just_the_box_is_a_box() -> None:
    found = one_object({"bbox": [1, 2, 3, 4], "segmentation": [[1, 2, 4, 2, 4, 6, 1, 6]]})
    assert next(iter(found.shapes)) == "box"


def test_coco_mask_from_plain_counts_is_compressed() -> None:
    found = one_object({"segmentation": {"size": [3, 4], "counts": [4, 2, 1, 2, 3]}, "iscrowd": 1})
    assert found.shapes["mask"] == ({"rle": {"size": [3, 4], "counts": "42102"}},)
    assert found.attributes == {"iscrowd": True}


def test_coco_keypoints_come_in_threes_and_need_one_that_is_labelled() -> None:
    assert one_object({"keypoints": [1, 2, 2, 0, 0, 0]}).shapes["keypoints"] == ({"points": [[1, 2, 2], [0, 0, 0]]},)
    assert one_object({"keypoints": [0, 0, 0], "bbox": [1, 1, 2, 2]}).shapes.keys() == {"box"}


def test_coco_skeletons_count_from_one_unless_a_zero_shows_otherwise() -> None:
    category = {"id": 3, "name": "car", "keypoints": ["a", "b", "c"], "skeleton": [[1, 2], [2, 3]]}
    found = read_coco(coco_file(categories=[category]))[0]
    assert isinstance(found, LabelDoc)
    assert found.skeletons["car"] == {"points": ["a", "b", "c"], "edges": [[0, 1], [1, 2]]}
    found = read_coco(coco_file(categories=[category | {"skeleton": [[0, 1]]}]))[0]
    assert isinstance(found, LabelDoc)
    assert found.skeletons["car"]["edges"] == [[0, 1]]


@pytest.mark.parametrize(
    ("annotation", "code"),
    [
        ({"bbox": [1, 2, 3]}, "bad_box"),
        ({"bbox": [1, 2, "3", 4]}, "bad_box"),
        ({"bbox": [1, 2, 3, float("nan")]}, "bad_box"),
        ({"bbox": [1, 2, True, 4]}, "bad_box"),
        ({}, "no_shape"),
        ({"category_id": 99, "bbox": [1, 1, 2, 2]}, "unknown_category"),
        ({"segmentation": [[1, 2, 3, 4]]}, "bad_shape"),
        ({"segmentation": {"size": [3, 4], "counts": [4, 2]}}, "bad_shape"),
        ({"segmentation": {"size": [3, 4], "counts": "~~~"}}, "bad_shape"),
        ({"keypoints": [1, 2]}, "bad_shape"),
    ],
)
def test_a_bad_coco_object_costs_only_itself_and_says_where_it_stands(annotation: dict[str, Any], code: str) -> None:
    problem = one_object(annotation)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.place, problem.whole) == (code, "labels.json annotations[0]", False)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b"[]", "results_only"),
        (b'{"info": 1}', "not_coco"),
        (b"\xff\xfe", "not_json"),
    ],
)
def test_what_is_no_coco_file_is_one_problem(content: bytes, code: str) -> None:
    found = read_coco(content)
    assert [one.code for one in found if isinstance(one, Problem)] == [code]
    assert len(found) == 1


def test_images_without_a_name_or_with_a_repeated_id_are_lost_inputs_and_the_rest_is_read() -> None:
    images = [
        {"id": 7, "file_name": "a.jpg"},
        {"id": 7, "file_name": "b.jpg"},
        {"id": 8},
        {"id": 9, "file_name": "..\\c\\d.jpg"},
    ]
    found = read_coco(coco_file(images=images))
    assert [one.code for one in found if isinstance(one, Problem)] == ["duplicate_image", "bad_image"]
    assert [one.file for one in found if isinstance(one, LabelDoc)] == ["a.jpg", "c/d.jpg"]


def test_an_annotation_of_no_known_image_is_a_lost_object() -> None:
    found = read_coco(coco_file(annotations=[{"image_id": 8, "category_id": 3, "bbox": [1, 1, 2, 2]}, "nonsense"]))
    assert [(one.code, one.whole) for one in found if isinstance(one, Problem)] == [("unknown_image", False)] * 2


VOC = """<annotation><filename>{name}</filename><size><width>640</width><height>480</height><depth/></size>
<object><name>RBC</name><pose>Unspecified</pose><truncated>1</truncated><difficult>0</difficult>
<bndbox><xmin>453</xmin><ymin>81.5</ymin><xmax>555</xmax><ymax>182</ymax></bndbox></object>
<object><name></name></object><object><name>WBC</name><bndbox><xmin>nan</xmin></bndbox></object></annotation>"""


def read_voc(text: str | bytes, place: str = "zip!Annotations/x.xml") -> Any:
    (found,) = voc.read(io.BytesIO(text.encode() if isinstance(text, str) else text), place)
    return found


def test_voc_corners_become_a_box_without_an_off_by_one() -> None:
    found = read_voc(VOC.format(name="x.jpg"))
    assert (found.file, found.width, found.height, found.other_name) == ("x.jpg", 640, 480, "x")
    assert found.objects[0].shapes == {"box": ({"box": [453, 81.5, 102, 100.5]},)}
    assert found.objects[0].attributes == {"truncated": True, "difficult": False}
    assert [(one.code, one.place[-8:]) for one in found.problems] == [("no_label", "object 2"), ("bad_box", "object 3")]


def test_voc_without_a_file_name_goes_by_its_own() -> None:
    assert read_voc(VOC.format(name="")).file == "x"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("<annotation>", "not_xml"),
        ("", "not_xml"),
        ("<annotations/>", "not_voc"),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotation>&x;</annotation>', "unsafe_xml"),
        ('<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><annotation>&y;</annotation>', "unsafe_xml"),
    ],
)
def test_what_is_no_safe_voc_file_is_one_problem(content: str, code: str) -> None:
    assert read_voc(content).code == code


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "image_id", "bbox", "segmentation", "category_id", "file_name", "counts", "size", "keypoints"]
            ),
            inner,
            max_size=4,
        ),
        max_leaves=12,
    )
)
def test_no_json_makes_the_coco_reader_fail(value: Any) -> None:
    for part in ("images", "annotations", "categories"):
        read_coco(json.dumps({"images": [{"id": 1, "file_name": "a"}], part: [value]}).encode())
        read_coco(
            json.dumps(
                {
                    "images": [{"id": 1, "file_name": "a"}],
                    "categories": [{"id": 1, "name": "x"}],
                    "annotations": [
                        {"image_id": 1, "category_id": 1, "bbox": value, "segmentation": value, "keypoints": value}
                    ],
                }
            ).encode()
        )
