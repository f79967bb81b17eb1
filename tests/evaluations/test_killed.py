"""Measuring that is killed with -9, at whatever moment: afterwards one report stands, whole, and it says what an undisturbed one says."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from annotate.activity.models import Activity
from annotate.jobs.models import Job
from annotate.jobs.services import execute
from annotate.jobs.sweeping import requeue_expired
from tests.conftest import make_world
from tests.evaluations.conftest import box, lines, said
from tests.own_process import ROOT, database_url
from workflows.evaluations.models import Evaluation, Suspect

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
MOMENTS = ("gathered", "chunk", "measured", "writing", "written", "committed", "ended")
STANDS = ("committed", "ended")  # what was written before the kill


@pytest.fixture
def world(transactional_db: None) -> Any:
    return make_world()


def killed(jobs: dict[str, int]) -> dict[str, int]:
    command = [sys.executable, "-m", "tests.evaluations.process", *(f"{job}:{moment}" for moment, job in jobs.items())]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "DATABASE_URL": database_url()}, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    ended: dict[str, int] = json.loads(done.stdout)
    return ended


def told(evaluation: int) -> Any:
    rows = Suspect.objects.filter(evaluation=evaluation).order_by("rank").values("rank", "item", "kind", "label", "said", "about", "drawn", "shape", "score")
    one = Evaluation.objects.get(pk=evaluation)
    return one.report, one.metrics, one.model, list(rows), Activity.objects.filter(verb="evaluation.report", noun_id=evaluation).count()


def test_a_job_that_is_killed_at_any_moment_leaves_one_whole_report(world: Any, cut: Callable[..., Any]) -> None:
    documents = {f"{place:02d}.jpg": {"objects": [box(str(place), 5, 5), box(str(place), 200, 200)][: 1 + (place % 5 > 0)]} for place in range(24)}
    version, api = cut(documents), world.api(world.manager)
    given = lines({"key": f"{place:02d}.jpg", "objects": [said(box(str(place), 5, 5)), said(box(str(place), 200, 200))]} for place in range(24))

    def asked() -> int:
        path = f"/api/v1/versions/{version.pk}/evaluations?model=m&by=batch"
        return int(api.client.post(path, data=given, content_type="application/x-ndjson").json()["id"])

    undisturbed = asked()
    assert execute(undisturbed) == "done"
    wanted = told(Job.objects.get(pk=undisturbed).result["evaluation"])
    assert len(wanted[3]) == 5 and wanted[4] == 1
    jobs = {moment: asked() for moment in MOMENTS}
    assert killed(jobs) == dict.fromkeys(MOMENTS, -9)
    assert set(Evaluation.objects.exclude(job=undisturbed).values_list("job", flat=True)) == {jobs[moment] for moment in STANDS}
    assert Suspect.objects.count() == 5 * 3 and set(Job.objects.filter(pk__in=jobs.values()).values_list("state", flat=True)) == {"running"}
    Job.objects.filter(pk__in=jobs.values()).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    assert requeue_expired() == len(jobs)
    for moment, job in jobs.items():
        assert execute(job) == "done", (moment, Job.objects.get(pk=job).error)
        [one] = Evaluation.objects.filter(job=job)
        assert Job.objects.get(pk=job).result == {"evaluation": one.pk} and told(one.pk) == wanted, moment
        assert not default_storage.exists(Job.objects.get(pk=job).arguments["stored"]), moment
    assert Evaluation.objects.count() == 1 + len(jobs)
