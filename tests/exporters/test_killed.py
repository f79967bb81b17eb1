"""An export whose process is killed halfway: nothing of it can be pulled, and the next attempt makes all of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from annotate.jobs.models import Job
from tests import own_process
from tests.conftest import make_world
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
    process = own_process.spawn("tests.exporters.process", made.job_id, log=tmp_path / "log")
    try:
        end = time.monotonic() + 30
        while not stored(base):
            assert time.monotonic() < end, process.said()
            time.sleep(0.02)
    finally:
        process.kill()
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
