"""One more answer each time people agree too little, up to a bound."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotate.kernel.errors import Invalid
from annotate.people.actor import Actor
from annotate.people.models import Membership, Person
from annotate.projects.models import ProjectMember
from annotate.queues.agreeing import measure_some
from annotate.queues.claim import next_task
from annotate.queues.fill import fill
from annotate.queues.models import Agreement, Task
from annotate.queues.reopening import reopen
from annotate.queues.services import change_queue
from annotate.queues.submit import submit
from tests.concurrency.test_claims import at_once
from tests.queues.conftest import a_box

pytestmark = pytest.mark.django_db


def people(world: Any, n: int) -> list[Actor]:
    made = Person.objects.bulk_create([Person(name=f"more {Person.objects.count()} {index}", password="!") for index in range(n)])
    Membership.objects.bulk_create([Membership(organisation=world.organisation, person=person, role="member") for person in made])
    ProjectMember.objects.bulk_create([ProjectMember(project=world.project, person=person, role="annotator") for person in made])
    return [Actor.of(person) for person in made]


def said(place: int) -> dict[str, Any]:
    """An answer: those with the same place agree, others do not."""
    return {"objects": [a_box("car", (1 + 14 * place, 2, 10, 8))], "item": {}}


def give(queue: Any, actor: Actor, place: int) -> Any:
    lease = next_task(queue, actor)
    assert lease is not None
    submit(lease.pk, actor, said(place))
    return lease


def test_who_agree_are_asked_no_more(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(1)
    queue = queue_of(overlap=2, agreement_bar=0.8, overlap_most=4)
    for actor in people(world, 2):
        give(queue, actor, 0)
    assert not Task.objects.filter(state="open").exists()
    assert Agreement.objects.get().value == 1.0


def test_who_disagree_bring_one_more_at_a_time_up_to_the_most(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(2)
    queue = queue_of(overlap=2, agreement_bar=0.8, overlap_most=4, q="answers < 99")
    crowd = people(world, 5)
    for n, actor in enumerate(crowd[:4]):
        give(queue, actor, n)
        opened = Task.objects.filter(item=Task.objects.order_by("rank").first().item, state="open").count()  # type: ignore[union-attr]
        assert opened == (1 if n < 3 else 0)
    assert Agreement.objects.get().answers == 4
    assert Task.objects.filter(state="answered").count() == 4


def test_a_further_answer_comes_before_other_work_and_to_another_person(world: Any, make_items: Any, queue_of: Any) -> None:
    first, _second = make_items(2)
    queue = queue_of(overlap=2, agreement_bar=0.8, overlap_most=3)
    one, other, third = people(world, 3)
    give(queue, one, 0)
    give(queue, other, 1)
    lease = next_task(queue, third)
    assert lease is not None
    assert lease.item_id == first.pk
    following = next_task(queue, one)
    assert following is not None
    assert following.item_id != first.pk


def test_no_review_begins_before_the_further_answer_is_there(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(1)
    queue, judging = queue_of(overlap=2, agreement_bar=0.8, overlap_most=3), queue_of("review")
    one, other, third = people(world, 3)
    give(queue, one, 0)
    give(queue, other, 1)
    assert fill(judging.pk) == 0
    give(queue, third, 0)
    assert fill(judging.pk) == 1


def test_an_answer_that_was_changed_is_measured_anew(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(1)
    queue = queue_of(overlap=2, agreement_bar=0.8, overlap_most=3)
    one, other = people(world, 2)
    give(queue, one, 0)
    lease = give(queue, other, 0)
    assert Agreement.objects.get().value == 1.0
    again = reopen(lease.task_id, other)
    submit(again.pk, other, said(1))
    assert Agreement.objects.get().value == 0.0
    assert Task.objects.filter(state="open", n=3).count() == 1


def test_without_a_bar_agreement_is_measured_in_the_background(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(2)
    queue = queue_of(overlap=2)
    one, other = people(world, 2)
    give(queue, one, 0)
    give(queue, other, 1)
    give(queue, one, 0)
    assert not Agreement.objects.exists()
    assert measure_some() == 1
    assert measure_some() == 0
    assert Agreement.objects.get().value == 0.0


def test_a_bar_and_the_most_go_together_and_can_be_taken_away(world: Any, make_items: Any, queue_of: Any) -> None:
    for wrong in ({"agreement_bar": 0.5}, {"overlap_most": 3}, {"agreement_bar": 1.5, "overlap_most": 3}, {"agreement_bar": 0.5, "overlap_most": 2, "overlap": 3}):
        with pytest.raises(Invalid):
            queue_of(**({"overlap": 2} | wrong))
    queue = queue_of(overlap=2, agreement_bar=0.5, overlap_most=3)
    queue = change_queue(queue, by=world.actor(world.owner), agreement_bar=None, overlap_most=None)
    assert queue.agreement_bar is None


@given(places=st.lists(st.integers(0, 2), min_size=6, max_size=6), least=st.integers(1, 3), most=st.integers(3, 5))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_never_more_than_the_most_and_never_open_while_all_agree(world: Any, make_items: Any, queue_of: Any, places: list[int], least: int, most: int) -> None:
    [item] = make_items(1)
    queue = queue_of(overlap=least, agreement_bar=0.75, overlap_most=most, q=f'key = "{item.key}"')
    given_: list[int] = []
    for actor, place in zip(people(world, 6), places, strict=True):
        if next_task(queue, actor) is None:
            break
        give(queue, actor, place)
        given_.append(place)
    pairs = [(a, b) for index, a in enumerate(given_) for b in given_[:index]]
    agreed = sum(a == b for a, b in pairs) / len(pairs) if pairs else 1.0
    assert least <= len(given_) <= max(most, least)
    assert len(given_) == most or agreed >= 0.75 or len(given_) == 1


@pytest.mark.django_db(transaction=True)
def test_two_last_answers_at_once_open_one_more(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(4)
    queue = queue_of(overlap=2, agreement_bar=0.8, overlap_most=5)
    one, other = people(world, 2)
    for _round in range(4):
        leases = [next_task(queue, one), next_task(queue, other)]
        assert all(leases)
        at_once(lambda pair: submit(pair[0].pk, pair[1], said(pair[2])), [(leases[0], one, 0), (leases[1], other, 1)])
    assert Task.objects.filter(queue=queue, n=3, state="open").count() == 4
    assert Task.objects.filter(queue=queue).count() == 12
