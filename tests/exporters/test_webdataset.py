"""WebDataset tars: adjacent members per sample, dots only before fields, bounded, and the pictures' own bytes."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from tests.conformance.readers import read
from tests.conformance.small import exported, pictures
from tests.exporters.rows import box, export_of, row
from tests.exporters.test_every_format import SPANS, texts
from workflows.exporters import webdataset
from workflows.exporters.webdataset import field_of


def members(path: Path) -> list[str]:
    with tarfile.open(path) as tar:
        return tar.getnames()


def test_a_reader_gets_every_sample_with_its_own_bytes(tmp_path: Path) -> None:
    found = read("webdataset", "webdataset", exported(tmp_path / "export", "webdataset"))
    assert found["pictures"] == {key: one.sha256 for key, one in pictures(tmp_path / "again").items()}
    assert found["fields"] == ["jpg", "json", "png"]


def test_keys_with_dots_spaces_and_other_letters_stay_one_sample_each(tmp_path: Path) -> None:
    keys = sorted(["a.jpg", "a.png", "a.b/c.d.jpg", "día 1.jpg", "x" * 180 + ".jpg", "雨/一.jpg"], key=str.encode)
    there = dict(zip(keys, [*pictures(tmp_path / "bytes").values()] * 2, strict=False))
    folder = exported(tmp_path / "export", "webdataset", of=[row(key, split="train") for key in keys], there=there)
    found = read("webdataset", "webdataset", folder)
    assert found["keys"] == keys and found["images"] == 6 and len(found["pictures"]) == 6


def test_each_split_has_tars_of_its_own_that_are_bounded_by_count_and_by_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row(f"{n:02d}.jpg", split="val" if n % 4 == 0 else "train") for n in range(12)]
    monkeypatch.setattr(webdataset, "SAMPLES", 4)
    folder = export_of(rows, tmp_path / "count", "webdataset")[0].root
    assert sorted(path.name for path in folder.glob("*.tar")) == ["train-000000.tar", "train-000001.tar", "train-000002.tar", "val-000000.tar"]
    assert members(folder / "train-000001.tar")[0] == "06%2Ejpg.json"
    monkeypatch.setattr(webdataset, "BYTES", 1)
    assert len(list(export_of(rows, tmp_path / "bytes", "webdataset")[0].root.glob("*.tar"))) == 12


def test_samples_say_what_json_lines_say(tmp_path: Path) -> None:
    folder, notes = export_of([row("a.jpg", [box(1, 2, 3, 4)], meta={"weather": "rain"})], tmp_path, "webdataset")
    with tarfile.open(folder.root / "all-000000.tar") as tar:
        (only,) = tar
        told = json.load(tar.extractfile(only))  # type: ignore[arg-type]
    assert told["objects"][0]["box"] == [1, 2, 3, 4] and told["meta"] == {"weather": "rain"}
    assert (only.mtime, only.uid, only.gid, only.uname) == (0, 0, 0, "") and notes == {"samples_without_picture": 1}


def test_texts_have_a_field_of_their_own(tmp_path: Path) -> None:
    folder, _notes = export_of(texts(), tmp_path, "webdataset", schema=SPANS)
    assert members(folder.root / "train-000000.tar")[:2] == ["a/1%2Etxt.txt", "a/1%2Etxt.json"]


def test_a_picture_without_an_ending_is_known_by_its_first_bytes() -> None:
    assert field_of("a/b", b"\x89PNG\r\n") == "png" and field_of("a.JPEG", b"") == "jpg" and field_of("a.b/c", b"?") == "bin"
