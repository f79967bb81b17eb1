"""The README's tour by curl, run as it is printed there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotate.items.models import Item
from tests.conftest import World, make_world

ROOT = Path(__file__).resolve().parents[2]
TOUR = re.compile(r"^## Five minutes, by curl\n.*?^```bash\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture
def live(transactional_db: None, live_server: Any) -> World:
    """The small world, committed, behind `live_server`."""
    return make_world()


def tour() -> str:
    found = TOUR.search((ROOT / "README.md").read_text())
    assert found is not None
    return found[1]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed, and the tour is made of it")
def test_the_tour_of_the_readme_goes_from_a_project_to_a_verified_export(
    live: World, live_server: Any, run_jobs: Callable[[], int], picture: Callable[..., bytes], tmp_path: Path
) -> None:
    (tmp_path / "picture.jpg").write_bytes(picture(640, 480))
    # The reader stands in the checkout; the test must leave nothing there.
    (tmp_path / "manage.py").write_text(f"import os, sys\nos.execv(sys.executable, [sys.executable, {str(ROOT / 'manage.py')!r}, *sys.argv[1:]])\n")
    where = {"URL": live_server.url, "TOKEN": live.token(live.owner), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    with (tmp_path / "said").open("w+") as said:
        shell = subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", tour()], cwd=tmp_path, env={**os.environ, **where}, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT
        )
        began = time.monotonic()
        while shell.poll() is None:
            run_jobs()  # the worker, which `up` would have started
            assert time.monotonic() - began < 90, shell.kill()
            time.sleep(0.05)
        said.seek(0)
        told = said.read()
    assert shell.returncode == 0, told
    assert '"accepted":1' in told.replace(" ", "")
    assert (tmp_path / "export.zip").stat().st_size > 100
    assert set(Item.objects.filter(project__name="tour").values_list("key", "state")) == {("picture.jpg", "labelled"), ("old.jpg", "approved")}
