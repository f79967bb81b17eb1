"""Real photographs and labels of other people: what comes in, what is told, and that two formats say the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from annotate.annotations.models import Annotation, Prediction
from annotate.items.models import Item
from tests.collection.conftest import Outcome, folder_zip

Bring = Callable[..., Outcome]
Data = Callable[[str], Path]


def boxes(batch: Any) -> list[tuple[str, str, tuple[float, ...]]]:
    """(picture, label, box to a hundredth of a pixel) of all that is labelled, sorted."""
    return sorted(
        (key.rpartition("/")[2], thing["label"], tuple(round(number, 2) for number in thing["box"]))
        for key, document in Annotation.objects.filter(item__batch=batch).values_list("item__key", "document")
        for thing in json.loads(document)["objects"]
    )


def label_files(files: Iterable[Path]) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in files}


def make_batch(world: Any, name: str, labels: Iterable[str]) -> Any:
    from annotate.items.services import create_batch
    from annotate.projects.services import create

    by = world.actor(world.owner)
    schema = {"labels": [{"name": label, "kinds": ["box"]} for label in labels]}
    project = create(name, media="image", schema=schema, organisation_id=world.organisation.pk, by=by)
    return create_batch(project, "march", by=by)


def test_voc_and_coco_forms_of_the_same_labels_give_the_same_boxes(world: Any, bring: Bring, data: Data) -> None:
    folder = data("voc_same_boxes_7_formats")
    coco = json.loads((folder / "coco_format_v1" / "instances_default.json").read_bytes())
    labels = [category["name"] for category in coco["categories"]]
    found = {}
    for name, format, files in (
        ("voc", "voc", (folder / "pascalvoc_format").rglob("*.xml")),
        ("coco", "coco", (folder / "coco_format_v1").rglob("*.json")),
    ):
        batch = make_batch(world, name, labels)
        came = bring(f"/batches/{batch.pk}/import?format={format}", files=label_files(files), by=world.owner)
        assert (came.counts, came.result.get("objects_rejected", 0)) == ((100, 0, 0), 0)
        found[name] = boxes(batch)
    assert len(found["voc"]) == 273
    assert found["voc"] == found["coco"]


def test_every_form_of_the_same_labels_gives_the_same_boxes(world: Any, bring: Bring, data: Data) -> None:
    """YOLO tells shares of the size to six decimals, so its boxes come on items that are there, and within a hundredth of a pixel."""
    folder = data("voc_same_boxes_7_formats")
    labels = (folder / "yolo_format" / "obj.names").read_text().split()
    found = {}
    for name, format in (("imagenet_format", "voc"), ("coco_format_v2", "coco")):
        batch = make_batch(world, name, labels)
        came = bring(f"/batches/{batch.pk}/import?format={format}", files={"up.zip": folder_zip(folder / name)}, by=world.owner)
        assert (came.counts, came.result.get("objects_rejected", 0)) == ((100, 0, 0), 0)
        found[name] = boxes(batch)
    path = f"/batches/{batch.pk}/import?format=yolo&as=prediction&model=darknet"
    came = bring(path, files={"up.zip": folder_zip(folder / "yolo_format")}, by=world.owner)
    assert (came.counts, came.result.get("objects_rejected", 0)) == ((100, 0, 0), 0)
    assert found["imagenet_format"] == found["coco_format_v2"] and len(found["coco_format_v2"]) == 273
    shares = sorted((row.item.key, thing["label"], *thing["box"]) for row in Prediction.objects.select_related("item") for thing in json.loads(row.document)["objects"])
    exact = sorted((key, label, *box) for key, label, box in found["coco_format_v2"])
    assert [one[:2] for one in shares] == [one[:2] for one in exact]
    assert max(abs(ours - theirs) for one, other in zip(shares, exact, strict=True) for ours, theirs in zip(one[2:], other[2:], strict=True)) < 0.01
    assert bring(path, files={"up.zip": folder_zip(folder / "yolo_format")}, by=world.owner).counts == (0, 0, 100)


@pytest.mark.parametrize(
    ("name", "format", "pictures", "objects"),
    [
        ("yolo_dataset/labels", "yolo", 2, 4),
        ("yolo_dataset/annotations", "yolo", 1, 2),
        ("yolo_dataset/strict", "yolo", 1, 2),
        ("kitti_dataset/kitti_detection", "kitti", 2, 5),
        ("voc_dataset/voc_dataset1", "voc", 2, 3),  # and a mask that is around neither box
        ("coco_dataset/coco_roboflow", "coco", 2, 3),
        ("coco_dataset/coco_panoptic", "coco", 2, 3),
        ("coco_dataset/coco_person_keypoints", "coco", 2, 3),
    ],
)
def test_layouts_of_other_tools_come_in_with_their_pictures(world: Any, bring: Bring, data: Data, name: str, format: str, pictures: int, objects: int) -> None:
    """The placeholders' boxes do not all lie in their pictures: each is either in or told."""
    batch = make_batch(world, "other tools", ["other"])
    came = bring(f"/batches/{batch.pk}/import?format={format}&unknown_labels=add", files={"up.zip": folder_zip(data("format_fixtures") / name)}, by=world.owner)
    assert came.counts == (pictures, 0, 0), came.lines
    kept = sum(len(json.loads(document)["objects"]) for document in Annotation.objects.values_list("document", flat=True))
    assert kept + came.result.get("objects_rejected", 0) == objects and Item.objects.filter(width=None).count() == 0


