"""Which items a queue takes, and that filling again changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.annotations.services import ImportedAnnotation, add_imported, add_revision
from annotate.kernel.errors import Denied, Invalid
from annotate.projects.queries import current_schema
from annotate.queues import fill as filling
from annotate.queues.claim import next_task
from annotate.queues.fill import fill
from annotate.queues.jobs import refill
from annotate.queues.models import Task
from annotate.queues.services import change_queue
from annotate.queues.tasks import send_back
from tests.queues.conftest import a_document

pytestmark = pytest.mark.django_db


def test_filling_makes_overlap_tasks_per_item_once(make_items: Any, queue_of: Any) -> None:
    make_items(3)
    queue = queue_of(overlap=2)
    assert fill(queue.pk) == 6
    assert fill(queue.pk) == 0
    make_items(1)
    assert refill(queue.project_id) == 2


def test_a_queue_takes_only_items_of_its_query(make_items: Any, queue_of: Any) -> None:
    pytest.importorskip("annotate.search.compile")
    make_items(2, meta={"weather": "rain"})
    make_items(2, meta={"weather": "fog"})
    queue = queue_of(q='meta.weather = "rain"')
    assert fill(queue.pk) == 2
    with pytest.raises(Invalid):
        queue_of(q="meta.weather = = rain")


def test_an_erased_item_gets_no_task(make_items: Any, queue_of: Any) -> None:
    from annotate.items.models import Item

    items = make_items(2)
    Item.objects.filter(pk=items[0].pk).update(state="erased")
    assert fill(queue_of().pk) == 1


def test_a_review_queue_takes_answers_once_all_tasks_of_the_item_are_answered(
    world: Any, make_items: Any, queue_of: Any, answer: Any
) -> None:
    make_items(1)
    annotate, review = queue_of(overlap=2), queue_of("review")
    answer(annotate, world.annotator)
    assert fill(review.pk) == 0
    second = answer(annotate, world.annotator2)
    assert fill(review.pk) == 1
    assert fill(review.pk) == 0
    assert Task.objects.get(queue=review).annotation_id == second.annotation_id


def test_an_answer_is_reviewed_though_another_queue_still_wants_the_item(
    world: Any, make_items: Any, queue_of: Any, answer: Any
) -> None:
    make_items(1)
    annotate, other, review = queue_of(), queue_of(), queue_of("review")
    assert fill(annotate.pk) == fill(other.pk) == 1
    first = answer(annotate, world.annotator)
    assert fill(review.pk) == 1
    assert Task.objects.get(queue=review).annotation_id == first.annotation_id
    second = answer(other, world.annotator2)
    fill(review.pk)
    assert Task.objects.get(queue=review, state="open").annotation_id == second.annotation_id


def test_a_new_answer_after_a_return_makes_a_task_of_the_next_round(world: Any, make_items: Any, queue_of: Any, answer: Any) -> None:
    from annotate.queues import leases, tasks
    from annotate.reviews.models import Review

    make_items(1)
    annotate, review = queue_of(), queue_of("review")
    done = answer(annotate, world.annotator)
    held = next_task(review, world.actor(world.reviewer))
    Review.objects.create(item_id=held.item_id, annotation_id=done.annotation_id, person=world.reviewer, verdict="return", reason="loose")
    leases.end(held.pk, "review")
    tasks.answer(held.task_id, person_id=world.reviewer.pk)
    send_back(done.annotation_id)
    assert fill(review.pk) == 0
    again = answer(annotate, world.annotator, "sign")
    judged = next_task(review, world.actor(world.reviewer))
    assert (judged.round, judged.annotation_id) == (2, again.annotation_id)


def test_nobody_reviews_an_item_they_answered_or_wrote(world: Any, make_items: Any, queue_of: Any, answer: Any) -> None:
    [item] = make_items(1)
    annotate, review = queue_of(), queue_of("review")
    answer(annotate, world.reviewer)
    assert next_task(review, world.actor(world.reviewer)) is None
    assert next_task(review, world.actor(world.manager)) is not None
    schema = current_schema(world.project.pk)
    add_revision(item.pk, document=a_document(), schema_version=schema, by=world.actor(world.admin), source="fix")
    assert next_task(review, world.actor(world.admin)) is None


def test_a_review_task_for_an_older_revision_is_voided_and_made_anew(world: Any, make_items: Any, queue_of: Any, answer: Any) -> None:
    [item] = make_items(1)
    annotate, review = queue_of(), queue_of("review")
    answer(annotate, world.annotator)
    fill(review.pk)
    newer = add_revision(item.pk, document=a_document("sign"), schema_version=current_schema(world.project.pk), by=None)
    held = next_task(review, world.actor(world.reviewer))
    assert held.annotation_id == newer.pk
    assert list(Task.objects.filter(queue=review).order_by("id").values_list("state", flat=True)) == ["void", "open"]


def test_imported_answers_are_reviewed_but_not_approved_ones(world: Any, make_items: Any, queue_of: Any) -> None:
    items, schema = make_items(2), current_schema(world.project.pk)
    add_imported(
        [ImportedAnnotation(item.pk, a_document(), schema.pk, approved=index == 0) for index, item in enumerate(items)],
        by=world.actor(world.owner),
    )
    review = queue_of("review")
    assert fill(review.pk) == 1
    assert Task.objects.get(queue=review).item_id == items[1].pk


def test_adjudication_takes_items_on_which_people_differ(world: Any, make_items: Any, queue_of: Any) -> None:
    from annotate.queues.submit import submit

    make_items(2)
    annotate, adjudicate = queue_of(overlap=2), queue_of("adjudicate")
    same = a_document("car")
    for person, label in ((world.annotator, "car"), (world.annotator2, "sign")):
        for document in (same, a_document(label)):
            submit(next_task(annotate, world.actor(person)).pk, world.actor(person), document)
    assert fill(adjudicate.pk) == 1


def test_a_larger_overlap_adds_tasks_and_a_smaller_one_voids_what_nobody_holds(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(2)
    queue, by = queue_of(), world.actor(world.owner)
    fill(queue.pk)
    change_queue(queue, overlap=3, by=by)
    assert Task.objects.filter(queue=queue, state="open").count() == 6
    change_queue(queue, overlap=1, by=by)
    assert Task.objects.filter(queue=queue, state="open").count() == 2
    change_queue(queue, overlap=2, by=by)
    assert Task.objects.filter(queue=queue, state="open").count() == 4


def test_a_new_order_counts_for_waiting_tasks(world: Any, make_items: Any, queue_of: Any) -> None:
    items = make_items(3)
    queue = queue_of()
    fill(queue.pk)
    change_queue(queue, order="newest", by=world.actor(world.owner))
    assert next_task(queue, world.actor(world.annotator)).item_id == items[-1].pk


@pytest.mark.parametrize(
    "wrong", [{"overlap": 0}, {"overlap": 101}, {"order": "best"}, {"order": "random:x"}, {"lease_seconds": 0}, {"gold_percent": 101}]
)
def test_wrong_settings_are_named(queue_of: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as error:
        queue_of(**wrong)
    assert set(error.value.fields) == set(wrong)


def test_only_people_who_may_do_the_work_can_be_named_and_only_managers_make_queues(world: Any, queue_of: Any) -> None:
    from annotate.queues.services import create_queue

    with pytest.raises(Invalid):
        queue_of("review", members=[world.reviewer, world.annotator])
    with pytest.raises(Denied):
        create_queue(world.project, "mine", stage="annotate", by=world.actor(world.annotator))


def test_every_order_has_its_sql() -> None:
    assert {filling.rank_of(order) for order in ("oldest", "newest", "priority", "random:-3")}
