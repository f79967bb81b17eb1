"""An import whose worker is killed with -9 goes on where it was: nothing twice, nothing lost, and the counts add up."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from annotate.annotations.models import Annotation
from annotate.items.models import Item
from annotate.jobs.models import Job
from annotate.jobs.services import execute
from annotate.jobs.sweeping import requeue_expired
from tests import own_process
from tests.collection.test_labels import voc
from tests.conftest import draw_picture

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]
N = 18
BOX = {"kind": "box", "label": "car", "box": [1, 2, 30, 40]}


def run_and_die(job_id: int, where: str, n: int) -> None:
    own_process.dies("tests.collection.killed_process", job_id, where, n)
    assert Job.objects.get(pk=job_id).state == "running"
    Job.objects.filter(pk=job_id).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    assert requeue_expired() == 1


def start(world: Any, batch: Any, kind: str) -> int:
    api = world.api(world.manager)
    if kind == "manifest":
        good = [{"key": f"{n}.jpg", "uri": f"{n}.jpg", "width": 99, "height": 99, "annotation": {"objects": [BOX]}} for n in range(N)]
        lines = [json.dumps(line) for line in good]
        lines[5] = "{broken"
        lines[11] = lines[10]
        body = "\n".join(lines).encode()
        answer = api.client.post(f"/api/v1/batches/{batch.pk}/manifest", data=body, content_type="application/x-ndjson")
    else:
        files = {f"{n:02}.jpg": b"broken" if n == 5 else draw_picture() for n in range(N)}
        if kind == "labels":
            files |= {f"{n:02}.xml": voc(f"{n:02}.jpg", [("car", [1, 2, 0 if n == 3 else 20, 9])]) for n in range(N)}
        answer = api.upload(f"/batches/{batch.pk}/" + ("files" if kind == "files" else "import?format=voc"), files)
    assert answer.status_code == 202
    return int(answer.json()["id"])


@pytest.mark.parametrize("where", ["within", "between"])
@pytest.mark.parametrize(
    ("kind", "counts", "annotations"),
    [("manifest", (16, 1, 1), 16), ("files", (17, 1, 0), 0), ("labels", (17, 1, 0), 16)],
)
def test_an_import_killed_twice_counts_every_input_once(
    world: Any, batch: Any, kind: str, counts: tuple[int, int, int], annotations: int, where: str
) -> None:
    job_id = start(world, batch, kind)
    run_and_die(job_id, where, 2)
    assert 0 < Item.objects.count() < counts[0]
    run_and_die(job_id, where, 1)
    assert execute(job_id) == "done"
    job = Job.objects.get(pk=job_id)
    assert tuple(job.result[name] for name in ("accepted", "rejected", "duplicate")) == counts
    assert sum(counts) == N and job.attempts == 3
    assert Item.objects.count() == counts[0] and Annotation.objects.count() == annotations
    assert job.report_lines.count() == counts[1] + (kind == "labels")
