"""Hidden second looks: who is given them, that nothing tells, that nothing stands on them, and who was right."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from annotate.activity.models import Activity
from annotate.annotations.models import Annotation
from annotate.kernel.errors import Conflict, Denied, Missing
from annotate.people.models import Membership
from annotate.projects.services import set_member
from annotate.queues.claim import next_task
from annotate.queues.models import Queue, Task
from annotate.queues.services import change_queue
from annotate.reviews import rechecking
from annotate.reviews.models import Approval, Comment, Recheck, Review
from annotate.workbench.bundle import bundle
from tests.queues.conftest import a_box, a_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(world: Any) -> Any:
    """Another reviewer of the project."""
    from annotate.people.models import Person

    person = Person.objects.create(name="second", password="!")
    Membership.objects.create(organisation=world.organisation, person=person, role="member")
    set_member(world.project, person, role="reviewer", by=world.actor(world.owner))
    return person


@pytest.fixture
def watched(desk: Any, second: Any) -> Any:
    """The desk, all of whose verdicts are asked for a second time; `look()` is the second reviewer's lease."""
    Queue.objects.filter(pk=desk.queue.pk).update(recheck_percent=100)
    desk.second = second
    desk.look = lambda by=second: next_task(desk.queue, desk.world.actor(by))
    return desk


def say(watched: Any, lease: Any, verdict: str, by: Any = None, **more: Any) -> Any:
    from annotate.reviews.services import review

    return review(lease.pk, watched.world.actor(by or watched.second), verdict, **more)


@pytest.mark.parametrize("verdict", ["accept", "return", "fix"])
def test_the_bundle_is_what_the_first_reviewer_had_whatever_came_of_it(watched: Any, verdict: str) -> None:
    said = {"return": {"reason": "no"}, "fix": {"annotation": a_document("sign")}}.get(verdict, {})
    Comment.objects.create(item=watched.item, annotation=watched.seen, text="before", person=watched.world.annotator)
    before = bundle(watched.lease)
    watched.judge(verdict, comments=[{"text": "look here"}], **said)
    Comment.objects.filter(text="before").update(resolved_at=Review.objects.get().created_at)
    again = bundle(watched.look())
    own = ("task", "lease")
    assert {name: value for name, value in again.items() if name not in own} == {name: value for name, value in before.items() if name not in own}
    assert {name: again["task"][name] for name in ("queue", "round", "stage", "state")} == {name: before["task"][name] for name in ("queue", "round", "stage", "state")}


def test_neither_who_judged_nor_the_author_is_given_it(watched: Any) -> None:
    world = watched.world
    watched.judge("accept")
    assert watched.look(world.reviewer) is None
    set_member(world.project, world.annotator, role="reviewer", by=world.actor(world.owner))
    assert watched.look(world.annotator) is None
    assert watched.look() is not None
    assert watched.look(world.manager) is None, "one second look, not two"


@pytest.mark.parametrize(("first", "more"), [("accept", {}), ("return", {"reason": "no"})])
def test_its_verdict_moves_nothing(watched: Any, first: str, more: dict[str, Any]) -> None:
    watched.judge(first, **more)
    stood = (watched.state(), list(Approval.objects.values()), list(Task.objects.filter(queue=watched.annotate).values()), Annotation.objects.count())
    done = say(watched, watched.look(), "fix", annotation=a_document("sign"), comments=[{"text": "hm"}])
    assert (watched.state(), list(Approval.objects.values()), list(Task.objects.filter(queue=watched.annotate).values()), Annotation.objects.count()) == stood
    assert Review.objects.count() == 1 and not Comment.objects.exists()
    made = Recheck.objects.get()
    assert (made.verdict, made.person, made.against, made.differs) == ("fix", watched.second, watched.world.reviewer, first == "accept")
    assert [words["text"] for words in made.comments] == ["hm"]
    assert watched.look() is None
    assert done.verdict == "fix"


def test_its_answer_looks_like_that_of_any_verdict(watched: Any) -> None:
    first = watched.judge("fix", annotation=a_document("sign"))
    done = say(watched, watched.look(), "fix", annotation=a_document("car", "sign"))
    assert done.review_id == first.review_id + 1, "one series of numbers"
    assert (done.revision, done.annotation_id > first.annotation_id) == (first.revision, True)
    assert not Annotation.objects.filter(pk=done.annotation_id).exists()


def test_their_own_activity_reads_as_that_of_any_verdict(watched: Any) -> None:
    watched.judge("accept")
    say(watched, watched.look(), "accept")
    first, other = Activity.objects.filter(verb="review.accept").order_by("pk")
    assert (first.noun, other.noun) == ("review", "review")
    assert other.data["second"] == first.noun_id and set(first.data) == set(other.data) - {"second", "differs"}
    assert "accepted an answer" in watched.world.page(watched.second).get("/activity").content.decode()


def test_a_fix_that_changes_nothing_agrees_with_accepting(watched: Any) -> None:
    watched.judge("accept")
    say(watched, watched.look(), "fix", annotation=watched.seen.content)
    assert not Recheck.objects.get().differs


def test_it_is_taken_back_as_any_verdict(watched: Any) -> None:
    watched.judge("accept")
    done = say(watched, watched.look(), "return", reason="no")
    api = watched.world.api(watched.second)
    taken = api.post(f"/reviews/{done.review_id}/undo")
    assert taken.status_code == 200 and taken.json()["bundle"]["annotation"]["id"] == watched.done.annotation_id
    assert (watched.state(), Approval.objects.filter(ended_at=None).count()) == ("approved", 1)
    assert api.post(f"/reviews/{done.review_id}/undo").json()["code"] == "undone"
    assert watched.world.api(watched.world.manager).post(f"/reviews/{done.review_id}/undo").status_code == 404
    say(watched, watched.look(), "accept")
    assert [(row.verdict, row.undone_at is None) for row in Recheck.objects.order_by("pk")] == [("return", False), ("accept", True)]


