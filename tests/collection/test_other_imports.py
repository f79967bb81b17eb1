"""Files of other tools through the API: items, annotations and reports as they should come out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotate.annotations.models import Annotation
from annotate.items.models import Item
from tests.collection.conftest import Outcome, folder_zip
from tests.collection.test_other_tools import result, task
from workflows.collection import services

Bring = Callable[..., Outcome]
Data = Callable[[str], Path]

MOODS: dict[str, Any] = {
    "labels": [{"name": "LOC", "kinds": ["span"]}, {"name": "ORG", "kinds": ["span"]}],
    "item": [{"name": "mood", "type": "choice", "options": ["positive", "negative"], "multiple": True}],
    "relations": [{"name": "foundedBy"}],
}


def documents(batch: Any) -> dict[str, Any]:
    found = Annotation.objects.filter(item__batch=batch, source="import").order_by("number").values_list("item__key", "document")
    return {key: json.loads(document) for key, document in found}


def begin(world: Any, name: str, media: str, schema: dict[str, Any]) -> Any:
    from annotate.items.services import create_batch
    from annotate.projects.services import create

    by = world.actor(world.owner)
    return create_batch(create(name, media=media, schema=schema, organisation_id=world.organisation.pk, by=by), "march", by=by)


def test_label_studio_tasks_of_texts_become_items_with_spans_values_and_relations(world: Any, bring: Bring) -> None:
    batch = begin(world, "words", "text", MOODS)
    spans = [{"id": name, "type": "labels", "from_name": "l", "to_name": "t", "value": {"start": a, "end": b, "labels": [label]}} for name, a, b, label in (("a", 3, 7, "LOC"), ("b", 9, 12, "ORG"))]
    mood = {"id": "m", "type": "choices", "from_name": "sentiment", "to_name": "t", "value": {"choices": ["positive"]}}
    link = {"type": "relation", "from_id": "b", "to_id": "a", "direction": "right", "labels": ["foundedBy"]}
    tasks = [task(*spans, mood, link, data={"text": "🌧 Oslo, NRK"}), {"id": 8, "data": {"text": "Nobody said anything"}}, task(result(x=1, y=1, width=5, height=5))]
    came = bring(f"/batches/{batch.pk}/import?format=label_studio", files={"tasks.json": json.dumps(tasks).encode()}, by=world.owner)
    assert came.counts == (2, 1, 0) and came.codes == ["wrong_media"]
    found = documents(batch)["tasks.json/7"]
    assert [(one["kind"], one.get("start")) for one in found["objects"]] == [("span", 2), ("span", 8), ("relation", None)]
    assert found["item"] == {"mood": ["positive"]} and "tasks.json/8" not in documents(batch)
    again = bring(f"/batches/{batch.pk}/import?format=label_studio", files={"tasks.json": json.dumps(tasks).encode()}, by=world.owner)
    assert again.counts == (0, 1, 2) and Item.objects.filter(batch=batch).count() == 2


def test_label_studio_tasks_of_pictures_become_references_with_boxes(world: Any, batch: Any, bring: Bring) -> None:
    tasks = [task(result(x=0, y=0, width=50, height=50)), task(data={"text": "a text"}), task(result(x=90, y=0, width=50, height=50), data={"image": "b.jpg"})]
    came = bring(f"/batches/{batch.pk}/import?format=label_studio", files={"tasks.json": json.dumps(tasks).encode()})
    assert came.counts == (2, 1, 0) and sorted(came.codes) == ["outside", "wrong_media"]
    assert documents(batch)["data/upload/3/0a1b2c3d-a.jpg"]["objects"][0]["box"] == [0, 0, 100, 50]


def test_cvats_video_finds_its_frames_by_name_and_keeps_tracks(world: Any, bring: Bring, data: Data) -> None:
    labels = [{"name": name, "kinds": ["box", "polyline", "keypoints"]} for name in ("II", "klhg")]
    batch = begin(world, "video", "image", {"labels": labels})
    archive = folder_zip(data("format_fixtures") / "cvat_dataset/for_video")
    came = bring(f"/batches/{batch.pk}/import?format=cvat", files={"cvat.zip": archive}, by=world.owner)
    assert came.counts == (3, 0, 0) and not [code for code in came.codes if code != "size_mismatch"]
    found = documents(batch)
    assert sorted(len(one["objects"]) for one in found.values()) == [0, 1, 2]
    assert all("track" in thing for one in found.values() for thing in one["objects"])


def test_labelme_files_of_both_kinds_find_their_pictures(world: Any, bring: Bring, data: Data) -> None:
    labels = ["window", "license plate", "o1", "q1", "b1", "m1", "hg"]
    batch = begin(world, "me", "image", {"labels": [{"name": name, "kinds": ["polygon", "box"], "attributes": [{"name": "occluded", "type": "bool"}]} for name in labels]})
    folder = data("format_fixtures") / "labelme_dataset"
    files = {path.name: path.read_bytes() for path in (folder / "Images/subset1/img1.png", folder / "Annotations/subset1/img1.xml")}
    came = bring(f"/batches/{batch.pk}/import?format=labelme", files=files, by=world.owner)
    assert came.counts == (1, 0, 0) and len(documents(batch)["img1.png"]["objects"]) == 7
    assert [one.get("attributes") for one in documents(batch)["img1.png"]["objects"]][2] == {"occluded": True}


def test_doccanos_texts_come_in_with_spans_categories_and_a_report_of_the_rest(world: Any, bring: Bring, data: Data) -> None:
    batch = begin(world, "words", "text", MOODS)
    files = {name: (data("text_import_fixtures") / name).read_bytes() for name in ("intent/example.jsonl",)}
    came = bring(f"/batches/{batch.pk}/import?format=doccano", files={"example.jsonl": files["intent/example.jsonl"]}, by=world.owner)
    assert came.counts == (4, 1, 0) and came.lines[0]["place"].endswith("line 5")
    found = documents(batch)
    assert [found[f"example.jsonl/{n:05d}"]["item"] for n in (1, 2, 3)] == [{"mood": ["positive"]}, {"mood": ["positive"]}, {}]
    assert "example.jsonl/00004" not in found and Item.objects.filter(batch=batch).count() == 4


@pytest.mark.parametrize("text", ["a\x00b", "half \ud800"])
def test_texts_that_no_database_holds_are_refused_and_the_rest_comes_in(world: Any, bring: Bring, text: str) -> None:
    batch = begin(world, "words", "text", MOODS)
    body = "\n".join(json.dumps({"text": one, "label": [[0, 1, "LOC"]]}) for one in (text, "good"))
    came = bring(f"/batches/{batch.pk}/import?format=doccano", files={"a.jsonl": body.encode()}, by=world.owner)
    assert came.counts == (1, 1, 0) and came.codes == ["bad_entry"]
    label = json.dumps([{"data": {"text": "good too"}, "annotations": [{"result": [{"id": text, "type": "labels", "value": {"start": 0, "end": 1, "labels": [text]}}]}]}])
    assert bring(f"/batches/{batch.pk}/import?format=label_studio", files={"a.json": label.encode()}, by=world.owner).counts == (0, 1, 0)


def test_a_project_begins_from_label_studio_with_values_relations_and_the_right_media(world: Any, run_jobs: Callable[[], int]) -> None:
    spans = [{"id": name, "type": "labels", "from_name": "l", "to_name": "t", "value": {"start": a, "end": b, "labels": ["X"]}} for name, a, b in (("a", 0, 1), ("b", 2, 3))]
    mood = {"id": "m", "type": "choices", "from_name": "mood", "to_name": "t", "value": {"choices": ["good"]}}
    link = {"type": "relation", "from_id": "b", "to_id": "a", "labels": ["near"]}

    def made(name: str, *results: Any) -> Any:
        file = ("t.json", SimpleUploadedFile("t.json", json.dumps([task(*results, data={"text": "a b c"})]).encode()))
        schema, _summary = services.propose_from_upload([file], "label_studio")
        return schema, services.start_project_from_export(name, [file], "label_studio", schema, organisation_id=world.organisation.pk, by=world.actor(world.owner))[0]

    schema, project = made("spans", *spans, mood, link)
    assert [label["kinds"] for label in schema["labels"]] == [["span"]] and schema["item"] == [{"name": "mood", "type": "choice", "options": ["good"]}]
    assert schema["relations"] == [{"name": "near"}] and project.media == "text"
    _schema, other = made("only values", mood)
    run_jobs()
    assert other.media == "text" and Annotation.objects.filter(item__project__in=[project, other]).count() == 2
