"""When gold is handed out and when it is not: beside work that is kept for somebody, between frames, and once a call."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotate.gold.services import add_truths
from annotate.queues import mixing
from annotate.queues.claim import next_task
from annotate.queues.fill import fill
from annotate.queues.leases import release
from annotate.queues.models import Task
from annotate.queues.reserving import reserve
from annotate.queues.submit import submit
from tests.queues.conftest import a_document, clip, queue_of  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def gold_of(world: Any, make_items: Any) -> Any:
    def make(n: int) -> list[int]:
        items = [item.pk for item in make_items(n)]
        add_truths(world.project, [{"item": item, "annotation": a_document("car")} for item in items], by=world.actor(world.owner))
        return items

    return make


def test_gold_is_handed_out_among_work_that_is_kept_for_the_person(world: Any, make_items: Any, gold_of: Any, queue_of: Any) -> None:  # noqa: F811
    items = [item.pk for item in make_items(3)]
    queue, actor = queue_of(gold_percent=99, q="state = new"), world.actor(world.annotator)
    fill(queue.pk)
    gold_of(2)
    reserve(queue, items, world.annotator, by=world.actor(world.manager))
    given = []
    while (lease := next_task(queue, actor)) is not None:
        given.append(Task.objects.get(pk=lease.task_id).gold)
        submit(lease.pk, actor, a_document())
    assert sorted(given) == [False] * 3 + [True] * 2
    assert given[0] is True


def test_gold_comes_between_groups_and_never_among_their_frames(world: Any, clip: Any, make_items: Any, gold_of: Any, queue_of: Any) -> None:  # noqa: F811
    clip(4)
    alone = ", ".join(f'"{item.key}"' for item in make_items(2))
    queue, actor = queue_of(gold_percent=99, q=f'group = "clip" or key in ({alone})'), world.actor(world.annotator)
    fill(queue.pk)
    gold_of(6)
    frames: list[bool] = []
    while (lease := next_task(queue, actor)) is not None:
        frames.append(lease.item.frame is not None)
        submit(lease.pk, actor, a_document())
    first, last = frames.index(True), len(frames) - frames[::-1].index(True)
    assert frames[first:last] == [True] * 4
    assert 4 <= Task.objects.filter(gold=True).count() <= 6


def test_no_picture_by_itself_is_mixed_into_nothing_but_frames(world: Any, clip: Any, gold_of: Any, queue_of: Any) -> None:  # noqa: F811
    """Every one that came would be known for gold."""
    clip(3, "a"), clip(3, "b")
    queue, actor = queue_of(gold_percent=99, q='group in ("a", "b")'), world.actor(world.annotator)
    fill(queue.pk)
    gold_of(6)
    while (lease := next_task(queue, actor)) is not None:
        assert lease.item.frame is not None
        submit(lease.pk, actor, a_document())
    assert not Task.objects.filter(gold=True).exists()


def test_what_was_given_back_is_handed_out_again_before_other_gold(world: Any, make_items: Any, gold_of: Any, queue_of: Any) -> None:  # noqa: F811
    make_items(3)
    queue, actor = queue_of(gold_percent=99, q="state = new"), world.actor(world.annotator)
    fill(queue.pk)
    gold_of(4)
    lease = next_task(queue, actor)
    assert lease is not None
    for _each in range(4):
        release(lease.pk, actor)
        again = next_task(queue, actor)
        assert again is not None
        assert again.task_id == lease.task_id
        lease = again
    assert Task.objects.filter(gold=True).count() == 1


def test_two_are_never_given_the_same_number(world: Any, gold_of: Any, queue_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """A number that is taken is drawn anew; when all are, work like any other is handed out."""
    gold_of(1)
    queue = queue_of(gold_percent=100)
    monkeypatch.setattr(mixing, "_MIX", mixing._MIX.replace(f"floor(random() * {mixing.DRAWN})::int", "0"))
    assert next_task(queue, world.actor(world.annotator)) is not None
    values = {"person": world.annotator2.pk, "queue": queue.pk, "overlap": 1}
    assert mixing.mix(world.project.pk, values, only=True) is None


def test_a_queue_without_gold_asks_for_nothing_more(world: Any, make_items: Any, gold_of: Any, queue_of: Any) -> None:  # noqa: F811
    make_items(4)
    queue, actor = queue_of(q="state = new"), world.actor(world.annotator)
    fill(queue.pk)
    counts = []
    for _gold in (False, True):
        with CaptureQueriesContext(connection) as asked:
            lease = next_task(queue, actor)
        assert lease is not None
        assert not any("annotate_gold" in one["sql"] for one in asked.captured_queries)
        counts.append(len(asked))
        submit(lease.pk, actor, a_document())
        gold_of(2)
    assert counts[0] == counts[1]
