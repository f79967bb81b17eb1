"""Renditions are made once in background work, and what fails is reported."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from annotate.items.jobs import enqueue_renditions
from annotate.media import store
from annotate.media.models import Blob
from annotate.media.services import probe_and_store_picture


def _blobs(world: Any, picture: Any, n: int) -> list[Blob]:
    contents = (picture(300 + place, 200) for place in range(n))
    return [probe_and_store_picture(io.BytesIO(content), organisation_id=world.organisation.pk) for content in contents]


def test_a_job_makes_them_once(world: Any, picture: Any, run_jobs: Callable[[], int]) -> None:
    blobs = _blobs(world, picture, 3)
    for expected in (3, 0):
        (job,) = enqueue_renditions([blob.pk for blob in blobs], organisation_id=world.organisation.pk)
        run_jobs()
        job.refresh_from_db()
        assert (job.state, job.result) == ("done", {"made": expected, "failed": 0})
    assert all(Blob.objects.get(pk=blob.pk).facts["renditions"]["thumb"] == "thumb.jpg" for blob in blobs)


def test_a_job_reports_bytes_that_are_gone(world: Any, picture: Any, run_jobs: Callable[[], int]) -> None:
    good, lost = _blobs(world, picture, 2)
    store.remove(store.blob_path(lost.organisation_id, lost.hex))
    (job,) = enqueue_renditions([lost.pk, good.pk], organisation_id=world.organisation.pk)
    run_jobs()
    job.refresh_from_db()
    assert job.result == {"made": 1, "failed": 1}
    assert job.report_lines.get().place == lost.hex
