"""What verdicts are worth, from what is on record, and who sees whose."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from annotate.queues.claim import next_task
from annotate.queues.models import Queue
from annotate.reviews import disputing, rechecking
from annotate.reviews.models import Recheck, Review
from annotate.reviews.services import review
from annotate.reviews.undoing import undo
from tests.queues.conftest import a_document, answer, queue_of
from tests.reviews.test_rechecks import second
from workflows.quality import reviewers

__all__ = ["answer", "queue_of", "second"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def judged(world: Any, make_items: Any, queue_of: Any, answer: Any) -> Any:
    """Twelve verdicts of the reviewer: three returns, then nine accepts; `ids` in their order."""
    make_items(12)
    label, queue = queue_of(), queue_of("review")
    for _n in range(12):
        answer(label, world.annotator)
    world.ids = []
    for at in range(12):
        lease = next_task(queue, world.actor(world.reviewer))
        more = {"reason_key": "wrong_label" if at else "badly_placed"} if at < 3 else {}
        world.ids.append(review(lease.pk, world.actor(world.reviewer), "return" if at < 3 else "accept", **more).review_id)
    return queue


def row_of(world: Any, person: Any, asks: Any = None) -> dict[str, Any]:
    found = {row["person"]: row for row in reviewers.standings(world.project, actor=world.actor(asks or world.manager))}
    return found[person.pk]


def test_returns_with_their_reasons(world: Any, judged: Any) -> None:
    row = row_of(world, world.reviewer)
    assert (row["verdicts"], row["returned"]["value"], row["returned"]["of"]) == (12, 0.25, 12)
    assert row["returned"]["low"] < 0.25 < row["returned"]["high"]
    assert row["reasons"] == {"wrong_label": 2, "badly_placed": 1}
    assert (row["overturned"]["value"], row["agreement"]["why"]) == (0.0, "not_enough")


def test_a_dispute_that_is_overturned_counts_and_one_that_is_upheld_does_not(world: Any, judged: Any) -> None:
    for number, decision in zip(world.ids[:2], ("overturn", "uphold"), strict=True):
        made = disputing.dispute(number, "it is right", by=world.actor(world.annotator))
        disputing.decide(made.pk, decision, by=world.actor(world.manager))
    row = row_of(world, world.reviewer)
    assert row["overturned_by"] == {"disputed": 1, "rechecked": 0, "undone": 0, "contradicted": 0}
    assert row["overturned"]["value"] == pytest.approx(1 / 12)


def test_a_verdict_that_is_taken_back_counts_as_overturned_and_not_as_a_return(world: Any, judged: Any) -> None:
    undo(world.ids[0], by=world.actor(world.manager))
    row = row_of(world, world.reviewer)
    assert (row["overturned_by"]["undone"], row["verdicts"], row["returned"]["of"]) == (1, 12, 11)


def test_a_later_verdict_of_another_contradicts(world: Any, judged: Any) -> None:
    accepted = Review.objects.get(pk=world.ids[5])
    about = {"item": accepted.item, "annotation": accepted.annotation}
    Review.objects.create(**about, person=world.reviewer, verdict="return", reason="mine again")
    assert row_of(world, world.reviewer)["overturned_by"]["contradicted"] == 0, "of oneself it is no contradiction"
    Review.objects.create(**about, person=world.manager, verdict="return", reason="no")
    returned = Review.objects.get(pk=world.ids[0])
    Review.objects.create(item=returned.item, annotation=returned.annotation, person=world.manager, verdict="accept")
    agreed = Review.objects.get(pk=world.ids[6])
    Review.objects.create(item=agreed.item, annotation=agreed.annotation, person=world.manager, verdict="accept")
    assert row_of(world, world.reviewer)["overturned_by"]["contradicted"] == 2


def test_an_adjudication_that_leaves_another_answer_contradicts_who_accepted_this_one(world: Any, make_items: Any, queue_of: Any, answer: Any) -> None:
    make_items(1)
    label, queue = queue_of(overlap=2), queue_of("review")
    answer(label, world.annotator, "car")
    answer(label, world.annotator2, "sign")
    lease = next_task(queue, world.actor(world.reviewer))
    review(lease.pk, world.actor(world.reviewer), "accept")
    accepted = Review.objects.get()
    from annotate.annotations.services import add_revision
    from annotate.projects.queries import current_schema

    other = add_revision(accepted.item_id, document=a_document("person"), schema_version=current_schema(world.project.pk), by=world.actor(world.manager), source="fix")
    decides = queue_of("adjudicate")
    from annotate.queues.models import Task

    task = Task.objects.create(queue=decides, item=accepted.item, annotation=accepted.annotation, state="answered", person=world.manager)
    Review.objects.create(item=accepted.item, task=task, annotation=accepted.annotation, fixed_id=getattr(other, "pk", other), person=world.manager, verdict="fix")
    assert row_of(world, world.reviewer)["overturned_by"]["contradicted"] == 1


@pytest.fixture
def looked(world: Any, make_items: Any, queue_of: Any, answer: Any, second: Any) -> Any:
    """Twelve items that the reviewer accepted; at second looks, unaware, another returns the first two."""
    make_items(12)
    label, queue = queue_of(), queue_of("review", recheck_percent=100)
    for _n in range(12):
        answer(label, world.annotator)
    for _n in range(12):
        lease = next_task(queue, world.actor(world.reviewer))
        review(lease.pk, world.actor(world.reviewer), "accept")
    for at in range(12):
        lease = next_task(queue, world.actor(second))
        review(lease.pk, world.actor(second), "return" if at < 2 else "accept", reason="no" if at < 2 else "")
    return second


def test_second_looks_tell_how_alike_two_judge(world: Any, looked: Any) -> None:
    first, other = row_of(world, world.reviewer), row_of(world, looked)
    for row in (first, other):
        assert row["agreement"]["value"] == pytest.approx(10 / 12)
        assert (row["verdicts"], row["second_looks"]) == (12, {"of": 12, "differ": 2, "open": 2})
    [pair] = reviewers.pairs(world.project, actor=world.actor(world.manager))
    assert {one["name"] for one in pair["people"]} == {"reviewer", "second"}
    assert pair["agreement"]["value"] == pytest.approx(10 / 12) and pair["agreement"]["kappa"] == pytest.approx(0.0)


def test_whoever_was_wrong_in_the_end_was_overturned(world: Any, looked: Any) -> None:
    one, other = Recheck.objects.filter(differs=True).order_by("pk")
    rechecking.settle(one.pk, "second", by=world.actor(world.manager))
    rechecking.settle(other.pk, "first", by=world.actor(world.manager))
    assert row_of(world, world.reviewer)["overturned_by"]["rechecked"] == row_of(world, looked)["overturned_by"]["rechecked"] == 1
    assert row_of(world, looked)["second_looks"]["open"] == 0


def test_who_parts_from_the_others_is_flagged(world: Any, looked: Any, judged: Any) -> None:
    rows = Review.objects.filter(verdict="accept").order_by("pk")[:10]
    for row in rows:
        Review.objects.create(item=row.item, annotation=row.annotation, person=world.admin, verdict="return", reason="no")
    row = row_of(world, world.admin)
    assert row["drift"]["flagged"] and row["drift"]["weeks"][-1]["parts"] == 1
    shown = world.page(world.manager).get(f"/p/{world.project.pk}/quality/reviewers").content.decode()
    assert "Judges unlike the others" in shown and "Reviewer against reviewer" in shown


def test_a_reviewer_sees_their_own_row_which_does_not_tell_second_looks(world: Any, looked: Any) -> None:
    path = f"/projects/{world.project.pk}/quality?by=reviewer"
    body = world.api(looked).get(path).json()
    [row] = body["results"]
    assert (row["name"], row["verdicts"], body["pairs"]) == ("second", 12, [])
    assert row["second_looks"] == {"of": 0, "differ": 0, "open": 0} and row["agreement"]["why"] == "not_enough"
    assert [week["others"]["value"] for week in row["drift"]["weeks"]] == [None], "one other would be known by it"
    [first] = world.api(world.reviewer).get(path).json()["results"]
    assert first["second_looks"] == {"of": 12, "differ": 2, "open": 2}
    assert world.api(world.annotator).get(path).json()["results"] == []
    page = world.page(looked).get(f"/p/{world.project.pk}/quality/reviewers").content.decode()
    assert "What your verdicts are worth" in page and ">reviewer<" not in page
    assert world.page(world.annotator).get(f"/p/{world.project.pk}/quality/reviewers").status_code == 403
    assert len(world.api(world.viewer).get(path).json()["results"]) == 2


def test_as_csv_each_figure_has_its_columns(world: Any, judged: Any) -> None:
    answered = world.api(world.manager).get(f"/projects/{world.project.pk}/quality?by=reviewer&format=csv")
    [row] = csv.DictReader(io.StringIO(answered.content.decode()))
    assert (row["name"], row["returned_value"], row["overturned_by_undone"], row["agreement_why"]) == ("reviewer", "0.25", "0", "not_enough")
    assert float(row["returned_low"]) < 0.25 and "drift_weeks" not in row


def test_without_verdicts_the_page_says_the_next_step(world: Any) -> None:
    shown = world.page(world.manager).get(f"/p/{world.project.pk}/quality/reviewers").content.decode()
    assert "No verdicts yet" in shown and "second looks" in shown
    assert "/quality/reviewers" in world.page(world.manager).get(f"/p/{world.project.pk}/quality").content.decode()


def test_the_row_takes_as_many_queries_however_many_judged(world: Any, looked: Any, django_assert_num_queries: Any) -> None:
    Queue.objects.update(recheck_percent=0)
    with django_assert_num_queries(6):
        reviewers.standings(world.project, actor=world.actor(world.manager))