def test_a_verdict_that_is_taken_back_is_looked_at_no_more(watched: Any) -> None:
    from annotate.reviews.undoing import undo

    done = watched.judge("accept")
    assert Task.objects.get(rejudges=done.review_id).state == "open"
    undo(done.review_id, by=watched.world.actor(watched.world.reviewer))
    assert Task.objects.get(rejudges=done.review_id).state == "void"
    lease = watched.look(watched.world.reviewer)
    say(watched, lease, "accept", by=watched.world.reviewer)
    assert watched.look() is not None


def test_a_share_is_drawn_by_the_seed_and_only_in_review_queues(world: Any, make_items: Any, queue_of: Any, answer: Any) -> None:
    from annotate.reviews.services import review

    make_items(12)
    label, queue = queue_of(), queue_of("review", recheck_percent=50, recheck_seed=7)
    for _n in range(12):
        answer(label, world.annotator)
    for _n in range(12):
        lease = next_task(queue, world.actor(world.reviewer))
        review(lease.pk, world.actor(world.reviewer), "accept")
    drawn = set(Task.objects.filter(rejudges__isnull=False).values_list("item_id", flat=True))
    with_sql = "SELECT i.id FROM annotate_item i WHERE (hashtextextended('recheck ' || i.id::text || ' 1', 7) & 9223372036854775807) % 10000 < 5000"
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(with_sql)
        assert drawn == {row[0] for row in cursor.fetchall()} and 0 < len(drawn) < 12
    change_queue(queue, recheck_percent=0, by=world.actor(world.manager))
    assert not Task.objects.filter(rejudges__isnull=False, state="open").exists()
    refused = world.api(world.manager).patch(f"/queues/{label.pk}", {"recheck_percent": 5})
    assert (refused.status_code, set(refused.json()["fields"])) == (400, {"recheck_percent"})


def test_those_who_are_measured_do_not_see_the_share(watched: Any) -> None:
    path = f"/queues/{watched.queue.pk}"
    assert watched.world.api(watched.world.manager).get(path).json()["recheck_percent"] == 100
    assert "recheck_percent" not in watched.world.api(watched.second).get(path).json()


@pytest.fixture
def differing(watched: Any) -> Any:
    watched.first = watched.judge("accept")
    say(watched, watched.look(), "return", reason_key="wrong_label")
    watched.made = Recheck.objects.get()
    return watched


def test_a_third_person_is_told_and_says_who_was_right(differing: Any) -> None:
    world = differing.world
    path = f"/projects/{world.project.pk}/rechecks"
    [row] = world.api(world.manager).get(path).json()["results"]
    assert (row["first"]["person"]["name"], row["second"]["verdict"], row["second"]["reason_key"]) == ("reviewer", "return", "wrong_label")
    assert world.api(world.reviewer).get(path).json()["results"] == world.api(differing.second).get(path).json()["results"] == []
    assert world.api(world.annotator).get(path).status_code == 403
    assert "Second looks that differ" in world.page(world.manager).get(f"/p/{world.project.pk}/disputes").content.decode()
    assert "Second looks" not in world.page(world.reviewer).get(f"/p/{world.project.pk}/disputes").content.decode()
    assert world.page(world.manager).post(f"/rechecks/{differing.made.pk}/settle", {"act": "second"}).status_code == 302
    differing.made.refresh_from_db()
    assert (differing.made.settled, differing.made.settled_by, differing.state()) == ("second", world.manager, "approved")
    with pytest.raises(Conflict):
        rechecking.settle(differing.made.pk, "first", by=world.actor(world.manager))


def test_settled_for_the_second_the_first_may_be_taken_back_in_one(differing: Any) -> None:
    world = differing.world
    done = world.api(world.manager).post(f"/rechecks/{differing.made.pk}/settle", {"right": "second", "take_back": True})
    assert done.status_code == 200 and done.json()["settled"] == "second"
    assert (differing.state(), Approval.objects.filter(ended_at=None).count()) == ("labelled", 0)


@pytest.mark.parametrize(("who", "error"), [("reviewer", Missing), ("second", Missing), ("annotator", Denied), ("viewer", Denied), ("outsider", Missing)])
def test_nobody_else_settles_it(differing: Any, who: str, error: Any) -> None:
    person = differing.second if who == "second" else getattr(differing.world, who)
    with pytest.raises(error):
        rechecking.settle(differing.made.pk, "first", by=differing.world.actor(person))


def test_the_database_has_no_second_look_of_ones_own(differing: Any) -> None:
    rows = Recheck.objects.filter(pk=differing.made.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(person=differing.world.reviewer)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(settled="second", settled_by=differing.second)


def test_erasure_takes_the_words_of_second_looks(differing: Any) -> None:
    from annotate.items.services import erase

    erase(differing.item, reason="asked for", by=differing.world.actor(differing.world.owner))
    assert not Recheck.objects.exists()


def test_a_second_look_is_work_of_the_day(differing: Any) -> None:
    from workflows.insight.work import today

    assert today(differing.second.pk).reviewed == 1


def test_boxes_are_checked_as_in_any_fix(watched: Any) -> None:
    watched.judge("accept")
    lease = watched.look()
    refused = watched.world.api(watched.second).post(f"/leases/{lease.pk}/review", {"verdict": "fix", "annotation": {"objects": [a_box("not-a-label")], "item": {}}})
    assert refused.status_code == 400 and not Recheck.objects.exists()
