"""Pulling: right bytes, few bytes, and never half a version."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from annotate.items.models import Item
from annotate.items.services import erase
from tests.client.conftest import Line
from workflows.releases import merkle


def held(place: Path) -> dict[str, Any]:
    """The record of what is current, after every file was hashed again."""
    name = os.path.basename(os.readlink(place / ".sluice" / "current"))
    record: dict[str, Any] = json.loads((place / ".sluice" / "versions" / f"{name}.json").read_text())
    for path, size, sha256, _at in record["files"]:
        content = (place / path).read_bytes()
        assert len(content) == size and hashlib.sha256(content).hexdigest() == sha256, path
    return record


def keys(place: Path) -> list[str]:
    return [json.loads(line)["key"] for line in (place / "items.jsonl").read_text().splitlines()]


def test_the_latest_version_comes_whole_and_its_root_is_the_servers(line: Line, tmp_path: Path, capsys: Any) -> None:
    line.add(6)
    version = line.cut()
    line.export(version)
    assert line.client("pull", "streets", "--to", str(tmp_path)) == 0
    record = held(tmp_path)
    assert record["root"] == bytes(version.root).hex() and record["number"] == 1
    assert keys(tmp_path) == line.keys
    assert line.client("status", "--to", str(tmp_path), "--verify") == 0
    assert "v1 is current" in capsys.readouterr().out


def test_an_export_that_is_not_there_is_asked_for_and_waited_for(line: Line, tmp_path: Path) -> None:
    line.add(3)
    line.cut()
    codes: list[int] = []
    pulling = threading.Thread(target=lambda: codes.append(line.client("pull", "streets@1", "--split", "train", "--to", str(tmp_path))))
    pulling.start()
    while pulling.is_alive():
        line.run_jobs()
        time.sleep(0.05)
    assert codes == [0] and held(tmp_path)["split"] == "train"


def test_versions_are_named_by_number_by_tag_and_by_being_the_latest(line: Line, tmp_path: Path, capsys: Any) -> None:
    from workflows.releases.services import create_tag

    line.add(2)
    first = line.cut()
    line.add(2)
    second = line.cut()
    create_tag(line.dataset, "production", version=first, by=line.world.actor(line.world.manager))
    for version in (first, second):
        line.export(version)
    for name, number in (("streets@production", 1), ("streets", 2), ("streets@1", 1), (f"{line.dataset.pk}@2", 2)):
        assert line.client("pull", name, "--to", str(tmp_path)) == 0
        assert held(tmp_path)["number"] == number
    assert line.client("pull", "streets@production", "--to", str(tmp_path)) == 0
    create_tag(line.dataset, "production", version=second, by=line.world.actor(line.world.manager))
    assert line.client("status", "--to", str(tmp_path)) == 0
    assert "is behind: production is v2 now" in capsys.readouterr().out


@pytest.mark.slow
def test_one_percent_that_changed_anywhere_costs_at_most_two_percent_of_the_bytes(line: Line, tmp_path: Path) -> None:
    line.add(2400)
    line.export(line.cut())
    whole = tmp_path / "whole"
    assert line.client("pull", "streets", "--to", str(tmp_path / "a")) == 0
    for key in line.keys[50::120]:
        line.relabel(key)
    line.add(4, first="zebra")
    second = line.cut()
    line.export(second)

    def pulled(place: Path) -> int:
        server = line.module.Server(line.address, line.token)
        line.module.Pull(server, line.module.Place(str(place)), line.module.Wish("streets")).go()
        return int(server.received)

    all_of_it, changed = pulled(whole), pulled(tmp_path / "a")
    assert held(tmp_path / "a")["files"] == [[*entry[:3], held(tmp_path / "a")["files"][at][3]] for at, entry in enumerate(held(whole)["files"])]
    assert changed <= all_of_it * 0.02, (changed, all_of_it)


def test_versions_before_with_removed_added_and_erased_items_become_the_new_one_to_the_byte(line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merkle, "_MASK", 15)
    line.module.CUT_MASK = 15
    line.add(300)
    line.export(line.cut())
    assert line.client("pull", "streets", "--to", str(tmp_path)) == 0
    by = line.world.actor(line.world.owner)
    erase(Item.objects.get(key=line.keys[7]), reason="asked for", by=by)
    line.relabel(line.keys[100])
    line.add(3, first="aaa")
    line.export(line.cut(q=f'key != "{line.keys[20]}"'))
    server = line.module.Server(line.address, line.token)
    line.module.Pull(server, line.module.Place(str(tmp_path)), line.module.Wish("streets", "2")).go()
    assert held(tmp_path)["number"] == 2 and line.keys[20] not in keys(tmp_path) and line.keys[7] not in keys(tmp_path)
    assert server.received < 60_000


def test_what_was_erased_is_gone_from_the_folder_with_the_next_pull(line: Line, tmp_path: Path) -> None:
    line.add(4)
    line.export(line.cut())
    assert line.client("pull", "streets", "--to", str(tmp_path)) == 0
    erase(Item.objects.get(key=line.keys[1]), reason="asked for", by=line.world.actor(line.world.owner))
    line.run_jobs()
    assert line.client("pull", "streets", "--to", str(tmp_path)) == 0
    assert keys(tmp_path)[1].startswith("erased:")
    held(tmp_path)
    left = [path for path in (tmp_path / ".sluice").rglob("*") if path.is_file() and line.keys[1].encode() in path.read_bytes()]
    assert not left


@pytest.mark.parametrize("damaged", ["of another kind", "of another digest"])
def test_what_is_known_of_ranges_and_is_damaged_stops_nothing(line: Line, tmp_path: Path, damaged: str) -> None:
    line.add(1, first=next(name for name in map(str, count()) if merkle.ends_range(f"{name}/00000.jpg")))
    line.add(80)
    line.export(line.cut())
    assert line.client("pull", "streets", "--to", str(tmp_path)) == 0
    place = tmp_path / ".sluice" / "versions" / f"{os.path.basename(os.readlink(tmp_path / '.sluice' / 'current'))}.json"
    record = json.loads(place.read_text())
    assert len(record["ranges"]) == 2
    record["ranges"] = [[size, "00" * 32, 9] for size, _digest, _many in record["ranges"]] if damaged == "of another digest" else [[0, "x"]]
    place.write_text(json.dumps(record))
    line.relabel(line.keys[40])
    line.export(line.cut())
    assert line.client("pull", "streets", "--to", str(tmp_path)) == 0
    assert held(tmp_path)["number"] == 2


def test_pictures_come_along_once_and_samples_name_them(line: Line, make_items: Any, tmp_path: Path) -> None:
    from annotate.annotations.services import ImportedAnnotation, add_imported
    from annotate.projects.queries import current_schema
    from tests.exporters.rows import box

    items, schema = make_items(5), current_schema(line.world.project.pk).pk
    rows = [ImportedAnnotation(item.pk, {"objects": [box(1.5, 2, 3, 4)]}, schema, approved=True) for item in items]
    add_imported(rows, by=line.world.actor(line.world.manager))
    line.export(line.cut(), media="include")
    assert line.client("pull", "streets", "--media", "include", "--to", str(tmp_path)) == 0
    for sample in line.module.Dataset(str(tmp_path)):
        assert hashlib.sha256(Path(sample["picture"]).read_bytes()).hexdigest() == sample["media"]["sha256"]
        assert (tmp_path / "images" / sample["key"]).read_bytes() == Path(sample["picture"]).read_bytes()
    line.keys = [item.key for item in items]
    line.relabel(line.keys[3])
    line.export(line.cut(), media="include")
    server = line.module.Server(line.address, line.token)
    again = line.module.Pull(server, line.module.Place(str(tmp_path)), line.module.Wish("streets", media="include"))
    again.go()
    files = held(tmp_path)["files"]
    assert len(files) == 8 and again.reused == len({sha256 for path, _size, sha256, _at in files if path.startswith("images/")}) > 1


def test_a_file_that_somebody_changed_is_brought_anew(line: Line, tmp_path: Path, capsys: Any) -> None:
    line.add(3)
    line.export(line.cut())
    assert line.client("pull", "streets", "--to", str(tmp_path)) == 0
    damaged = (tmp_path / "items.jsonl").resolve()
    damaged.chmod(0o644)
    damaged.write_bytes(damaged.read_bytes()[:-3] + b"xyz")
    assert line.client("status", "--to", str(tmp_path), "--verify") == 1
    assert "items.jsonl: is not what was pulled" in capsys.readouterr().out
    assert line.client("pull", "streets", "--to", str(tmp_path)) == 0
    held(tmp_path)
