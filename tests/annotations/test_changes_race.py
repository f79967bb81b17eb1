"""Labels change while people submit and reviewers judge, each on a connection of their own; and a worker is killed meanwhile."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any

import pytest
from django.db import connection, connections

from annotate.annotations.change_jobs import look_at_all
from annotate.annotations.models import Annotation, CurrentAnnotation, MappedRevision, SchemaChange
from annotate.annotations.services import add_revision
from annotate.jobs.models import Job
from annotate.jobs.services import execute
from annotate.kernel.errors import SluiceError
from annotate.projects.queries import current_schema
from annotate.queues.claim import next_task
from annotate.queues.models import Lease, Task
from annotate.queues.submit import submit
from annotate.reviews.services import review
from tests.annotations.changing import RENAME, Changing
from tests.queues.conftest import a_document

pytestmark = pytest.mark.django_db(transaction=True)


def gaps() -> list[int]:
    """Items whose revisions are not numbered 1, 2, 3, …"""
    with connection.cursor() as cursor:
        cursor.execute("SELECT item_id FROM annotate_annotation GROUP BY item_id HAVING max(number) <> count(*) OR min(number) <> 1")
        return [item for (item,) in cursor.fetchall()]


def old_names() -> list[int]:
    """Items that show a label that went."""
    return [row.item_id for row in CurrentAnnotation.objects.all() if any(thing["l"] == "car" for thing in row.objects_index)]


def test_labels_change_under_submits_and_verdicts(world: Any, make_items: Any, queue_of: Any, run_jobs: Any) -> None:
    make_items(60)
    annotate, judge = queue_of("annotate"), queue_of("review")
    stop, errors = threading.Event(), []

    def worker(work: Any, person: Any) -> None:
        actor = world.actor(person)
        try:
            while not stop.is_set():
                try:
                    work(actor)
                except SluiceError:  # a verdict on what has moved on: asked again
                    time.sleep(0.01)
        except Exception as error:  # noqa: BLE001  told by the test
            errors.append(error)
        finally:
            connections.close_all()

    def label(actor: Any) -> None:
        lease = next_task(annotate.pk, actor)
        if lease is not None:
            name = "car" if lease.schema_version.number == 1 else "auto"
            submit(lease.pk, actor, a_document(name), 1.0)

    def accept(actor: Any) -> None:
        lease = next_task(judge.pk, actor)
        if lease is not None:
            review(lease.pk, actor, "accept")

    threads = [threading.Thread(target=worker, args=each) for each in ((label, world.annotator), (label, world.annotator2), (accept, world.reviewer))]
    for thread in threads:
        thread.start()
    while Annotation.objects.count() < 12:
        time.sleep(0.02)
    made = Changing(world, run_jobs)(RENAME)
    while Task.objects.filter(queue=annotate, state="answered").count() < 60 and not errors and any(thread.is_alive() for thread in threads):
        time.sleep(0.05)
    stop.set()
    for thread in threads:
        thread.join(30)
    assert not errors, errors
    Lease.objects.filter(ended_at=None).update(expires_at=made.created_at, created_at=made.created_at)
    look_at_all()
    look_at_all()
    assert not gaps()
    assert not old_names()
    assert MappedRevision.objects.filter(outcome="mapped").exists()
    answered = Task.objects.filter(queue=annotate, state="answered").select_related("annotation")
    assert all(thing["label"] == "auto" for task in answered for thing in task.annotation.content["objects"])
    assert not MappedRevision.objects.filter(outcome="waiting").exists()


def killed_again_and_again(change: Any, state: str) -> int:
    """Work at the change, killed every now and then, until it is in the state; how often it was killed."""
    kills = 0
    for _try in range(20):
        connections.close_all()
        child = os.fork()
        if not child:
            try:
                # Where a browser runs beside this process, the child finds another connection than was closed here, whose
                # socket is the parent's: it must not speak over that one.
                connection.connection = None
                execute(change.job_id)
            finally:
                os._exit(0)
        time.sleep(0.35)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        Job.objects.filter(pk=change.job_id, state="running").update(state="queued", attempts=0)  # also one that had but to say that it is done
        change.refresh_from_db()
        if change.state == state:
            break
        kills += 1
    return kills


def test_a_killed_worker_leaves_nothing_twice_and_nothing_out(world: Any, make_items: Any, run_jobs: Any, monkeypatch: Any) -> None:
    from annotate.annotations import change_jobs
    from annotate.annotations.steps import Step

    monkeypatch.setattr(change_jobs, "CHUNK", 5)
    real = Step.follow

    def slow(self: Any, items: Any) -> Any:
        done = real(self, items)
        time.sleep(0.1)
        return done

    monkeypatch.setattr(Step, "follow", slow)
    items = make_items(40)
    for item in items:
        add_revision(item.pk, document=a_document("car"), schema_version=current_schema(world.project.pk), by=world.actor(world.annotator))
    change = Changing(world, run_jobs)
    made = change(RENAME, run=False)
    assert killed_again_and_again(made, "done") > 1
    run_jobs()
    made.refresh_from_db()
    assert made.state == "done"
    assert Annotation.objects.filter(source="migration").count() == 40
    assert not gaps()
    assert not old_names()
    made = change.undo(made, run=False)
    assert killed_again_and_again(made, "undone") > 1
    run_jobs()
    made.refresh_from_db()
    assert made.state == "undone"
    assert Annotation.objects.filter(source="migration").count() == 80
    assert len(old_names()) == 40
    assert not gaps()
    assert set(MappedRevision.objects.values_list("outcome", flat=True)) == {"restored"}
    assert SchemaChange.objects.count() == 1
