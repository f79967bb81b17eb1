"""Archives from strangers: what gets out of them, and what is refused with a reason. No database."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
import zlib

import pytest

from annotate.kernel.errors import Invalid
from workflows.collection.ingest import archives
from workflows.collection.ingest.archives import Member, Refused, members
from workflows.collection.ingest.walking import seekable


def read(content: bytes, kind: str = "zip") -> list[tuple[str, bytes | str]]:
    """(path, bytes) of what comes out, (place, code) of what is refused, in order."""
    found: list[tuple[str, bytes | str]] = []
    for entry in members(io.BytesIO(content), kind=kind, name="up.zip", size=len(content)):
        if isinstance(entry, Refused):
            found.append((entry.place, entry.code))
            continue
        try:
            with seekable(entry) as file:
                found.append((entry.path, file.read()))
        except Invalid as error:
            found.append((entry.place, error.code))
    return found


def make_zip(*files: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()


def make_tar(*files: tuple[tarfile.TarInfo, bytes], mode: str = "w:gz") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for info, content in files:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


@pytest.mark.parametrize(
    "name",
    [
        "../x.jpg",
        "a/../../x.jpg",
        "/abs.jpg",
        "C:/x.jpg",
        "..\\x.jpg",
        "a\\b.jpg",
        "a\nb.jpg",
        "a\u202egpj.exe",
        "n" * 2000,
    ],
)
def test_names_that_lead_astray_are_refused_and_the_rest_goes_in(name: str) -> None:
    first, second = read(make_zip((name, b"evil"), ("good.jpg", b"good")))
    assert first[1] in ("unsafe_path", "bad_key")
    assert second == ("good.jpg", b"good")
    if not name.startswith("n"):
        info = tarfile.TarInfo(name)
        assert read(make_tar((info, b"evil"), (tarfile.TarInfo("good.jpg"), b"good")), "tar")[1] == (
            "good.jpg",
            b"good",
        )
        assert read(make_tar((info, b"evil")), "tar")[0][1] in ("unsafe_path", "bad_key")


def test_folders_and_what_file_managers_leave_are_no_inputs() -> None:
    content = make_zip(
        ("a/", b""), ("__MACOSX/._x.jpg", b"1"), (".DS_Store", b"1"), ("a/Thumbs.db", b"1"), ("./a//x.jpg", b"yes")
    )
    assert read(content) == [("a/x.jpg", b"yes")]


def test_a_link_in_a_zip_is_refused_not_read_as_text() -> None:
    link = zipfile.ZipInfo("link.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert read(make_zip((link, b"/etc/passwd"))) == [("up.zip!link.jpg", "not_a_file")]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_a_tar_are_refused(kind: bytes) -> None:
    info = tarfile.TarInfo("link.jpg")
    info.type, info.linkname = kind, "/etc/passwd"
    assert read(make_tar((info, b""), (tarfile.TarInfo("ok.jpg"), b"ok")), "tar") == [
        ("up.zip!link.jpg", "not_a_file"),
        ("ok.jpg", b"ok"),
    ]


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_tars_are_read_whatever_they_are_packed_with(mode: str) -> None:
    assert read(make_tar((tarfile.TarInfo("./a/x.jpg"), b"abc"), mode=mode), "tar") == [("a/x.jpg", b"abc")]


def encrypted() -> bytes:
    content = bytearray(make_zip(("secret.jpg", b"abc")))
    content[6] |= 1
    central = content.index(b"PK\x01\x02")
    content[central + 8] |= 1
    return bytes(content)


def test_an_encrypted_member_is_refused() -> None:
    assert read(encrypted()) == [("up.zip!secret.jpg", "encrypted")]


def test_archives_within_archives_are_not_opened() -> None:
    assert read(make_zip(("in.zip", make_zip(("x.jpg", b"x"))), ("in.tar.gz", b"x"))) == [
        ("up.zip!in.zip", "nested_archive"),
        ("up.zip!in.tar.gz", "nested_archive"),
    ]


def test_a_bomb_stops_by_what_it_unpacks_to_not_by_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "RATIO_FROM", 64 * 1024)
    content = bytearray(make_zip(("bomb.jpg", b"\0" * 5_000_000), ("ok.jpg", b"ok")))
    central = content.index(b"PK\x01\x02")
    content[central + 24 : central + 28] = (100).to_bytes(4, "little")  # the size it claims
    found = read(bytes(content))
    assert found[0][0] == "up.zip!bomb.jpg" and found[0][1] in ("bomb", "broken_member")
    assert found[1] == ("ok.jpg", b"ok")
    assert read(make_zip(("bomb.jpg", b"\0" * 50_000_000)))[0][1] == "bomb"


def test_a_tar_that_unpacks_to_far_too_much_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "TOTAL_FREE", 1000)
    content = make_tar((tarfile.TarInfo("ok.jpg"), b"ok"), (tarfile.TarInfo("bomb.jpg"), b"\0" * 40_000_000))
    found = read(content, "tar")
    assert {code for _place, code in found[-1:]} == {"bomb"}


def test_members_that_share_bytes_are_refused() -> None:
    content = bytearray(make_zip(("a.jpg", b"a" * 100), ("b.jpg", b"b" * 100), method=zipfile.ZIP_STORED))
    second = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 4)
    content[second + 42 : second + 46] = (10).to_bytes(4, "little")
    assert ("up.zip!b.jpg", "bomb") in read(bytes(content))


def test_a_wrong_checksum_costs_one_member() -> None:
    content = make_zip(("a.jpg", b"hello"), ("b.jpg", b"there"), method=zipfile.ZIP_STORED).replace(
        b"hello", b"jello", 1
    )
    assert read(content) == [("up.zip!a.jpg", "broken_member"), ("b.jpg", b"there")]


@pytest.mark.parametrize("kind", ["zip", "tar"])
@pytest.mark.parametrize("content", [b"", b"junk" * 500, make_zip(("a.jpg", b"x" * 2000))[:-30]], ids=["nothing", "junk", "cut"])
def test_what_is_no_archive_is_one_refusal(content: bytes, kind: str) -> None:
    assert [code for _place, code in read(content, kind)] in (["broken_archive"], ["empty_archive"])


def test_an_empty_archive_says_so() -> None:
    assert read(make_zip()) == [("up.zip", "empty_archive")]
    assert read(make_zip(("folder/", b""))) == [("up.zip", "empty_archive")]


def test_a_cut_tar_gives_what_is_whole_and_then_a_refusal() -> None:
    whole = make_tar(*[(tarfile.TarInfo(f"{n}.jpg"), zlib.compress(bytes([n])) * 3000) for n in range(5)])
    found = read(whole[: len(whole) // 2], "tar")
    assert found[-1][1] in ("broken_archive", "broken_member")


def test_more_members_than_allowed_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_MEMBERS", 3)
    found = read(make_zip(*[(f"{n}.jpg", b"x") for n in range(6)]))
    assert [code for _place, code in found] == [b"x", b"x", b"x", "too_many_members"]


def test_a_member_knows_its_place_in_the_archive() -> None:
    (entry,) = members(io.BytesIO(make_zip(("a/é.jpg", b"1"))), kind="zip", name="my up.zip", size=100)
    assert isinstance(entry, Member) and (entry.path, entry.place) == ("a/é.jpg", "my up.zip!a/é.jpg")
