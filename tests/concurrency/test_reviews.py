"""Verdicts in a race: with each other, with a newer answer, with the author's second thoughts."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from annotate.annotations.models import Annotation, CurrentAnnotation
from annotate.annotations.services import add_revision
from annotate.items.models import Item
from annotate.items.services import NewItem, add_items, create_batch
from annotate.kernel.errors import Conflict, Stale
from annotate.people.actor import Actor
from annotate.people.models import Membership, Person
from annotate.projects.models import ProjectMember
from annotate.projects.queries import current_schema
from annotate.queues.claim import next_task
from annotate.queues.models import Lease, Queue, Task
from annotate.queues.reopening import reopen
from annotate.queues.services import create_queue
from annotate.queues.submit import submit
from annotate.reviews.models import Approval, Review
from annotate.reviews.services import review, withdraw
from tests.concurrency.test_claims import at_once
from tests.conftest import make_world

pytestmark = pytest.mark.django_db(transaction=True)
EMPTY: dict[str, Any] = {"objects": [], "item": {}}


@pytest.fixture
def world(transactional_db: None) -> Any:
    return make_world()


@pytest.fixture
def reviewers(world: Any) -> list[Actor]:
    people = Person.objects.bulk_create([Person(name=f"judge {index}", password="!") for index in range(6)])
    Membership.objects.bulk_create([Membership(organisation=world.organisation, person=person, role="member") for person in people])
    ProjectMember.objects.bulk_create([ProjectMember(project=world.project, person=person, role="reviewer") for person in people])
    return [Actor.of(person) for person in people]


@pytest.fixture
def line(world: Any) -> Any:
    """(annotate queue, review queue) with n items answered by the annotator."""

    def make(n: int, **settings: Any) -> tuple[Queue, Queue]:
        by, author = world.actor(world.owner), world.actor(world.annotator)
        add_items(create_batch(world.project, "words", by=by), [NewItem(key=f"{index:03d}", text="words") for index in range(n)], by=by)
        annotate = create_queue(world.project, "label", stage="annotate", by=by)
        for _index in range(n):
            submit(next_task(annotate, author).pk, author, EMPTY)
        return annotate, create_queue(world.project, "review", stage="review", by=by, **settings)

    return make


def standing() -> list[int]:
    return list(Approval.objects.filter(ended_at=None).values_list("item_id", flat=True))


def test_reviewers_who_ask_at_once_get_one_task_each_and_one_verdict_each(line: Any, reviewers: list[Actor]) -> None:
    _annotate, queue = line(4)

    def work(actor: Actor) -> int:
        done = 0
        while (lease := next_task(queue, actor)) is not None:
            review(lease.pk, actor, "accept")
            done += 1
        return done

    done = at_once(work, reviewers)
    assert sum(done) == 4, done
    assert sorted(standing()) == sorted(Item.objects.values_list("pk", flat=True))
    assert Review.objects.count() == 4


def test_two_verdicts_at_once_under_one_lease_are_one(line: Any, reviewers: list[Actor]) -> None:
    _annotate, queue = line(1)
    lease = next_task(queue, reviewers[0])
    got = at_once(lambda verdict: review(lease.pk, reviewers[0], verdict, reason="x"), ["accept", "return"] * 4)
    assert sum(not isinstance(found, Exception) for found in got) == 1
    assert sum(isinstance(found, Conflict) for found in got) == 7, got
    made = Review.objects.get()
    assert Item.objects.get().state == {"accept": "approved", "return": "returned"}[made.verdict]
    assert len(standing()) == (made.verdict == "accept")


@pytest.mark.parametrize("_round", range(6))
def test_an_expired_lease_and_its_successor_give_one_verdict(_round: int, line: Any, reviewers: list[Actor]) -> None:
    _annotate, queue = line(1)
    first = next_task(queue, reviewers[0])
    Lease.objects.filter(pk=first.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    second = next_task(queue, reviewers[1])
    got = at_once(lambda each: review(each[0].pk, each[1], "accept"), [(first, reviewers[0]), (second, reviewers[1])])
    assert isinstance(got[0], Conflict)
    assert got[1].verdict == "accept"
    assert Review.objects.get().person_id == reviewers[1].person_id


@pytest.mark.parametrize("verdict", ["accept", "return", "fix"])
@pytest.mark.parametrize("_round", range(4))
def test_a_newer_answer_during_a_verdict_is_before_or_after_it_never_between(
    _round: int, verdict: str, line: Any, world: Any, reviewers: list[Actor]
) -> None:
    """Another annotate queue asks for the same item again; its answer and the verdict arrive together."""
    _annotate, queue = line(1)
    again = create_queue(world.project, "again", stage="annotate", by=world.actor(world.owner))
    judged = next_task(queue, reviewers[0])
    other = world.actor(world.annotator2)
    answering = next_task(again, other)
    more = {"return": {"reason": "x"}, "fix": {"annotation": EMPTY}}.get(verdict, {})

    def race(who: str) -> Any:
        if who == "judge":
            return review(judged.pk, reviewers[0], verdict, **more)
        return submit(answering.pk, other, {"objects": [], "item": {"weather": "rain"}})

    judge, answer = at_once(race, ["judge", "answer"])
    assert not isinstance(answer, Exception), answer
    numbers = list(Annotation.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    item = Item.objects.get()
    if isinstance(judge, Exception):
        assert isinstance(judge, Stale), judge
        assert not Review.objects.exists()
        assert not standing()
        assert item.state == "labelled"
    elif verdict == "return":
        assert item.state in ("labelled", "returned")
        assert Task.objects.get(queue=_annotate).state == "returned"
    else:
        assert item.state == "approved"
        assert Approval.objects.get().annotation_id == judge.annotation_id
        assert CurrentAnnotation.objects.get().annotation_id == judge.annotation_id
        assert answer.revision > judge.revision


@pytest.mark.parametrize("_round", range(8))
def test_reopening_an_answer_while_it_is_handed_out_for_review_ends_one_way(
    _round: int, line: Any, world: Any, reviewers: list[Actor]
) -> None:
    annotate, queue = line(1)
    task, author = Task.objects.get(queue=annotate), world.actor(world.annotator)

    def race(who: str) -> Any:
        if who == "author":
            return reopen(task.pk, author)
        lease = next_task(queue, reviewers[0])
        return None if lease is None else review(lease.pk, reviewers[0], "accept")

    author_got, judge_got = at_once(race, ["author", "judge"])
    assert not isinstance(judge_got, Exception) or isinstance(judge_got, Conflict), judge_got
    task.refresh_from_db()
    if standing():
        assert isinstance(author_got, Conflict)
        assert task.state == "answered"
    else:
        assert isinstance(author_got, Lease), author_got
        assert task.state == "returned"


def test_withdrawing_many_times_at_once_ends_one_approval(line: Any, world: Any, reviewers: list[Actor]) -> None:
    _annotate, queue = line(1)
    review(next_task(queue, reviewers[0]).pk, reviewers[0], "accept")
    manager, item = world.actor(world.manager), Item.objects.select_related("project").get()
    got = at_once(lambda _n: withdraw(Item.objects.select_related("project").get(pk=item.pk), "wrong", by=manager), range(5))
    assert sum(isinstance(found, Conflict) for found in got) == 4, got
    assert Item.objects.get().state == "withdrawn"
    assert Approval.objects.filter(ended_at=None).count() == 0


def while_in_flight(change: Callable[[], object], judge: Callable[[], Any]) -> Any:
    """What `judge` gives when it begins before the transaction of `change` commits; its error when it is refused."""

    def judged() -> Any:
        try:
            return judge()
        except Exception as error:  # noqa: BLE001  the test looks at it
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            change()
            waiting = pool.submit(judged)
            _until_somebody_waits()
            assert not waiting.done()
        return waiting.result(10)


def test_a_verdict_waits_for_an_answer_in_flight_and_is_then_stale(line: Any, world: Any, reviewers: list[Actor]) -> None:
    """The answer holds the item; the verdict, begun before it commits, sees it all the same."""
    _annotate, queue = line(1)
    lease, item = next_task(queue, reviewers[0]), Item.objects.get()
    schema, other = current_schema(world.project.pk), world.actor(world.annotator2)
    got = while_in_flight(
        lambda: add_revision(item.pk, document=EMPTY, schema_version=schema, by=other),
        lambda: review(lease.pk, reviewers[0], "accept"),
    )
    assert isinstance(got, Stale), got
    assert not Review.objects.exists()
    assert not standing()


def test_a_verdict_waits_for_an_author_who_opens_the_answer_again_and_is_then_stale(line: Any, reviewers: list[Actor]) -> None:
    """As when the author's look for a reviewer came just before the reviewer's lease."""
    annotate, queue = line(1)
    lease = next_task(queue, reviewers[0])
    got = while_in_flight(
        lambda: Task.objects.filter(queue=annotate).update(state="returned"),
        lambda: review(lease.pk, reviewers[0], "accept"),
    )
    assert isinstance(got, Stale), got
    assert not standing()
    assert next_task(queue, reviewers[0]) is None


def _until_somebody_waits() -> None:
    for _try in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits for the item")


def test_two_who_decide_a_dispute_at_once_decide_it_once(line: Any, reviewers: list[Actor], world: Any) -> None:
    from annotate.reviews import disputing
    from annotate.reviews.models import Dispute

    _annotate, queue = line(1)
    lease = next_task(queue, reviewers[0])
    returned = review(lease.pk, reviewers[0], "return", reason="no")
    made = disputing.dispute(returned.review_id, "it is right", by=world.actor(world.annotator))

    def decide(actor: Actor) -> str:
        try:
            return disputing.decide(made.pk, "overturn", approves=True, by=actor).state
        except Conflict as error:
            return error.code

    said = at_once(decide, reviewers[1:])
    assert said.count("overturned") == 1 and set(said) <= {"overturned", "illegal_move", "stale"}
    assert (Dispute.objects.get().state, len(standing()), Review.objects.filter(verdict="accept").count()) == ("overturned", 1, 1)
