"""Returned work: to its author, or to whom the reviewer names; and back to who returned it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotate.kernel.errors import Invalid
from annotate.queues.claim import next_task
from annotate.queues.fill import fill
from annotate.queues.models import Queue, Task
from annotate.queues.submit import submit
from annotate.reviews.models import Review
from annotate.reviews.undoing import undo
from tests.queues.conftest import a_document

pytestmark = pytest.mark.django_db


def test_it_goes_to_whom_the_reviewer_names_who_begins_anew(desk: Any) -> None:
    world = desk.world
    desk.judge("return", reason="no", to="annotator2", comments=[{"text": "a van"}])
    assert next_task(desk.annotate, world.actor(world.annotator)) is None
    lease = next_task(desk.annotate, world.actor(world.annotator2))
    assert (lease.item_id, lease.annotation_id) == (desk.item.pk, None)
    assert desk.state() == "returned"
    done = submit(lease.pk, world.actor(world.annotator2), a_document("sign"))
    again = next_task(desk.queue, world.actor(world.reviewer))
    assert again.annotation_id == done.annotation_id


def test_taken_back_the_answer_is_its_authors_again(desk: Any) -> None:
    world = desk.world
    done = desk.judge("return", reason="no", to=world.annotator2.pk)
    undo(done.review_id, by=world.actor(world.reviewer))
    task = Task.objects.get(queue=desk.annotate, item=desk.item)
    assert (task.state, task.person, desk.state()) == ("answered", world.annotator, "labelled")


@pytest.mark.parametrize("to", ["reviewer", "viewer", "collector", "nobody", "outsider"])
def test_who_cannot_do_it_is_refused_and_nothing_changes(desk: Any, to: str) -> None:
    with pytest.raises(Invalid) as refused:
        desk.judge("return", reason="no", to=to)
    assert set(refused.value.fields) == {"to"}
    assert not Review.objects.exists() and desk.state() == "labelled"


def test_who_has_answered_the_item_themselves_is_refused(world: Any, make_items: Any, queue_of: Any, answer: Any) -> None:
    from annotate.reviews.services import review

    make_items(1)
    label, queue = queue_of(overlap=2), queue_of("review")
    answer(label, world.annotator2)
    answer(label, world.annotator)
    lease = next_task(queue, world.actor(world.reviewer))
    with pytest.raises(Invalid) as refused:
        review(lease.pk, world.actor(world.reviewer), "return", reason="no", to="annotator2")
    assert set(refused.value.fields) == {"to"}


def test_only_returned_work_goes_to_somebody(desk: Any) -> None:
    refused = desk.world.api(desk.world.reviewer).post(f"/leases/{desk.lease.pk}/review", {"verdict": "accept", "to": "annotator2"})
    assert (refused.status_code, set(refused.json()["fields"])) == (400, {"to"})


@pytest.fixture
def back(desk: Any) -> Any:
    """Work that was returned and answered again, in a queue that keeps it for who returned it."""
    world = desk.world
    Queue.objects.filter(pk=desk.queue.pk).update(returner_hours=24)
    desk.judge("return", reason="no")
    lease = next_task(desk.annotate, world.actor(world.annotator))
    submit(lease.pk, world.actor(world.annotator), a_document("sign"))
    return desk


def test_it_comes_back_to_the_same_reviewer_before_all_else(back: Any) -> None:
    world = back.world
    assert next_task(back.queue, world.actor(world.manager)) is None
    task = Task.objects.get(queue=back.queue, state="open")
    assert task.person == world.reviewer and task.reserved_until is not None
    assert next_task(back.queue, world.actor(world.reviewer)).task_id == task.pk


def test_it_is_anybodys_when_they_do_not_come(back: Any) -> None:
    world = back.world
    fill(back.queue.pk)
    Task.objects.filter(queue=back.queue, state="open").update(reserved_until=timezone.now() - timedelta(seconds=1))
    assert next_task(back.queue, world.actor(world.manager)) is not None
    fill(back.queue.pk)
    assert Task.objects.get(queue=back.queue, state="open").person is None


def test_nobody_waits_for_who_left_or_is_paused(desk: Any) -> None:
    from annotate.queues.models import Assignment

    world = desk.world
    Queue.objects.filter(pk=desk.queue.pk).update(returner_hours=24)
    desk.judge("return", reason="no")
    lease = next_task(desk.annotate, world.actor(world.annotator))
    submit(lease.pk, world.actor(world.annotator), a_document("sign"))
    for person, paused in ((world.reviewer, True), (world.manager, False)):
        Assignment.objects.create(queue=desk.queue, person=person, paused=paused)
    assert next_task(desk.queue, world.actor(world.manager)) is not None


def test_without_the_setting_anybody_judges_it_again(desk: Any) -> None:
    world = desk.world
    desk.judge("return", reason="no")
    lease = next_task(desk.annotate, world.actor(world.annotator))
    submit(lease.pk, world.actor(world.annotator), a_document("sign"))
    assert next_task(desk.queue, world.actor(world.manager)) is not None
