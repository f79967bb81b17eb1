"""What every format keeps to: the same bytes twice, nothing of erased items or of other splits, and it verifies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conformance.small import exported, pictures
from tests.conformance.small import rows as small
from tests.exporters.rows import export_of, row, thing
from tests.exporters.test_verifying import run
from workflows.exporters.building import read_pictures
from workflows.exporters.formats import NAMED, available
from workflows.releases.rows import Row

SPANS: dict[str, Any] = {"labels": [{"name": "place", "kinds": ["span"]}], "relations": [{"name": "near", "from": ["place"], "to": ["place"]}]}
ALL = [pytest.param(one, id=one.name) for one in available()]


def texts() -> list[Row]:
    words = {"a/1.txt": "Rain in Oslo 🌧 today", "b.txt": "北京 is far", "c.txt": "", "d.txt": "nothing here"}
    spans = {"a/1.txt": [thing("place", kind="span", start=8, end=12)], "b.txt": [thing("place", kind="span", start=0, end=2)]}
    return [row(key, spans.get(key, ()), text=text, split="val" if key == "b.txt" else "train", item_id=n, width=None, height=None, media_sha256=None) for n, (key, text) in enumerate(words.items(), 1)]


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def version(format: Any) -> tuple[list[Row], dict[str, Any]]:
    return (small(), {}) if "image" in format.media else (texts(), {"schema": SPANS, "media": False})


def test_every_format_that_the_api_names_is_there() -> None:
    assert {one.name for one in available()} == set(NAMED)


@pytest.mark.parametrize("format", ALL)
@pytest.mark.parametrize("split", ["", "train"])
def test_the_same_version_gives_the_same_bytes(format: Any, split: str, tmp_path: Path) -> None:
    rows, more = version(format)
    first, second = (exported(tmp_path / name, format.name, split=split, of=rows, **more) for name in ("first", "second"))
    assert content(first) == content(second)


@pytest.mark.parametrize("format", ALL)
@pytest.mark.parametrize("split", ["", "train"])
def test_it_verifies_with_its_pictures(format: Any, split: str, tmp_path: Path) -> None:
    rows, more = version(format)
    assert "Verified." in run(exported(tmp_path / "export", format.name, split=split, of=rows, **more))


@pytest.mark.parametrize("format", [pytest.param(one, id=one.name) for one in available() if "text" in one.media])
def test_texts_verify(format: Any, tmp_path: Path) -> None:
    assert "Verified." in run(export_of(texts(), tmp_path, format.name, schema=SPANS)[0].root)


@pytest.mark.parametrize("format", ALL)
def test_a_version_without_items_can_be_exported(format: Any, tmp_path: Path) -> None:
    assert "Verified." in run(export_of([], tmp_path, format.name)[0].root)


@pytest.mark.parametrize("format", ALL)
def test_an_erased_item_and_another_split_leave_nothing(format: Any, tmp_path: Path) -> None:
    rows, more = version(format)
    first = rows[0]
    rows = [row("0-secret-name.jpg", split=first.split, item_id=90, erased=True), *rows[:1], *rows[1:]]
    folder = exported(tmp_path / "export", format.name, split="train", of=rows, **more)
    held = {path: body for path, body in content(folder).items() if not path.startswith("sluice-")}
    assert not any(b"secret-name" in body or "secret-name" in path for path, body in held.items())
    others = [each.key for each in rows if each.split != "train"]
    assert not any(key.rpartition("/")[2].encode() in body for key in others for path, body in held.items() if not path.endswith((".parquet", ".tar")))


@pytest.mark.parametrize("format", [pytest.param(one, id=one.name) for one in available() if "image" in one.media])
def test_keys_that_are_alike_have_files_of_their_own(format: Any, tmp_path: Path) -> None:
    keys = sorted(["A/1.jpg", "a/1.jpg", "a/1.png", "a/1", "a", "b/1.jpg", "c.d/e.f.jpg", "val/test.jpg", "val_test.jpg"], key=str.encode)
    there = list(pictures(tmp_path / "bytes").values())
    rows = [row(key, item_id=n, split="train") for n, key in enumerate(keys, 1)]
    folder, _notes = export_of(rows, tmp_path / "export", format.name, pictures={key: there[n % 4] for n, key in enumerate(keys)})
    paths = [one.path for one in folder.written] + [path for path, _item, _picture in read_pictures(tmp_path / "export")]
    assert len(set(paths)) == len(paths)
    if format.place is not None and format.name != "yolo_classify":  # which leaves out pictures without a class
        assert len(paths) - len(folder.written) == len(keys)
