"""`manage.py load`: a folder becomes a project's batch, with a report that says what was left out, where and why."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from annotate.annotations.models import Annotation
from annotate.items.models import Item
from annotate.jobs.models import Job
from annotate.people.models import Membership, Organisation, Person
from annotate.projects.models import Project
from tests.conftest import draw_picture

VOC = """<annotation><filename>{name}</filename><size><width>64</width><height>48</height></size>
<object><name>car</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>{right}</xmax><ymax>20</ymax></bndbox></object></annotation>"""


def load(folder: Path | str, **options: Any) -> str:
    out = io.StringIO()
    call_command("load", str(folder), **{"project": "p", "batch": "march", **options}, stdout=out)
    return out.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        (tmp_path / f"{name}.jpg").write_bytes(draw_picture())
        (tmp_path / f"{name}.xml").write_text(VOC.format(name=f"{name}.jpg", right=1 if name == "b" else 30))
    (tmp_path / ".hidden.jpg").write_bytes(b"x")
    (tmp_path / "link.jpg").symlink_to("/etc/passwd")
    return tmp_path


def lighthouse(world: Any) -> dict[str, Any]:
    return {"organisation": "Lighthouse"}


def test_a_folder_becomes_a_project_with_its_line(world: Any, folder: Path) -> None:
    said = load(folder, format="voc", **lighthouse(world))
    project = Project.objects.get(name="p")
    assert "made the project 'p' with the labels car" in said
    assert "b.xml object 1: car: box has no area" in said
    assert "2 accepted, 0 rejected, 0 duplicate, 1 objects rejected" in said
    batch = project.batches.get()
    assert f"/batches/{batch.pk}" in said
    assert dict(Item.objects.filter(project=project).values_list("key", "state")) == {"a.jpg": "labelled", "b.jpg": "new"}
    assert sorted(project.queues.values_list("stage", flat=True)) == ["annotate", "review"] and project.datasets.count() == 1
    assert Item.objects.filter(project=project).first().created_by == world.owner


def test_a_second_time_adds_nothing_and_another_batch_is_made(world: Any, folder: Path) -> None:
    load(folder, format="voc", **lighthouse(world))
    assert "0 accepted, 0 rejected, 2 duplicate" in load(folder, format="voc", **lighthouse(world))
    assert "0 accepted, 0 rejected, 2 duplicate" in load(folder, format="voc", batch="april", **lighthouse(world))
    assert Project.objects.get(name="p").batches.count() == 2 and Annotation.objects.count() == 1


def test_plain_pictures_go_into_a_project_that_is_there(world: Any, folder: Path) -> None:
    said = load(folder / "a.jpg", project="streets")
    assert "1 accepted" in said and "made the project" not in said
    assert Item.objects.get().project == world.project


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "several organisations: say which with --organisation ('Lighthouse', 'Elsewhere')"),
        ({"organisation": "Nowhere"}, "no organisation 'Nowhere'; there are: 'Lighthouse', 'Elsewhere'"),
        ({"organisation": "Lighthouse", "by": "outsider"}, "'outsider' is not a person of the organisation 'Lighthouse'"),
        ({"organisation": "Lighthouse", "by": "viewer"}, ""),
    ],
)
def test_who_and_where_must_be_clear(world: Any, folder: Path, options: dict[str, Any], words: str) -> None:
    with pytest.raises(CommandError) as caught:
        load(folder, format="voc", **options)
    assert words in str(caught.value)
    assert not Project.objects.filter(name="p").exists() and not Job.objects.exists()


def test_a_folder_that_is_not_there_or_empty_says_so(world: Any, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="there is no folder or file"):
        load(tmp_path / "nowhere")
    with pytest.raises(CommandError, match="holds no files"):
        load(tmp_path)


def test_label_files_that_hold_no_labels_make_no_project(world: Any, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("<nonsense>")
    with pytest.raises(CommandError, match="No labels were found"):
        load(tmp_path, format="voc", **lighthouse(world))
    assert not Project.objects.filter(name="p").exists()


def test_an_empty_server_gets_its_first_organisation_and_owner(db: None, folder: Path) -> None:
    said = load(folder, format="voc")
    owner = Person.objects.get()
    assert owner.is_server_owner and Membership.objects.get(person=owner).role == "owner" and Organisation.objects.count() == 1
    password = said.split("sign in: owner owner ")[1].split()[0]
    assert owner.check_password(password)
    assert "2 accepted" in said
    assert "sign in" not in load(folder, format="voc")


def test_blood_cells_as_in_the_tour(world: Any, data: Callable[[str], Path]) -> None:
    said = load(data("bccd_bbox"), project="blood-cells", format="voc", **lighthouse(world))
    project = Project.objects.get(name="blood-cells")
    assert Item.objects.filter(project=project).count() == 292
    assert "292 accepted, 0 rejected, 0 duplicate, 2 objects rejected" in said
    told = [line for line in said.splitlines() if "zero_area" in line]
    assert ["BloodImage_00338.xml" in told[0], "BloodImage_00343.xml" in told[1], len(told)] == [True, True, 2]
    assert "RBC, WBC, Platelets" in said
