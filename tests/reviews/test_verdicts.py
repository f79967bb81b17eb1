"""Accept, return and fix: what each leaves behind, and what none of them may do."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotate.activity.models import Activity
from annotate.annotations.models import Annotation, CurrentAnnotation, LabelCount
from annotate.annotations.services import add_revision
from annotate.kernel.errors import Conflict, Denied, Gone, Invalid, Missing, Stale
from annotate.projects.queries import current_schema
from annotate.queues.claim import next_task
from annotate.queues.models import Lease, Task
from annotate.queues.submit import submit
from annotate.reviews.models import Approval, Comment, Review
from tests.queues.conftest import a_box, a_document

pytestmark = pytest.mark.django_db


def nothing_came_of_it(desk: Any) -> None:
    assert not Review.objects.exists()
    assert not Comment.objects.exists()
    assert not Approval.objects.exists()
    assert Task.objects.get(pk=desk.lease.task_id).state == "open"
    assert Lease.objects.get(pk=desk.lease.pk).ended_at is None
    assert desk.state() == "labelled"


def test_accepting_approves_the_revision_that_was_seen(desk: Any) -> None:
    done = desk.judge("accept")
    approval = Approval.objects.get()
    assert (approval.annotation_id, approval.cause, approval.review_id) == (desk.done.annotation_id, "review", done.review_id)
    assert (approval.person, approval.ended_at) == (desk.world.reviewer, None)
    assert desk.state() == "approved"
    made = Review.objects.get()
    assert (made.verdict, made.annotation_id, made.lease_id, made.person) == ("accept", desk.done.annotation_id, desk.lease.pk, desk.world.reviewer)
    task = Task.objects.get(pk=desk.lease.task_id)
    assert (task.state, task.person) == ("answered", desk.world.reviewer)
    assert Lease.objects.get(pk=desk.lease.pk).ended_by == "review"
    row = Activity.objects.get(verb="review.accept")
    assert (row.noun, row.noun_id, bytes(row.after)) == ("review", made.pk, bytes(desk.seen.digest))


def test_returning_gives_the_work_back_to_its_author_with_the_words_pinned_to_it(desk: Any) -> None:
    world, box = desk.world, desk.seen.content["objects"][0]["id"]
    desk.judge("return", reason="loose", comments=[{"object": box, "text": "closer"}, {"at": [3, 4], "text": "what of this?"}])
    assert desk.state() == "returned"
    task = Task.objects.get(annotation_id=desk.done.annotation_id, queue=desk.annotate)
    assert (task.state, task.person) == ("returned", world.annotator)
    first, second = Comment.objects.order_by("id")
    assert (str(first.object), first.at, first.text) == (box, None, "closer")
    assert (second.object, second.at, second.annotation_id) == (None, [3, 4], desk.done.annotation_id)
    assert {first.review_id, second.review_id} == {Review.objects.get().pk}
    assert not Approval.objects.exists()
    assert next_task(desk.annotate, world.actor(world.annotator2)) is None
    lease = next_task(desk.annotate, world.actor(world.annotator))
    assert (lease.task_id, lease.annotation_id) == (task.pk, desk.done.annotation_id)


def test_returned_work_comes_back_to_review_as_a_second_round(desk: Any) -> None:
    world = desk.world
    desk.judge("return", reason="loose")
    lease = next_task(desk.annotate, world.actor(world.annotator))
    again = submit(lease.pk, world.actor(world.annotator), a_document("sign"))
    second = next_task(desk.queue, world.actor(world.reviewer))
    assert (second.annotation_id, second.round) == (again.annotation_id, 2)
    desk.lease = second
    desk.judge("accept")
    assert Approval.objects.get().annotation_id == again.annotation_id
    assert list(Review.objects.order_by("id").values_list("verdict", "round")) == [("return", 1), ("accept", 2)]


def test_a_fix_is_a_revision_of_its_own_that_stands_in_place_of_the_one_seen(desk: Any) -> None:
    document = a_document("sign", "sign")
    done = desk.judge("fix", annotation=document)
    fixed = Annotation.objects.get(pk=done.annotation_id)
    assert (fixed.number, fixed.source, fixed.parent_id, fixed.person) == (2, "fix", desk.done.annotation_id, desk.world.reviewer)
    assert [thing["label"] for thing in fixed.content["objects"]] == ["sign", "sign"]
    made = Review.objects.get()
    assert (made.annotation_id, made.fixed_id) == (desk.done.annotation_id, fixed.pk)
    assert Approval.objects.get().annotation_id == fixed.pk
    assert CurrentAnnotation.objects.get(item=desk.item).annotation_id == fixed.pk
    assert dict(LabelCount.objects.filter(item=desk.item).values_list("label", "n")) == {"sign": 2}
    assert desk.state() == "approved"


def test_what_was_fixed_is_not_served_for_review_again(desk: Any) -> None:
    desk.judge("fix", annotation=a_document())
    for person in (desk.world.reviewer, desk.world.manager):
        assert next_task(desk.queue, desk.world.actor(person)) is None


@pytest.mark.parametrize(
    ("verdict", "more", "place"),
    [
        ("maybe", {}, "verdict"),
        ("return", {}, "reason"),
        ("return", {"reason": "  "}, "reason"),
        ("return", {"reason": "x" * 501}, "reason"),
        ("fix", {}, "annotation"),
        ("accept", {"annotation": {"objects": []}}, "annotation"),
        ("accept", {"comments": [{"text": ""}]}, "comments[0].text"),
        ("accept", {"comments": [{"text": "fine"}, {"text": "x", "at": [1]}]}, "comments[1].at"),
        ("accept", {"comments": [{"text": "x", "at": [640, 4]}]}, "comments[0].at"),
        ("accept", {"comments": [{"text": "x", "at": [float("nan"), 4]}]}, "comments[0].at"),
        ("accept", {"comments": [{"text": "x", "object": str(uuid.uuid4())}]}, "comments[0].object"),
        ("accept", {"comments": [{"text": "x", "object": "no id"}]}, "comments[0].object"),
        ("accept", {"comments": [{"text": "x", "colour": 1}]}, "comments[0].colour"),
        ("accept", {"comments": ["x"]}, "comments[0]"),
        ("accept", {"comments": {"text": "x"}}, "comments"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_changes(desk: Any, verdict: str, more: dict[str, Any], place: str) -> None:
    with pytest.raises(Invalid) as refused:
        desk.judge(verdict, **more)
    assert place in refused.value.fields
    nothing_came_of_it(desk)


def test_a_fix_is_checked_against_the_schema_that_the_lease_pins(desk: Any) -> None:
    wrong = a_box("car", (1, 2, 900, 8))
    with pytest.raises(Invalid) as refused:
        desk.judge("fix", annotation={"objects": [wrong], "item": {}})
    assert any(wrong["id"] in place for place in refused.value.fields)
    assert Annotation.objects.count() == 1
    nothing_came_of_it(desk)


def test_a_verdict_on_a_revision_that_another_has_followed_is_stale_and_changes_nothing(desk: Any) -> None:
    world = desk.world
    add_revision(desk.item.pk, document=a_document("sign"), schema_version=current_schema(world.project.pk), by=world.actor(world.annotator2))
    for verdict, more in (("accept", {}), ("return", {"reason": "loose"}), ("fix", {"annotation": a_document()})):
        with pytest.raises(Stale) as refused:
            desk.judge(verdict, **more)
        assert refused.value.extra == {"seen": 1, "newest": 2}
    nothing_came_of_it(desk)


def test_after_a_stale_verdict_the_next_task_is_the_newer_revision(desk: Any) -> None:
    world = desk.world
    newer = add_revision(desk.item.pk, document=a_document("sign"), schema_version=current_schema(world.project.pk), by=world.actor(world.annotator2))
    desk.lease = next_task(desk.queue, world.actor(world.reviewer))
    assert desk.lease.annotation_id == newer.pk
    desk.judge("accept")
    assert Approval.objects.get().annotation_id == newer.pk


@pytest.mark.parametrize("name", ["reviewer", "manager", "admin", "owner"])
def test_nobody_judges_their_own_work_whatever_their_role(world: Any, make_items: Any, queue_of: Any, answer: Any, name: str) -> None:
    make_items(1)
    person = getattr(world, name)
    done, queue = answer(queue_of(), person), queue_of("review")
    assert next_task(queue, world.actor(person)) is None
    task = Task.objects.get(queue=queue)
    schema = current_schema(world.project.pk)
    # As though it had been handed out all the same.
    lease = Lease.objects.create(task=task, queue=queue, item_id=task.item_id, person=person, schema_version=schema,
                                 annotation_id=done.annotation_id, expires_at=timezone.now() + timedelta(minutes=5))  # fmt: skip
    from annotate.reviews.services import review

    for verdict, more in (("accept", {}), ("return", {"reason": "x"}), ("fix", {"annotation": a_document()})):
        with pytest.raises(Denied) as refused:
            review(lease.pk, world.actor(person), verdict, **more)
        assert refused.value.code == "own_work"
    assert not Review.objects.exists()


def test_who_fixed_an_item_does_not_judge_its_later_revisions(desk: Any) -> None:
    world = desk.world
    desk.judge("fix", annotation=a_document())
    add_revision(desk.item.pk, document=a_document("sign"), schema_version=current_schema(world.project.pk), by=world.actor(world.annotator))
    assert next_task(desk.queue, world.actor(world.reviewer)) is None
    assert next_task(desk.queue, world.actor(world.manager)) is not None


def test_a_lease_that_ran_out_judges_nothing(desk: Any) -> None:
    Lease.objects.filter(pk=desk.lease.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Conflict) as refused:
        desk.judge("accept")
    assert (refused.value.code, refused.value.extra["ended_by"]) == ("lease_ended", "expiry")
    nothing_came_of_it(desk)


def test_a_second_verdict_under_one_lease_is_refused(desk: Any) -> None:
    desk.judge("accept")
    with pytest.raises(Conflict) as refused:
        desk.judge("return", reason="no")
    assert refused.value.extra["ended_by"] == "review"
    assert Review.objects.count() == 1
    assert desk.state() == "approved"


def test_a_lease_of_somebody_else_is_not_there(desk: Any) -> None:
    for person in (desk.world.manager, desk.world.annotator, desk.world.outsider):
        with pytest.raises(Missing):
            desk.judge("accept", by=person)
    nothing_came_of_it(desk)


def test_an_annotate_lease_is_for_another_kind_of_work(world: Any, make_items: Any, queue_of: Any) -> None:
    from annotate.reviews.services import review

    make_items(1)
    lease = next_task(queue_of(), world.actor(world.reviewer))
    with pytest.raises(Denied) as refused:
        review(lease.pk, world.actor(world.reviewer), "accept")
    assert refused.value.code == "wrong_stage"


def test_who_lost_the_role_meanwhile_judges_nothing(desk: Any) -> None:
    from annotate.projects.models import ProjectMember

    ProjectMember.objects.filter(person=desk.world.reviewer).update(role="viewer")
    with pytest.raises(Denied):
        desk.judge("accept")
    nothing_came_of_it(desk)


def test_an_erased_item_takes_no_verdict(desk: Any) -> None:
    from annotate.items.services import erase

    erase(desk.item, reason="asked for", by=desk.world.actor(desk.world.owner))
    with pytest.raises((Gone, Conflict, Missing)):
        desk.judge("accept")
    assert not Approval.objects.exists()


def test_an_adjudicator_names_the_answer_that_stands(world: Any, make_items: Any, queue_of: Any, answer: Any) -> None:
    from annotate.reviews.services import review

    make_items(1)
    annotate, queue = queue_of(overlap=2), queue_of("adjudicate")
    answer(annotate, world.annotator, "car")
    answer(annotate, world.annotator2, "sign")
    lease = next_task(queue, world.actor(world.reviewer))
    done = review(lease.pk, world.actor(world.reviewer), "fix", annotation=a_document("car", "sign"))
    approval = Approval.objects.get()
    assert (approval.cause, approval.annotation_id) == ("adjudication", done.annotation_id)


def test_the_active_time_is_kept_with_the_verdict_and_nonsense_is_refused(world: Any, desk: Any) -> None:
    from annotate.queues.claim import next_task

    lease = next_task(desk.queue, world.actor(world.reviewer))
    call = f"/leases/{lease.pk}/review"
    for wrong in (-1, 604801):
        refused = world.api(world.reviewer).post(call, {"verdict": "accept", "seconds": wrong})
        assert refused.status_code == 400 and "seconds" in refused.json()["fields"]
    done = world.api(world.reviewer).post(call, {"verdict": "accept", "seconds": 12.5}).json()
    assert Review.objects.get(pk=done["review_id"]).seconds == 12.5