def test_blood_cells_come_in_with_every_box_but_the_two_without_area(world: Any, bring: Bring, data: Data) -> None:
    folder = data("bccd_bbox")
    batch = make_batch(world, "blood", ["RBC", "WBC", "Platelets"])
    path, files = f"/batches/{batch.pk}/import?format=voc", {"bccd.zip": folder_zip(folder)}
    came = bring(path, files=files, by=world.owner)
    assert came.counts == (292, 0, 0)
    assert {(line["place"].rpartition("/")[2].split()[0], line["code"]) for line in came.lines} == {
        ("BloodImage_00338.xml", "zero_area"),
        ("BloodImage_00343.xml", "zero_area"),
    }
    assert all("area" in line["detail"] for line in came.lines) and len(came.lines) == 2
    assert len(boxes(batch)) == 3350 + 301 + 292 - 2
    assert set(Item.objects.values_list("state", "width", "height")) == {("labelled", 640, 480)}
    again = bring(path, files=files, by=world.owner)
    assert again.counts == (0, 0, 292) and Annotation.objects.count() == 292


def test_texts_and_table_rows_of_another_tool_come_in_as_a_manifest(text_batch: Any, world: Any, bring: Bring, data: Data) -> None:
    """Its own line form is for its importer; its texts and labels are what a manifest carries."""
    folder = data("text_import_fixtures")
    source = [json.loads(line) for line in (folder / "text_classification" / "example.jsonl").read_text().splitlines() if line.strip()]
    lines = [{"key": f"review-{number}", "text": row["text"], "meta": {"labels": row["labels"], **row["meta"]}} for number, row in enumerate(source)]
    body = b"\n".join(json.dumps(line).encode() for line in lines)
    assert bring(f"/batches/{text_batch.pk}/manifest", body=body, by=world.owner).counts == (len(source), 0, 0)
    assert list(Item.objects.order_by("id").values_list("text", flat=True)) == [row["text"] for row in source]
    raw = bring(f"/batches/{text_batch.pk}/manifest", body=(folder / "text_classification" / "example.jsonl").read_bytes(), by=world.owner)
    assert raw.counts == (0, len(source), 0) and raw.lines[0]["place"] == "line 1"
    table = bring(
        f"/batches/{text_batch.pk}/manifest",
        body=(folder / "text_classification" / "example.csv").read_bytes(),
        type="text/csv",
        by=world.owner,
    )
    assert table.counts[0] == 0 and "label" in table.lines[0]["detail"]


def test_a_text_file_becomes_one_item(text_batch: Any, world: Any, bring: Bring, data: Data) -> None:
    content = (data("text_import_fixtures") / "example.txt").read_bytes()
    assert bring(f"/batches/{text_batch.pk}/files", files={"example.txt": content}, by=world.owner).counts == (1, 0, 0)
    assert Item.objects.get().text == content.decode()
