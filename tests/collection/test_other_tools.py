"""What the readers of other tools' files make of good and odd ones. No database."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from annotate.labels import masks
from annotate.labels.schema import parse
from workflows.collection.importers import cvat, doccano, label_studio, labelme
from workflows.collection.importers.found import LabelDoc, Problem
from workflows.collection.ingest.fitting import fit

Data = Callable[[str], Path]


def read(reader: Any, content: Any, place: str = "a.json") -> list[LabelDoc | Problem]:
    raw = content if isinstance(content, bytes) else content.encode() if isinstance(content, str) else json.dumps(content).encode()
    return list(reader.read(io.BytesIO(raw), place))


def one(reader: Any, content: Any) -> Any:
    (doc,) = read(reader, content)
    assert isinstance(doc, LabelDoc), doc
    return doc


def first(doc: Any) -> Any:
    return (doc.objects or doc.problems)[0]


# CVAT


def image(inner: str) -> Any:
    return one(cvat, f'<annotations><image id="0" name="a.jpg" width="6" height="4">{inner}</image></annotations>')


def test_cvats_edges_are_taken_apart_in_decimals() -> None:
    assert first(image('<box label="car" xtl="0.1" ytl="1" xbr="0.3" ybr="3" rotation="90"/>')).shapes["box"] == ({"box": [0.1, 1, 0.2, 2], "rotation": 90},)


def test_cvats_masks_go_row_by_row_within_their_rectangle() -> None:
    """Rectangle of 3 by 2 at (2, 1): its rows are 0 1 1 and 1 0 0."""
    rle = first(image('<mask label="cell" rle="1, 3, 2" left="2" top="1" width="3" height="2"/>')).shapes["mask"][0]["rle"]
    assert rle["size"] == [4, 6]
    columns = np.repeat([n % 2 for n in range(len(masks.decode(rle["counts"])))], masks.decode(rle["counts"])).reshape(6, 4).T
    assert columns.tolist() == [[0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 1, 0], [0, 0, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0]]


@pytest.mark.parametrize(
    "inner",
    [
        '<box label="car" xtl="nan" ytl="1" xbr="3" ybr="3"/>',
        '<box label="car" ytl="1" xbr="3" ybr="3"/>',
        '<box label="car" xtl="1e999" ytl="1" xbr="3" ybr="3"/>',
        '<polygon label="car" points="1,2;3"/>',
        '<polygon label="car" points="1,2;3,4"/>',
        '<mask label="car" rle="1,2" left="0" top="0" width="3" height="2"/>',
        '<mask label="car" rle="6" left="5" top="0" width="3" height="2"/>',
        '<mask label="car" rle="999999999999999999999" left="0" top="0" width="99999999" height="99999999"/>',
        '<skeleton label="car"/>',
        '<cuboid label="car" xtl1="1"/>',
        '<ellipse label="car" cx="1" cy="1" rx="0" ry="1"/>',
        '<box label=" " xtl="1" ytl="1" xbr="3" ybr="3"/>',
    ],
)
def test_a_bad_shape_of_cvat_costs_only_itself(inner: str) -> None:
    doc = image(inner + '<box label="car" xtl="1" ytl="1" xbr="3" ybr="3"/>')
    assert len(doc.objects) == 1 and [(one.place, one.whole) for one in doc.problems] == [(f"a.json image 0 {inner[1:].split()[0]} 1", False)]


def test_cvats_skeletons_tags_and_ellipses() -> None:
    points = '<points label="a" outside="0" occluded="1" points="1,2"/><points label="b" outside="1" points="0,0"/>'
    doc = image(f'<skeleton label="pose">{points}</skeleton><ellipse label="eye" cx="3" cy="2" rx="2" ry="1"/><tag label="night"/><tag label="item"><attribute name="weather">rain</attribute></tag>')
    assert doc.objects[0].shapes["keypoints"] == ({"points": [[1, 2, 1], [0, 0, 0]]},)
    assert doc.objects[1].shapes["box"] == ({"box": [1, 1, 4, 2]},) and len(doc.objects[1].shapes["polygon"][0]["points"]) == 64
    assert doc.tags == ("night",) and doc.item == {"weather": "rain"}


def test_cvat_fixtures_come_in_with_images_tracks_and_frames(data: Data) -> None:
    folder = data("format_fixtures") / "cvat_dataset"
    docs = read(cvat, (folder / "for_images/export_project/annotations.xml").read_bytes())
    assert len(docs) == 6 and sum(len(doc.objects) for doc in docs) == 12  # type: ignore[union-attr]
    frames = read(cvat, (folder / "for_video/annotations.xml").read_bytes())
    assert [(doc.file, len(doc.objects)) for doc in frames] == [("frame_000010", 2), ("frame_000013", 1), ("frame_000016", 0)]  # type: ignore[union-attr]
    tracks = [piece["track"] for doc in frames for found in doc.objects for piece in next(iter(found.shapes.values()))]  # type: ignore[union-attr]
    assert len(set(tracks)) == 3


@pytest.mark.parametrize(("reader", "pattern"), [(cvat, "cvat_format/*.xml"), (labelme, "labelme_format/*.json")])
def test_the_same_boxes_in_other_forms_come_in_as_coco_has_them(data: Data, reader: Any, pattern: str) -> None:
    from workflows.collection.importers import coco

    folder = data("voc_same_boxes_7_formats")

    def boxes(reader: Any, pattern: str) -> list[Any]:
        docs = [doc for path in sorted(folder.glob(pattern)) for doc in read(reader, path.read_bytes(), path.name)]
        return sorted((doc.file.rpartition(".")[0], found.label, *(round(n) for n in found.shapes["box"][0]["box"])) for doc in docs for found in doc.objects)  # type: ignore[union-attr]

    assert len(boxes(reader, pattern)) == 273 and boxes(reader, pattern) == boxes(coco, "coco_format_v1/*.json")


# Label Studio


def result(type: str = "rectanglelabels", labels: Any = ("car",), **value: Any) -> dict[str, Any]:
    more = {"original_width": 200, "original_height": 100, "image_rotation": 0}
    return {"id": "r1", "type": type, "from_name": "label", "to_name": "image", "value": value | {type: list(labels)}} | more


def task(*results: Any, data: Any = None, **more: Any) -> dict[str, Any]:
    return {"id": 7, "data": data or {"image": "/data/upload/3/0a1b2c3d-a.jpg"}, "annotations": [{"result": list(results)}]} | more


def test_a_turned_box_of_label_studio_is_turned_in_pixels_about_its_corner() -> None:
    """The example of its own documents: corner (100, 20), 40 by 20, 90 degrees, on 200 by 100."""
    doc = one(label_studio, [task(result(x=50, y=20, width=20, height=20, rotation=90))])
    found = first(doc).shapes["box"][0]
    assert np.allclose(found["box"], [70, 30, 40, 20]) and found["rotation"] == 90
    assert (doc.file, doc.other_name, doc.width, doc.height) == ("data/upload/3/0a1b2c3d-a.jpg", "a", 200, 100)


def test_label_studios_other_regions() -> None:
    polygon = result("polygonlabels", points=[[0, 0], [50, 0], [50, 50]])
    ellipse = result("ellipselabels", x=50, y=50, radiusX=10, radiusY=20, rotation=0) | {"id": "r2"}
    point = result("keypointlabels", x=10, y=10, width=1) | {"id": "r3"}
    doc = one(label_studio, [task(polygon, ellipse, point)])
    assert [next(iter(found.shapes)) for found in doc.objects] == ["polygon", "polygon", "point"]
    assert doc.objects[0].shapes["polygon"][0]["points"] == [[0, 0], [100, 0], [100, 50]]
    assert doc.objects[1].shapes["box"] == ({"box": [80, 30, 40, 40]},) and doc.objects[2].shapes["point"][0]["points"] == [[20, 10]]


def test_results_of_one_id_are_one_region_with_its_choices_and_the_rest_is_said_of_the_item() -> None:
    rectangle = result("rectangle", x=0, y=0, width=50, height=50) | {"value": {"x": 0, "y": 0, "width": 50, "height": 50}}
    labels = result("labels", x=0, y=0, width=50, height=50)
    make = result("choices", x=0, y=0, width=50, height=50) | {"from_name": "make", "value": {"x": 0, "y": 0, "width": 50, "height": 50, "choices": ["a"]}}
    weather = {"id": "w", "type": "choices", "from_name": "weather", "to_name": "image", "value": {"choices": ["rain"]}}
    doc = one(label_studio, [task(rectangle, labels, make, weather)])
    assert [(found.label, dict(found.attributes), found.shapes["box"][0]["box"]) for found in doc.objects] == [("car", {"make": "a"}, [0, 0, 100, 50])]
    assert doc.item == {"weather": "rain"} and not doc.problems


def test_old_names_skipped_answers_and_several_answers() -> None:
    box = result(x=0, y=0, width=50, height=50)
    old = {"id": 1, "data": {"image": "a.jpg"}, "completions": [{"result": [box]}]}
    assert len(one(label_studio, [old]).objects) == 1
    skipped = {"id": 1, "data": {"image": "a.jpg"}, "annotations": [{"result": [box], "was_cancelled": True}]}
    assert not one(label_studio, [skipped, task(box)][:1]).labelled
    several = task() | {"annotations": [{"result": [], "ground_truth": True}, {"result": [box], "updated_at": "2026-01-01"}]}
    doc = one(label_studio, [several])
    assert not doc.objects and [problem.code for problem in doc.problems] == ["other_answers"]
    guess = {"id": 1, "data": {"image": "a.jpg"}, "predictions": [{"result": [box | {"score": 0.75}]}]}
    assert one(label_studio, [guess]).objects[0].score == 0.75
    assert not read(label_studio, [guess, task(box)])[0].objects  # type: ignore[union-attr]


def test_places_in_texts_are_utf_16_units_unless_the_quote_says_otherwise() -> None:
    def span(start: int, end: int, quote: str | None) -> Any:
        value = {"start": start, "end": end, "labels": ["place"]} | ({"text": quote} if quote is not None else {})
        return {"id": f"s{start}", "type": "labels", "from_name": "l", "to_name": "t", "value": value}

    text = "🌧🌧 Oslo"
    doc = one(label_studio, [task(span(5, 9, "Oslo"), span(3, 7, "Oslo"), data={"text": text})])
    assert [found.shapes["span"][0]["start"] for found in doc.objects] == [3, 3] and doc.text == text
    assert first(one(label_studio, [task(span(5, 9, None), data={"text": text})])).shapes["span"] == ({"start": 3, "end": 7},)


def test_relations_go_by_the_names_of_their_regions() -> None:
    one_span = {"id": "a", "type": "labels", "from_name": "l", "to_name": "t", "value": {"start": 0, "end": 4, "labels": ["PER"]}}
    link = {"type": "relation", "from_id": "b", "to_id": "a", "direction": "left", "labels": ["knows"]}
    lost = link | {"to_id": "zz"}
    other = one_span | {"id": "b", "value": {"start": 9, "end": 12, "labels": ["PER"]}}
    doc = one(label_studio, [task(one_span, other, link, lost, data={"text": "Anna and Bob"})])
    schema = parse({"labels": [{"name": "PER", "kinds": ["span"]}], "relations": [{"name": "knows"}]})
    fitted = fit([doc], schema, owner="t", width=None, height=None, text=doc.text)
    assert fitted.document is not None
    anna, bob, knows = fitted.document["objects"]
    assert (knows["from"], knows["to"]) == (anna["id"], bob["id"]) and [code for _place, code, _why in fitted.refusals] == ["unknown_object"]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (result(x="1", y=1, width=1, height=1), "bad_shape"),
        (result(x=float("nan"), y=1, width=1, height=1), "bad_shape"),
        (result(x=10**400, y=1, width=1, height=1), "bad_shape"),
        (result(x=1, y=1, width=1, height=1) | {"original_width": 0}, "bad_shape"),
        (result(x=1, y=1, width=1, height=1) | {"image_rotation": 90}, "bad_shape"),
        (result(labels=(), x=1, y=1, width=1, height=1), "no_label"),
        (result("brushlabels", format="rle", rle=[0, 0, 0, 1]), "bad_shape"),
        (result("brushlabels", format="rle", rle=[300]), "bad_shape"),
        (result("vectorlabels", x=1, y=1), "no_label"),
        ({"type": "relation", "from_id": 3}, "bad_relation"),
        ({"type": "pairwise", "value": {"selected": "left"}}, "bad_result"),
        ("text", "bad_result"),
    ],
)
def test_a_bad_result_costs_only_itself(bad: Any, code: str) -> None:
    good = result(x=0, y=0, width=50, height=50) | {"id": "good"}
    doc = one(label_studio, [task(bad, good)])
    assert len(doc.objects) == 1 and [(problem.code, problem.whole) for problem in doc.problems] == [(code, False)]
    assert doc.problems[0].place == "a.json [0] result[0]"


# labelme


def shape(kind: str, points: Any, **more: Any) -> dict[str, Any]:
    return {"shapes": [{"label": "car", "shape_type": kind, "points": points} | more], "imagePath": "..\\x\\a.jpg", "imageWidth": 40, "imageHeight": 30}


def png(rows: Any) -> str:
    out = io.BytesIO()
    Image.fromarray(np.array(rows, dtype=bool)).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def test_labelmes_shapes() -> None:
    doc = one(labelme, shape("rectangle", [[30.3, 20], [30.1, 2]], flags={"occluded": True, "hidden": False}))
    assert first(doc).shapes == {"box": ({"box": [30.1, 2, 0.2, 18]},)} and first(doc).attributes == {"occluded": True} and doc.file == "x/a.jpg"
    turned = first(one(labelme, shape("oriented_rectangle", [[20, 5], [20, 25], [10, 25], [10, 5]]))).shapes["box"][0]
    assert np.allclose(turned["box"], [5, 10, 20, 10]) and turned["rotation"] == 90
    assert list(first(one(labelme, shape("oriented_rectangle", [[0, 0], [9, 1], [10, 10], [1, 8]]))).shapes) == ["polygon"]
    assert first(one(labelme, shape("circle", [[10, 10], [13, 14]]))).shapes["box"] == ({"box": [5, 5, 10, 10]},)
    assert first(one(labelme, shape("line", [[1, 1], [2, 2]]))).shapes == {"polyline": ({"points": [[1, 1], [2, 2]]},)}
    mask = first(one(labelme, shape("mask", [[3, 4], [4, 5]], mask=png([[1, 1], [0, 1]])))).shapes["mask"][0]["rle"]
    assert masks.area(mask["counts"], 1200) == 3 and masks.decode(mask["counts"])[0] == 3 * 30 + 4


@pytest.mark.parametrize(
    "bad",
    [
        shape("rectangle", [[1, 2]]),
        shape("polygon", [[1, 2], [3, "4"], [5, 6]]),
        shape("polygon", [[1, 2], [3, float("inf")], [5, 6]]),
        shape("star", [[1, 2]]),
        shape("mask", [[1, 2]], mask="!!"),
        shape("mask", [[1, 2]], mask=base64.b64encode(b"GIF89a").decode()),
        shape("mask", [[39, 29]], mask=png([[1, 1], [1, 1]])),
        {"shapes": ["x"]},
        {"shapes": [{"label": None, "points": []}]},
    ],
)
def test_a_bad_shape_of_labelme_costs_only_itself(bad: dict[str, Any]) -> None:
    doc = one(labelme, bad | {"shapes": [*bad["shapes"], {"label": "car", "points": [[1, 1], [2, 2], [1, 3]]}]})
    assert len(doc.objects) == 1 and [problem.place for problem in doc.problems] == ["a.json shapes[0]"]


def test_the_old_web_form_comes_in(data: Data) -> None:
    path = data("format_fixtures") / "labelme_dataset/Annotations/subset1/img1.xml"
    doc = one(labelme, path.read_bytes())
    assert (doc.file, doc.width, doc.height, len(doc.objects)) == ("img1.png", 102, 77, 7) and not doc.problems
    assert doc.objects[4].shapes == {"box": ({"box": [13, 19, 10, 11]},)} and doc.objects[4].attributes == {"occluded": True, "hg": True}


# doccano


@pytest.mark.parametrize(
    ("name", "docs", "objects", "tags", "problems"),
    [
        ("sequence_labeling/example.jsonl", 2, 1, 0, 1),
        ("relation_extraction/example.jsonl", 1, 4, 0, 0),
        ("intent/example.jsonl", 4, 2, 2, 1),
        ("text_classification/example.jsonl", 3, 0, 3, 0),
        ("text_classification/example.json", 3, 0, 3, 1),
        ("text_classification/example_fasttext.txt", 3, 0, 3, 1),
        ("seq2seq/example.jsonl", 2, 0, 1, 2),
    ],
)
def test_doccanos_own_samples_come_in(data: Data, name: str, docs: int, objects: int, tags: int, problems: int) -> None:
    found = read(doccano, (data("text_import_fixtures") / name).read_bytes(), name)
    good = [doc for doc in found if isinstance(doc, LabelDoc)]
    lost = [one for one in found if isinstance(one, Problem)] + [one for doc in good for one in doc.problems]
    assert (len(good), sum(len(doc.objects) for doc in good), sum(len(doc.tags) for doc in good), len(lost)) == (docs, objects, tags, problems)


def test_doccanos_relations_name_its_spans(data: Data) -> None:
    doc = one(doccano, (data("text_import_fixtures") / "relation_extraction/example.jsonl").read_bytes())
    assert [(link.label, link.start, link.end) for link in doc.links] == [("foundedAt", "0", "1"), ("foundedBy", "0", "2"), ("foundedBy", "0", "3")]
    assert doc.text[doc.objects[2].shapes["span"][0]["start"] :].startswith("Larry Page")


def test_a_bad_span_costs_only_itself_and_a_bad_line_only_itself() -> None:
    lines = ['{"text": "Oslo is far", "label": [[0, 4, "A"], [0, "4", "A"], [1, 2], [1, 2, ""], 7]}', "{", '"x"', '{"text": "b"}']
    first, broken, word, plain = read(doccano, "\n".join(lines))
    assert isinstance(first, LabelDoc) and len(first.objects) == 1 and len(first.problems) == 4
    assert (broken.place, word.place) == ("a.json line 2", "a.json line 3") and isinstance(plain, LabelDoc) and not plain.labelled
