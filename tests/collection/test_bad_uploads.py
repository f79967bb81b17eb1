"""Uploads that mean harm or are broken, beside a good picture: each is told by its place, the good one comes in, nothing dies."""

from __future__ import annotations

import io
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from annotate.items.models import Item
from annotate.projects.models import SchemaVersion
from tests.collection.conftest import Outcome, make_zip
from tests.collection.test_labels import CAR, voc
from tests.conftest import draw_picture

Bring = Callable[..., Outcome]


def linked_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("link.jpg")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, b"/etc/passwd")
    return out.getvalue()


def linked_tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        info = tarfile.TarInfo("link.jpg")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(info)
    return out.getvalue()


def encrypted_zip() -> bytes:
    whole = bytearray(make_zip({"secret.jpg": draw_picture()}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = whole.index(mark) + offset
        whole[at : at + 2] = struct.pack("<H", struct.unpack("<H", whole[at : at + 2])[0] | 1)
    return bytes(whole)


def bomb_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.jpg", b"\0" * (300 * 1024**2), compresslevel=9)
    return out.getvalue()


def bomb_picture() -> bytes:
    """A PNG of 100,000 × 100,000 pixels in a few bytes."""
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


CASES: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "zip slip": ("up.zip", lambda: make_zip({"../../evil.jpg": draw_picture()}), "up.zip!../../evil.jpg"),
    "link in a zip": ("up.zip", linked_zip, "up.zip!link.jpg"),
    "link in a tar": ("up.tar.gz", linked_tar, "up.tar.gz!link.jpg"),
    "encrypted": ("up.zip", encrypted_zip, "up.zip!secret.jpg"),
    "bomb": ("up.zip", bomb_zip, "up.zip!bomb.jpg"),
    "bomb picture": ("big.png", bomb_picture, "big.png"),
    "cut zip": ("up.zip", lambda: make_zip({"a.jpg": draw_picture()})[:-40], "up.zip"),
    "cut tar": ("up.tar", lambda: b"a.jpg" + b"\0" * 300, "up.tar"),
    "empty zip": ("up.zip", lambda: b"", "up.zip"),
    "no zip": ("up.zip", lambda: draw_picture(), "up.zip"),
    "zip called a picture": ("a.jpg", lambda: make_zip({"a.jpg": draw_picture()}), "a.jpg"),
    "empty picture": ("empty.jpg", lambda: b"", "empty.jpg"),
    "cut picture": ("cut.jpg", lambda: draw_picture(800, 600)[:400], "cut.jpg"),
    "page called a picture": ("page.png", lambda: b"<html><script>alert(1)</script></html>", "page.png"),
    "svg": ("x.svg", lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "x.svg"),
    "nested": ("up.zip", lambda: make_zip({"in.zip": make_zip({"a.jpg": draw_picture()})}), "up.zip!in.zip"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_bad_is_told_and_the_good_beside_it_comes_in(batch: Any, bring: Bring, case: str) -> None:
    name, make, place = CASES[case]
    found = bring(f"/batches/{batch.pk}/files", files={name: make(), "good.png": draw_picture(20, 20, format="PNG")})
    assert found.job["state"] == "done" and found.counts == (1, 1, 0)
    assert [line["place"] for line in found.lines] == [place] and found.lines[0]["detail"]
    assert list(Item.objects.values_list("key", flat=True)) == ["good.png"]


@pytest.mark.parametrize("case", [case for case in CASES if case not in ("svg", "page called a picture")])
def test_a_label_import_takes_it_no_worse(batch: Any, bring: Bring, case: str) -> None:
    name, make, place = CASES[case]
    files = {name: make(), "good.png": draw_picture(64, 48, format="PNG"), "good.xml": voc("good.png", [CAR])}
    found = bring(f"/batches/{batch.pk}/import?format=voc&unknown_labels=add", files=files)
    assert found.job["state"] == "done" and found.counts == (1, 1, 0)
    assert [line["place"] for line in found.lines] == [place]
    assert dict(Item.objects.values_list("key", "state")) == {"good.png": "labelled"}
    assert SchemaVersion.objects.filter(project=batch.project).count() == 1


def test_a_picture_under_a_wrong_ending_is_taken_for_what_it_is(batch: Any, bring: Bring) -> None:
    assert bring(f"/batches/{batch.pk}/files", files={"a.jpg": draw_picture(format="PNG")}).counts == (1, 0, 0)
    assert Item.objects.get().blob.type == "image/png"


def test_the_same_name_twice_in_one_upload_is_a_duplicate(batch: Any, world: Any, run_jobs: Any) -> None:
    files = []
    for size in (10, 20):
        file = io.BytesIO(draw_picture(size, size))
        file.name = "a.jpg"
        files.append(file)
    answer = world.api(world.manager).client.post(f"/api/v1/batches/{batch.pk}/files", {"files": files})
    run_jobs()
    result = world.api(world.manager).get(f"/jobs/{answer.json()['id']}").json()["result"]
    assert result == {"accepted": 1, "rejected": 0, "duplicate": 1} and Item.objects.get().width == 10


def test_a_failed_import_leaves_other_batches_alone(batch: Any, bring: Bring, make_items: Any) -> None:
    (known,) = make_items(1, batch)
    bring(f"/batches/{batch.pk}/files", files={"up.zip": make_zip({known.key: draw_picture(9, 9), "../x.jpg": draw_picture()})})
    known.refresh_from_db()
    assert (known.width, known.height) == (64, 48) and Item.objects.count() == 1


def test_an_upload_past_the_cap_is_refused_and_keeps_no_bytes(batch: Any, world: Any, settings: Any) -> None:
    from tests.collection.test_files import waiting_files

    before = waiting_files()
    settings.MAX_UPLOAD_FILE = 1000
    answer = world.api(world.manager).upload(f"/batches/{batch.pk}/files", {"a.jpg": b"x", "b.jpg": b"x" * 2000})
    assert answer.status_code == 413 and answer.json()["detail"]
    answer = world.api(world.manager).client.post(f"/api/v1/batches/{batch.pk}/manifest", b"x" * 2000, content_type="text/csv")
    assert answer.status_code == 413
    assert waiting_files() == before
