"""Orders that depend on what is known by now: how sure a model is, how much answers agree, which quota is furthest behind."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotate.annotations.models import Prediction
from annotate.items.models import Batch, Item
from annotate.kernel.errors import Invalid
from annotate.queues.bulk import Wish, act
from annotate.queues.claim import next_task
from annotate.queues.fill import fill, weigh_anew
from annotate.queues.models import Agreement, Task
from annotate.queues.ranking import BEHIND, LAST
from annotate.queues.services import change_queue, create_queue
from annotate.queues.submit import submit
from tests.queues.conftest import a_document

pytestmark = pytest.mark.django_db


def served(queue: Any) -> list[int]:
    """Ids of items in the order in which they would be served."""
    rows = Task.objects.filter(queue=queue, state="open", person=None).order_by("rank", "pk")
    return list(dict.fromkeys(rows.values_list("item_id", flat=True)))


def predicted(item: Any, score: float | None, *objects: float) -> None:
    things = [{"id": str(uuid.uuid4()), "kind": "box", "label": "car", "box": [1, 1, 5, 5], "score": one} for one in objects]
    Prediction.objects.create(item=item, model="m", score=score, document=json.dumps({"objects": things, "item": {}}), digest=uuid.uuid4().bytes * 2)


def test_what_the_model_is_least_sure_of_comes_first(make_items: Any, queue_of: Any) -> None:
    none, sure, by_object, unsure = make_items(4)
    predicted(sure, 0.9)
    predicted(by_object, None, 0.8, 0.4)
    predicted(unsure, 0.1)
    queue = queue_of(order="uncertainty")
    fill(queue.pk)
    assert served(queue) == [unsure.pk, by_object.pk, sure.pk, none.pk]


def test_only_the_newest_prediction_counts_and_a_new_one_moves_what_waits(make_items: Any, queue_of: Any) -> None:
    first, second = make_items(2)
    predicted(first, 0.2)
    predicted(second, 0.5)
    queue = queue_of(order="uncertainty")
    fill(queue.pk)
    assert served(queue) == [first.pk, second.pk]
    predicted(first, 0.8)
    fill(queue.pk)
    assert served(queue) == [second.pk, first.pk]


def test_frames_stay_together_where_the_least_sure_of_them_stands(make_items: Any, queue_of: Any) -> None:
    items = make_items(5)
    for place, item in enumerate(items[1:4]):
        Item.objects.filter(pk=item.pk).update(group="clip", frame=3 - place)
    for item, score in zip(items, (0.5, 0.9, 0.1, 0.6, 0.3), strict=True):
        predicted(item, score)
    queue = queue_of(order="uncertainty")
    fill(queue.pk)
    assert served(queue) == [items[3].pk, items[2].pk, items[1].pk, items[4].pk, items[0].pk]


def test_items_of_a_group_stand_together_also_without_frames(make_items: Any, queue_of: Any) -> None:
    items = make_items(5)
    Item.objects.filter(pk__in=[items[0].pk, items[3].pk]).update(group="a")
    Item.objects.filter(pk__in=[items[1].pk, items[4].pk]).update(group="b")
    queue = queue_of(order="group")
    fill(queue.pk)
    assert served(queue) == [items[place].pk for place in (0, 3, 1, 4, 2)]


def test_what_people_agree_on_least_is_judged_first(world: Any, make_items: Any, queue_of: Any, answer: Any) -> None:
    items = make_items(3)
    labels = queue_of()
    for _each in items:
        answer(labels, world.annotator)
    for item, value in zip(items, (0.9, 0.2, None), strict=True):
        if value is not None:
            Agreement.objects.create(queue=labels, item=item, value=value, answers=2)
    judging = queue_of("review", order="disagreement")
    fill(judging.pk)
    assert served(judging) == [items[1].pk, items[0].pk, items[2].pk]


def test_a_changed_order_moves_what_waits_and_an_unknown_one_is_refused(world: Any, make_items: Any, queue_of: Any) -> None:
    first, second = make_items(2)
    predicted(second, 0.1)
    queue = queue_of()
    fill(queue.pk)
    change_queue(queue, by=world.actor(world.owner), order="uncertainty")
    assert served(queue) == [second.pk, first.pk]
    with pytest.raises(Invalid) as refused:
        change_queue(queue, by=world.actor(world.owner), order="by hand")
    assert "quota" in refused.value.fields["order"]


@pytest.fixture
def planned(world: Any, make_items: Any) -> Any:
    """`planned(kinds, quotas)`: an item per letter, of that kind, in one batch with quotas {kind: at_least}."""

    def make(kinds: str, quotas: dict[str, int]) -> list[Any]:
        items = make_items(len(kinds))
        for item, kind in zip(items, kinds, strict=True):
            Item.objects.filter(pk=item.pk).update(meta={"kind": kind})
        plan = {"quotas": [{"q": f'meta.kind = "{kind}"', "at_least": wanted} for kind, wanted in quotas.items()]}
        Batch.objects.filter(pk=items[0].batch_id).update(plan=plan)
        return items

    return make


def test_the_quota_that_is_furthest_behind_comes_first(planned: Any, queue_of: Any) -> None:
    items = planned("aaabbx", {"a": 6, "b": 2})
    queue = queue_of(order="quota")
    fill(queue.pk)
    # a stands at 1/6, 2/6, 3/6; b at 1/2, 2/2; x belongs to none
    assert served(queue) == [items[place].pk for place in (0, 1, 2, 3, 4, 5)]
    more = planned("aabb", {"a": 2, "b": 8})
    fill(queue.pk)
    assert served(queue).index(more[2].pk) < served(queue).index(more[0].pk)


@given(kinds=st.text(alphabet="abx", min_size=1, max_size=12), a=st.integers(1, 9), b=st.integers(1, 9))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_serving_in_order_is_always_serving_the_one_furthest_behind(world: Any, planned: Any, kinds: str, a: int, b: int) -> None:
    items = planned(kinds, {"a": a, "b": b})
    batch = Batch.objects.get(pk=items[0].batch_id)
    Item.objects.exclude(pk__in=[item.pk for item in items]).update(state="approved")
    Item.objects.exclude(pk__in=[item.pk for item in items]).update(meta={})
    queue = create_queue(world.project, f"q {uuid.uuid4().hex}", stage="annotate", order="quota", q=f'batch = "{batch.name}" and state = new', by=world.actor(world.owner))
    kind_of = {item.pk: kind for item, kind in zip(items, kinds, strict=True)}
    wanted, done, left = {"a": a, "b": b}, {"a": 0, "b": 0}, list(kinds)
    while (lease := next_task(queue, world.actor(world.annotator))) is not None:
        kind = kind_of[lease.item_id]
        behind = {one: (done[one] + 1) / wanted[one] for one in "ab" if one in left}
        if behind:
            assert kind in behind
            assert min(1.0, behind[kind] / 4) <= min(1.0, min(behind.values()) / 4) + 1e-5
        left.remove(kind)
        if kind in done:
            done[kind] += 1
        submit(lease.pk, world.actor(world.annotator), a_document())
        if len(left) % 3 == 0:
            fill(queue.pk)  # weighed anew in between, nothing changes
    assert not left


def test_an_item_in_several_quotas_stands_where_it_is_wanted_most(planned: Any, queue_of: Any) -> None:
    items = planned("aab", {"a": 8, "b": 4})
    Batch.objects.filter(pk=items[0].batch_id).update(
        plan={"quotas": [{"q": 'meta.kind = "a"', "at_least": 8}, {"q": 'meta.kind = "b"', "at_least": 4}, {"q": f'key = "{items[2].key}"', "at_least": 100}]}
    )
    queue = queue_of(order="quota")
    fill(queue.pk)
    assert served(queue) == [items[2].pk, items[0].pk, items[1].pk]


def test_a_changed_plan_moves_what_waits_and_a_quota_that_means_nothing_any_more_moves_nothing(planned: Any, queue_of: Any) -> None:
    items = planned("ab", {"a": 2, "b": 4})
    queue = queue_of(order="quota")
    fill(queue.pk)
    assert served(queue) == [items[1].pk, items[0].pk]
    Batch.objects.filter(pk=items[0].batch_id).update(plan={"quotas": [{"q": 'meta.kind = "a"', "at_least": 9}, {"q": "gone(", "at_least": 3}]})
    fill(queue.pk)
    assert served(queue) == [items[0].pk, items[1].pk]


def test_an_item_half_answered_counts_once_for_its_quota(world: Any, planned: Any, queue_of: Any, answer: Any) -> None:
    items = planned("aabb", {"a": 4, "b": 4})
    queue = queue_of(order="quota", overlap=2)
    fill(queue.pk)
    before = served(queue)
    answer(queue, world.annotator)
    fill(queue.pk)
    assert before == [items[0].pk, items[2].pk, items[1].pk, items[3].pk] == served(queue)


@pytest.mark.parametrize("order", ["uncertainty", "quota"])
def test_what_a_manager_moved_stays_where_it_was_put(world: Any, make_items: Any, queue_of: Any, order: str) -> None:
    first, second, third = make_items(3)
    for item, score in ((first, 0.1), (second, 0.5), (third, 0.9)):
        predicted(item, score)
    queue = queue_of(order=order)
    fill(queue.pk)
    for item, place in ((third, "front"), (first, "back")):
        act(world.project, Wish("prioritise", q=f'key = "{item.key}"', queue=queue, place=place), by=world.actor(world.owner))
    predicted(second, 0.6)
    fill(queue.pk)
    assert served(queue) == [third.pk, second.pk, first.pk]


def test_weighing_again_writes_nothing_that_stands_where_it_should(make_items: Any, queue_of: Any) -> None:
    items = make_items(2)
    queue = queue_of(order="uncertainty")
    fill(queue.pk)
    ranks = Task.objects.filter(queue=queue).order_by("rank").values_list("rank", flat=True)
    assert [rank >> 41 for rank in ranks] == [LAST, LAST]
    assert all(0 <= rank < BEHIND for rank in ranks)
    predicted(items[1], 0.0)
    assert weigh_anew(queue.pk) == 1
    assert weigh_anew(queue.pk) == 0


def test_every_order_of_a_bad_name_is_refused_and_none_reaches_the_database(world: Any, queue_of: Any) -> None:
    for order in ("", "random:", "random:1; DROP TABLE annotate_item", "random:9223372036854775808000", "Oldest", "quota ", "group\n"):
        with pytest.raises(Invalid) as refused:
            queue_of(order=order)
        assert "uncertainty" in refused.value.fields["order"]
