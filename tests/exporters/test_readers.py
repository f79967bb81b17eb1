"""Exports as other people's programs read them. Those that are heavy to install run after `python3 manage.py conformance`."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest

from tests.conformance.readers import READERS, read
from tests.conformance.small import expected, exported, grouped
from tests.exporters.rows import export_of
from tests.exporters.test_round_trips import TEXTS, written
from workflows.exporters.services import export


class Case(NamedTuple):
    """`digits` after the point that the format keeps; `empty`: it can say that a picture has no objects."""

    reader: str
    format: str
    split: str = ""
    digits: int = 2
    empty: bool = True


CASES = [
    Case("datumaro", "coco"),
    Case("datumaro", "coco", "train"),
    Case("duckdb", "parquet"),
    Case("duckdb", "parquet", "train"),
]
CASES += [Case("datumaro", "cvat", split) for split in ("", "train")]
CASES += [Case(reader, "webdataset", split) for reader in ("webdataset", "datasets") for split in ("", "train")]
CASES += [Case("datasets", format, split) for format in ("huggingface_parquet", "huggingface_imagefolder") for split in ("", "train", "val")]
CASES += [Case("datumaro", format, split) for format in ("kitti", "voc", "yolo") for split in ("", "train")]
CASES += [Case("supervision", format, split) for format in ("yolo", "yolo_obb", "yolo_segment", "coco") for split in ("", "train")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.format}-{case.split or 'all'}-{case.reader}")
def test_another_program_finds_the_same_boxes(case: Case, tmp_path: Path) -> None:
    found = read(case.reader, case.format, exported(tmp_path / "export", case.format, split=case.split), case.split)
    due = expected(case.split, empty=case.empty)
    assert found["images"] == len(due) and len(found["boxes"]) == sum(map(len, due))
    assert grouped(found["boxes"], found["images"], case.digits) == [[(name, *(round(n, case.digits) for n in numbers)) for name, *numbers in boxes] for boxes in due]


def test_a_reader_that_counts_pixels_from_one_takes_one_off_vocs_corners(tmp_path: Path) -> None:
    """As `exporters/README.md` says: what we write is what was drawn, which datumaro reads so."""
    found = read("supervision", "voc", exported(tmp_path / "export", "voc"))
    moved = [[file, label, x + 1, y + 1, w - 1, h - 1] for file, label, x, y, w, h in found["boxes"]]
    assert grouped(moved, found["images"]) == [[(name, *(round(n, 2) for n in numbers)) for name, *numbers in boxes] for boxes in expected()]


def test_every_reader_has_its_script() -> None:
    here = Path(__file__).parents[1] / "conformance"
    assert {path.stem.removeprefix("read_") for path in here.glob("read_*.py")} <= set(READERS)
    for environment in filter(None, set(READERS.values())):
        assert (here / f"requirements-{environment}.txt").exists()


def test_spacy_finds_every_span_where_it_is_and_keeps_it_in_a_bin(tmp_path: Path) -> None:
    rows = written()
    found = read("spacy", "spacy", export_of(rows, tmp_path / "export", "spacy", schema=TEXTS)[0].root)
    due = [[row.text, one["label"], one["start"], one["end"], one["text"]] for row in rows for one in orjson.loads(row.document)["objects"]]
    assert found["lost"] == 0 and found["spans"] == due and found["images"] == len(rows)


@pytest.mark.django_db(transaction=True)
def test_datasets_reads_parquet_by_signed_addresses_without_a_token(live_server: Any, world: Any, freeze: Callable[..., Any], run_jobs: Callable[[], int], tmp_path: Path) -> None:
    made = export(freeze(6), format="parquet", by=world.actor(world.manager))
    run_jobs()
    token = world.token(world.viewer, "read")
    request = urllib.request.Request(f"{live_server.url}/api/v1/exports/{made.pk}?signed=600", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request) as answer:
        files = json.load(answer)["files"]
    (tmp_path / "links.json").write_text(json.dumps([file["signed_url"] for file in files if file["path"].endswith(".parquet")]))
    found = read("links", "parquet", tmp_path, offline=False)
    assert found["images"] == 6 and [box[1:] for box in found["boxes"]] == [["car", place + 0.25, 2, 30.7, 4.125] for place in range(6)]
