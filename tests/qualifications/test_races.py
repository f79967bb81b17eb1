"""Two tabs begin one attempt, two last scores end it once, a crowd is handed its questions; on connections of their own."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier
from typing import Any

import pytest

from annotate.annotations.models import Annotation
from annotate.items.services import NewItem, add_items, create_batch
from annotate.kernel.errors import Denied, SluiceError
from annotate.people.actor import Actor
from annotate.people.models import Membership, Person
from annotate.projects.models import ProjectMember
from annotate.qualifications import running
from annotate.qualifications.further import grant, revoke
from annotate.qualifications.models import FurtherAttempt, Qualified, QualifyingRun
from annotate.qualifications.services import create, end, give
from annotate.qualifications.setting_up import give_run, take_run
from annotate.queues.claim import next_task
from annotate.queues.models import Lease, Queue, Task
from annotate.queues.services import create_queue
from annotate.queues.submit import submit
from tests.concurrency.test_claims import at_once
from tests.conftest import make_world
from tests.qualifications.conftest import answer_of
from workflows.quality.gold import measure

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8


@pytest.fixture
def world(transactional_db: None) -> Any:
    return make_world()


@pytest.fixture
def cells(world: Any) -> Callable[..., Any]:
    """`cells(gold=4, questions=2, …)`: a qualification with a run, and so much gold."""

    def make(gold: int, **run: Any) -> Any:
        from annotate.gold.services import add_truths

        by = world.actor(world.owner)
        rows = [NewItem(key=f"{index:04d}", uri=f"s3://b/{index}.jpg", width=64, height=48) for index in range(gold)]
        added = add_items(create_batch(world.project, "gold", by=by), rows, by=by)
        add_truths(world.project, [{"item": item, "annotation": answer_of(True)} for item in added.accepted.values()], by=by)
        return give_run(create(world.project, "Cells", by=by), **run, by=by)

    return make


@pytest.fixture
def crowd(world: Any) -> Callable[[int], list[Actor]]:
    def make(n: int) -> list[Actor]:
        people = Person.objects.bulk_create([Person(name=f"newcomer {index:03d}", password="!") for index in range(n)])
        Membership.objects.bulk_create([Membership(organisation=world.organisation, person=person, role="member") for person in people])
        ProjectMember.objects.bulk_create([ProjectMember(project=world.project, person=person, role="annotator") for person in people])
        return [Actor.of(person) for person in people]

    return make


def test_two_tabs_begin_one_attempt_and_a_slot_is_handed_one_question(world: Any, cells: Any, crowd: Any) -> None:
    found = cells(6, questions=3, attempts=2)
    for actor in crowd(ROUNDS):
        got = at_once(lambda slot, actor=actor: next_task(found.queue_id, actor, slot=slot), [0, 1, 0, 0, 1])
        assert not [one for one in got if isinstance(one, Exception)]
        assert QualifyingRun.objects.filter(person=actor.person).count() == 1
        slots = list(Lease.objects.filter(person=actor.person, ended_at=None).values_list("slot", flat=True))
        assert len(slots) == len(set(slots))
        assert Task.objects.filter(person=actor.person).count() == len(slots)


def test_tabs_that_answer_as_fast_as_they_can_are_handed_the_questions_of_one_attempt(world: Any, cells: Any, crowd: Any) -> None:
    found = cells(12, questions=4, attempts=1)

    def work(actor: Actor) -> None:
        for _each in range(8):
            try:
                lease = next_task(found.queue_id, actor)
                if lease is not None:
                    submit(lease.pk, actor, answer_of(True))
            except SluiceError:  # the other tab answered it
                continue

    for actor in crowd(3):
        got = at_once(work, [actor] * 3)
        assert not [one for one in got if isinstance(one, Exception)]
        assert Task.objects.filter(person=actor.person, gold=True, state="answered").count() == 4


def test_a_crowd_that_begins_at_once_is_handed_a_question_each(world: Any, cells: Any, crowd: Any) -> None:
    """All are handed the same few items of gold, and nobody is told that there is nothing."""
    found, people = cells(3, questions=2), crowd(40)
    got = at_once(lambda actor: next_task(found.queue_id, actor), people)
    assert all(isinstance(one, Lease) for one in got), got
    assert QualifyingRun.objects.filter(state="running").count() == 40


def test_the_last_two_scores_at_once_end_the_attempt_once(world: Any, cells: Any, crowd: Any) -> None:
    found = cells(4, questions=2, pass_mark=0.5)
    for actor in crowd(ROUNDS):
        for right in (True, False):
            lease = next_task(found.queue_id, actor)
            assert lease is not None
            submit(lease.pk, actor, answer_of(right))
        answers = list(Annotation.objects.filter(person=actor.person, source="gold").values_list("pk", flat=True))
        got = at_once(measure, [*answers, *answers])
        assert [one for one in got if isinstance(one, Exception)] == []
        run = QualifyingRun.objects.get(person=actor.person)
        assert (run.state, run.score) == ("passed", 0.5)
        assert Qualified.objects.get(person=actor.person).score == 0.5


def test_of_two_last_scores_that_do_not_see_each_other_the_later_ends_the_attempt(
    world: Any, cells: Any, crowd: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are stored, by transactions that are still open, when both look whether all is measured."""
    found, [actor] = cells(2, questions=2, pass_mark=0.5), crowd(1)
    for _each in range(2):
        lease = next_task(found.queue_id, actor)
        assert lease is not None
        submit(lease.pk, actor, answer_of(True))
    both, settle = Barrier(2), running.settle

    def after_both(person_id: int, queue_id: int) -> str | None:
        both.wait(20)
        return settle(person_id, queue_id)

    monkeypatch.setattr(running, "settle", after_both)
    got = at_once(measure, list(Annotation.objects.filter(person=actor.person, source="gold").values_list("pk", flat=True)))
    assert got == [True, True]
    assert QualifyingRun.objects.get().state == "passed"
    assert Qualified.objects.count() == 1


