"""More answers for a seeded share of the items."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.items.models import Item
from annotate.kernel.errors import Invalid
from annotate.queues.fill import fill
from annotate.queues.models import Task
from annotate.queues.services import change_queue

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
