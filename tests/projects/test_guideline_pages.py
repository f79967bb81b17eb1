"""/p/{project}/guidelines: read by all, written by managers, acknowledged once."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.projects import guidelines
from annotate.projects.models import Guideline
from tests.conftest import draw_picture

pytestmark = pytest.mark.django_db


def place(world: Any, tail: str = "") -> str:
    return f"/p/{world.project.pk}/guidelines{tail}"


def test_a_manager_writes_and_an_annotator_is_shown_it_once(world: Any) -> None:
    manager, annotator = world.page(world.manager), world.page(world.annotator)
    assert "Write the guidelines" in manager.get(place(world)).content.decode()
    assert "No guidelines yet" in annotator.get(place(world)).content.decode()
    assert manager.post(place(world, "/save"), {"text": "**Close**", "message": "begun"}).status_code == 302
    body = annotator.get(place(world)).content.decode()
    assert "<strong>Close</strong>" in body and "Version 1 is new to you: begun" in body and "Save as a new" not in body
    annotator.post(place(world, "/read"), {"number": "1"})
    assert "new to you" not in annotator.get(place(world)).content.decode()
    assert annotator.post(place(world, "/save"), {"text": "x"}).status_code == 403


def test_the_preview_is_what_will_be_read(world: Any) -> None:
    shown = world.page(world.manager).post(place(world, "/preview"), {"text": "# Vans <script>"})
    assert "<h1>Vans &lt;script&gt;</h1>" in shown.content.decode()


def test_examples_come_with_pictures_and_go(world: Any) -> None:
    manager = world.page(world.manager)
    manager.post(place(world, "/save"), {"text": "Close"})
    from django.core.files.uploadedfile import SimpleUploadedFile

    picture = SimpleUploadedFile("van.jpg", draw_picture(), "image/jpeg")
    done = manager.post(place(world, "/examples"), {"label": "car", "good": "0", "text": "too loose", "picture": picture})
    assert done.status_code == 302
    newest = guidelines.newest(world.project)
    [example] = newest.examples
    assert (example["label"], example["good"], newest.number) == ("car", False, 2)
    body = world.page(world.annotator).get(place(world)).content.decode()
    url = f"/api/v1/projects/{world.project.pk}/guidelines/pictures/{example['picture']}"
    assert url in body and "too loose" in body
    assert world.page(world.annotator).get(url).status_code == 200
    manager.post(place(world, "/examples/drop"), {"place": "0", "number": "2"})
    assert guidelines.newest(world.project).examples == []
    assert "too loose" in manager.get(place(world, "?version=2")).content.decode()


def test_what_is_no_picture_is_refused_beside_its_field(world: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    manager = world.page(world.manager)
    manager.post(place(world, "/save"), {"text": "Close"})
    wrong = SimpleUploadedFile("van.jpg", b"<svg onload=alert(1)>", "image/jpeg")
    refused = manager.post(place(world, "/examples"), {"label": "car", "good": "1", "text": "x", "picture": wrong})
    assert refused.status_code == 400
    assert Guideline.objects.count() == 1


def test_versions_that_do_not_exist_are_not_there(world: Any) -> None:
    assert world.page(world.manager).get(place(world, "?version=7")).status_code == 404
    assert world.page(world.manager).get(place(world, "?version=x")).status_code == 404
    assert world.page(world.outsider).get(place(world)).status_code == 404