def test_the_last_score_and_a_managers_word_leave_one_qualification(world: Any, cells: Any, crowd: Any) -> None:
    found, by = cells(2, questions=1, pass_mark=0.5), world.actor(world.manager)
    for actor in crowd(ROUNDS):
        lease = next_task(found.queue_id, actor)
        assert lease is not None
        submit(lease.pk, actor, answer_of(True))
        answer = Annotation.objects.get(person=actor.person, source="gold").pk
        acts = [lambda answer=answer: measure(answer), lambda actor=actor: give(found, actor.person, score=0.9, by=by)]
        got = at_once(lambda act: act(), acts)
        assert not [one for one in got if isinstance(one, Exception)]
        assert Qualified.objects.filter(person=actor.person, ended_at=None).count() == 1
        assert not QualifyingRun.objects.filter(person=actor.person, state="running").exists()


def test_a_run_taken_away_while_people_begin_leaves_no_attempt(world: Any, cells: Any, crowd: Any) -> None:
    found, people = cells(4, questions=2), crowd(12)
    by = world.actor(world.manager)
    acts = [lambda actor=actor: next_task(found.queue_id, actor) for actor in people] + [lambda: take_run(found, by=by)]
    got = at_once(lambda act: act(), acts)
    assert not [one for one in got if isinstance(one, Exception) and not isinstance(one, SluiceError)]
    assert not QualifyingRun.objects.filter(state="running").exists()
    assert not Lease.objects.filter(queue=found.queue, ended_at=None).exists()


def test_who_loses_the_qualification_while_they_ask_is_served_or_refused_and_then_refused(world: Any, cells: Any, crowd: Any) -> None:
    found = cells(2, questions=1)
    by = world.actor(world.manager)
    add_items(create_batch(world.project, "work", by=by), [NewItem(key=f"w{n}", uri=f"s3://b/w{n}.jpg", width=64, height=48) for n in range(20)], by=by)
    queue: Queue = create_queue(world.project, "label", stage="annotate", requires=[{"qualification": found.pk}], by=by)
    for actor in crowd(ROUNDS):
        give(found, actor.person, by=by)
        acts = [lambda actor=actor: next_task(queue, actor), lambda actor=actor: end(found, actor.person, by=by)]
        served, ended = at_once(lambda act: act(), acts)
        assert ended is True
        assert isinstance(served, Lease | Denied), served
        with pytest.raises(Denied):
            next_task(queue, actor)


def test_of_managers_who_grant_at_once_one_grants_and_one_attempt_is_begun(world: Any, cells: Any, crowd: Any) -> None:
    found, [newcomer] = cells(gold=2, questions=1, attempts=1), crowd(1)
    by = world.actor(world.manager)
    QualifyingRun.objects.create(qualification=found, person=newcomer.person, attempt=1, state="failed", score=0)
    done = at_once(lambda _n: grant(found, newcomer.person, by=by), range(6))
    assert sorted(done) == [False] * 5 + [True]
    assert FurtherAttempt.objects.count() == 1
    begun: list[Any] = at_once(lambda n: revoking(found, newcomer, by) if n % 2 else claiming(found, newcomer), range(6))
    revoked, runs = begun.count("revoked"), QualifyingRun.objects.filter(state="running").count()
    assert (revoked, runs) in ((1, 0), (0, 1))


def claiming(found: Any, who: Actor) -> str:
    try:
        return "claimed" if next_task(found.queue_id, who) is not None else ""
    except SluiceError:
        return ""


def revoking(found: Any, who: Actor, by: Actor) -> str:
    try:
        return "revoked" if revoke(found, who.person, by=by) else ""
    except SluiceError:
        return ""
