"""A verdict taken back: everything is as before it, and only while nothing was built on it."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.activity.models import Activity
from annotate.annotations.models import Annotation, CurrentAnnotation
from annotate.kernel.errors import Conflict, Denied, Missing
from annotate.queues.claim import next_task
from annotate.queues.models import Task
from annotate.queues.submit import submit
from annotate.reviews.models import Approval, Comment, Review, Undo
from annotate.reviews.services import review, withdraw
from annotate.reviews.undoing import undo
from tests.queues.conftest import a_document

pytestmark = pytest.mark.django_db


def take_back(desk: Any, review_id: int, by: Any = None) -> Any:
    return undo(review_id, by=desk.world.actor(by or desk.world.reviewer))


def test_an_accepted_answer_waits_for_its_verdict_again(desk: Any) -> None:
    done = desk.judge("accept")
    undone = take_back(desk, done.review_id)
    assert (undone.state, desk.state(), undone.task_id) == ("labelled", "labelled", desk.lease.task_id)
    approval = Approval.objects.get()
    assert approval.ended_at is not None and approval.ended_reason == "undone"
    lease = next_task(desk.queue, desk.world.actor(desk.world.reviewer))
    assert (lease.task_id, lease.annotation_id) == (desk.lease.task_id, desk.done.annotation_id)
    row = Activity.objects.get(verb="review.undo")
    assert (row.noun_id, row.data["verdict"]) == (done.review_id, "accept")


def test_what_was_judged_again_after_an_undo_stands(desk: Any) -> None:
    take_back(desk, desk.judge("accept").review_id)
    desk.lease = next_task(desk.queue, desk.world.actor(desk.world.reviewer))
    desk.judge("return", reason="missing")
    assert desk.state() == "returned"
    assert [row.verdict for row in Review.objects.order_by("pk")] == ["accept", "return"]


def test_the_approval_that_was_superseded_stands_again(desk: Any) -> None:
    world = desk.world
    first = desk.judge("accept")
    from annotate.annotations.services import add_revision
    from annotate.projects.queries import current_schema

    add_revision(desk.item.pk, document=a_document("sign"), schema_version=current_schema(world.project.pk), by=world.actor(world.annotator))
    desk.lease = next_task(desk.queue, world.actor(world.reviewer))
    second = desk.judge("accept")
    assert Approval.objects.get(ended_at=None).annotation_id == second.annotation_id
    take_back(desk, second.review_id)
    assert Approval.objects.get(ended_at=None).annotation_id == first.annotation_id
    assert desk.state() == "approved"
    assert CurrentAnnotation.objects.get(item=desk.item).annotation_id == first.annotation_id


def test_returned_work_is_no_longer_with_its_author(desk: Any) -> None:
    done = desk.judge("return", reason="loose", comments=[{"text": "closer"}])
    take_back(desk, done.review_id)
    task = Task.objects.get(queue=desk.annotate, item=desk.item)
    assert (task.state, task.person) == ("answered", desk.world.annotator)
    assert desk.state() == "labelled"
    assert next_task(desk.annotate, desk.world.actor(desk.world.annotator)) is None
    assert Comment.objects.get().resolved_by == desk.world.reviewer
    again = next_task(desk.queue, desk.world.actor(desk.world.reviewer))
    assert again.annotation_id == desk.done.annotation_id


def test_a_fix_taken_back_leaves_the_authors_words_and_the_same_reviewer_judges_them(desk: Any) -> None:
    world = desk.world
    done = desk.judge("fix", annotation=a_document("sign"))
    take_back(desk, done.review_id)
    first, fixed, restored = Annotation.objects.order_by("number")
    assert (restored.document, restored.person, restored.source) == (first.document, world.reviewer, "undo")
    assert (restored.parent_id, restored.author) == (first.pk, world.annotator)
    assert CurrentAnnotation.objects.get(item=desk.item).annotation_id == restored.pk
    lease = next_task(desk.queue, world.actor(world.reviewer))
    assert lease.annotation_id == restored.pk
    desk.lease = lease
    desk.judge("return", reason="wrong label")
    back = next_task(desk.annotate, world.actor(world.annotator))
    assert back.annotation_id == restored.pk
    assert Undo.objects.get().annotation_id == fixed.pk


def test_a_fix_taken_back_is_told_as_whose_act_it_was_and_whose_words_they_are(desk: Any) -> None:
    world = desk.world
    take_back(desk, desk.judge("fix", annotation=a_document("sign")).review_id, by=world.manager)
    newest = world.api(world.viewer).get(f"/items/{desk.item.pk}/annotations").json()["results"][0]
    assert (newest["source"], newest["person"]["id"], newest["author"]["id"]) == ("undo", world.manager.pk, world.annotator.pk)
    told = world.api(world.viewer).get(f"/items/{desk.item.pk}/history").json()["results"]
    [restored] = [event for event in told if event["what"] == "annotation.restore"]
    assert (restored["person"]["id"], restored["data"]) == (world.manager.pk, {"revision": 3, "author": world.annotator.name})
    assert sum(event["what"] == "annotation.add" for event in told) == 2
    page = world.page(world.viewer).get(f"/items/{desk.item.pk}").content.decode()
    assert f"put back; written by {world.annotator.name}" in page


def test_a_fix_taken_back_counts_as_nobodys_new_answer(desk: Any) -> None:
    from annotate.items.models import Item
    from annotate.search.compile import compile_query
    from workflows.insight.work import offers, today

    world = desk.world
    before = today(world.annotator.pk).labelled
    done = desk.judge("fix", annotation=a_document("sign"))
    take_back(desk, done.review_id)
    assert (today(world.annotator.pk).labelled, today(world.reviewer.pk).labelled) == (before, 0)
    shown = offers(world.reviewer.pk, {world.project.pk: "reviewer"})
    assert [offer.waiting for offer in shown if offer.queue == desk.queue.pk] == [1]
    found = Item.objects.filter(compile_query(f'annotated_by = "{world.annotator.name}"', world.project.pk))
    assert list(found) == [desk.item]


def test_its_author_still_sees_what_is_theirs_after_a_fix_was_taken_back(desk: Any) -> None:
    world = desk.world
    take_back(desk, desk.judge("fix", annotation=a_document("sign")).review_id)
    desk.lease = next_task(desk.queue, world.actor(world.reviewer))
    desk.judge("return", reason="loose", comments=[{"text": "closer"}])
    api = world.api(world.annotator)
    assert [row["revision"] for row in api.get(f"/items/{desk.item.pk}/annotations").json()["results"]] == [3, 1]
    held = api.post(f"/queues/{desk.annotate.pk}/next").json()
    assert [words["text"] for words in held["comments"]] == ["closer"]
    assert [words["text"] for words in api.get(f"/items/{desk.item.pk}/comments").json()["results"]] == ["closer"]


def test_a_return_of_what_was_put_back_is_itself_taken_back(desk: Any) -> None:
    world = desk.world
    take_back(desk, desk.judge("fix", annotation=a_document("sign")).review_id)
    desk.lease = next_task(desk.queue, world.actor(world.reviewer))
    take_back(desk, desk.judge("return", reason="loose").review_id)
    task = Task.objects.get(queue=desk.annotate, item=desk.item)
    assert (task.state, task.person, task.annotation.number) == ("answered", world.annotator, 3)
    desk.lease = next_task(desk.queue, world.actor(world.reviewer))
    take_back(desk, desk.judge("fix", annotation=a_document("sign")).review_id)
    again = Annotation.objects.get(number=5)
    assert (again.author, again.parent.number) == (world.annotator, 1)


def test_a_version_names_the_author_of_what_was_put_back(desk: Any, run_jobs: Any) -> None:
    from workflows.releases import services as releases
    from workflows.releases.models import Version
    from workflows.releases.reading import rows

    world, by = desk.world, desk.world.actor(desk.world.owner)
    take_back(desk, desk.judge("fix", annotation=a_document("sign")).review_id)
    desk.lease = next_task(desk.queue, world.actor(world.reviewer))
    desk.judge("accept")
    releases.cut(releases.create_dataset(world.project, "set", by=by), message="first", by=by)
    run_jobs()
    [row] = rows(Version.objects.get())
    assert (row.revision, row.provenance["labelled_by"], row.provenance["source"]) == (3, world.annotator.name, "person")


def test_imported_labels_put_back_are_begun_from_when_they_return(world: Any, imported: Any, queue_of: Any) -> None:
    by = world.actor(world.reviewer)
    item, came = imported()
    annotate, queue = queue_of(q='annotated_by = "nobody"'), queue_of("review")
    undo(review(next_task(queue, by).pk, by, "fix", annotation=a_document("sign")).review_id, by=by)
    review(next_task(queue, by).pk, by, "return", reason="loose")
    begun = next_task(annotate, world.actor(world.annotator))
    restored = Annotation.objects.get(item=item, number=3)
    assert (begun.annotation_id, restored.document, restored.author) == (restored.pk, came.document, world.owner)


def test_not_when_its_author_works_on_it_again_or_answered(desk: Any) -> None:
    world = desk.world
    done = desk.judge("return", reason="loose")
    lease = next_task(desk.annotate, world.actor(world.annotator))
    with pytest.raises(Conflict) as refused:
        take_back(desk, done.review_id)
    assert refused.value.code == "at_work"
    submit(lease.pk, world.actor(world.annotator), a_document("sign"))
    with pytest.raises(Conflict) as refused:
        take_back(desk, done.review_id)
    assert refused.value.code == "labelled_since"
    assert not Undo.objects.exists()


def test_not_twice_and_not_after_a_withdrawal(desk: Any) -> None:
    done = desk.judge("accept")
    withdraw(desk.item, "wrong picture", by=desk.world.actor(desk.world.manager))
    with pytest.raises(Conflict) as refused:
        take_back(desk, done.review_id)
    assert refused.value.code == "withdrawn"


def test_an_undone_verdict_is_not_undone_again(desk: Any) -> None:
    done = desk.judge("accept")
    take_back(desk, done.review_id)
    with pytest.raises(Conflict) as refused:
        take_back(desk, done.review_id)
    assert refused.value.code == "undone"


def test_only_who_gave_it_or_a_manager_takes_it_back(desk: Any) -> None:
    world, done = desk.world, desk.judge("accept")
    for person, error in ((world.annotator, Missing), (world.outsider, Missing), (world.viewer, Denied)):
        with pytest.raises(error):
            take_back(desk, done.review_id, by=person)
    assert take_back(desk, done.review_id, by=world.manager).state == "labelled"


def test_not_when_the_item_is_in_a_version(desk: Any, run_jobs: Any) -> None:
    from workflows.releases import services as releases

    by = desk.world.actor(desk.world.owner)
    done = desk.judge("accept")
    dataset = releases.create_dataset(desk.world.project, "set", by=by)
    releases.cut(dataset, message="first", by=by)
    with pytest.raises(Conflict):
        take_back(desk, done.review_id)
    run_jobs()
    with pytest.raises(Conflict) as refused:
        take_back(desk, done.review_id)
    assert refused.value.code == "in_version"
    assert desk.state() == "approved"


def test_the_route_lays_the_item_back_on_the_desk_of_who_gave_the_verdict(desk: Any, make_items: Any, answer: Any) -> None:
    world, api = desk.world, desk.world.api(desk.world.reviewer)
    make_items(1)
    answer(desk.annotate, world.annotator)
    judged = api.post(f"/leases/{desk.lease.pk}/review?next=1", {"verdict": "accept"}).json()
    undone = api.post(f"/reviews/{judged['review_id']}/undo")
    assert undone.status_code == 200, undone.content
    body = undone.json()
    assert (body["item"], body["state"], body["bundle"]["item"]["id"]) == (desk.item.pk, "labelled", desk.item.pk)
    assert body["bundle"]["lease"]["slot"] == 0
    assert api.post(f"/queues/{desk.queue.pk}/next").json()["lease"]["id"] == body["bundle"]["lease"]["id"]
    ahead = api.post(f"/queues/{desk.queue.pk}/next?slot=1").json()
    assert ahead["item"]["id"] == judged["next"]["item"]["id"]


def test_the_bundle_of_a_second_round_brings_what_was_judged_before(desk: Any) -> None:
    world, api = desk.world, desk.world.api(desk.world.reviewer)
    assert api.post(f"/queues/{desk.queue.pk}/next").json()["previous"] is None
    desk.judge("return", reason="loose")
    lease = next_task(desk.annotate, world.actor(world.annotator))
    submit(lease.pk, world.actor(world.annotator), a_document("sign"))
    second = api.post(f"/queues/{desk.queue.pk}/next").json()
    assert (second["previous"]["id"], second["annotation"]["revision"]) == (desk.done.annotation_id, 2)
    assert [thing["label"] for thing in second["previous"]["objects"]] == ["car"]
    mine = world.api(world.annotator).post(f"/queues/{desk.annotate.pk}/next")
    assert mine.status_code == 204
