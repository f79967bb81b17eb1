"""An author holds against a return; a third person decides; history stays."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from annotate.activity.models import Activity
from annotate.items.history import history
from annotate.kernel.errors import Conflict, Denied, Invalid, Missing
from annotate.queues.claim import next_task
from annotate.queues.models import Lease, Task
from annotate.queues.submit import submit
from annotate.reviews import disputing
from annotate.reviews.models import Approval, Comment, Dispute, Review
from annotate.reviews.undoing import undo
from annotate.workbench.bundle import bundle
from tests.queues.conftest import a_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def returned(desk: Any) -> Any:
    """The desk, with `review` the return and `hold(text)`, by which its author disputes."""
    desk.review = desk.judge("return", reason_key="wrong_label", comments=[{"text": "a van"}]).review_id
    desk.hold = lambda text="it is a car": disputing.dispute(desk.review, text, by=desk.world.actor(desk.world.annotator))
    return desk


def task(desk: Any) -> Task:
    return Task.objects.get(queue=desk.annotate, item=desk.item)


def decide(desk: Any, found: Any, decision: str, by: str = "manager", **more: Any) -> Any:
    return disputing.decide(found.pk, decision, by=desk.world.actor(getattr(desk.world, by)), **more)


def test_disputed_work_waits_and_is_served_to_nobody(returned: Any) -> None:
    world = returned.world
    lease = next_task(returned.annotate, world.actor(world.annotator))
    made = returned.hold()
    assert (made.state, made.person, made.against, made.text) == ("open", world.annotator, world.reviewer, "it is a car")
    assert (task(returned).state, task(returned).person) == ("parked", world.annotator)
    assert Lease.objects.get(pk=lease.pk).ended_by == "dispute"
    assert next_task(returned.annotate, world.actor(world.annotator)) is None
    assert next_task(returned.annotate, world.actor(world.annotator2)) is None
    assert Activity.objects.filter(verb="dispute.open", noun_id=made.pk).count() == 1


def test_upheld_it_is_back_at_its_author_with_the_answer_and_stays_decided(returned: Any) -> None:
    world, made = returned.world, returned.hold()
    decide(returned, made, "uphold", answer="see the guidelines")
    lease = next_task(returned.annotate, world.actor(world.annotator))
    back = bundle(lease)["returned"]
    assert back["dispute"] == {"state": "upheld", "text": "it is a car", "answer": "see the guidelines", "decided_by": "manager"}
    assert returned.state() == "returned"
    with pytest.raises(Conflict) as refused:
        returned.hold("but still")
    assert refused.value.code == "disputed"
    submit(lease.pk, world.actor(world.annotator), a_document("sign"))
    assert next_task(returned.queue, world.actor(world.reviewer)) is not None


def test_overturned_the_answer_stands_again_and_waits_for_another_reviewer(returned: Any) -> None:
    world, made = returned.world, returned.hold()
    decide(returned, made, "overturn", answer="a car it is")
    assert (task(returned).state, task(returned).annotation_id, returned.state()) == ("answered", returned.done.annotation_id, "labelled")
    assert not Approval.objects.exists()
    assert Comment.objects.get().resolved_by == world.manager
    assert next_task(returned.queue, world.actor(world.reviewer)) is None, "who returned it in vain does not return it again"
    lease = next_task(returned.queue, world.actor(world.manager))
    assert lease.annotation_id == returned.done.annotation_id
    told = [event.what for event in history(world.actor(world.manager), returned.item)]
    assert {"review.return", "dispute.open", "dispute.overturn", "comment.add"} <= set(told) and "review.undo" not in told


def test_overturned_and_approved_in_one_it_is_a_verdict_of_who_decides(returned: Any) -> None:
    world, made = returned.world, returned.hold()
    found = decide(returned, made, "overturn", approves=True)
    approval = Approval.objects.get(ended_at=None)
    accepted = Review.objects.get(verdict="accept")
    assert (approval.annotation_id, approval.cause, approval.review, accepted.person) == (returned.done.annotation_id, "review", accepted, world.manager)
    assert (found.accepted, returned.state(), task(returned).state) == (accepted, "approved", "answered")
    assert next_task(returned.queue, world.actor(world.admin)) is None
    undo(accepted.pk, by=world.actor(world.manager))
    assert returned.state() == "labelled"


def test_withdrawn_it_is_returned_work_again_and_may_be_disputed_anew(returned: Any) -> None:
    made = returned.hold()
    disputing.withdraw(made.pk, by=returned.world.actor(returned.world.annotator))
    assert task(returned).state == "returned"
    assert returned.hold("on second thought").state == "open"


@pytest.mark.parametrize(("who", "error"), [("annotator", Denied), ("reviewer", Denied), ("viewer", Denied), ("annotator2", Missing), ("outsider", Missing)])
def test_only_a_third_person_decides(returned: Any, who: str, error: Any) -> None:
    made = returned.hold()
    with pytest.raises(error):
        decide(returned, made, "overturn", by=who)
    assert Dispute.objects.get().state == "open" and task(returned).state == "parked"


def test_a_manager_who_wrote_a_revision_of_the_item_does_not_decide(returned: Any) -> None:
    from annotate.annotations.services import add_revision
    from annotate.projects.queries import current_schema

    made, world = returned.hold(), returned.world
    add_revision(returned.item.pk, document=a_document("sign"), schema_version=current_schema(world.project.pk), by=world.actor(world.manager))
    with pytest.raises(Denied) as refused:
        decide(returned, made, "uphold")
    assert refused.value.code == "own_work"
    with pytest.raises(Conflict) as since:
        decide(returned, made, "overturn", by="admin", approves=True)
    assert since.value.code == "labelled_since"
    decide(returned, made, "overturn", by="admin")
    assert Dispute.objects.get().state == "overturned"


def test_only_its_author_disputes_a_return_that_stands(returned: Any) -> None:
    world = returned.world
    for who, error in ((world.manager, Denied), (world.annotator2, Missing), (world.outsider, Missing)):
        with pytest.raises(error):
            disputing.dispute(returned.review, "no", by=world.actor(who))
    with pytest.raises(Invalid):
        returned.hold("  ")
    undo(returned.review, by=world.actor(world.reviewer))
    with pytest.raises(Conflict) as refused:
        returned.hold()
    assert refused.value.code == "not_returned"


def test_a_reviewer_who_takes_the_return_back_leaves_nothing_to_decide(returned: Any) -> None:
    made = returned.hold()
    undo(returned.review, by=returned.world.actor(returned.world.reviewer))
    made.refresh_from_db()
    assert (made.state, task(returned).state, returned.state()) == ("withdrawn", "answered", "labelled")
    with pytest.raises(Conflict):
        decide(returned, made, "overturn")


def test_the_database_keeps_one_dispute_per_review_and_no_judge_in_their_own_cause(returned: Any) -> None:
    made, world = returned.hold(), returned.world
    more = {"review_id": returned.review, "item": returned.item, "person": world.annotator, "against": world.reviewer, "text": "again"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Dispute.objects.create(**more)
    for who in (world.annotator, world.reviewer):
        with pytest.raises(IntegrityError), transaction.atomic():
            Dispute.objects.filter(pk=made.pk).update(state="upheld", decided_at=made.created_at, decided_by=who)


def test_the_api_walks_the_whole_way_and_authors_see_their_own_alone(returned: Any) -> None:
    world = returned.world
    author, manager = world.api(world.annotator), world.api(world.manager)
    assert author.post(f"/reviews/{returned.review}/dispute", {}).json()["fields"].keys() == {"text"}
    made = author.post(f"/reviews/{returned.review}/dispute", {"text": "it is a car"})
    assert made.status_code == 201 and made.json()["state"] == "open"
    path = f"/projects/{world.project.pk}/disputes"
    assert [row["id"] for row in author.get(path).json()["results"]] == [made.json()["id"]]
    assert world.api(world.annotator2).get(path).json()["results"] == []
    assert len(world.api(world.viewer).get(f"{path}?state=open&count=1").json()["results"]) == 1
    assert manager.get(f"{path}?state=lost").status_code == 400
    decided = manager.post(f"/disputes/{made.json()['id']}/decide", {"decision": "overturn", "approve": True, "text": "yes"})
    assert decided.status_code == 200
    assert {name: decided.json()[name] for name in ("state", "approved", "answer", "reason_key")} == {
        "state": "overturned", "approved": True, "answer": "yes", "reason_key": "wrong_label",
    }  # fmt: skip
    assert manager.post(f"/disputes/{made.json()['id']}/decide", {"decision": "uphold"}).status_code == 409
    assert manager.post(f"/disputes/{made.json()['id']}/decide", {"decision": "maybe"}).json()["fields"].keys() == {"decision"}
    assert world.api(world.outsider).post(f"/disputes/{made.json()['id']}/decide", {"decision": "uphold"}).status_code == 404


def test_the_page_asks_those_who_may_decide_and_tells_the_author(returned: Any) -> None:
    world = returned.world
    path = f"/p/{world.project.pk}/disputes"
    lead = world.page(world.manager)
    assert "Nothing is disputed now" in lead.get(path).content.decode()
    made = returned.hold("it is <b>a car</b>")
    assert "1 dispute" in lead.get(f"/p/{world.project.pk}/reviews").content.decode()
    shown = lead.get(path).content.decode()
    assert "it is &lt;b&gt;a car" in shown and "wrong label" in shown and "Overturn and approve" in shown
    assert "somebody else decides" in world.page(world.reviewer).get(path).content.decode()
    assert "Withdraw, and do it again" in world.page(world.annotator).get(path).content.decode()
    assert "a car" not in world.page(world.annotator2).get(path).content.decode()
    assert lead.post(f"/disputes/{made.pk}/decide", {"act": "uphold", "text": "look closer"}).status_code == 302
    assert "look closer" in world.page(world.annotator).get(path).content.decode()
    refused = lead.post(f"/disputes/{made.pk}/decide", {"act": "uphold"}, follow=True)
    assert "cannot uphold" in refused.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_as_many_queries_for_three_as_for_one(world: Any, make_items: Any, queue_of: Any, answer: Any, rows: int, django_assert_num_queries: Any) -> None:
    from annotate.reviews.services import review

    make_items(rows)
    label, judge = queue_of(), queue_of("review")
    for _n in range(rows):
        answer(label, world.annotator)
    for _n in range(rows):
        lease = next_task(judge, world.actor(world.reviewer))
        done = review(lease.pk, world.actor(world.reviewer), "return", reason="no")
        disputing.dispute(done.review_id, "yes", by=world.actor(world.annotator))
    api = world.api(world.manager)
    with django_assert_num_queries(3):
        assert len(api.get(f"/projects/{world.project.pk}/disputes").json()["results"]) == rows
