"""Gold under many hands at once, on connections of their own: each item once to a person, nothing twice, no lost answer."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from annotate.annotations.models import Annotation
from annotate.gold.services import add_truths
from annotate.items.services import NewItem, add_items, create_batch
from annotate.queues.claim import next_task
from annotate.queues.models import Lease, Task
from annotate.queues.services import create_queue
from annotate.queues.submit import submit
from tests.concurrency.test_claims import at_once
from tests.conftest import make_world
from tests.queues.conftest import a_document
from workflows.quality import gold
from workflows.quality.models import GoldScore

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> Any:
    return make_world()


@pytest.fixture
def queue(world: Any) -> Any:
    by = world.actor(world.owner)
    rows = [NewItem(key=f"{index:04d}", uri=f"s3://b/{index}.jpg", width=64, height=48) for index in range(8)]
    added = add_items(create_batch(world.project, "more", by=by), rows, by=by)
    add_truths(world.project, [{"item": item, "annotation": a_document("car")} for item in added.accepted.values()], by=by)
    return create_queue(world.project, "only", stage="annotate", gold_percent=100, by=by)


def test_two_tabs_of_a_person_are_handed_one_and_the_same(world: Any, queue: Any) -> None:
    actor = world.actor(world.annotator)
    for done in range(8):
        got = at_once(lambda _each: next_task(queue.pk, actor), range(5))
        assert len({lease.pk for lease in got}) == 1, got
        assert Task.objects.filter(person=world.annotator).count() == done + 1
        submit(got[0].pk, actor, a_document())
    assert next_task(queue.pk, actor) is None


def test_people_who_ask_at_once_all_get_gold_and_each_item_once(world: Any, queue: Any) -> None:
    actors = [world.actor(person) for person in (world.annotator, world.annotator2, world.reviewer)]

    def work(actor: Any) -> list[int]:
        seen = []
        while (lease := next_task(queue.pk, actor)) is not None:
            submit(lease.pk, actor, a_document("car"))
            seen.append(lease.item_id)
        return seen

    for got in at_once(work, actors):
        assert not isinstance(got, Exception), got
        assert len(got) == len(set(got)) == 8
    per_person = Counter(Task.objects.filter(gold=True).values_list("person_id", "item_id"))
    assert set(per_person.values()) == {1}
    assert not Lease.objects.filter(ended_at=None).exists()


def test_answers_are_measured_once_by_however_many(world: Any, queue: Any) -> None:
    actor = world.actor(world.annotator)
    for _each in range(8):
        lease = next_task(queue.pk, actor)
        assert lease is not None
        submit(lease.pk, actor, a_document())
    made = at_once(lambda _each: gold.measure_some(), range(4))
    assert sum(made) == 8, made
    assert GoldScore.objects.count() == Annotation.objects.filter(source="gold", task__isnull=False).count() == 8
