"""Files of columns put together from those of the version before: few bytes when all is well, right ones whatever is wrong."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.core.files.storage import default_storage

from annotate.items.models import Item
from annotate.items.services import erase
from annotate.kernel.errors import Missing
from tests.client.conftest import Line
from tests.client.cutting import Cutting
from tests.client.test_pull import held
from workflows.exporters import copying, parquet, parts


@pytest.fixture
def grown(line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    """Version 1 of 240 items was pulled into `tmp_path`; version 2 has two relabelled, one gone and two more. Groups have 8 rows or so."""
    monkeypatch.setattr(parquet, "GROUP_BITS", 3)
    monkeypatch.setattr(parts, "LEAST", 256)
    line.add(240)
    line.export(line.cut(), "parquet")
    assert line.client("pull", "streets", "--format", "parquet", "--to", str(tmp_path)) == 0
    line.relabel(line.keys[100])
    line.relabel(line.keys[103])
    line.add(2, first="road/00050x")
    line.export(line.cut(q='key != "road/00160.jpg"'), "parquet")
    return line


def pulled(line: Line, place: Path, address: str = "") -> int:
    """How many bytes came of version 2, which is there and right."""
    server = line.module.Server(address or line.address, line.token, patience=5)
    line.module.Pull(server, line.module.Place(str(place)), line.module.Wish("streets", "2", format="parquet")).go()
    record = held(place)
    keys = [key for path, *_rest in record["files"] if path.endswith(".parquet") for key in pq.read_table(place / path)["key"].to_pylist()]
    assert record["number"] == 2 and keys == sorted(set(line.keys) - {"road/00160.jpg"})
    return int(server.received)


def rows_of(line: Line) -> Any:
    return line.dataset.versions.get(number=2).exports.get().files.get(path__endswith=".parquet")


def test_of_a_file_that_changed_here_and_there_only_those_groups_come(grown: Line, tmp_path: Path) -> None:
    assert pulled(grown, tmp_path) < pulled(grown, tmp_path / "whole") // 3
    assert [entry[:3] for entry in held(tmp_path)["files"]] == [entry[:3] for entry in held(tmp_path / "whole")["files"]]


def test_a_server_that_has_no_plans_sends_whole_files(grown: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(before: Any, after: Any) -> Any:
        raise Missing()

    monkeypatch.setattr(copying, "copies", missing)
    assert pulled(grown, tmp_path) > rows_of(grown).size


def test_what_a_pull_that_was_killed_left_is_gone_on_with(grown: Line, tmp_path: Path) -> None:
    file = rows_of(grown)
    place = tmp_path / ".sluice" / "parts" / file.sha256.hex()
    with default_storage.open(file.stored) as content:
        place.write_bytes(content.read(file.size * 2 // 3))
    assert pulled(grown, tmp_path) < file.size // 2


def test_parts_that_break_off_again_and_again_end_right(grown: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assemble = grown.module.Pull._assemble
    with Cutting(grown.address, after=2500) as broken:

        def cut(*given: Any) -> None:
            broken.cuts = 4
            assemble(*given)

        monkeypatch.setattr(grown.module.Pull, "_assemble", cut)
        record = tmp_path / ".sluice" / "versions" / f"{os.path.basename(os.readlink(tmp_path / '.sluice' / 'current'))}.json"
        record.write_text(record.read_text().replace(grown.address, broken.address))
        assert pulled(grown, tmp_path, broken.address) < rows_of(grown).size // 2
        assert not broken.cuts


def test_an_answer_that_is_cut_off_is_asked_for_again(line: Line) -> None:
    line.add(1)
    version = line.cut()
    with Cutting(line.address, after=400, cuts=2) as broken:
        assert line.module.Server(broken.address, line.token, patience=5).call("GET", f"/versions/{version.pk}")["number"] == 1
        assert not broken.cuts


@pytest.mark.parametrize("damage", ["changed", "shorter", "gone"])
def test_a_damaged_file_before_never_makes_a_wrong_one(grown: Line, tmp_path: Path, damage: str) -> None:
    old = next((tmp_path / "rows").iterdir()).resolve()
    inner = tmp_path / ".sluice" / "files" / next(entry[2] for entry in held(tmp_path)["files"] if entry[0].endswith(".parquet"))
    inner.chmod(0o644)
    content = inner.read_bytes()
    if damage == "gone":
        inner.unlink()
    else:
        inner.write_bytes(content[: len(content) // 3] if damage == "shorter" else content[:9000] + b"x" * 99 + content[9099:])
    assert old.exists() and pulled(grown, tmp_path) > rows_of(grown).size // 2


def test_what_was_erased_since_comes_from_no_file_before(grown: Line, tmp_path: Path) -> None:
    erased = grown.keys.pop(30)
    erase(Item.objects.get(key=erased), reason="asked for", by=grown.world.actor(grown.world.owner))
    grown.run_jobs()
    pulled(grown, tmp_path)
    assert grown.client("pull", "streets", "--format", "parquet", "--keep", "0", "--to", str(tmp_path)) == 0
    assert not [path for path in (tmp_path / ".sluice").rglob("*") if path.is_file() and erased.encode() in path.read_bytes()]
