"""Pulling exports by the API: who may, whole files, parts of files, archives."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from annotate.items.models import Item
from annotate.items.services import erase
from annotate.kernel.errors import SluiceError
from workflows.exporters import archive
from workflows.releases.models import Export, ExportFile

Freeze = Callable[..., Any]


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_asking_answers_a_job_and_the_job_names_the_export(world: Any, freeze: Freeze, run_jobs: Callable[[], int]) -> None:
    version, api = freeze(), world.api(world.viewer)
    asked = api.post(f"/versions/{version.pk}/exports", {"format": "coco"})
    assert asked.status_code == 202 and asked.json()["kind"] == "export.make"
    run_jobs()
    job = api.get(f"/jobs/{asked.json()['id']}").json()
    assert job["state"] == "done" and job["done"] == job["total"] == 6
    made = api.get(f"/exports/{job['result']['export']}").json()
    assert made["state"] == "ready" and made["links"]["archive_zip"].endswith("/archive?type=zip")
    for file in made["files"]:
        content = body(api.client.get(file["url"]))
        assert len(content) == file["size"] and hashlib.sha256(content).hexdigest() == file["sha256"]
    listed = api.get(f"/versions/{version.pk}/exports").json()["results"]
    assert [each["id"] for each in listed] == [made["id"]] and listed[0]["size"] == made["size"]


@pytest.mark.parametrize(
    ("wish", "code", "named"),
    [
        ({"format": "xml"}, "unknown_format", "coco, coco_keypoints"),
        ({"format": "coco", "split": "night"}, "unknown_split", "train, val, test"),
        ({"format": "coco", "media": "both"}, "invalid", "reference, include"),
        ({"format": "coco", "mdia": "include"}, "invalid", "no such field"),
        ({}, "invalid", "required"),
    ],
)
def test_a_wrong_wish_is_a_400_that_names_the_mend(world: Any, freeze: Freeze, wish: dict[str, str], code: str, named: str) -> None:
    answer = world.api(world.manager).post(f"/versions/{freeze(1).pk}/exports", wish)
    assert answer.status_code == 400 and answer.json()["code"] == code
    assert named in str(answer.json()) and not Export.objects.exists()


def test_roles_and_foreigners(world: Any, freeze: Freeze, exported: Freeze) -> None:
    version = freeze(1)
    made = exported(version)
    addresses = [f"/exports/{made.pk}", f"/exports/{made.pk}/files/sluice-manifest.ndjson", f"/exports/{made.pk}/archive", f"/versions/{version.pk}/exports"]
    for address in addresses:
        for person in (world.owner, world.manager, world.reviewer, world.viewer):
            assert world.api(person).get(address).status_code == 200
        for person in (world.annotator, world.collector, world.outsider):
            assert world.api(person).get(address).status_code == 404, (person, address)
    for person in (world.annotator, world.collector, world.outsider):
        assert world.api(person).post(f"/versions/{version.pk}/exports", {"format": "coco"}).status_code == 404
    from tests.conftest import Api

    narrow = Api(world.token(world.manager, "label"))
    assert narrow.get(addresses[0]).status_code == 403
    assert Api(world.token(world.viewer, "export")).get(addresses[1]).status_code == 200
    assert Api(world.token(world.viewer, "read")).post(f"/versions/{version.pk}/exports", {"format": "coco"}).status_code == 403


def test_what_is_not_there_is_404(world: Any, freeze: Freeze, exported: Freeze) -> None:
    made, api = exported(freeze(1)), world.api(world.manager)
    for path in ("nothing", "../sluice-manifest.ndjson", "%2e%2e/%2e%2e/etc/passwd", "..%5c..%5cetc", "/etc/passwd", "%252e%252e%252fx"):
        assert api.get(f"/exports/{made.pk}/files/{path}").status_code in (400, 404), path
    assert api.get(f"/exports/{made.pk}/files/a%00b").status_code == 400
    assert api.get("/exports/999999").status_code == 404
    assert api.get(f"/exports/{made.pk}/archive?type=rar").status_code == 400


class Pull:
    def __init__(self, api: Any, made: Any, path: str) -> None:
        self.file = ExportFile.objects.get(export=made, path=path)
        self.api, self.address = api, f"/exports/{made.pk}/files/{path}"
        self.whole = body(api.get(self.address))
        self.etag = f'"{self.file.sha256.hex()}"'

    def get(self, **headers: str) -> Any:
        return self.api.get(self.address, headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.fixture
def pull(world: Any, freeze: Freeze, exported: Freeze) -> Pull:
    return Pull(world.api(world.viewer), exported(freeze(3, splits={})), "annotations/instances_all.json")


def test_ranges(pull: Pull) -> None:
    size = len(pull.whole)
    for wanted, part in (("bytes=0-9", pull.whole[:10]), ("bytes=10-", pull.whole[10:]), ("bytes=-7", pull.whole[-7:]), (f"bytes=5-{size + 99}", pull.whole[5:])):
        answer = pull.get(Range=wanted)
        assert answer.status_code == 206 and body(answer) == part, wanted
        assert answer["Content-Range"].endswith(f"/{size}") and int(answer["Content-Length"]) == len(part)
    beyond = pull.get(Range=f"bytes={size}-")
    assert beyond.status_code == 416 and beyond["Content-Range"] == f"bytes */{size}"
    assert beyond["Content-Type"] == "application/problem+json" and beyond.json()["code"] == "range"
    assert pull.get(Range="bytes=-0").status_code == 416
    assert body(pull.get(Range="lines=1-2")) == pull.whole


def test_etag_is_the_sha256_and_resuming_checks_it(pull: Pull) -> None:
    answer = pull.get()
    assert answer["ETag"] == pull.etag and answer["Accept-Ranges"] == "bytes"
    assert pull.get(If_None_Match=pull.etag).status_code == 304
    assert pull.get(Range="bytes=0-3", If_Range=pull.etag).status_code == 206
    changed = pull.get(Range="bytes=0-3", If_Range='"something-else"')
    assert changed.status_code == 200 and body(changed) == pull.whole


def test_head_says_the_size_without_the_bytes(pull: Pull) -> None:
    answer = pull.api.call("HEAD", pull.address)
    assert answer.status_code == 200 and int(answer["Content-Length"]) == len(pull.whole) and not body(answer)


def test_nothing_pulled_can_act_in_a_browser(world: Any, freeze: Freeze, exported: Freeze) -> None:
    made, api = exported(freeze(keys=['a";x.html', "b.svg", "c\u202egpj.exe"], splits={}), media="include"), world.api(world.viewer)
    for file in api.get(f"/exports/{made.pk}").json()["files"]:
        answer = api.client.get(file["url"])
        assert answer.status_code == 200 and answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Disposition"].startswith("attachment; ") and "sandbox" in answer["Content-Security-Policy"]
        assert answer["Content-Type"].split("/")[0] in ("application", "image") and "svg" not in answer["Content-Type"] and "html" not in answer["Content-Type"]
        assert "\u202e" not in answer["Content-Disposition"] and answer["Content-Disposition"].count('"') == 2


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_an_archive_holds_every_file_and_verifies(world: Any, freeze: Freeze, exported: Freeze, tmp_path: Path, kind: str) -> None:
    made, api = exported(freeze(keys=["夜/é.jpg", "b.jpg", "x" * 180 + "/" + "y" * 190 + ".jpg"]), "jsonl", media="include"), world.api(world.viewer)
    answer = api.get(f"/exports/{made.pk}/archive?type={kind}")
    assert answer.status_code == 200 and f"scenes-v1-jsonl.{kind}" in answer["Content-Disposition"] and answer["Accept-Ranges"] == "none"
    content = body(answer)
    if kind == "zip":
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            assert opened.testzip() is None
            found = {name: hashlib.sha256(opened.read(name)).digest() for name in opened.namelist()}
    else:
        with tarfile.open(fileobj=io.BytesIO(content)) as tarred:
            found = {member.name: hashlib.sha256(tarred.extractfile(member).read()).digest() for member in tarred}  # type: ignore[union-attr]
    assert found == {path: bytes(sha256) for path, sha256 in ExportFile.objects.filter(export=made).values_list("path", "sha256")}
    (tmp_path / "pulled").write_bytes(content)
    call_command("verify_export", str(tmp_path / "pulled"), stdout=io.StringIO())


def test_the_picture_of_an_erased_item_is_gone_and_out_of_archives(world: Any, freeze: Freeze, exported: Freeze, run_jobs: Callable[[], int]) -> None:
    made, api = exported(freeze(keys=["a.jpg", "b.jpg"]), media="include"), world.api(world.viewer)
    assert api.get(f"/exports/{made.pk}/files/images/a.jpg").status_code == 200
    erase(Item.objects.get(key="a.jpg"), reason="asked for", by=world.actor(world.manager))
    assert api.get(f"/exports/{made.pk}/files/images/a.jpg").status_code == 410
    waiting = api.get(f"/exports/{made.pk}/files/images/b.jpg")
    assert waiting.status_code == 409 and waiting.json()["code"] == "not_ready"
    run_jobs()
    assert api.get(f"/exports/{made.pk}/files/images/a.jpg").json()["code"] == "erased"
    assert api.get(f"/exports/{made.pk}/files/images/b.jpg").status_code == 200
    with zipfile.ZipFile(io.BytesIO(body(api.get(f"/exports/{made.pk}/archive")))) as opened:
        assert "images/b.jpg" in opened.namelist() and "images/a.jpg" not in opened.namelist()


def test_an_archive_breaks_off_when_an_erasure_comes_in_between(freeze: Freeze, exported: Freeze, world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from workflows.exporters import files

    monkeypatch.setattr(files, "PAGE", 2)
    made, api = exported(freeze(keys=["a.jpg", "b.jpg", "c.jpg"]), media="include"), world.api(world.viewer)
    stream = iter(api.get(f"/exports/{made.pk}/archive?type=tar").streaming_content)
    next(stream)
    erase(Item.objects.get(key="c.jpg"), reason="asked for", by=world.actor(world.manager))
    with pytest.raises((archive.Broken, SluiceError, FileNotFoundError)):
        list(stream)


def test_a_large_archive_uses_zip64(tmp_path: Path) -> None:
    entries = [archive.Entry(f"{n:06d}", 1, lambda: io.BytesIO(b"x")) for n in range(70_000)]
    with (tmp_path / "many.zip").open("wb") as file:
        file.writelines(archive.zip_stored(entries, 1_700_000_000))
    with zipfile.ZipFile(tmp_path / "many.zip") as opened:
        assert len(opened.namelist()) == 70_000 and opened.read("069999") == b"x"


def test_an_entry_shorter_than_said_breaks_the_archive() -> None:
    for pack in (archive.tar, archive.zip_stored):
        with pytest.raises(archive.Broken):
            list(pack([archive.Entry("a", 5, lambda: io.BytesIO(b"abc"))], 0))
