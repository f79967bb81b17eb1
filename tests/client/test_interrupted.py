"""Pulls that break: they go on where they were, or end with an error, and readers never see half a version."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotate.items.models import Item
from annotate.items.services import erase
from tests.client.conftest import FILE, Line
from tests.client.cutting import Cutting
from tests.client.test_pull import held

pytestmark = pytest.mark.slow


def outside(line: Line, address: str, place: Path, *more: str, limit: Callable[[], None] | None = None) -> subprocess.Popen[bytes]:
    """The client as a process of its own."""
    command = [sys.executable, str(FILE), "pull", "streets", "--to", str(place), "--patience", "5", *more]
    environment = {"PATH": os.environ["PATH"], "SLUICE_SERVER": address, "SLUICE_TOKEN": line.token}
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, preexec_fn=limit)


def test_answers_that_are_cut_off_again_and_again_go_on_where_they_were(line: Line, tmp_path: Path) -> None:
    line.add(400)
    made = line.export(line.cut())
    size = made.files.get(path="items.jsonl").size
    with Cutting(line.address, after=size // 4, cuts=4) as broken:
        assert outside(line, broken.address, tmp_path, "--jobs", "1").wait() == 0
        assert broken.cuts == 0 and broken.sent < size * 2
    held(tmp_path)


def test_killed_at_any_moment_it_leaves_the_version_before_and_goes_on_next_time(line: Line, tmp_path: Path) -> None:
    line.add(300)
    line.export(line.cut())
    assert outside(line, line.address, tmp_path).wait() == 0
    line.add(600, first="zebra")
    second = line.cut(q='key startswith "zebra"')
    line.export(second)
    with Cutting(line.address, pause=0.02, chunk=8192) as slow:
        for much in (40_000, 120_000):
            going = outside(line, slow.address, tmp_path)
            while not any(part.stat().st_size > much for part in (tmp_path / ".sluice" / "parts").iterdir()):
                time.sleep(0.01)
            going.send_signal(signal.SIGKILL)
            going.wait()
            assert held(tmp_path)["number"] == 1
    server = line.module.Server(line.address, line.token)
    whole = sum(file.size for file in line.export(second).files.all())
    line.module.Pull(server, line.module.Place(str(tmp_path)), line.module.Wish("streets")).go()
    assert held(tmp_path)["number"] == 2 and server.received < whole


def test_an_erasure_while_a_file_is_under_way_brings_the_new_bytes(line: Line, tmp_path: Path) -> None:
    line.add(150)
    line.export(line.cut())
    with Cutting(line.address, pause=0.03, chunk=4096) as slow:
        going = outside(line, slow.address, tmp_path, "--jobs", "1")
        parts = tmp_path / ".sluice" / "parts"
        while not (parts.exists() and any(parts.iterdir())):
            time.sleep(0.02)
        erase(Item.objects.get(key=line.keys[100]), reason="asked for", by=line.world.actor(line.world.owner))
        line.run_jobs()
        assert going.wait() == 0
    held(tmp_path)
    assert line.keys[100] not in (tmp_path / "items.jsonl").read_text()


def test_readers_see_the_old_version_or_the_new_one(line: Line, tmp_path: Path) -> None:
    line.add(20)
    line.export(line.cut())
    line.add(20)
    line.export(line.cut())
    assert line.client("pull", "streets@1", "--to", str(tmp_path)) == 0
    stop, wrong, looks = threading.Event(), [], [0]

    def read() -> None:
        while not stop.is_set():
            folder = Path(os.path.realpath(tmp_path / ".sluice" / "current"))
            try:
                head = json.loads((folder / "sluice-manifest.ndjson").read_bytes().split(b"\n")[0])
                lines = (folder / "items.jsonl").read_bytes().count(b"\n")
                through = (tmp_path / "items.jsonl").read_bytes().count(b"\n")
            except OSError as error:
                wrong.append(repr(error))
                continue
            looks[0] += 1
            if lines != head["items"] or through not in (20, 40):
                wrong.append(f"{lines} lines, {through}, {head['items']} items")

    reader = threading.Thread(target=read)
    reader.start()
    for _round in range(2):
        for number in (2, 1):
            assert line.client("pull", f"streets@{number}", "--to", str(tmp_path)) == 0
    stop.set()
    reader.join()
    assert not wrong and looks[0] > 4


def test_a_full_disk_is_said_and_the_next_pull_ends_well(line: Line, tmp_path: Path) -> None:
    line.add(200)
    line.export(line.cut())
    small = outside(line, line.address, tmp_path, limit=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)))
    assert small.wait() == 7 and small.stderr is not None and b"File too large" in small.stderr.read()
    assert not (tmp_path / ".sluice" / "current").exists()
    assert outside(line, line.address, tmp_path).wait() == 0
    held(tmp_path)


def test_each_refusal_has_its_code_and_changes_nothing(line: Line, tmp_path: Path, capsys: Any) -> None:
    from workflows.releases.services import create_dataset

    world = line.world
    line.add(2)
    line.export(line.cut())
    other = create_dataset(world.project, "other", by=world.actor(world.manager))
    cases = [
        (("pull", "streets"), "slc_wrong", 3, "unknown, expired or revoked"),
        (("pull", "streets"), world.token(world.viewer, "label"), 3, "lacks the scope"),
        (("pull", "nothing"), line.token, 4, "nothing of this name"),
        (("pull", "streets@9"), line.token, 4, "no version 9"),
        (("pull", "streets@best"), line.token, 4, "no tag 'best'"),
        (("pull", "streets"), world.token(world.viewer, "read", dataset_id=other.pk), 4, "nothing of this name"),
        (("pull", str(line.dataset.pk)), world.token(world.viewer, "read", dataset_id=other.pk), 4, "nothing of this name"),
        (("pull", "streets"), world.token(world.outsider, "read"), 4, "nothing of this name"),
        (("pull", "streets", "--format", "xml"), line.token, 9, "no format"),
        (("pull", "streets", "--format", "coco"), world.token(world.viewer, "read"), 3, "may not ask for one"),
    ]
    for arguments, token, code, words in cases:
        assert line.client(*arguments, "--to", str(tmp_path / "x"), token=token) == code, arguments
        assert words in capsys.readouterr().err
    assert line.client("pull", str(line.dataset.pk), "--to", str(tmp_path / "y"), token=world.token(world.viewer, "read", dataset_id=line.dataset.pk)) == 0
    assert line.client("pull", "streets", "--to", str(tmp_path / "z"), token=world.token(world.viewer, "read", dataset_id=line.dataset.pk)) == 0
    assert not (tmp_path / "x" / ".sluice" / "current").exists()
    assert line.module.main(["pull", "streets", "--server", "http://127.0.0.1:9", "--token", "slc_x", "--to", str(tmp_path / "x"), "--patience", "0.1"]) == 6
