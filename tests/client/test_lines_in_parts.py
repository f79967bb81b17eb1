"""Lines of a large version come in parts: those without a change are not touched, the others are made here, and all are right."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from annotate.items.models import Item
from annotate.items.services import erase
from tests.client.conftest import Line
from tests.client.test_pull import held
from workflows.exporters import jsonl
from workflows.releases import merkle

PART = "items/part-"


@pytest.fixture
def large(line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    """Version 1 of 300 items, in parts of 16 or so, was pulled into `tmp_path`."""
    monkeypatch.setattr(jsonl, "LARGE", 250)
    monkeypatch.setattr(merkle, "_MASK", 15)
    line.module.CUT_MASK = 15
    line.add(300)
    line.export(line.cut())
    assert line.client("pull", "streets", "--to", str(tmp_path)) == 0
    return line


def pulled(line: Line, place: Path, version: str = "2") -> int:
    """How many bytes came of the version, which is there and right."""
    server = line.module.Server(line.address, line.token, patience=5)
    line.module.Pull(server, line.module.Place(str(place)), line.module.Wish("streets", version)).go()
    return int(server.received)


def keys(place: Path) -> list[str]:
    lines = b"".join((place / path).read_bytes() for path, *_rest in held(place)["files"] if path.startswith("items"))
    return [json.loads(line)["key"] for line in lines.splitlines()]


def parts(place: Path) -> dict[str, int]:
    """sha256 → inode of each part."""
    return {sha256: os.stat(place / path).st_ino for path, _size, sha256, _at in held(place)["files"] if path.startswith(PART)}


def test_of_what_changed_in_one_part_few_bytes_come_and_the_others_stay_the_files_they_are(large: Line, tmp_path: Path) -> None:
    before = parts(tmp_path)
    large.relabel(large.keys[100])
    large.relabel(large.keys[101])
    large.export(large.cut())
    assert pulled(large, tmp_path) < pulled(large, tmp_path / "whole") // 8
    after = parts(tmp_path)
    assert len(before) > 8 and len(before.items() & after.items()) == len(before) - 1
    assert [entry[:3] for entry in held(tmp_path)["files"]] == [entry[:3] for entry in held(tmp_path / "whole")["files"]]
    assert keys(tmp_path) == large.keys


def test_items_that_come_and_go_move_the_ends_of_parts(large: Line, tmp_path: Path) -> None:
    end = next(key for key in large.keys[50:] if merkle.ends_range(key))
    large.add(40, first="road/00100x")
    version = large.cut(q=f'key != "{end}"')
    large.export(version)
    assert pulled(large, tmp_path) < pulled(large, tmp_path / "whole") // 4
    assert keys(tmp_path) == sorted(set(large.keys) - {end})


def test_an_erased_item_is_in_no_part(large: Line, tmp_path: Path) -> None:
    gone = large.keys[30]
    erase(Item.objects.get(key=gone), reason="asked for", by=large.world.actor(large.world.owner))
    large.run_jobs()
    large.relabel(large.keys[200])
    large.export(large.cut())
    made: list[Any] = []
    make = large.module.Pull._make_lines

    def seen(*given: Any) -> Any:
        made.append(make(*given))
        return made[-1]

    large.module.Pull._make_lines = seen
    assert large.client("pull", "streets", "--keep", "0", "--to", str(tmp_path)) == 0
    assert made[-1] and keys(tmp_path) == [key for key in large.keys if key != gone]
    assert not [path for path in (tmp_path / ".sluice").rglob("*") if path.is_file() and gone.encode() in path.read_bytes()]


@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_a_damaged_part_comes_anew(large: Line, tmp_path: Path, damage: str) -> None:
    path, _size, sha256, _at = next(entry for entry in held(tmp_path)["files"] if entry[0].startswith(PART))
    file = tmp_path / ".sluice" / "files" / sha256
    file.chmod(0o644)
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes().replace(b"lake", b"sake"))
    large.relabel(json.loads((tmp_path / path).read_bytes().splitlines()[0])["key"])
    large.export(large.cut())
    pulled(large, tmp_path)
    assert keys(tmp_path) == large.keys


def test_a_version_that_has_grown_large_comes_in_parts(large: Line, tmp_path: Path) -> None:
    large.export(large.cut(q='key < "road/00240.jpg"'))
    pulled(large, tmp_path)
    assert (tmp_path / "items.jsonl").is_file() and keys(tmp_path) == large.keys[:240]
    large.export(large.cut())
    pulled(large, tmp_path, "3")
    assert not (tmp_path / "items.jsonl").exists() and len(parts(tmp_path)) > 8 and keys(tmp_path) == large.keys


def test_samples_are_those_of_all_parts_in_order(large: Line, tmp_path: Path) -> None:
    samples = large.module.Dataset(str(tmp_path))
    assert [sample["key"] for sample in samples] == large.keys and samples[-1]["key"] == large.keys[-1]
    shares = [[sample["key"] for sample in large.module.Dataset(str(tmp_path), split=split)] for split in ("train", "val", "test")]
    assert sorted(key for share in shares for key in share) == large.keys and all(shares)
