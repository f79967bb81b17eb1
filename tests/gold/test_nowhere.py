"""Answers to gold measure their author and go no further: not into lists, counts, review queues, slices, versions or exports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.storage import default_storage

from annotate.annotations.models import Annotation, CurrentAnnotation, LabelCount
from annotate.gold.services import add_gold
from annotate.queues import queries
from annotate.queues.claim import next_task
from annotate.queues.fill import fill
from annotate.queues.models import Queue, Task
from annotate.queues.submit import submit
from annotate.reviews.models import Approval
from tests.queues.conftest import a_document, queue_of  # noqa: F401  a fixture
from workflows.exporters.formats import available
from workflows.exporters.services import export
from workflows.releases.models import ExportFile, Version
from workflows.releases.reading import rows
from workflows.releases.services import create_dataset, create_slice, cut
from workflows.releases.slices_api import stats

pytestmark = pytest.mark.django_db
TRUE, GIVEN = "car", "person"  # what is true of every item, and what people answer


@pytest.fixture
def answered(world: Any, make_items: Any, approved: Any, queue_of: Any) -> Queue:  # noqa: F811
    """Three items known by their approval, and two people's answers to each that say something else; the queue."""
    items = make_items(3)
    for item in items:
        approved(item, TRUE)
    add_gold(world.project, [item.pk for item in items], by=world.actor(world.manager))
    queue: Queue = queue_of(gold_percent=100, name="label")
    for person in (world.annotator, world.annotator2):
        while (lease := next_task(queue, world.actor(person))) is not None:
            submit(lease.pk, world.actor(person), a_document(GIVEN, GIVEN), 2.0)
    assert Task.objects.filter(gold=True, state="answered").count() == 6
    return queue


def _secrets() -> list[bytes]:
    """The ids of every object that was answered to gold."""
    found = Annotation.objects.filter(source="gold", task__isnull=False)
    return [thing["id"].encode() for row in found for thing in row.content["objects"]]


def test_no_export_of_any_format_holds_an_answer_to_gold(world: Any, answered: Any, run_jobs: Callable[[], int]) -> None:
    manager = world.actor(world.manager)
    made = cut(create_dataset(world.project, "all", by=manager), message="first", by=manager)
    run_jobs()
    version = Version.objects.get(pk=made.pk)
    truths = set(Approval.objects.filter(ended_at=None).values_list("annotation_id", flat=True))
    assert {row.annotation_id for row in rows(version)} == truths
    secrets = _secrets()
    assert len(secrets) == 12
    for row in rows(version):
        assert not [secret for secret in secrets if secret in row.document.encode() + row.leaf]
    for format in (one.name for one in available() if world.project.media in one.media):
        made_of = export(version, format=format, by=manager)
        run_jobs()
        made_of.refresh_from_db()
        assert made_of.state == "ready", format
        files = list(ExportFile.objects.filter(export=made_of))
        whole = b""
        for file in files:
            with default_storage.open(file.stored, "rb") as stored:
                whole += stored.read()
        assert files
        assert not [secret for secret in secrets if secret in whole], format
        assert not [person.name for person in (world.annotator, world.annotator2) if f'"{person.name}"'.encode() in whole], format


def test_no_list_count_slice_or_review_queue_knows_an_answer_to_gold(world: Any, answered: Any, queue_of: Any) -> None:  # noqa: F811
    manager, project = world.actor(world.manager), world.project
    assert not CurrentAnnotation.objects.filter(annotation__source="gold").exists()
    assert dict(LabelCount.objects.filter(project_id=project.pk).values_list("label").distinct().values_list("label", "n")) == {TRUE: 1}
    counted = stats(create_slice(project, "everything", q="", by=manager))
    assert counted == {"items": 3, "states": {"approved": 3}, "labels": {TRUE: 3}}
    listed = world.api(world.manager)
    wanted = {f"label = {GIVEN}": 0, f"count({GIVEN}) >= 1": 0, "answers >= 1": 0, f'annotated_by = "{world.annotator.name}"': 0, f"count({TRUE}) = 1": 3}
    for q, n in wanted.items():
        assert len(listed.get(f"/projects/{project.pk}/items?q={quote(q)}").json()["results"]) == n, q
    for judging in (queue_of("review"), queue_of("adjudicate")):
        assert fill(judging.pk) == 0
        assert next_task(judging, world.actor(world.reviewer)) is None
    counts = queries.counts([answered.pk])[answered.pk]
    assert counts.open == counts.answered == counts.returned == 0
    secrets = _secrets()
    for path in ("items", f"items/{Task.objects.filter(gold=True)[0].item_id}"):
        body = world.page(world.manager).get(f"/p/{project.pk}/{path}" if path == "items" else f"/{path}").content
        assert not [secret for secret in secrets if secret in body]
