"""An export whose process is killed halfway: nothing of it can be pulled, and the next attempt makes all of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from annotate.jobs.models import Job
from tests.conftest import make_world
from tests.releases.test_interrupted import ROOT, _url
from workflows.exporters.making import folder_of
from workflows.exporters.services import export
from workflows.releases.models import ExportFile

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> Any:
    return make_world()


def stored(base: str) -> set[str]:
    try:
        return {f"{base}/{name}" for name in default_storage.listdir(base)[1]}
    except FileNotFoundError:
        return set()


def test_a_killed_export_is_made_whole_by_the_next_attempt(world: Any, freeze: Callable[..., Any], run_jobs: Callable[[], int], tmp_path: Path) -> None:
    made = export(freeze(3), format="coco", media="include", by=world.actor(world.manager))
    base = folder_of(world.organisation.pk, made.pk)
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.exporters.process", str(made.job_id)],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": _url()},
            stdout=log,
            stderr=log,
        )
        try:
            end = time.monotonic() + 30
            while not stored(base):
                assert time.monotonic() < end, (tmp_path / "log").read_text()
                time.sleep(0.02)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
    left = stored(base)
    made.refresh_from_db()
    assert left and made.state == "making" and not ExportFile.objects.exists()
    Job.objects.filter(pk=made.job_id, state="running").update(state="queued")  # as the sweeper does once its lease is over
    run_jobs()
    made.refresh_from_db()
    files = set(ExportFile.objects.filter(export=made, stored__startswith=base).values_list("stored", flat=True))
    assert made.state == "ready" and ExportFile.objects.filter(path__startswith="images/").count() == 3
    assert stored(base) == files and not left & files
