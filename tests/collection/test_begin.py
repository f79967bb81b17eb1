"""A project in one step: from files and label names, or from another tool's export whose schema is proposed, then edited."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from annotate.annotations.models import Annotation
from annotate.items.models import Item, UploadFile
from annotate.kernel.errors import Denied, Invalid
from annotate.projects.models import Project
from tests.collection.conftest import make_zip
from tests.collection.test_files import waiting_files
from tests.collection.test_label_pictures import png
from tests.collection.test_labels import coco, voc
from tests.conftest import draw_picture
from workflows.collection import services
from workflows.exporters.colours import voc_colours
from workflows.exporters.outlines import grid

CAR, BOAT = ("car", [5, 6, 20, 10]), ("boat", [30, 6, 10, 20])


def named(files: dict[str, bytes]) -> list[tuple[str, Any]]:
    return [(name, SimpleUploadedFile(name, content)) for name, content in files.items()]


def post_files(files: dict[str, bytes]) -> list[io.BytesIO]:
    found = []
    for name, content in files.items():
        file = io.BytesIO(content)
        file.name = name
        found.append(file)
    return found


def test_one_form_makes_the_whole_line(world: Any, run_jobs: Any) -> None:
    project, job = services.quick_project(
        "boats", named({"a.jpg": draw_picture()}), ["boat", " boat ", "buoy"], organisation_id=world.organisation.pk, by=world.actor(world.owner)
    )
    assert job is not None
    run_jobs()
    job.refresh_from_db()
    assert job.result == {"accepted": 1, "rejected": 0, "duplicate": 0}
    assert sorted(project.queues.values_list("stage", flat=True)) == ["annotate", "review"]
    assert project.datasets.count() == 1 and project.batches.count() == 1
    answer = world.api(world.owner).post(f"/queues/{project.queues.get(stage='annotate').pk}/next")
    assert answer.status_code == 200 and answer.json()["item"]["key"] == "a.jpg"
    assert [label["name"] for label in answer.json()["schema"]["labels"]] == ["boat", "buoy"]


def test_without_files_there_is_no_job(world: Any) -> None:
    by = world.actor(world.owner)
    assert services.quick_project("boats", [], ["boat"], organisation_id=world.organisation.pk, by=by)[1] is None


@pytest.mark.parametrize("labels", [[], ["  "]])
def test_a_project_needs_a_label_and_keeps_no_bytes_without_one(world: Any, labels: list[str]) -> None:
    before = waiting_files()
    with pytest.raises(Invalid) as caught:
        services.quick_project(
            "boats", named({"a.jpg": draw_picture()}), labels, organisation_id=world.organisation.pk, by=world.actor(world.owner)
        )
    assert "labels" in caught.value.fields
    assert waiting_files() == before and not Project.objects.filter(name="boats").exists()


def test_who_may_not_make_projects_leaves_no_bytes(world: Any) -> None:
    before = waiting_files()
    with pytest.raises(Denied):
        services.quick_project(
            "boats", named({"a.jpg": draw_picture()}), ["boat"], organisation_id=world.organisation.pk, by=world.actor(world.viewer)
        )
    assert waiting_files() == before and not UploadFile.objects.exists()


@pytest.mark.parametrize("format", ["voc", "coco"])
def test_an_export_proposes_its_schema_and_comes_in_under_the_edited_one(world: Any, run_jobs: Any, format: str) -> None:
    labels = {"x.json": coco({"a.jpg": [CAR, CAR, BOAT]})} if format == "coco" else {"a.xml": voc("a.jpg", [CAR, CAR, BOAT])}
    files = named({"a.jpg": draw_picture(), **labels})
    schema, summary = services.propose_from_upload(files, format)
    assert [label["name"] for label in schema["labels"]] == ["car", "boat"]
    assert (summary["pictures"], summary["objects"], summary["labels"]) == (1, 3, {"car": 2, "boat": 1})
    schema["labels"] = [label for label in schema["labels"] if label["name"] == "car"]
    project, job = services.start_project_from_export(
        "from export", files, format, schema, organisation_id=world.organisation.pk, by=world.actor(world.owner)
    )
    run_jobs()
    job.refresh_from_db()
    assert (job.result["accepted"], job.result["objects_rejected"]) == (1, 1)
    assert [thing["label"] for thing in json.loads(Annotation.objects.get(item__project=project).document)["objects"]] == ["car", "car"]


@pytest.mark.parametrize("format", ["voc", "coco"])
def test_an_export_whose_labels_are_pictures_makes_a_project_of_masks(world: Any, run_jobs: Any, format: str) -> None:
    wide, high = Image.open(io.BytesIO(draw_picture())).size
    drawn = np.zeros((high, wide), np.uint8)
    drawn[4:9, 3:11] = 1
    if format == "voc":
        labels = {"SegmentationClass/a.png": png(drawn * 7, voc_colours()), "SegmentationObject/a.png": png(drawn, voc_colours())}
    else:
        told = {
            "images": [{"id": 1, "file_name": "a.jpg", "width": wide, "height": high}],
            "categories": [{"id": 3, "name": "car", "isthing": 1}],
            "annotations": [{"image_id": 1, "file_name": "a.png", "segments_info": [{"id": 1, "category_id": 3, "iscrowd": 0, "bbox": [3, 4, 8, 5], "area": 40}]}],
        }
        labels = {"panoptic_val.json": json.dumps(told).encode(), "panoptic_val/a.png": png(np.dstack([drawn, drawn * 0, drawn * 0]))}
    files = named({"up.zip": make_zip({"JPEGImages/a.jpg" if format == "voc" else "a.jpg": draw_picture(), **labels})})
    schema, _summary = services.propose_from_upload(files, format)
    assert [(label["name"], label["kinds"]) for label in schema["labels"]] == [("car", ["mask"])]
    project, job = services.start_project_from_export("masks", files, format, schema, organisation_id=world.organisation.pk, by=world.actor(world.owner))
    run_jobs()
    job.refresh_from_db()
    assert (job.state, job.result["accepted"]) == ("done", 1), job.error
    (thing,) = json.loads(Annotation.objects.get(item__project=project).document)["objects"]
    assert (thing["kind"], thing["label"]) == ("mask", "car") and (grid(thing["rle"]) == drawn).all()


def test_the_page_makes_a_project_of_pictures(world: Any, run_jobs: Any) -> None:
    page = world.page(world.owner)
    assert page.get("/new").status_code == 200
    form = {
        "name": "boats",
        "organisation": world.organisation.pk,
        "source": "files",
        "labels": "boat\nbuoy",
        "kinds": ["box"],
        "files": post_files({"a.jpg": draw_picture(), "b.jpg": draw_picture(10, 10)}),
    }
    answer = page.post("/new", form)
    project = Project.objects.get(name="boats")
    assert (answer.status_code, answer["Location"]) == (302, f"/p/{project.pk}")
    run_jobs()
    assert sorted(Item.objects.filter(project=project).values_list("key", flat=True)) == ["a.jpg", "b.jpg"]
    assert page.get(f"/p/{project.pk}").status_code == 200


@pytest.mark.parametrize("format", ["voc", "coco"])
def test_the_page_proposes_then_brings_in_an_export(world: Any, run_jobs: Any, format: str) -> None:
    before = waiting_files()
    labels = {"x.json": coco({"a.jpg": [CAR, BOAT]})} if format == "coco" else {"a.xml": voc("a.jpg", [CAR, BOAT])}
    page = world.page(world.owner)
    form = {"name": "boats", "organisation": world.organisation.pk, "source": format}
    shown = page.post("/new", form | {"files": post_files({"up.zip": make_zip({"a.jpg": draw_picture(), **labels})})})
    assert shown.status_code == 200 and not Project.objects.filter(name="boats").exists()
    context = shown.context
    assert "car" in context["form"]["schema"].value() and context["found"]["objects"] == 2
    answer = page.post("/new", form | {"kept": context["note"], "schema": context["form"]["schema"].value()})
    project = Project.objects.get(name="boats")
    assert answer["Location"] == f"/p/{project.pk}"
    run_jobs()
    item = Item.objects.get(project=project)
    assert (item.key, item.state) == ("a.jpg", "labelled")
    assert len(json.loads(Annotation.objects.get(item=item).document)["objects"]) == 2
    assert waiting_files() == before


def test_a_broken_schema_on_the_page_names_the_path_and_keeps_the_files(world: Any) -> None:
    page = world.page(world.owner)
    form = {"name": "boats", "organisation": world.organisation.pk, "source": "voc"}
    shown = page.post("/new", form | {"files": post_files({"a.jpg": draw_picture(), "a.xml": voc("a.jpg", [CAR])})})
    bad = page.post("/new", form | {"kept": shown.context["note"], "schema": '{"labels":[{"name":"car","kinds":["blob"]}]}'})
    assert bad.status_code in (200, 400, 422) and b"labels[0].kinds" in bad.content
    assert len(bad.context["kept"]) == 2 and not Project.objects.filter(name="boats").exists()


def test_an_export_without_labels_says_so_on_the_page(world: Any) -> None:
    page = world.page(world.owner)
    form = {"name": "boats", "organisation": world.organisation.pk, "source": "coco", "files": post_files({"a.jpg": draw_picture()})}
    answer = page.post("/new", form)
    assert answer.status_code < 500 and b"No labels were found" in answer.content


def test_a_note_of_another_person_brings_no_files(world: Any) -> None:
    form = {"name": "boats", "organisation": world.organisation.pk, "source": "voc"}
    shown = world.page(world.owner).post("/new", form | {"files": post_files({"a.xml": voc("a.jpg", [CAR])})})
    answer = world.page(world.admin).post("/new", form | {"kept": shown.context["note"]})
    assert answer.context["kept"] == []


def test_who_may_not_make_projects_gets_no_form(world: Any) -> None:
    assert world.page(world.annotator).get("/new").status_code == 403


def test_real_export_comes_in_whole(world: Any, run_jobs: Any, data: Callable[[str], Path]) -> None:
    folder: Iterable[Path] = sorted((data("voc_same_boxes_7_formats") / "pascalvoc_format").rglob("*.xml"))
    files = named({path.name: path.read_bytes() for path in folder})
    schema, _summary = services.propose_from_upload(files, "voc")
    assert len(schema["labels"]) == 20
    _project, job = services.start_project_from_export(
        "voc", files, "voc", schema, organisation_id=world.organisation.pk, by=world.actor(world.owner)
    )
    run_jobs()
    job.refresh_from_db()
    assert job.result == {"accepted": 100, "rejected": 0, "duplicate": 0}
    pose = schema["labels"][0]["attributes"][-1]
    assert (pose["name"], pose["type"], "Left" in pose["options"]) == ("pose", "choice", True)
    assert sum(len(json.loads(text)["objects"]) for text in Annotation.objects.values_list("document", flat=True)) == 273
