"""A paused person is handed nothing, in one queue or in all of the project; nobody else is touched by it."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.activity.models import Activity
from annotate.kernel.errors import Denied, Missing
from annotate.projects.services import remove_member
from annotate.queues.claim import next_task
from annotate.queues.models import Assignment, Draft, Lease, Pause
from annotate.queues.pausing import let_on, pause
from workflows.insight.work import offers

pytestmark = pytest.mark.django_db


def test_a_pause_in_a_queue_that_names_nobody_leaves_it_open_to_all_others(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(4)
    queue, other = queue_of(), queue_of()
    pause(world.project, world.annotator, queue=queue, by=world.actor(world.manager))
    with pytest.raises(Denied) as refused:
        next_task(queue, world.actor(world.annotator))
    assert refused.value.code == "paused"
    assert next_task(queue, world.actor(world.annotator2)) is not None
    assert next_task(other, world.actor(world.annotator)) is not None
    assert not Assignment.objects.exists()
    offered = offers(world.annotator.pk, {world.project.pk: "annotator"})
    assert [offer.queue for offer in offered] == [other.pk]


def test_a_pause_in_the_project_counts_in_every_queue_and_in_those_that_come(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(4)
    first = queue_of()
    pause(world.project, world.annotator, by=world.actor(world.manager))
    for queue in (first, queue_of(), queue_of(members=[world.annotator])):
        with pytest.raises(Denied):
            next_task(queue, world.actor(world.annotator))
    let_on(world.project, world.annotator, by=world.actor(world.manager))
    assert next_task(first, world.actor(world.annotator)) is not None
    assert list(Activity.objects.filter(noun="person").values_list("verb", flat=True).order_by("id"))[-2:] == ["person.pause", "person.let_on"]


def test_what_is_held_is_free_at_once_and_the_draft_stays(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(1)
    queue = queue_of()
    lease = next_task(queue, world.actor(world.annotator))
    Draft.objects.create(task=lease.task, person=world.annotator, document="{}")
    assert pause(world.project, world.annotator, by=world.actor(world.manager)) == 1
    assert Lease.objects.get(pk=lease.pk).ended_by == "move"
    assert next_task(queue, world.actor(world.annotator2)).task_id == lease.task_id
    assert Draft.objects.filter(person=world.annotator).exists()


def test_a_named_place_is_paused_where_the_queue_shows_it(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(1)
    queue = queue_of(members=[world.annotator])
    pause(world.project, world.annotator, queue=queue, by=world.actor(world.manager))
    assert Assignment.objects.get(queue=queue).paused and not Pause.objects.exists()
    let_on(world.project, world.annotator, queue=queue, by=world.actor(world.manager))
    assert not Assignment.objects.get(queue=queue).paused


def test_only_a_manager_pauses_and_only_in_their_own_project(world: Any, queue_of: Any) -> None:
    with pytest.raises(Denied):
        pause(world.project, world.annotator, by=world.actor(world.reviewer))
    with pytest.raises(Denied):
        let_on(world.project, world.annotator, by=world.actor(world.annotator))
    with pytest.raises(Missing):
        pause(world.other_project, world.annotator, queue=queue_of(), by=world.actor(world.outsider))


def test_pausing_twice_changes_nothing_and_leaving_ends_it(world: Any) -> None:
    for _time in range(2):
        pause(world.project, world.annotator, by=world.actor(world.manager))
    assert Pause.objects.count() == 1
    remove_member(world.project, world.annotator, by=world.actor(world.manager))
    assert not Pause.objects.exists()
