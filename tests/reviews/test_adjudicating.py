"""A third decides between answers: whose words stand is known, what waited need not be done, and taken back all is as it was."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from annotate.annotations.models import Annotation, CurrentAnnotation
from annotate.kernel.errors import Conflict, Denied
from annotate.queues.claim import next_task
from annotate.queues.fill import fill
from annotate.queues.models import Lease, Task
from annotate.queues.submit import submit
from annotate.reviews.models import Adjudication, Approval, Review
from annotate.reviews.services import review
from annotate.reviews.undoing import undo
from tests.conftest import make_world
from tests.queues.conftest import a_box
from tests.reviews.conftest import queue_of

__all__ = ["queue_of"]
CAR, BUS, SIGN, MINE = (a_box("car", (1, 2, 10, 8)), a_box("sign", (1, 2, 10, 9)), a_box("sign", (30, 20, 9, 9)), a_box("car", (50, 40, 5, 5)))


def said(*boxes: Any, **item: Any) -> dict[str, Any]:
    return {"objects": list(boxes), "item": item}


def give(world: Any, queue: Any, person: Any, document: Any) -> Any:
    actor = world.actor(person)
    return submit(next_task(queue, actor).pk, actor, document)


@pytest.fixture
def dispute(world: Any, make_items: Any, queue_of: Any) -> Any:
    """One item: `annotator` says A, `annotator2` says B; (item, annotate queue, adjudicate queue, the two answers)."""
    [item] = make_items(1)
    annotate, queue = queue_of(overlap=2), queue_of("adjudicate")
    one = give(world, annotate, world.annotator, said(CAR, weather="rain"))
    two = give(world, annotate, world.annotator2, said(BUS, SIGN, weather="fog"))
    return item, annotate, queue, (one.annotation_id, two.annotation_id)


def decide(world: Any, queue: Any, document: Any = None, by: Any = None) -> Any:
    actor = world.actor(by or world.reviewer)
    lease = next_task(queue, actor)
    assert lease is not None
    return review(lease.pk, actor, "fix" if document else "accept", annotation=document)


def test_whose_words_a_decision_repeats_is_kept(world: Any, dispute: Any) -> None:
    item, _annotate, queue, (one, two) = dispute
    moved = CAR | {"box": [2, 2, 10, 8]}
    made = decide(world, queue, said(moved, SIGN, MINE, weather="fog"))
    kept = Adjudication.objects.get(review=made.review_id)
    assert {row["annotation"] for row in kept.answers} == {one, two} and sorted(row["label"] for row in kept.answers) == ["A", "B"]
    assert kept.origins["objects"] == {
        CAR["id"]: {"answers": [one], "changed": True}, SIGN["id"]: {"answers": [two], "changed": False}, MINE["id"]: {"answers": [], "changed": False}
    }  # fmt: skip
    assert kept.origins["item"] == {"weather": [two]}
    approval = Approval.objects.get(item=item)
    assert (approval.cause, approval.person, approval.annotation_id) == ("adjudication", world.reviewer, made.annotation_id)
    assert set(Annotation.objects.filter(item=item).values_list("pk", flat=True)) == {one, two, made.annotation_id}


def test_of_who_answered_twice_the_newest_stands_beside_the_others(world: Any, dispute: Any, queue_of: Any) -> None:
    item, _annotate, queue, (_one, two) = dispute
    again = give(world, queue_of(q=f"key = {item.key}"), world.annotator, said(SIGN))
    fill(queue.pk)
    bundle = world.api(world.reviewer).post(f"/queues/{queue.pk}/next").json()
    assert {side["annotation"]["id"] for side in bundle["answers"]} == {two, again.annotation_id}


def test_what_waited_of_the_item_is_laid_aside_at_once_and_waits_again_when_it_is_taken_back(world: Any, dispute: Any, queue_of: Any) -> None:
    item, annotate, queue, (_one, two) = dispute
    fill(queue.pk)
    Task.objects.create(queue=annotate, item=item, n=3, rank=-7)  # one answer more was asked for
    judging = queue_of("review")
    Task.objects.create(queue=judging, item=item, annotation_id=two)
    lease = next_task(judging, world.actor(world.manager))
    elsewhere = queue_of(q=f"key = {item.key}")
    fill(elsewhere.pk)
    before = list(Task.objects.order_by("pk").values("pk", "state", "person_id", "rank", "annotation_id"))
    made = decide(world, queue, said(SIGN))
    states = {task.queue_id: task.state for task in Task.objects.filter(n=3) | Task.objects.exclude(queue=annotate)}
    assert states == {annotate.pk: "void", judging.pk: "void", queue.pk: "answered", elsewhere.pk: "open"}
    with pytest.raises(Conflict):
        review(lease.pk, world.actor(world.manager), "accept")
    undo(made.review_id, by=world.actor(world.reviewer))
    now = list(Task.objects.order_by("pk").values("pk", "state", "person_id", "rank", "annotation_id"))
    restored = Annotation.objects.get(source="undo").pk
    follows = [row | {"annotation_id": restored} if row["annotation_id"] == two else row for row in before]
    assert now == follows
    assert CurrentAnnotation.objects.get(item=item).annotation.content == Annotation.objects.get(pk=two).content


def test_an_answer_that_somebody_has_begun_may_be_finished(world: Any, dispute: Any) -> None:
    item, annotate, queue, _answers = dispute
    adjudicator = world.actor(world.reviewer)
    lease = next_task(queue, adjudicator)
    Task.objects.create(queue=annotate, item=item, n=3)
    third = world.actor(world.manager)
    begun = next_task(annotate, third)
    review(lease.pk, adjudicator, "fix", annotation=said(SIGN))
    assert submit(begun.pk, third, said(CAR)).revision == 4
    assert Approval.objects.get(item=item, ended_at=None).cause == "adjudication"


@pytest.mark.parametrize("role", ["annotator", "reviewer"])
def test_who_answered_or_reviewed_the_item_is_not_handed_it_and_is_refused(world: Any, dispute: Any, queue_of: Any, role: str) -> None:
    item, _annotate, queue, (_one, two) = dispute
    person = world.manager
    fill(queue.pk)
    if role == "annotator":
        give(world, queue_of(overlap=1), person, said(CAR))
        Task.objects.filter(queue=queue).update(annotation=Annotation.objects.order_by("-number").first())
    else:
        judging = queue_of("review")
        task = Task.objects.create(queue=judging, item=item, annotation_id=two)
        Review.objects.create(item=item, task=task, annotation_id=two, person=person, verdict="accept")
    assert next_task(queue, world.actor(person)) is None
    lease = next_task(queue, world.actor(world.reviewer))
    assert lease is not None
    Lease.objects.filter(pk=lease.pk).update(person=person)
    with pytest.raises(Denied):
        review(lease.pk, world.actor(person), "accept")
    with pytest.raises(IntegrityError, match="does not adjudicate"), transaction.atomic():
        Review.objects.create(item=item, task_id=lease.task_id, annotation_id=two, person=person, verdict="accept")


def test_a_reviewer_who_took_their_verdict_back_and_an_adjudicator_again_may_decide(world: Any, dispute: Any, queue_of: Any) -> None:
    item, _annotate, queue, (_one, two) = dispute
    made = decide(world, queue)
    undo(made.review_id, by=world.actor(world.reviewer))
    judging = queue_of("review")
    task = Task.objects.create(queue=judging, item=item, annotation_id=two)
    verdict = Review.objects.create(item=item, task=task, annotation_id=two, person=world.reviewer, verdict="return", reason="missing")
    assert next_task(queue, world.actor(world.reviewer)) is None
    from annotate.reviews.models import Undo

    Undo.objects.create(review=verdict, person=world.reviewer)
    assert decide(world, queue).verdict == "accept"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_one_person_at_once_reviews_or_adjudicates_and_never_both(transactional_db: None, _round: int) -> None:
    from annotate.items.services import NewItem, add_items, create_batch
    from annotate.queues.services import create_queue
    from tests.concurrency.test_claims import at_once

    world = make_world()
    by, person = world.actor(world.owner), world.actor(world.reviewer)
    batch = create_batch(world.project, "march", by=by)
    add_items(batch, [NewItem(key="1.jpg", uri="s3://b/1.jpg", width=64, height=48)], by=by)
    annotate, judging, queue = (create_queue(world.project, stage, stage=stage, by=by, **({"overlap": 2} if stage == "annotate" else {})) for stage in ("annotate", "review", "adjudicate"))
    for who, document in ((world.annotator, said(CAR)), (world.annotator2, said(SIGN))):
        give(world, annotate, who, document)
    first, second = next_task(judging, world.actor(world.manager)), next_task(queue, person)
    Lease.objects.filter(pk=first.pk).update(person=world.reviewer)  # two leases at once, as no claim would give them
    got = at_once(lambda lease: review(lease.pk, person, "accept"), [first, second])
    assert sum(not isinstance(one, Exception) for one in got) == 1, got
    assert all(isinstance(one, Conflict | Denied) for one in got if isinstance(one, Exception)), got
    assert Review.objects.count() == Approval.objects.count() == 1
