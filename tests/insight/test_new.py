"""/new: one form makes a project with everything to draw the first box; an error costs nothing that was typed or sent."""

from __future__ import annotations

import io
import re
import time
from pathlib import Path
from typing import Any

import pytest

from annotate.items.models import Batch, Item
from annotate.projects.models import Project
from annotate.projects.queries import current_schema
from annotate.queues.models import Queue
from workflows.releases.models import Dataset

pytestmark = pytest.mark.django_db


def upload(*files: tuple[str, bytes]) -> list[io.BytesIO]:
    out = []
    for name, content in files:
        handle = io.BytesIO(content)
        handle.name = name
        out.append(handle)
    return out


def form(world: Any, **over: Any) -> dict[str, Any]:
    return {"name": "harbour", "organisation": world.organisation.pk, "source": "files", "labels": "boat, buoy", "kinds": ["box"], **over}


def test_one_press_makes_project_batch_queues_and_dataset_and_the_first_task_is_there(world: Any, picture: Any, run_jobs: Any) -> None:
    began = time.monotonic()
    client = world.page(world.owner)
    response = client.post("/new", form(world, files=upload(("a.jpg", picture()), ("b.jpg", picture(color=(1, 2, 3))))))
    project = Project.objects.get(name="harbour")
    assert (response.status_code, response["Location"]) == (302, f"/p/{project.pk}")
    run_jobs()
    assert Item.objects.filter(project=project).count() == 2 and Batch.objects.filter(project=project).count() == 1
    assert set(Queue.objects.filter(project=project).values_list("stage", flat=True)) == {"annotate", "review"}
    assert Dataset.objects.filter(project=project).count() == 1
    assert [label["name"] for label in current_schema(project.pk).content["labels"]] == ["boat", "buoy"]
    start = re.search(r'<a class="btn primary big" href="/work/(\d+)"', client.get("/").content.decode())
    assert start
    bundle = world.api(world.owner).post(f"/queues/{start[1]}/next").json()
    assert bundle["item"]["key"] in ("a.jpg", "b.jpg") and time.monotonic() - began < 120


def test_an_error_keeps_what_was_typed_and_the_files_that_were_sent(world: Any, picture: Any, run_jobs: Any) -> None:
    client = world.page(world.owner)
    body = client.post("/new", form(world, labels="boat\nbuoy\nboat", files=upload(("a.jpg", picture())))).content.decode()
    assert "“boat” is already on line 1" in body and 'value="harbour"' in body and "1 file is here already" in body
    assert not Project.objects.filter(name="harbour").exists()
    kept = re.search(r'name="kept" value="([^"]+)"', body)
    assert kept
    client.post("/new", form(world, kept=kept[1]))
    run_jobs()
    assert Item.objects.filter(project__name="harbour").count() == 1


def test_a_note_of_another_person_brings_no_files(world: Any, picture: Any, run_jobs: Any) -> None:
    body = world.page(world.owner).post("/new", form(world, labels="", files=upload(("a.jpg", picture())))).content.decode()
    kept = re.search(r'name="kept" value="([^"]+)"', body)
    assert kept
    world.page(world.admin).post("/new", form(world, kept=kept[1]))
    run_jobs()
    assert not Item.objects.filter(project__name="harbour").exists()


@pytest.mark.parametrize("labels", ["", " ,, \n"])
def test_a_project_needs_a_label(world: Any, labels: str) -> None:
    body = world.page(world.owner).post("/new", form(world, labels=labels)).content.decode()
    assert "A project needs at least one label." in body and 'aria-invalid="true"' in body


def test_a_taken_name_is_said_at_the_name(world: Any) -> None:
    body = world.page(world.owner).post("/new", form(world, name="streets")).content.decode()
    assert "A project of this name exists." in body and "boat, buoy" in body


def test_without_files_the_project_stands_and_asks_for_them(world: Any) -> None:
    client = world.page(world.owner)
    page = client.post("/new", form(world), follow=True).content.decode()
    assert "Now put files in." in page and "No items yet" in page


def test_an_export_shows_its_labels_as_a_schema_to_edit_and_then_brings_them_in(world: Any, data: Any, run_jobs: Any) -> None:
    file: Path = data("voc_same_boxes_7_formats") / "coco_format_v1" / "instances_default.json"
    content = file.read_bytes()
    client = world.page(world.owner)
    body = client.post("/new", form(world, source="coco", labels="", files=upload((file.name, content)))).content.decode()
    assert 'name="schema"' in body and "Change the schema as you like" in body and not Project.objects.filter(name="harbour").exists()


def test_only_who_manages_somewhere_gets_the_form(world: Any) -> None:
    assert world.page(world.manager).get("/new").status_code == 200
    for person in (world.reviewer, world.annotator, world.viewer, world.collector):
        assert world.page(person).get("/new").status_code == 403
    foreign = form(world, organisation=world.other_organisation.pk)
    assert 'role="alert"' in world.page(world.owner).post("/new", foreign).content.decode()
    assert not Project.objects.filter(name="harbour").exists()
