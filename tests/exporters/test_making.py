"""Exports of frozen versions: whole or not at all, the same twice, and pulled by their files they verify."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from pycocotools.coco import COCO

from annotate.items.models import Item
from annotate.items.services import erase
from annotate.jobs.models import Job
from annotate.jobs.services import execute
from annotate.jobs.work import Cancelled
from annotate.kernel.errors import Conflict, Denied, Invalid
from workflows.exporters import making
from workflows.exporters.queries import state_of
from workflows.exporters.services import export
from workflows.releases.models import ExportFile

Freeze = Callable[..., Any]


def pulled(made: Any, place: Path) -> Path:
    for file in ExportFile.objects.filter(export=made):
        target = place / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        with default_storage.open(file.stored, "rb") as stored:
            target.write_bytes(stored.read())
    return place


def verified(place: Path) -> str:
    out = io.StringIO()
    call_command("verify_export", str(place), stdout=out)
    return out.getvalue()


def paths(made: Any) -> list[str]:
    return list(ExportFile.objects.filter(export=made).order_by("path").values_list("path", flat=True))


@pytest.mark.parametrize("format", ["coco", "jsonl"])
@pytest.mark.parametrize("media", ["include", "reference"])
def test_an_export_verifies_and_carries_the_versions_root(freeze: Freeze, exported: Freeze, tmp_path: Path, format: str, media: str) -> None:
    version = freeze()
    made = exported(version, format, media=media)
    assert made.state == "ready" and made.job.result == {"export": made.pk}
    said = verified(pulled(made, tmp_path))
    assert version.root.hex() in said and "6 leaves" in said
    assert sum(path.startswith("images/") for path in paths(made)) == (6 if media == "include" else 0)


def test_pictures_are_not_copied_and_lie_where_coco_says(freeze: Freeze, exported: Freeze, tmp_path: Path) -> None:
    made = exported(freeze(splits={}), media="include")
    place = pulled(made, tmp_path)
    coco = COCO(str(place / "annotations/instances_all.json"))
    for image in coco.imgs.values():
        assert (place / "images" / image["file_name"]).read_bytes()[:3] == b"\xff\xd8\xff"
    boxes = sorted(entry["bbox"] for entry in coco.anns.values())
    assert boxes == [[place + 0.25, 2, 30.7, 4.125] for place in range(6)]
    assert all("/blobs/" in stored for stored in ExportFile.objects.filter(export=made, path__startswith="images/").values_list("stored", flat=True))


def test_keys_that_no_file_system_likes_become_safe_names(freeze: Freeze, exported: Freeze, tmp_path: Path) -> None:
    version = freeze(keys=["a/b.jpg", "a\\c.jpg", "夜 50%.jpg", "xy:z?.jpg", "a", "nul.jpg"], splits={})
    made = exported(version, media="include")
    names = {path.removeprefix("images/") for path in paths(made) if path.startswith("images/")}
    assert names == {"a", "a%2Fb.jpg", "a%5Cc.jpg", "夜 50%25.jpg", "xy%3Az%3F.jpg", "%6Eul.jpg"}
    document = orjson.loads((pulled(made, tmp_path) / "annotations/instances_all.json").read_bytes())
    assert {image["file_name"] for image in document["images"]} == names
    assert {image["key"] for image in document["images"]} == {"a/b.jpg", "a\\c.jpg", "夜 50%.jpg", "xy:z?.jpg", "a", "nul.jpg"}


def test_one_split_has_only_its_files_and_pictures(freeze: Freeze, exported: Freeze, tmp_path: Path) -> None:
    version = freeze(n=12, splits={"train": 0.5, "val": 0.5}, by_group=False)
    made = exported(version, split="val", media="include")
    assert [path for path in paths(made) if path.startswith("annotations/")] == ["annotations/instances_val.json"]
    place = pulled(made, tmp_path)
    images = orjson.loads((place / "annotations/instances_val.json").read_bytes())["images"]
    assert 0 < len(images) < 12 and sum(path.startswith("images/") for path in paths(made)) == len(images)
    assert "12 leaves" in verified(place)


def test_two_exports_of_one_version_have_the_same_bytes(freeze: Freeze, exported: Freeze) -> None:
    version = freeze()
    first, second = exported(version), exported(version)
    listed = [list(ExportFile.objects.filter(export=made).order_by("path").values_list("path", "sha256")) for made in (first, second)]
    assert listed[0] == listed[1]


def test_a_job_killed_before_its_end_leaves_nothing_to_pull_and_is_made_again(world: Any, freeze: Freeze, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    made = export(freeze(), format="coco", by=world.actor(world.manager))
    finish = making._finish

    def killed(*_: Any) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(making, "_finish", killed)
    with pytest.raises(KeyboardInterrupt):
        execute(made.job_id)
    made.refresh_from_db()
    assert made.state == "making" and not paths(made)
    monkeypatch.setattr(making, "_finish", finish)
    Job.objects.filter(pk=made.job_id).update(state="queued")
    run_jobs()
    made.refresh_from_db()
    kept = set(ExportFile.objects.filter(export=made).values_list("stored", flat=True))
    base = making.folder_of(world.organisation.pk, made.pk)
    assert made.state == "ready" and {f"{base}/{name}" for name in default_storage.listdir(base)[1]} == kept
    Job.objects.filter(pk=made.job_id).update(state="queued")
    run_jobs()
    assert set(ExportFile.objects.filter(export=made).values_list("stored", flat=True)) == kept


def test_a_cancelled_export_is_failed(world: Any, freeze: Freeze, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    def cancelled(*_: Any) -> bool:
        raise Cancelled

    made = export(freeze(), format="coco", by=world.actor(world.manager))
    monkeypatch.setattr(making, "_finish", cancelled)
    run_jobs()
    made.refresh_from_db()
    assert made.state == "failed" and not paths(made)


def test_an_export_whose_job_ended_before_it_began_counts_as_failed(world: Any, freeze: Freeze) -> None:
    made = export(freeze(), format="coco", by=world.actor(world.manager))
    Job.objects.filter(pk=made.job_id).update(state="cancelled")
    made.job.refresh_from_db()
    assert made.state == "making" and state_of(made) == "failed"


def test_wrong_requests_name_what_there_is(world: Any, freeze: Freeze) -> None:
    version, by = freeze(), world.actor(world.manager)
    with pytest.raises(Invalid, match="there are coco, coco_keypoints") as unknown:
        export(version, format="xml", by=by)
    assert unknown.value.code == "unknown_format" and "format" in unknown.value.fields
    with pytest.raises(Invalid, match="there are train, val, test"):
        export(version, format="coco", split="trian", by=by)
    with pytest.raises(Invalid, match="reference, include"):
        export(version, format="coco", media="both", by=by)
    with pytest.raises(Denied):
        export(version, format="coco", by=world.actor(world.annotator))


def test_a_version_that_was_withdrawn_is_not_exported(world: Any, freeze: Freeze) -> None:
    from workflows.releases.services import withdraw

    version, by = freeze(), world.actor(world.manager)
    withdraw(version, reason="wrong labels", by=by)
    with pytest.raises(Conflict, match="withdrawn"):
        export(version, format="coco", by=by)


def test_an_erased_items_content_leaves_every_export_and_they_still_verify(world: Any, freeze: Freeze, exported: Freeze, run_jobs: Callable[[], int], tmp_path: Path, django_capture_on_commit_callbacks: Any) -> None:
    version = freeze(keys=["a.jpg", "secret-name.jpg", "z.jpg"], splits={})
    coco, lines = exported(version, "coco", media="include"), exported(version, "jsonl")
    before = set(ExportFile.objects.filter(export__in=[coco, lines], stored__contains="/exports/").values_list("stored", flat=True))
    with django_capture_on_commit_callbacks(execute=True):
        erase(Item.objects.get(key="secret-name.jpg"), reason="asked for", by=world.actor(world.manager))
    for made in (coco, lines):
        made.refresh_from_db()
        assert made.state == "making" and not paths(made)
    assert not any(default_storage.exists(stored) for stored in before)
    run_jobs()
    for made, words in ((coco, "images/a.jpg"), (lines, "items.jsonl")):
        made.refresh_from_db()
        assert made.state == "ready" and words in paths(made) and "images/secret-name.jpg" not in paths(made)
        place = pulled(made, tmp_path / made.format)
        assert "3 leaves (1 erased since)" in verified(place) and version.root.hex() in verified(place)
        assert not any(b"secret-name" in path.read_bytes() for path in place.rglob("*") if path.is_file())


def test_an_erasure_while_the_export_is_built_is_not_overlooked(world: Any, freeze: Freeze, run_jobs: Callable[[], int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version = freeze(keys=["a.jpg", "secret-name.jpg", "z.jpg"], splits={})
    made = export(version, format="jsonl", by=world.actor(world.manager))
    build, erased = making._build, []

    def late(one: Any, place: Path) -> None:
        build(one, place)
        if not erased:
            erased.append(erase(Item.objects.get(key="secret-name.jpg"), reason="asked for", by=world.actor(world.manager)))

    monkeypatch.setattr(making, "_build", late)
    run_jobs()
    made.refresh_from_db()
    place = pulled(made, tmp_path)
    assert made.state == "ready" and b"secret-name" not in (place / "items.jsonl").read_bytes()
    assert "1 erased since" in verified(place)


def test_texts_are_exported_as_lines_and_verify(world: Any, exported: Freeze, run_jobs: Callable[[], int], tmp_path: Path) -> None:
    from annotate.annotations.services import ImportedAnnotation, add_imported
    from annotate.items.services import NewItem, add_items, create_batch
    from annotate.projects.queries import current_schema
    from annotate.projects.services import create
    from workflows.releases.models import Dataset
    from workflows.releases.services import create_dataset, cut

    by = world.actor(world.owner)
    project = create("words", media="text", schema={"labels": [{"name": "place", "kinds": ["span"]}]}, organisation_id=world.organisation.pk, by=by)
    words = {"a.txt": "Rain in Oslo 🌧", "b.txt": "北京 is far"}
    added = add_items(create_batch(project, "one", by=by), [NewItem(key=key, text=text) for key, text in words.items()], by=by)
    span = {"id": "00000000-0000-4000-8000-000000000001", "kind": "span", "label": "place", "start": 0, "end": 2}
    schema = current_schema(project.pk).pk
    add_imported([ImportedAnnotation(pk, {"objects": [span]}, schema, approved=True) for pk in added.accepted.values()], by=by)
    dataset = Dataset.objects.filter(project=project).first() or create_dataset(project, "words", by=by)
    version = cut(dataset, splits={}, by=by)
    run_jobs()
    version.refresh_from_db()
    with pytest.raises(Invalid, match="coco holds image items"):
        export(version, format="coco", by=by)
    made = export(version, format="jsonl", media="include", by=by)
    run_jobs()
    made.refresh_from_db()
    place = pulled(made, tmp_path)
    assert "2 lines of items.jsonl: content agrees" in verified(place)
    assert [orjson.loads(line)["text"] for line in (place / "items.jsonl").read_bytes().splitlines()] == list(words.values())
    assert paths(made) == ["items.jsonl", "sluice-files.ndjson", "sluice-manifest.ndjson"]


def test_an_export_asked_for_while_an_erasure_is_under_way_is_built_again(world: Any, freeze: Freeze, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    version = freeze(keys=["a.jpg", "secret-name.jpg"], splits={})
    made = export(version, format="jsonl", by=world.actor(world.manager))
    build, rounds = making._build, []

    def late(one: Any, place: Path) -> None:
        build(one, place)
        rounds.append(one)
        if len(rounds) == 1:  # committed now, and it had looked for exports before this one was there
            Item.objects.filter(key="secret-name.jpg").update(state="erased")

    monkeypatch.setattr(making, "_build", late)
    run_jobs()
    made.refresh_from_db()
    stored = ExportFile.objects.get(export=made, path="items.jsonl").stored
    with default_storage.open(stored, "rb") as file:
        assert b"secret-name" not in file.read()
    assert len(rounds) == 2 and made.state == "ready"
