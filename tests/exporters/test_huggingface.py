"""Hugging Face's forms: typed features, splits that `datasets` finds, pictures byte for byte."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conformance.readers import read
from tests.conformance.small import BOXES, exported, pictures
from tests.exporters.rows import box, export_of, row, thing
from tests.exporters.test_every_format import SPANS, texts
from workflows.exporters import huggingface_parquet
from workflows.exporters.huggingface import plain_name
from workflows.exporters.names import safe_name
from workflows.releases.rows import Row

FORMS = ["huggingface_parquet", "huggingface_imagefolder"]
WORDS = ("train", "training", "validation", "valid", "dev", "val", "test", "testing", "eval", "evaluation")


@pytest.mark.parametrize("format", FORMS)
def test_datasets_finds_splits_classes_and_the_very_bytes(format: str, tmp_path: Path) -> None:
    found = read("datasets", format, exported(tmp_path / "export", format))
    assert found["splits"] == {"train": 2, "validation": 1, "test": 1}
    assert found["features"]["objects"]["categories"]["feature"]["names"] == ["car", "person", "sign", "pose"]
    assert found["features"]["item"]["weather"]["names"] == ["clear", "rain", "fog", "night"]
    assert found["pictures"] == {key: one.sha256 for key, one in pictures(tmp_path / "again").items()}
    assert found.get("by_folder", found["splits"]) == found["splits"]


@pytest.mark.parametrize("format", FORMS)
def test_words_for_splits_in_keys_and_splits_of_other_names_or_without_objects_mislead_nobody(format: str, tmp_path: Path) -> None:
    keys = {"test/val_1.jpg": "train", "train.jpg": "night-2", "validation/x-test-1.png": "night-2", "scan": "train"}
    there = dict(zip(sorted(keys), pictures(tmp_path / "bytes").values(), strict=True))
    sizes = dict(zip(sorted(keys), (size for _split, size, _boxes in BOXES.values()), strict=True))
    rows = [
        row(key, [box(1, 1, 2, 2)] if split == "train" else [], split=split, item_id=n, width=sizes[key][0], height=sizes[key][1])
        for n, (key, split) in enumerate(sorted(keys.items()))
    ]
    found = read("datasets", format, exported(tmp_path / "export", format, of=rows, there=there))
    assert found["splits"] == {"train": 2, "night_2": 2} and found["objects"] == 2
    assert found["pictures"] == {key: one.sha256 for key, one in there.items()}


step = st.lists(st.sampled_from([*WORDS, "a", "1", "_", "-", ".", "x.jpg", "%"]), min_size=1, max_size=4).map("".join)


@given(st.lists(st.lists(step, min_size=1, max_size=2).map("/".join), unique=True, max_size=6))
def test_plain_names_hold_no_word_for_a_split_and_never_meet(keys: list[str]) -> None:
    made = [plain_name(safe_name(key)) for key in keys]
    assert len(set(made)) == len(keys)
    for name in made:
        parts = "".join(" " if character in "-._ 0123456789/" else character for character in name).split()
        assert not set(WORDS) & set(parts)


def test_files_say_how_many_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_parquet, "FILE_ROWS", 100)
    rows = [row(f"{n:03d}.jpg", [box(n, 1, 2, 2)], split="train" if n % 5 else "val") for n in range(300)]
    folder = export_of(rows, tmp_path, "huggingface_parquet")[0]
    assert sorted(path.name for path in (folder.root / "data").iterdir()) == [
        "train-00000-of-00003.parquet", "train-00001-of-00003.parquet", "train-00002-of-00003.parquet", "validation-00000-of-00001.parquet",
    ]  # fmt: skip
    assert {one.path for one in folder.written} >= {"data/train-00002-of-00003.parquet"}


def test_what_columns_cannot_say_stands_in_the_annotation(tmp_path: Path) -> None:
    made = row("a.jpg", [box(10, 10, 20, 10, rotation=90), thing("pose", kind="polyline", points=[[1, 2], [5, 4]])], item={"weather": "rain"})
    (record,) = pq.read_table(export_of([made], tmp_path, "huggingface_parquet")[0].root / "data").to_pylist()
    assert [[round(n, 6) for n in bounds] for bounds in record["objects"]["bbox"]] == [[15, 5, 10, 20], [1, 2, 4, 2]]
    assert record["objects"]["categories"] == [0, 3] and record["item"] == {"weather": 1}
    assert orjson.loads(record["annotation"])["objects"][0]["rotation"] == 90 and "image" not in record


def test_texts_have_spans(tmp_path: Path) -> None:
    folder, _notes = export_of(texts(), tmp_path, "huggingface_parquet", schema=SPANS)
    rows: list[dict[str, Any]] = pq.read_table(folder.root / "data/train-00000-of-00001.parquet").to_pylist()
    assert rows[0]["text"][8:12] == "Oslo" and rows[0]["spans"] == {"start": [8], "end": [12], "categories": [0]}


def test_pictures_lie_inside_parquet_and_not_beside_it(tmp_path: Path) -> None:
    folder = exported(tmp_path, "huggingface_parquet", split="val")
    (record,) = pq.read_table(folder / "data").to_pylist()
    assert hashlib.sha256(record["image"]["bytes"]).hexdigest() == pictures(tmp_path / "again")["day/2.png"].sha256
    assert not (folder / "images").exists()


def test_a_picture_that_is_not_stored_here_is_counted(tmp_path: Path) -> None:
    made: list[Row] = [row("a.jpg", uri="s3://bucket/a.jpg", media_sha256=None)]
    assert export_of(made, tmp_path, "huggingface_imagefolder")[1] == {"pictures_not_in_the_folder": 1}
