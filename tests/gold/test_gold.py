"""Making gold, and how it is handed out: to those it can measure, as work like any other."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from annotate.annotations.models import Annotation, CurrentAnnotation
from annotate.gold.models import Gold
from annotate.gold.services import add_gold, add_truths, retire
from annotate.items.erasure import erase
from annotate.items.models import Item
from annotate.kernel.errors import Conflict, Denied, Invalid
from annotate.queues import queries
from annotate.queues.claim import next_task
from annotate.queues.fill import fill
from annotate.queues.leases import release, skip
from annotate.queues.models import Task
from annotate.queues.moving import move_work
from annotate.queues.reopening import reopen
from annotate.queues.services import change_queue
from annotate.queues.submit import submit
from tests.queues.conftest import a_document, queue_of  # noqa: F401  a fixture

pytestmark = pytest.mark.django_db


@pytest.fixture
def gold_of(world: Any, make_items: Any) -> Any:
    """`gold_of(3)`: as many approved items of the project, made gold."""

    def make(n: int = 1) -> list[Item]:
        items = make_items(n)
        add_truths(world.project, [{"item": item.pk, "annotation": a_document("car")} for item in items], by=world.actor(world.owner))
        return items

    return make


def only_gold(queue_of: Any, **more: Any) -> Any:  # noqa: F811
    return queue_of(gold_percent=100, **more)


def test_only_approved_items_become_gold_frames_too_and_each_once(world: Any, make_items: Any, approved: Any) -> None:
    first, frame, bare = make_items(3)
    approved(first)
    approved(frame)
    Item.objects.filter(pk=frame.pk).update(group="clip", frame=1)
    made = add_gold(world.project, [first.pk, frame.pk, bare.pk, 10**9], by=world.actor(world.manager))
    assert list(made.gold) == [first.pk, frame.pk]
    assert made.passed == {bare.pk: "not_approved", 10**9: "unknown"}
    assert add_gold(world.project, [first.pk], by=world.actor(world.manager)).passed == {first.pk: "already"}


def test_only_managers_make_gold(world: Any, make_items: Any) -> None:
    for person in (world.annotator, world.reviewer, world.viewer):
        with pytest.raises(Denied):
            add_gold(world.project, [make_items(1)[0].pk], by=world.actor(person))


def test_a_truth_that_does_not_fit_is_named_and_nothing_is_made(world: Any, make_items: Any) -> None:
    items = make_items(2)
    rows = [{"item": items[0].pk, "annotation": a_document()}, {"item": items[1].pk, "annotation": a_document("unicorn")}]
    with pytest.raises(Invalid) as refused:
        add_truths(world.project, rows, by=world.actor(world.manager))
    assert any(name.startswith("gold[1].annotation") for name in refused.value.fields)
    assert not Gold.objects.exists()
    assert not Annotation.objects.exists()


def test_a_truth_handed_in_is_no_label_of_the_item(world: Any, gold_of: Any) -> None:
    [item] = gold_of()
    item.refresh_from_db()
    assert item.state == "new"
    assert not CurrentAnnotation.objects.exists()
    assert Annotation.objects.get(item=item).number < 0


def test_gold_is_handed_out_once_to_each_person_and_never_to_who_wrote_it(world: Any, gold_of: Any, queue_of: Any) -> None:  # noqa: F811
    items = gold_of(2)
    queue = only_gold(queue_of)
    seen = []
    for _each in range(2):
        lease = next_task(queue, world.actor(world.annotator))
        assert lease is not None
        seen.append(lease.item_id)
        submit(lease.pk, world.actor(world.annotator), a_document())
    assert sorted(seen) == [item.pk for item in items]
    assert next_task(queue, world.actor(world.annotator)) is None
    assert next_task(queue, world.actor(world.annotator2)) is not None
    assert next_task(queue, world.actor(world.owner)) is None


def test_the_gold_that_was_answered_least_comes_first(world: Any, gold_of: Any, queue_of: Any) -> None:  # noqa: F811
    gold_of(2)
    queue = only_gold(queue_of)
    first, second = (next_task(queue, world.actor(person)) for person in (world.annotator, world.annotator2))
    assert first is not None
    assert second is not None
    assert first.item_id != second.item_id


def test_an_answer_to_gold_changes_nothing_of_the_item(world: Any, make_items: Any, approved: Any, queue_of: Any) -> None:  # noqa: F811
    [item] = make_items(1)
    truth = approved(item)
    add_gold(world.project, [item.pk], by=world.actor(world.manager))
    review = queue_of("review")
    queue = only_gold(queue_of)
    lease = next_task(queue, world.actor(world.annotator))
    assert lease is not None
    made = submit(lease.pk, world.actor(world.annotator), a_document("person"))
    assert made.revision == 1
    item.refresh_from_db()
    assert item.state == "approved"
    assert CurrentAnnotation.objects.get(item=item).annotation_id == truth
    assert fill(review.pk) == 0
    assert next_task(review, world.actor(world.reviewer)) is None
    counts = queries.counts([queue.pk])[queue.pk]
    assert counts.open == counts.answered == 0


def test_two_answers_of_a_person_are_numbered_as_of_an_item_of_its_own(world: Any, gold_of: Any, queue_of: Any) -> None:  # noqa: F811
    gold_of()
    queue, anna, ben = only_gold(queue_of), world.actor(world.annotator), world.actor(world.annotator2)
    for actor in (ben, anna):
        lease = next_task(queue, actor)
        assert lease is not None
        assert submit(lease.pk, actor, a_document()).revision == 1
    again = reopen(lease.task_id, anna)
    assert submit(again.pk, anna, a_document("person")).revision == 2
    assert [row["revision"] for row in queries.mine(anna, queue)] == [2]


def test_gold_goes_to_nobody_else(world: Any, gold_of: Any, queue_of: Any) -> None:  # noqa: F811
    gold_of(4)
    queue, anna = only_gold(queue_of), world.actor(world.annotator)
    skipped = next_task(queue, anna)
    assert skipped is not None
    skip(skipped.pk, anna, reason="too dark")
    assert Task.objects.get(pk=skipped.task_id).state == "void"
    left = next_task(queue, anna)
    assert left is not None
    assert left.item_id != skipped.item_id
    release(left.pk, anna)
    back = next_task(queue, anna)
    assert back is not None
    assert back.task_id == left.task_id
    moved = move_work(world.project, world.annotator, to=world.annotator2, by=world.actor(world.manager))
    assert moved.count == 0
    assert not Task.objects.filter(gold=True, person=world.annotator2).exists()
    assert Task.objects.get(pk=back.task_id).state == "void"


def test_the_database_knows_that_gold_is_one_persons(world: Any, gold_of: Any, queue_of: Any) -> None:  # noqa: F811
    gold_of()
    queue = only_gold(queue_of)
    lease = next_task(queue, world.actor(world.annotator))
    assert lease is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.filter(pk=lease.task_id).update(person=None)


def test_what_is_erased_or_retired_is_handed_out_no_more(world: Any, gold_of: Any, queue_of: Any) -> None:  # noqa: F811
    first, second, third = gold_of(3)
    queue, by = only_gold(queue_of), world.actor(world.owner)
    erase(first, by=by, reason="asked for")
    assert Gold.objects.get(item=first).state == "retired"
    retire(Gold.objects.get(item=second), by=by)
    with pytest.raises(Conflict):
        retire(Gold.objects.get(item=second), by=by)
    lease = next_task(queue, world.actor(world.annotator))
    assert lease is not None
    assert lease.item_id == third.pk


def test_the_share_of_gold_is_what_the_queue_says(world: Any, gold_of: Any, make_items: Any, queue_of: Any) -> None:  # noqa: F811
    """200 answers at 20 in a hundred, the first ten at 40: 43 ± 4 standard deviations."""
    make_items(300)
    queue = queue_of(gold_percent=20, q="state = new")
    fill(queue.pk)
    gold_of(150)
    actor = world.actor(world.annotator)
    for _each in range(200):
        lease = next_task(queue, actor)
        assert lease is not None
        submit(lease.pk, actor, a_document())
    given = Task.objects.filter(gold=True, state="answered").count()
    assert 18 <= given <= 68


def test_gold_does_not_hide_among_nothing(world: Any, gold_of: Any, make_items: Any, queue_of: Any) -> None:  # noqa: F811
    gold_of(20)
    queue = queue_of(gold_percent=50, q='key = "nothing"')
    assert [next_task(queue, world.actor(world.annotator)) for _each in range(10)] == [None] * 10


def test_real_work_of_the_same_item_stands_beside_gold(world: Any, gold_of: Any, queue_of: Any) -> None:  # noqa: F811
    [item] = gold_of()
    queue = queue_of(gold_percent=99)
    change_queue(queue, by=world.actor(world.owner), overlap=2)
    fill(queue.pk)
    assert Task.objects.filter(queue=queue, item=item, gold=False).count() == 2
