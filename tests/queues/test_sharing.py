"""More answers for a seeded share of the items."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotate.items.models import Item
from annotate.kernel.errors import Invalid
from annotate.queues.claim import next_task
from annotate.queues.fill import fill
from annotate.queues.models import Queue, Task
from annotate.queues.overlapping import asked, needed
from annotate.queues.services import change_queue
from annotate.queues.submit import submit
from tests.queues.conftest import a_document

pytestmark = pytest.mark.django_db


def shared(queue: Any) -> set[int]:
    """Items that more than one answer is asked for."""
    return set(Task.objects.filter(queue=queue, n=2).exclude(state="void").values_list("item_id", flat=True))


def test_a_share_of_the_items_needs_several_answers_and_the_others_one(make_items: Any, queue_of: Any) -> None:
    make_items(300)
    queue = queue_of(overlap=3, overlap_percent=20, overlap_seed=7)
    fill(queue.pk)
    assert 30 <= len(shared(queue)) <= 90
    assert Task.objects.filter(queue=queue, n=1).count() == 300
    assert Task.objects.filter(queue=queue, n=3).count() == len(shared(queue))


def test_a_seed_draws_the_same_items_again_and_another_seed_others(make_items: Any, queue_of: Any) -> None:
    make_items(100)
    same = [queue_of(overlap=2, overlap_percent=30, overlap_seed=seed) for seed in (7, 7, 8)]
    for queue in same:
        fill(queue.pk)
    assert shared(same[0]) == shared(same[1]) != shared(same[2])


def test_items_that_come_later_change_nothing_for_the_others(make_items: Any, queue_of: Any) -> None:
    make_items(60)
    queue = queue_of(overlap=2, overlap_percent=40, overlap_seed=3)
    fill(queue.pk)
    before = shared(queue)
    make_items(60)
    fill(queue.pk)
    assert before < shared(queue)


def test_a_larger_share_holds_the_smaller_one(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(120)
    queue, by = queue_of(overlap=2, overlap_percent=0, overlap_seed=5), world.actor(world.owner)
    fill(queue.pk)
    seen = shared(queue)
    assert not seen
    for percent in (10, 35, 80, 100):
        change_queue(queue, by=by, overlap_percent=percent)
        assert seen <= shared(queue)
        seen = shared(queue)
    assert len(seen) == 120
    change_queue(queue, by=by, overlap_percent=35)
    smaller = shared(queue)
    change_queue(queue, by=by, overlap_percent=80)
    change_queue(queue, by=by, overlap_percent=35)
    assert shared(queue) == smaller < seen


def test_frames_of_a_group_are_drawn_together(make_items: Any, queue_of: Any) -> None:
    items = make_items(80)
    for place, item in enumerate(items):
        Item.objects.filter(pk=item.pk).update(group=f"clip {place // 4}", frame=place % 4)
    queue = queue_of(overlap=2, overlap_percent=50, overlap_seed=1)
    fill(queue.pk)
    groups = Item.objects.filter(pk__in=shared(queue)).values_list("group", flat=True)
    assert 0 < len(set(groups)) < 20
    assert all(list(groups).count(group) == 4 for group in set(groups))


@pytest.mark.parametrize(("setting", "value"), [("overlap_percent", 101), ("overlap_percent", -1), ("overlap_seed", 10**19), ("overlap_percent", "x")])
def test_a_share_that_cannot_be_is_refused_by_name(queue_of: Any, setting: str, value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        queue_of(overlap=2, **{setting: value})
    assert setting in refused.value.fields


@given(seed=st.integers(-(10**18), 10**18), percents=st.lists(st.integers(0, 100), min_size=2, max_size=4))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_shares_of_one_seed_hold_one_another(world: Any, make_items: Any, seed: int, percents: list[int]) -> None:
    if not Item.objects.filter(project=world.project).exists():
        make_items(60)

    def drawn(percent: int) -> set[int]:
        queue = Queue(project=world.project, overlap=2, overlap_percent=percent, overlap_seed=seed)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT i.id FROM annotate_item i WHERE {needed(queue)} > 1 AND %s", [True])
            return {row[0] for row in cursor.fetchall()}

    shares = [drawn(percent) for percent in sorted(percents)]
    assert all(smaller <= larger for smaller, larger in pairwise(shares))
    assert drawn(0) == set()
    assert len(drawn(100)) == 60


def test_what_somebody_holds_is_not_taken_when_the_share_gets_smaller(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(1)
    queue = queue_of(overlap=2, overlap_percent=100, overlap_seed=5)
    leases = [next_task(queue, world.actor(person)) for person in (world.annotator, world.annotator2)]
    change_queue(queue, by=world.actor(world.owner), overlap_percent=0)
    assert not Task.objects.filter(queue=queue, state="void").exists()
    for lease, person in zip(leases, (world.annotator, world.annotator2), strict=True):
        assert lease is not None
        submit(lease.pk, world.actor(person), a_document())


def test_how_many_items_get_how_many_answers_is_told_as_it_will_be(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(90)
    queue = queue_of(overlap=3, overlap_percent=30, overlap_seed=9)
    fill(queue.pk)
    several = len(shared(queue))
    assert asked(queue) == {1: 90 - several, 3: several}
    assert asked(Queue(project=world.project, q="state = approved", overlap=2)) == {}


def test_a_group_outside_the_share_is_worked_through_by_one_person(world: Any, clip: Any, make_items: Any, queue_of: Any) -> None:
    clip(3)
    make_items(1)
    queue = queue_of(overlap=2, overlap_percent=0)
    first = next_task(queue, world.actor(world.annotator))
    other = next_task(queue, world.actor(world.annotator2))
    assert first is not None
    assert other is not None
    assert first.item.group == "clip"
    assert other.item.group == ""


def test_people_share_a_group_inside_the_share(world: Any, clip: Any, make_items: Any, queue_of: Any) -> None:
    clip(3)
    make_items(1)
    queue = queue_of(overlap=2)
    groups = [next_task(queue, world.actor(person)).item.group for person in (world.annotator, world.annotator2)]  # type: ignore[union-attr]
    assert groups == ["clip", "clip"]
