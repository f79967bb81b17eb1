"""What approved means: one approval stands, whatever is labelled since; imports, withdrawals, and work that comes back."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.activity.models import Activity
from annotate.annotations.models import Annotation, CurrentAnnotation
from annotate.annotations.services import ImportedAnnotation, add_imported, add_revision
from annotate.kernel.errors import Conflict, Denied, Invalid
from annotate.people.services import change_person
from annotate.projects.queries import current_schema
from annotate.queues.claim import next_task
from annotate.queues.models import Task
from annotate.queues.services import move_queue
from annotate.queues.submit import submit
from annotate.reviews.models import Approval, Review
from annotate.reviews.services import review, withdraw
from annotate.workbench.bundle import bundle
from tests.queues.conftest import a_document

pytestmark = pytest.mark.django_db


def relabel(desk: Any, *labels: str) -> Any:
    schema = current_schema(desk.world.project.pk)
    return add_revision(desk.item.pk, document=a_document(*labels), schema_version=schema, by=desk.world.actor(desk.world.annotator2))


def test_the_approval_stands_while_the_item_is_labelled_again(desk: Any) -> None:
    desk.judge("accept")
    newer = relabel(desk, "sign")
    assert desk.state() == "approved"
    assert Approval.objects.get(ended_at=None).annotation_id == desk.done.annotation_id
    assert CurrentAnnotation.objects.get(item=desk.item).annotation_id == desk.done.annotation_id
    desk.lease = next_task(desk.queue, desk.world.actor(desk.world.reviewer))
    assert desk.lease.annotation_id == newer.pk
    desk.judge("return", reason="no better")
    assert desk.state() == "approved"
    assert Approval.objects.get(ended_at=None).annotation_id == desk.done.annotation_id


def test_another_approval_takes_the_place_of_the_one_that_stood(desk: Any) -> None:
    desk.judge("accept")
    newer = relabel(desk, "sign")
    desk.lease = next_task(desk.queue, desk.world.actor(desk.world.reviewer))
    desk.judge("accept")
    first, second = Approval.objects.order_by("id")
    assert (first.ended_reason, second.annotation_id, second.ended_at) == ("superseded", newer.pk, None)
    assert first.ended_at is not None
    assert CurrentAnnotation.objects.get(item=desk.item).annotation_id == newer.pk


def test_withdrawing_ends_the_approval_and_keeps_the_labels(desk: Any) -> None:
    desk.judge("accept")
    withdraw(desk.item, " blurred plate ", by=desk.world.actor(desk.world.manager))
    assert desk.state() == "withdrawn"
    ended = Approval.objects.get()
    assert (ended.ended_reason, ended.ended_at is None) == ("blurred plate", False)
    assert CurrentAnnotation.objects.get(item=desk.item).annotation_id == desk.done.annotation_id
    assert Activity.objects.get(verb="item.withdraw").data["reason"] == "blurred plate"
    assert next_task(desk.queue, desk.world.actor(desk.world.reviewer)) is None


def test_withdrawing_shows_the_latest_answer_again(desk: Any) -> None:
    desk.judge("accept")
    newer = relabel(desk, "sign")
    withdraw(desk.item, "wrong", by=desk.world.actor(desk.world.manager))
    assert CurrentAnnotation.objects.get(item=desk.item).annotation_id == newer.pk


def test_only_what_is_approved_can_be_withdrawn_by_a_manager_with_a_reason(desk: Any) -> None:
    world = desk.world
    with pytest.raises(Conflict):
        withdraw(desk.item, "wrong", by=world.actor(world.manager))
    desk.judge("accept")
    with pytest.raises(Denied):
        withdraw(desk.item, "wrong", by=world.actor(world.reviewer))
    with pytest.raises(Invalid) as refused:
        withdraw(desk.item, "  ", by=world.actor(world.manager))
    assert "reason" in refused.value.fields
    assert desk.state() == "approved"


def test_imported_labels_stand_without_review_when_they_come_as_approved(world: Any, make_items: Any) -> None:
    one, two = make_items(2)
    rows = [ImportedAnnotation(item.pk, a_document(), current_schema(world.project.pk).pk, approved=True) for item in (two, one)]
    assert add_imported(rows, by=world.actor(world.manager)).approved == 2
    assert set(Approval.objects.values_list("item_id", "cause")) == {(one.pk, "import"), (two.pk, "import")}
    one.refresh_from_db()
    assert one.state == "approved"
    assert add_imported(rows, by=world.actor(world.manager)).added == 0
    assert Approval.objects.count() == 2
    assert Activity.objects.filter(verb="approval.add").count() == 1


def test_what_a_person_answered_since_the_import_is_not_approved_by_importing_it_again(world: Any, imported: Any) -> None:
    item, first = imported()
    add_revision(item.pk, document=a_document("sign"), schema_version=current_schema(world.project.pk), by=world.actor(world.annotator))
    again = ImportedAnnotation(item.pk, first.content, first.schema_version_id, approved=True)
    assert add_imported([again], by=world.actor(world.manager)).approved == 0
    assert not Approval.objects.exists()


def returned_import(world: Any, imported: Any, queue_of: Any) -> tuple[Any, Any]:
    """(item, its imported annotation), returned by the reviewer from a review queue that takes it."""
    item, annotation = imported()
    review_queue = queue_of("review")
    lease = next_task(review_queue, world.actor(world.reviewer))
    box = annotation.content["objects"][0]["id"]
    review(lease.pk, world.actor(world.reviewer), "return", reason="loose", comments=[{"object": box, "text": "closer"}])
    item.refresh_from_db()
    return item, annotation


def test_a_returned_import_is_worked_on_by_anyone_and_begins_from_what_came_in(world: Any, imported: Any, queue_of: Any) -> None:
    closed, paused, annotate = (queue_of(name=name, q="") for name in ("closed", "paused", "open"))
    for queue, move in ((closed, "close"), (paused, "pause")):
        move_queue(queue, move, by=world.actor(world.owner))
    item, annotation = returned_import(world, imported, queue_of)
    assert item.state == "returned"
    lease = next_task(annotate, world.actor(world.annotator))
    assert (lease.item_id, lease.annotation_id) == (item.pk, annotation.pk)
    seen = bundle(lease)
    assert (seen["returned"]["reason"], [comment["text"] for comment in seen["comments"]]) == ("loose", ["closer"])
    assert seen["annotation"]["id"] == annotation.pk
    done = submit(lease.pk, world.actor(world.annotator), a_document("sign"))
    assert Annotation.objects.get(pk=done.annotation_id).parent_id == annotation.pk
    item.refresh_from_db()
    assert item.state == "labelled"
    assert next_task(annotate, world.actor(world.annotator2)) is None


def test_a_returned_import_without_a_queue_waits_for_one(world: Any, imported: Any, queue_of: Any) -> None:
    item, _annotation = returned_import(world, imported, queue_of)
    assert item.state == "returned"
    assert not Task.objects.filter(queue__stage="annotate").exists()
    assert next_task(queue_of(), world.actor(world.annotator)).item_id == item.pk


def test_what_an_author_who_left_would_do_again_goes_to_others_who_do_not_see_it(desk: Any) -> None:
    world = desk.world
    change_person(world.annotator, active=False, organisation_id=world.organisation.pk, by=world.actor(world.owner))
    desk.judge("return", reason="loose")
    lease = next_task(desk.annotate, world.actor(world.annotator2))
    assert (lease.item_id, lease.annotation_id) == (desk.item.pk, None)
    assert bundle(lease)["annotation"] is None


def test_what_came_from_a_queue_that_is_closed_goes_on_in_another(desk: Any, queue_of: Any) -> None:
    world = desk.world
    move_queue(desk.annotate, "close", by=world.actor(world.owner))
    other = queue_of(name="second")
    desk.judge("return", reason="loose")
    assert Task.objects.get(queue=desk.annotate).state == "void"
    lease = next_task(other, world.actor(world.annotator2))
    assert (lease.item_id, lease.annotation_id) == (desk.item.pk, None)


def test_an_import_over_an_approved_item_is_reviewed_like_any_answer(desk: Any) -> None:
    world = desk.world
    desk.judge("accept")
    schema = current_schema(world.project.pk).pk
    add_imported([ImportedAnnotation(desk.item.pk, a_document("sign"), schema)], by=world.actor(world.owner))
    desk.lease = next_task(desk.queue, world.actor(world.reviewer))
    desk.judge("accept")
    assert Review.objects.count() == 2
    assert Approval.objects.get(ended_at=None).annotation.source == "import"
