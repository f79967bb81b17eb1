"""Acts on many tasks: what the preview says is what happens, what does not fit is passed over, and one undo puts all back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from annotate.activity.models import Activity
from annotate.items.models import Item
from annotate.items.services import create_batch
from annotate.jobs.models import Job
from annotate.jobs.services import cancel
from annotate.kernel.errors import Conflict, Denied, Invalid, Missing
from annotate.projects.services import remove_member
from annotate.queues import bulk as bulks
from annotate.queues import bulk_running
from annotate.queues.bulk import Wish, act, preview, undo
from annotate.queues.claim import next_task
from annotate.queues.fill import fill
from annotate.queues.leases import release, skip
from annotate.queues.models import BulkTask, Task
from annotate.queues.reserving import reserve
from annotate.queues.services import create_queue, move_queue
from annotate.queues.submit import submit
from annotate.reviews.models import Comment
from annotate.reviews.services import review
from tests.conftest import make_world
from tests.queues.conftest import a_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def do(world: Any) -> Any:
    """Preview, then the act; both say the same."""

    def carried(name: str, q: str = "", **more: Any) -> Any:
        by, wish = world.actor(world.manager), Wish(name, q, **more)
        said = preview(world.project, wish, by=by)
        made = act(world.project, wish, by=by)
        if made.state == "done":
            counts = dict(made.counts)
            assert counts.pop("changed", 0) == said.changes
            assert counts == said.passed
            assert said.matched == said.changes + sum(said.passed.values())
        return made

    return carried


def snapshot(project: Any) -> dict[str, Any]:
    """All that acts may touch."""
    names = ("id", "state", "person_id", "rank", "reserved_until", "annotation_id", "answered_at")
    return {
        "tasks": list(Task.objects.filter(queue__project=project).order_by("id").values_list(*names)),
        "items": list(Item.objects.filter(project=project).order_by("id").values_list("id", "state")),
        "comments": list(Comment.objects.filter(item__project=project).order_by("id").values_list("id", "text")),
    }


def test_a_selection_is_kept_for_a_person(world: Any, make_items: Any, queue_of: Any, do: Any) -> None:
    make_items(3, meta={"city": "Oslo"})
    rest = make_items(2)
    queue = queue_of()
    next_task(queue, world.actor(world.annotator2))
    until = timezone.now() + dt.timedelta(days=2)
    made = do("assign", 'meta.city = "Oslo"', person=world.annotator, until=until)
    assert made.counts == {"changed": 2, "held": 1}
    kept = Task.objects.filter(queue=queue, person=world.annotator)
    assert {task.reserved_until for task in kept} == {until} and not kept.filter(item__in=rest).exists()
    record = Activity.objects.get(verb="bulk.assign")
    assert (record.noun_id, record.data["tasks"]) == (made.pk, 3)


def test_of_several_tasks_of_an_item_one_is_kept_for_a_person(world: Any, make_items: Any, queue_of: Any, do: Any) -> None:
    make_items(2)
    queue = queue_of(overlap=3)
    next_task(queue, world.actor(world.reviewer))
    assert do("assign", person=world.annotator).counts == {"changed": 2, "has_one": 3, "held": 1}
    assert do("assign", person=world.annotator2).counts == {"changed": 2, "has_one": 1, "held": 1, "reserved": 2}
    for person in (world.annotator, world.annotator2):
        assert Task.objects.filter(queue=queue, person=person).count() == 2


def test_what_is_kept_can_be_let_go_by_query(world: Any, make_items: Any, queue_of: Any, do: Any) -> None:
    items = make_items(3)
    queue = queue_of()
    reserve(queue, [items[0].pk, items[1].pk], world.annotator, by=world.actor(world.manager))
    next_task(queue, world.actor(world.annotator))
    assert do("release").counts == {"changed": 1, "held": 1, "not_reserved": 1}


def test_to_the_front_and_to_the_back_in_their_order(world: Any, make_items: Any, queue_of: Any, do: Any) -> None:
    items = make_items(2)
    marked = make_items(2, meta={"soon": True})
    later = make_items(1)
    queue = queue_of()
    fill(queue.pk)
    do("prioritise", "meta.soon = true", place="front")

    def order() -> list[int]:
        return list(Task.objects.filter(queue=queue).order_by("rank", "id").values_list("item_id", flat=True))

    plain = [*(item.pk for item in items), later[0].pk]
    assert order() == [*(item.pk for item in marked), *plain]
    do("prioritise", "meta.soon = true", place="back")
    assert order() == [*plain, *(item.pk for item in marked)]


def test_a_priority_counts_in_queues_ordered_by_it(world: Any, make_items: Any, queue_of: Any, do: Any) -> None:
    make_items(2, meta={"priority": 5})
    plain = make_items(1)
    first, other = queue_of(order="priority"), queue_of(order="oldest")
    for queue in (first, other):
        next_task(queue, world.actor(world.annotator))
    made = do("prioritise", f'key = "{plain[0].key}"', priority=9)
    assert made.counts == {"changed": 1, "other_order": 1}
    assert next_task(first, world.actor(world.annotator2)).item_id == plain[0].pk


def test_answers_go_back_to_their_authors_with_words(world: Any, make_items: Any, queue_of: Any, answer: Any, do: Any) -> None:
    items = make_items(3)
    queue = queue_of()
    answer(queue, world.annotator)
    answer(queue, world.annotator2)
    before = snapshot(world.project)
    made = do("send_back", "", queue=queue, reason="closer, please")
    assert made.counts == {"changed": 2, "not_answered": 1}
    assert Item.objects.get(pk=items[0].pk).state == "returned"
    again = next_task(queue, world.actor(world.annotator))
    assert again.item_id == items[0].pk and again.annotation_id is not None
    assert set(Comment.objects.values_list("text", flat=True)) == {"closer, please"}
    release(again.pk, world.actor(world.annotator))
    undone = undo(made, by=world.actor(world.manager))
    assert undone.counts == {"undone": 2, "not_answered": 1}
    assert snapshot(world.project) == before


def test_an_item_stays_returned_while_one_of_its_authors_works_on_it(
    world: Any, make_items: Any, queue_of: Any, answer: Any, do: Any
) -> None:
    [item] = make_items(1)
    queue = queue_of(overlap=2)
    answer(queue, world.annotator)
    answer(queue, world.annotator2)
    made = do("send_back")
    next_task(queue, world.actor(world.annotator))
    assert undo(made, by=world.actor(world.manager)).counts == {"left": 1, "undone": 1}
    assert Item.objects.get(pk=item.pk).state == "returned"


def test_what_cannot_be_sent_back(world: Any, make_items: Any, queue_of: Any, answer: Any, do: Any) -> None:
    make_items(4)
    queue = queue_of()
    for person in (world.annotator, world.annotator2, world.reviewer, world.annotator2):
        answer(queue, person)
    judging = queue_of("review")
    first = next_task(judging, world.actor(world.manager))
    review(first.pk, world.actor(world.manager), "accept")
    next_task(judging, world.actor(world.manager))
    remove_member(world.project, world.reviewer, by=world.actor(world.owner))
    made = do("send_back")
    assert made.counts == {"changed": 1, "approved": 1, "in_review": 1, "author_gone": 1, "judging": 4}


def test_tasks_are_taken_out_of_a_queue(world: Any, make_items: Any, queue_of: Any, answer: Any, do: Any) -> None:
    items = make_items(4)
    queue = queue_of()
    answer(queue, world.annotator)
    next_task(queue, world.actor(world.annotator2))
    reserve(queue, [items[3].pk], world.annotator, by=world.actor(world.manager))
    before = snapshot(world.project)
    made = do("void", queue=queue)
    assert made.counts == {"changed": 2, "held": 1, "not_waiting": 1}
    assert next_task(queue, world.actor(world.annotator)) is None
    undo(made, by=world.actor(world.manager))
    assert snapshot(world.project) == before
    assert next_task(queue, world.actor(world.annotator)).item_id == items[3].pk


def test_an_undo_leaves_and_names_what_something_else_changed(world: Any, make_items: Any, queue_of: Any, answer: Any, do: Any) -> None:
    items = make_items(4)
    queue = queue_of()
    fill(queue.pk)
    made = do("assign", person=world.annotator)
    answer(queue, world.annotator)
    actor = world.actor(world.annotator)
    skip(next_task(queue, actor).pk, actor)
    held = next_task(queue, actor)
    undone = undo(made, by=world.actor(world.manager))
    assert undone.state == "undone" and undone.counts == {"left": 3, "undone": 1}
    left = BulkTask.objects.filter(bulk=made, outcome="left").values_list("task__item_id", flat=True)
    assert set(left) == {items[0].pk, items[1].pk, held.item_id}
    assert Task.objects.get(queue=queue, item=items[0]).person == world.annotator
    assert submit(held.pk, actor, a_document(), 1)
    with pytest.raises(Conflict) as refused:
        undo(made, by=world.actor(world.manager))
    assert refused.value.code == "undone"


def test_an_undo_gives_nobody_a_second_task_of_an_item(world: Any, make_items: Any, queue_of: Any, answer: Any, do: Any) -> None:
    items = make_items(1)
    queue = queue_of(overlap=2)
    reserve(queue, [items[0].pk], world.annotator, by=world.actor(world.manager))
    made = do("release")
    lease = next_task(queue, world.actor(world.annotator2))
    mine = next_task(queue, world.actor(world.annotator))
    assert lease.task_id == BulkTask.objects.get(bulk=made, outcome="changed").task_id != mine.task_id
    release(lease.pk, world.actor(world.annotator2))  # free as the act left it; but the annotator has the other one
    assert undo(made, by=world.actor(world.manager)).counts == {"left": 1, "not_reserved": 1}
    assert submit(mine.pk, world.actor(world.annotator), a_document(), 1)


def test_many_are_done_by_a_job_that_goes_on_where_it_was(
    world: Any, make_items: Any, queue_of: Any, do: Any, run_jobs: Any, monkeypatch: Any
) -> None:
    make_items(7)
    queue = queue_of()
    fill(queue.pk)
    monkeypatch.setattr(bulks, "AT_ONCE", 3)
    monkeypatch.setattr(bulk_running, "CHUNK", 2)
    before = snapshot(world.project)
    made = do("assign", person=world.annotator)
    assert made.state == "running" and Job.objects.get().kind == "queues.bulk"
    with pytest.raises(Conflict):
        undo(made, by=world.actor(world.manager))
    assert bulk_running._step(made.pk) == 2  # the worker that was cut off
    assert Task.objects.filter(person=world.annotator).count() == 2
    run_jobs()
    made.refresh_from_db()
    assert (made.state, made.counts) == ("done", {"changed": 7})
    undo(made, by=world.actor(world.manager))
    run_jobs()
    made.refresh_from_db()
    assert (made.state, made.counts) == ("undone", {"undone": 7})
    assert snapshot(world.project) == before


def test_a_job_that_was_ended_is_undone_as_far_as_it_went(
    world: Any, make_items: Any, queue_of: Any, do: Any, monkeypatch: Any
) -> None:
    make_items(5)
    fill(queue_of().pk)
    monkeypatch.setattr(bulks, "AT_ONCE", 3)
    monkeypatch.setattr(bulk_running, "CHUNK", 2)
    made = do("assign", person=world.annotator)
    bulk_running._step(made.pk)
    cancel(made.job, by=world.actor(world.manager))
    assert undo(made, by=world.actor(world.manager)).counts == {"undone": 2, "not_reached": 3}
    assert not Task.objects.exclude(person=None).exists()


def test_who_may_ask_for_what(world: Any, make_items: Any, queue_of: Any) -> None:
    queue, named = queue_of(), queue_of(members=[world.annotator2])
    by = world.actor(world.manager)
    wrong = [
        Wish("burn"),
        Wish("assign"),
        Wish("assign", person=world.viewer),
        Wish("assign", person=world.annotator, queue=named),
        Wish("assign", person=world.annotator, until=timezone.now()),
        Wish("assign", person=world.annotator, until=dt.datetime(2100, 1, 1)),
        Wish("prioritise"),
        Wish("prioritise", place="front", priority=1),
        Wish("prioritise", priority=10**13),
        Wish("send_back", reason="x" * 501),
        Wish("void", "state = "),
    ]
    for wish in wrong:
        for call in (preview, act):
            with pytest.raises(Invalid):
                call(world.project, wish, by=by)
    with pytest.raises(Missing):
        act(world.other_project, Wish("void", queue=queue), by=world.actor(world.outsider))
    for person in (world.annotator, world.reviewer, world.viewer):
        with pytest.raises(Denied):
            act(world.project, Wish("void"), by=world.actor(person))
        with pytest.raises(Denied):
            preview(world.project, Wish("void"), by=world.actor(person))
    move_queue(queue, "close", by=by)
    with pytest.raises(Conflict):
        act(world.project, Wish("void", queue=queue), by=by)


def test_a_preview_changes_nothing_and_asks_twice(world: Any, make_items: Any, queue_of: Any, answer: Any, django_assert_num_queries: Any) -> None:
    make_items(3)
    queue = queue_of()
    answer(queue, world.annotator)
    before, by = snapshot(world.project), world.actor(world.manager)
    assert by.organisations
    with django_assert_num_queries(4):  # role, able, the tasks, the counts
        preview(world.project, Wish("assign", person=world.annotator, q="state = new"), by=by)
    with django_assert_num_queries(3):
        preview(world.project, Wish("void", "state = new"), by=by)
    assert snapshot(world.project) == before


KINDS = st.sampled_from(["assign", "release", "front", "back", "value", "send_back", "void"])
QUERIES = st.sampled_from(["", "state = new", "state = labelled", "meta.n < 3", "meta.n >= 2", "answers > 0"])
STEPS = st.lists(st.tuples(KINDS, QUERIES, st.integers(0, 2), st.sampled_from([None, 0, 1])), min_size=1, max_size=7)


class AnySequence(TestCase):
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS, st.integers(1, 6))
    def test_acts_undone_from_the_last_to_the_first_leave_all_as_it_was(self, steps: Any, chunk: int) -> None:
        world = make_world()
        by = world.actor(world.manager)
        batch = make_batch(world)
        for number in range(5):
            Item.objects.create(project=world.project, batch=batch, key=f"{number}", meta={"n": number}, width=64, height=48)
        one = create_queue(world.project, "one", stage="annotate", overlap=2, by=by)
        two = create_queue(world.project, "two", stage="annotate", order="priority", by=by)
        for queue, people in ((one, (world.annotator, world.annotator2, world.annotator)), (two, (world.annotator,))):
            fill(queue.pk)
            for person in people:
                lease = next_task(queue, world.actor(person))
                submit(lease.pk, world.actor(person), a_document(), 1)
        next_task(two, world.actor(world.annotator2))
        start, made, was = snapshot(world.project), [], bulk_running.CHUNK
        bulk_running.CHUNK = chunk
        try:
            for kind, q, person, queue in steps:
                wish = a_wish(world, kind, q, person, None if queue is None else (one, two)[queue])
                said = preview(world.project, wish, by=by)
                made.append(act(world.project, wish, by=by))
                assert sum(made[-1].counts.values()) == said.matched
            for one_act in reversed(made):
                assert "left" not in undo(one_act, by=by).counts
        finally:
            bulk_running.CHUNK = was
        assert snapshot(world.project) == start


def a_wish(world: Any, kind: str, q: str, person: int, queue: Any) -> Wish:
    who = (world.annotator, world.annotator2, world.reviewer)[person]
    if kind in ("front", "back"):
        return Wish("prioritise", q, queue, place=kind)
    if kind == "value":
        return Wish("prioritise", q, queue, priority=person)
    return Wish(kind, q, queue, person=who, reason="look" if person else "")


def make_batch(world: Any) -> Any:
    return create_batch(world.project, "b", by=world.actor(world.manager))
