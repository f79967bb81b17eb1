"""POST /batches/{id}/import: VOC and COCO labels meet their pictures, become answers, approvals or predictions, once each."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from annotate.annotations.models import Annotation, Prediction
from annotate.items.models import Item
from annotate.projects.models import SchemaVersion
from annotate.reviews.models import Approval
from tests.collection.conftest import Outcome, make_zip

Bring = Callable[..., Outcome]
Boxes = list[tuple[str, list[float]]]


def voc(file: str, boxes: Boxes, width: int = 64, height: int = 48) -> bytes:
    objects = "".join(
        f"<object><name>{name}</name><bndbox><xmin>{x}</xmin><ymin>{y}</ymin><xmax>{x + w}</xmax><ymax>{y + h}</ymax></bndbox></object>"
        for name, (x, y, w, h) in boxes
    )
    size = f"<size><width>{width}</width><height>{height}</height><depth>3</depth></size>"
    return f"<annotation><filename>{file}</filename>{size}{objects}</annotation>".encode()


def coco(images: dict[str, Boxes], score: float | None = None) -> bytes:
    names = sorted({name for boxes in images.values() for name, _box in boxes})
    more = {} if score is None else {"score": score}
    return json.dumps(
        {
            "images": [{"id": index, "file_name": file, "width": 64, "height": 48} for index, file in enumerate(images)],
            "categories": [{"id": index, "name": name} for index, name in enumerate(names)],
            "annotations": [
                {"id": 100 * index + place, "image_id": index, "category_id": names.index(name), "bbox": box, **more}
                for index, boxes in enumerate(images.values())
                for place, (name, box) in enumerate(boxes)
            ],
        }
    ).encode()


CAR = ("car", [5, 6, 20, 10])
PERSON = ("person", [30, 6, 10, 20])


def boxes_of(key: str) -> list[list[float]]:
    annotation = Annotation.objects.filter(item__key=key).latest("number")
    return [thing["box"] for thing in json.loads(annotation.document)["objects"]]


def test_an_archive_of_pictures_and_labels_comes_in_together(batch: Any, bring: Bring, picture: Any) -> None:
    archive = make_zip({"img/a.jpg": picture(), "img/b.jpg": picture(), "ann/a.xml": voc("a.jpg", [CAR, PERSON]), "README": b"hello"})
    found = bring(f"/batches/{batch.pk}/import?format=voc", files={"up.zip": archive})
    assert found.counts == (2, 0, 0) and found.result["ignored"] == 1
    assert sorted(boxes_of("img/a.jpg")) == [CAR[1], PERSON[1]]
    assert dict(Item.objects.values_list("key", "state")) == {"img/a.jpg": "labelled", "img/b.jpg": "new"}


@pytest.mark.parametrize("format", ["voc", "coco"])
def test_labels_find_items_that_are_there_by_file_name_and_twice_adds_nothing(
    batch: Any, bring: Bring, make_items: Any, format: str
) -> None:
    make_items(2, batch)
    files = (
        {"x.json": coco({"picture-0000.jpg": [CAR], "picture-0001.jpg": [PERSON]})}
        if format == "coco"
        else {f"{n}.xml": voc(f"picture-000{n}.jpg", [CAR]) for n in range(2)}
    )
    assert bring(f"/batches/{batch.pk}/import?format={format}", files=files).counts == (2, 0, 0)
    assert Annotation.objects.count() == 2
    assert bring(f"/batches/{batch.pk}/import?format={format}", files=files).counts == (0, 0, 2)
    assert Annotation.objects.count() == 2 and Item.objects.count() == 2


def test_labels_without_any_picture_make_references_of_their_size(batch: Any, bring: Bring) -> None:
    assert bring(f"/batches/{batch.pk}/import?format=coco", files={"x.json": coco({"a.jpg": [CAR]})}).counts == (1, 0, 0)
    item = Item.objects.get()
    assert (item.key, item.uri, item.width, item.height) == ("a.jpg", "a.jpg", 64, 48)


def test_a_label_file_without_its_picture_is_told_by_name(batch: Any, bring: Bring, make_items: Any) -> None:
    make_items(1, batch)
    files = {"0.xml": voc("picture-0000.jpg", [CAR]), "9.xml": voc("nowhere.jpg", [CAR])}
    found = bring(f"/batches/{batch.pk}/import?format=voc", files=files)
    assert found.counts == (1, 1, 0)
    assert [(line["place"], line["code"]) for line in found.lines] == [("9.xml", "no_picture")]


def test_unknown_labels_are_rejected_object_by_object_or_added_to_the_schema(batch: Any, bring: Bring, make_items: Any, world: Any) -> None:
    make_items(1, batch)
    files = {"0.xml": voc("picture-0000.jpg", [CAR, ("boat", [1, 1, 5, 5])])}
    found = bring(f"/batches/{batch.pk}/import?format=voc", files=files)
    assert found.counts == (1, 0, 0) and found.codes == ["unknown_label"] and "boat" in found.lines[0]["detail"]
    assert len(boxes_of("picture-0000.jpg")) == 1
    assert bring(f"/batches/{batch.pk}/import?format=voc&unknown_labels=add", files=files).counts == (1, 0, 0)
    assert len(boxes_of("picture-0000.jpg")) == 2
    names = [label["name"] for label in SchemaVersion.objects.filter(project=world.project).latest("number").content["labels"]]
    assert names == ["car", "person", "sign", "boat"]
    again = bring(f"/batches/{batch.pk}/import?format=voc&unknown_labels=add", files=files)
    assert again.counts == (0, 0, 1) and SchemaVersion.objects.filter(project=world.project).count() == 2


def test_bad_objects_are_told_by_file_and_the_good_stay(batch: Any, bring: Bring, make_items: Any) -> None:
    make_items(1, batch)
    boxes: Boxes = [CAR, ("car", [1, 1, 0, 5]), ("car", [60, 1, 30, 5]), ("car", [float("nan"), 1, 3, 5])]
    found = bring(f"/batches/{batch.pk}/import?format=voc", files={"0.xml": voc("picture-0000.jpg", boxes)})
    assert found.counts == (1, 0, 0) and found.result["objects_rejected"] == 3
    assert {line["place"]: line["code"] for line in found.lines} == {
        "0.xml object 2": "zero_area",
        "0.xml object 3": "outside",
        "0.xml object 4": "bad_box",
    }
    assert boxes_of("picture-0000.jpg") == [CAR[1]]


def test_a_box_out_by_less_than_a_pixel_is_cut_to_the_picture(batch: Any, bring: Bring, make_items: Any) -> None:
    make_items(1, batch)
    found = bring(f"/batches/{batch.pk}/import?format=voc", files={"0.xml": voc("picture-0000.jpg", [("car", [-0.5, 1, 65, 10])])})
    assert found.lines == [] and boxes_of("picture-0000.jpg") == [[0, 1, 64, 10]]


def test_labels_of_another_size_than_the_picture_are_noted(batch: Any, bring: Bring, make_items: Any) -> None:
    make_items(1, batch)
    found = bring(f"/batches/{batch.pk}/import?format=voc", files={"0.xml": voc("picture-0000.jpg", [CAR], width=640)})
    assert found.counts == (1, 0, 0) and found.codes == ["size_mismatch"]


def test_predictions_stand_beside_the_answers(batch: Any, bring: Bring, make_items: Any) -> None:
    make_items(1, batch)
    files = {"x.json": coco({"picture-0000.jpg": [CAR]}, score=0.25)}
    path = f"/batches/{batch.pk}/import?format=coco&as=prediction&model=m1"
    assert bring(path, files=files).counts == (1, 0, 0)
    assert list(Prediction.objects.values_list("model", "score")) == [("m1", 0.25)]
    assert Item.objects.get().state == "new" and not Annotation.objects.exists()
    assert bring(path, files=files).counts == (0, 0, 1)
    assert Prediction.objects.count() == 1


def test_approved_labels_stand_at_once_and_need_a_manager(batch: Any, bring: Bring, make_items: Any, world: Any) -> None:
    make_items(1, batch)
    files = {"0.xml": voc("picture-0000.jpg", [CAR])}
    path = f"/batches/{batch.pk}/import?format=voc&as=approved"
    refused = bring(path, files=files, by=world.collector)
    assert refused.status == 403 and not Annotation.objects.exists()
    assert bring(path, files=files).counts == (1, 0, 0)
    assert Item.objects.get().state == "approved"
    assert list(Approval.objects.values_list("cause", "ended_at")) == [("import", None)]
    assert bring(path, files=files).counts == (0, 0, 1)
    assert Approval.objects.count() == 1


def test_an_approved_import_again_does_not_undo_what_a_reviewer_fixed_since(batch: Any, bring: Bring, make_items: Any, world: Any) -> None:
    from annotate.annotations.services import add_revision
    from annotate.projects.queries import current_schema
    from annotate.reviews.approving import approve

    (item,) = make_items(1, batch)
    files = {"0.xml": voc("picture-0000.jpg", [CAR])}
    path = f"/batches/{batch.pk}/import?format=voc&as=approved"
    bring(path, files=files)
    fixed = add_revision(
        item.pk, document={"objects": [], "item": {}}, schema_version=current_schema(world.project.pk), by=world.actor(world.reviewer), source="fix"
    )
    approve(item.pk, fixed.pk, cause="review", person_id=world.reviewer.pk)
    assert bring(path, files=files).counts == (0, 0, 1)
    assert Approval.objects.get(ended_at=None).annotation_id == fixed.pk


def test_labels_are_approved_later_unless_somebody_answered_since(batch: Any, bring: Bring, make_items: Any, world: Any) -> None:
    from annotate.annotations.services import add_revision
    from annotate.projects.queries import current_schema

    _first, second = make_items(2, batch)
    files = {f"{n}.xml": voc(f"picture-000{n}.jpg", [CAR]) for n in range(2)}
    bring(f"/batches/{batch.pk}/import?format=voc", files=files)
    document = {"objects": [], "item": {}}
    add_revision(second.pk, document=document, schema_version=current_schema(world.project.pk), by=world.actor(world.annotator))
    assert bring(f"/batches/{batch.pk}/import?format=voc&as=approved", files=files).counts == (1, 0, 1)
    assert list(Approval.objects.values_list("item__key", flat=True)) == ["picture-0000.jpg"]
    assert Annotation.objects.count() == 3


def test_a_token_without_manage_does_not_approve(batch: Any, world: Any) -> None:
    from tests.conftest import Api

    api = Api(world.token(world.manager, "label", "read"))
    answer = api.upload(f"/batches/{batch.pk}/import?format=voc&as=approved", {"0.xml": voc("a.jpg", [CAR])})
    assert answer.status_code == 403 and "manage" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("query", "field"),
    [("", "format"), ("format=zip", "format"), ("format=voc&as=truth", "as"), ("format=voc&unknown_labels=x", "unknown_labels"), ("format=voc&missing=x", "missing"), ("format=voc&colour=x", "colour")],
)
def test_a_wrong_parameter_is_named(batch: Any, bring: Bring, query: str, field: str) -> None:
    found = bring(f"/batches/{batch.pk}/import?{query}", files={"a.xml": voc("a.jpg", [CAR])})
    assert found.status == 400 and field in found.job["fields"]
    assert not Item.objects.exists()


def test_label_files_that_cannot_be_read_are_told_and_the_rest_comes_in(batch: Any, bring: Bring, make_items: Any) -> None:
    make_items(1, batch)
    bomb = b'<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><annotation>&y;</annotation>'
    files = {"good.xml": voc("picture-0000.jpg", [CAR]), "bomb.xml": bomb, "cut.xml": b"<annotation><obj", "empty.xml": b""}
    found = bring(f"/batches/{batch.pk}/import?format=voc", files=files)
    assert found.counts == (1, 3, 0)
    assert {line["place"]: line["code"] for line in found.lines} == {"bomb.xml": "unsafe_xml", "cut.xml": "not_xml", "empty.xml": "not_xml"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"[]", "results_only"),
        (b'{"annotations":[]}', "not_coco"),
        (b'{"images":[]}', "no_images"),
    ],
)
def test_a_coco_file_that_cannot_be_read_is_one_told_rejection(batch: Any, bring: Bring, content: bytes, code: str) -> None:
    found = bring(f"/batches/{batch.pk}/import?format=coco", files={"x.json": content})
    assert found.counts == (0, 1, 0) and [(line["place"], line["code"]) for line in found.lines] == [("x.json", code)]


def test_a_number_that_is_none_costs_its_object_only(batch: Any, bring: Bring, make_items: Any) -> None:
    make_items(1, batch)
    content = coco({"picture-0000.jpg": [CAR, ("car", [float("nan"), 1, 2, 3]), ("car", [1, float("inf"), 2, 3])]})
    found = bring(f"/batches/{batch.pk}/import?format=coco", files={"x.json": content})
    assert found.counts == (1, 0, 0) and [line["place"] for line in found.lines] == ["x.json annotations[1]", "x.json annotations[2]"]
    assert boxes_of("picture-0000.jpg") == [CAR[1]]


def test_too_many_objects_on_one_picture_are_told_and_the_rest_comes_in(batch: Any, bring: Bring, make_items: Any) -> None:
    make_items(2, batch)
    many: Boxes = [("car", [n % 40, n // 40 % 30, 1 + n / 25_000, 2]) for n in range(20_001)]
    found = bring(f"/batches/{batch.pk}/import?format=coco", files={"x.json": coco({"picture-0000.jpg": many, "picture-0001.jpg": [CAR]})})
    assert found.job["state"] == "done" and len(found.lines) == 1 and "20" in found.lines[0]["detail"]
    assert boxes_of("picture-0001.jpg") == [CAR[1]]


def test_pictures_in_an_import_are_probed_like_any(batch: Any, bring: Bring, picture: Any) -> None:
    files = {"a.jpg": picture(), "b.jpg": b"\xff\xd8 broken", "a.xml": voc("a.jpg", [CAR]), "b.xml": voc("b.jpg", [CAR])}
    found = bring(f"/batches/{batch.pk}/import?format=voc", files=files)
    assert found.counts == (1, 1, 0) and [line["place"] for line in found.lines] == ["b.jpg"]


def test_folders_of_classes_become_values_of_the_items_choice(batch: Any, bring: Bring, picture: Any) -> None:
    archive = make_zip({"train/rain/a.jpg": picture(), "train/fog/b.jpg": picture(), "val/snow/c.jpg": picture()})
    found = bring(f"/batches/{batch.pk}/import?format=yolo", files={"up.zip": archive})
    assert found.counts == (3, 0, 0)
    documents = dict(Annotation.objects.values_list("item__key", "document"))
    assert {key: json.loads(document)["item"] for key, document in documents.items() if "c.jpg" not in key} == {"train/rain/a.jpg": {"weather": "rain"}, "train/fog/b.jpg": {"weather": "fog"}}
    assert "val/snow/c.jpg" not in documents


def test_shares_of_the_size_need_a_picture(batch: Any, bring: Bring, make_items: Any) -> None:
    make_items(1, batch)
    files = {"labels/picture-0000.txt": b"0 0.5 0.5 0.25 0.5\n", "labels/nowhere.txt": b"0 0.5 0.5 0.25 0.5\n", "data.yaml": b"names: [car]\n"}
    found = bring(f"/batches/{batch.pk}/import?format=yolo", files={"up.zip": make_zip(files)})
    assert found.counts == (1, 1, 0) and found.codes == ["no_picture"] and boxes_of("picture-0000.jpg") == [[24, 12, 16, 24]]
    asked = bring(f"/batches/{batch.pk}/import?format=yolo&missing=reference", files={"up.zip": make_zip(files)})
    assert asked.codes == ["no_size"] and Item.objects.count() == 1


def test_pictures_of_labels_are_no_pictures_to_label(batch: Any, bring: Bring, picture: Any) -> None:
    archive = make_zip({"JPEGImages/a.jpg": picture(), "SegmentationClass/a.png": picture(), "Annotations/a.xml": voc("a.jpg", [CAR])})
    found = bring(f"/batches/{batch.pk}/import?format=voc", files={"up.zip": archive})
    assert found.counts == (1, 0, 0) and found.codes == ["bad_label_picture"] and boxes_of("JPEGImages/a.jpg")


def test_a_text_project_has_no_use_for_picture_labels(text_batch: Any, bring: Bring, world: Any) -> None:
    found = bring(f"/batches/{text_batch.pk}/import?format=voc", files={"a.xml": voc("a.jpg", [CAR])}, by=world.owner)
    assert found.status == 400 and "format" in found.job["fields"]


def test_no_file_is_refused(batch: Any, world: Any) -> None:
    answer = world.api(world.manager).client.post(f"/api/v1/batches/{batch.pk}/import?format=voc", {})
    assert answer.status_code == 400 and "files" in answer.json()["fields"]
    empty = io.BytesIO(b"")
    empty.name = "empty.zip"
    assert world.api(world.manager).client.post(f"/api/v1/batches/{batch.pk}/import?format=voc", {"files": [empty]}).status_code == 202
