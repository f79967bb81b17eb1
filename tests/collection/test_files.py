"""POST /batches/{id}/files: pictures, texts and archives become items, duplicates or reported rejections."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from annotate.items.models import Item, Upload, UploadFile
from tests.collection.conftest import Outcome, make_zip

Bring = Callable[..., Outcome]


def waiting_files() -> list[str]:
    try:
        rooms, _files = default_storage.listdir("uploads")
    except FileNotFoundError:
        return []
    return [name for room in rooms for name in default_storage.listdir(f"uploads/{room}")[1]]


def test_pictures_become_items_and_a_second_time_duplicates(batch: Any, bring: Bring, picture: Any) -> None:
    files = {"a.jpg": picture(64, 48), "b.png": picture(30, 20, format="PNG"), "notes.txt": b"hello", "empty.jpg": b""}
    first = bring(f"/batches/{batch.pk}/files", files=files)
    assert first.counts == (2, 2, 0)
    assert {line["place"]: line["code"] for line in first.lines} == {"notes.txt": "not_a_picture", "empty.jpg": "empty"}
    item = Item.objects.get(key="a.jpg")
    assert (item.width, item.height, item.blob.type, item.created_by.name) == (64, 48, "image/jpeg", "manager")
    again = bring(f"/batches/{batch.pk}/files", files=files)
    assert again.counts == (0, 2, 2)
    assert Item.objects.count() == 2


def test_bytes_do_not_wait_longer_than_their_job(batch: Any, bring: Bring, picture: Any) -> None:
    before = waiting_files()
    bring(f"/batches/{batch.pk}/files", files={"a.jpg": picture()})
    assert waiting_files() == before
    assert not UploadFile.objects.exists()
    assert Upload.objects.get().job.state == "done"


def test_a_path_in_the_upload_is_the_items_key(batch: Any, world: Any, run_jobs: Any, picture: Any) -> None:
    body = encode_multipart(BOUNDARY, {"files": [_named("x.jpg", picture())]}).replace(
        b'filename="x.jpg"', b'filename="day 1/front/x.jpg"'
    )
    api = world.api(world.manager)
    assert api.client.generic("POST", f"/api/v1/batches/{batch.pk}/files", body, content_type=MULTIPART_CONTENT).status_code == 202
    page = world.page(world.manager)
    body = body.replace(b"day 1", b"day 2")
    assert page.generic("POST", f"/api/v1/batches/{batch.pk}/files", body, content_type=MULTIPART_CONTENT).status_code == 202
    evil = body.replace(b"day 2/front", b"../../etc")
    assert page.generic("POST", f"/api/v1/batches/{batch.pk}/files", evil, content_type=MULTIPART_CONTENT).status_code == 202
    run_jobs()
    assert sorted(Item.objects.values_list("key", flat=True)) == ["day 1/front/x.jpg", "day 2/front/x.jpg"]


@pytest.mark.parametrize(("name", "words"), [(b"..", "not a file's name"), (b"day 1/", "not a file's name"), (b"n" * 2000, "too long")])
def test_a_name_that_cannot_be_taken_is_told_instead_of_left_out(batch: Any, world: Any, picture: Any, name: bytes, words: str) -> None:
    body = encode_multipart(BOUNDARY, {"files": [_named("x.jpg", picture()), _named("y.jpg", picture())]}).replace(b'"y.jpg"', b'"' + name + b'"')
    answer = world.api(world.manager).client.generic("POST", f"/api/v1/batches/{batch.pk}/files", body, content_type=MULTIPART_CONTENT)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_file_name")
    assert words in answer.json()["detail"]


def _named(name: str, content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def test_an_archives_good_members_go_in_and_the_bad_are_told(batch: Any, bring: Bring, picture: Any) -> None:
    archive = make_zip(
        {
            "day/a.jpg": picture(),
            "../evil.jpg": picture(),
            "day/b.jpg": b"\xff\xd8\xff broken",
            "x.zip": b"PK",
            ".DS_Store": b"",
        }
    )
    found = bring(f"/batches/{batch.pk}/files", files={"up.zip": archive})
    assert found.counts == (1, 3, 0)
    assert {line["place"]: line["code"] for line in found.lines} == {
        "up.zip!../evil.jpg": "unsafe_path",
        "up.zip!day/b.jpg": "broken",
        "up.zip!x.zip": "nested_archive",
    }
    assert Item.objects.get().key == "day/a.jpg"


def test_of_two_members_of_one_name_the_first_counts(batch: Any, bring: Bring, picture: Any) -> None:
    out = io.BytesIO()
    import warnings
    import zipfile

    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("a.jpg", picture(10, 10))
        archive.writestr("a.jpg", picture(20, 20))
    assert bring(f"/batches/{batch.pk}/files", files={"up.zip": out.getvalue()}).counts == (1, 0, 1)
    assert Item.objects.get().width == 10


def test_the_same_bytes_under_two_keys_are_two_items_of_one_blob(batch: Any, bring: Bring, picture: Any) -> None:
    same = picture()
    assert bring(f"/batches/{batch.pk}/files", files={"a.jpg": same, "b.jpg": same}).counts == (2, 0, 0)
    assert len(set(Item.objects.values_list("blob_id", flat=True))) == 1


def test_texts_go_into_text_projects(text_batch: Any, bring: Bring, world: Any, picture: Any) -> None:
    files = {"a.txt": "\ufeffZürich 😀".encode(), "b.txt": b"\xff", "c.txt": b"  ", "d.jpg": picture()}
    found = bring(f"/batches/{text_batch.pk}/files", files=files, by=world.owner)
    assert found.counts == (1, 3, 0)
    assert sorted(found.codes) == ["empty", "not_text", "wrong_media"]
    assert Item.objects.get().text == "Zürich 😀"


def test_a_missing_or_unknown_field_is_named(batch: Any, world: Any, picture: Any) -> None:
    before = waiting_files()
    api = world.api(world.manager)
    answer = api.client.post(f"/api/v1/batches/{batch.pk}/files", {"pictures": _named("a.jpg", picture())})
    assert (answer.status_code, answer.json()["fields"]) == (400, {"pictures": "there is no such field"})
    answer = api.client.post(f"/api/v1/batches/{batch.pk}/files", {})
    assert answer.status_code == 400 and "files" in answer.json()["fields"]
    assert api.post(f"/batches/{batch.pk}/files", {}).status_code == 415
    answer = api.client.generic("POST", f"/api/v1/batches/{batch.pk}/files", b"nonsense", content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 400
    answer = api.client.generic("POST", f"/api/v1/batches/{batch.pk}/files", b"nonsense", content_type="multipart/form-data")
    assert answer.status_code == 400
    assert waiting_files() == before


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("manager", 202),
        ("collector", 202),
        ("owner", 202),
        ("annotator", 404),
        ("reviewer", 403),
        ("viewer", 403),
        ("outsider", 404),
    ],
)
def test_who_may_upload(batch: Any, world: Any, picture: Any, name: str, status: int) -> None:
    assert (
        world.api(getattr(world, name)).upload(f"/batches/{batch.pk}/files", {"a.jpg": picture()}).status_code == status
    )


def test_a_sealed_batch_takes_nothing(batch: Any, world: Any, picture: Any) -> None:
    from annotate.items.services import seal

    before = waiting_files()
    seal(batch, by=world.actor(world.manager))
    assert world.api(world.manager).upload(f"/batches/{batch.pk}/files", {"a.jpg": picture()}).status_code == 409
    assert waiting_files() == before


def test_an_idempotency_key_makes_one_job_of_two_sends(batch: Any, world: Any, picture: Any) -> None:
    from annotate.jobs.models import Job

    before = waiting_files()
    api = world.api(world.manager)
    key = {"headers": {"Idempotency-Key": "k1"}}
    first = api.upload(f"/batches/{batch.pk}/files", {"a.jpg": picture()}, **key)
    again = api.upload(f"/batches/{batch.pk}/files", {"a.jpg": picture()}, **key)
    other = api.upload(f"/batches/{batch.pk}/files", {"a.jpg": picture(70, 70)}, **key)
    assert (first.status_code, again.status_code, other.status_code) == (202, 202, 422)
    assert first.json()["id"] == again.json()["id"]
    assert Job.objects.count() == 1 and len(waiting_files()) == len(before) + 1


def test_renditions_are_asked_for_in_background_work(batch: Any, bring: Bring, picture: Any) -> None:
    bring(f"/batches/{batch.pk}/files", files={"a.jpg": picture(600, 400)})
    assert "thumb" in Item.objects.get().blob.facts["renditions"]


def test_every_odd_picture_is_an_item_or_a_reported_rejection(
    batch: Any, bring: Bring, data: Callable[[str], Path]
) -> None:
    files = {path.name: path.read_bytes() for path in sorted((data("bad_images_pillow") / "files").iterdir())}
    found = bring(f"/batches/{batch.pk}/files", files=files)
    accepted, rejected, duplicate = found.counts
    assert accepted + rejected + duplicate == len(files)
    assert rejected == len(found.lines) and accepted == Item.objects.count()
    assert accepted >= 20
    refused = {line["place"] for line in found.lines}
    assert refused.isdisjoint(Item.objects.values_list("key", flat=True))
    assert all(line["detail"] for line in found.lines)


def test_the_nine_orientations_are_one_upright_size(batch: Any, bring: Bring, data: Callable[[str], Path]) -> None:
    files = {path.name: path.read_bytes() for path in data("exif_orientation").glob("*.jpg")}
    assert bring(f"/batches/{batch.pk}/files", files=files).counts == (9, 0, 0)
    assert set(Item.objects.values_list("width", "height")) == {(1800, 1200)}


def test_numbered_files_of_a_folder_become_frames_of_one_group(batch: Any, bring: Bring, picture: Any) -> None:
    names = ["left/img_0010.jpg", "left/img_0002.jpg", "right/7.jpg", "12.jpg", "left/cover.jpg", "left/9999999999.jpg"]
    clip = make_zip({name: picture(20 + n, 10) for n, name in enumerate(names)})
    done = bring(f"/batches/{batch.pk}/files?frames=folder", files={"clips.zip": clip})
    assert done.counts[0] == len(names)
    found = {item.key: (item.group, item.frame) for item in Item.objects.all()}
    assert found == {
        "left/img_0010.jpg": ("left", 10),
        "left/img_0002.jpg": ("left", 2),
        "right/7.jpg": ("right", 7),
        "12.jpg": (batch.name, 12),
        "left/cover.jpg": ("", None),
        "left/9999999999.jpg": ("", None),
    }


def test_another_way_of_numbering_is_refused(batch: Any, bring: Bring, picture: Any) -> None:
    refused = bring(f"/batches/{batch.pk}/files?frames=name", files={"1.jpg": picture()})
    assert refused.status == 400
    assert "frames" in refused.job["fields"]
    assert not Upload.objects.exists()
