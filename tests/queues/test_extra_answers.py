"""One more answer each time people agree too little, up to a bound."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotate.items.models import Item
from annotate.kernel.errors import Invalid
from annotate.people.actor import Actor
from annotate.people.models import Membership, Person
from annotate.projects.models import ProjectMember
from annotate.queues import agreeing
from annotate.queues.agreeing import measure_some
from annotate.queues.claim import next_task
from annotate.queues.fill import fill
from annotate.queues.models import Agreement, Task
from annotate.queues.reopening import reopen
from annotate.queues.services import change_queue
from annotate.queues.submit import submit
from annotate.search.compile import compile_query
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


def settled() -> None:
    """Until no transaction is under way, such as the database's own of keeping its statistics: news waits for those that began before it."""
    with connection.cursor() as cursor:
        for _ in range(500):
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot()) = pg_snapshot_xmax(pg_current_snapshot())")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("somebody's transaction does not end")


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


def test_without_a_bar_agreement_is_measured_in_the_background(
    world: Any, make_items: Any, queue_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agreeing, "_runs", 0)  # the next look is one that reads more than the news, which tells what is committed
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


def test_one_more_that_nobody_has_begun_is_not_needed_when_a_changed_answer_agrees(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(1)
    queue = queue_of(overlap=2, agreement_bar=0.8, overlap_most=3)
    one, other = people(world, 2)
    give(queue, one, 0)
    lease = give(queue, other, 1)
    assert Task.objects.filter(n=3, state="open").exists()
    submit(reopen(lease.task_id, other).pk, other, said(0))
    assert Agreement.objects.get().value == 1.0
    assert Task.objects.get(n=3).state == "void"


def test_one_more_that_somebody_has_begun_stays(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(1)
    queue = queue_of(overlap=2, agreement_bar=0.8, overlap_most=3)
    one, other, third = people(world, 3)
    give(queue, one, 0)
    lease = give(queue, other, 1)
    held = next_task(queue, third)
    assert held is not None
    submit(reopen(lease.task_id, other).pk, other, said(0))
    submit(held.pk, third, said(0))
    assert (Agreement.objects.get().value, Agreement.objects.get().answers) == (1.0, 3)


def test_further_answers_stay_in_front_when_the_order_changes_and_when_it_is_weighed(world: Any, make_items: Any, queue_of: Any) -> None:
    items = make_items(3)
    queue = queue_of(overlap=2, agreement_bar=0.8, overlap_most=3)
    one, other = people(world, 2)
    give(queue, one, 0)
    give(queue, other, 1)
    for order in ("uncertainty", "newest", "random:3", "quota", "oldest"):
        change_queue(queue, by=world.actor(world.owner), order=order)
        fill(queue.pk)
        first = Task.objects.filter(queue=queue, state="open").order_by("rank", "pk").first()
        assert first is not None
        assert (first.n, first.item_id) == (3, items[0].pk), order


def test_gold_is_no_answer(world: Any, make_items: Any, queue_of: Any) -> None:
    [item] = make_items(1)
    queue = queue_of(overlap=2, agreement_bar=0.8, overlap_most=3)
    one, other, third = people(world, 3)
    Task.objects.create(queue=queue, item=item, n=1000, gold=True, person_id=third.person_id)
    give(queue, one, 0)
    assert not Agreement.objects.exists()
    give(queue, other, 0)
    assert Agreement.objects.get().answers == 2
    assert set(Task.objects.values_list("n", flat=True)) == {1, 2, 1000}


@pytest.mark.django_db(transaction=True)
def test_the_clock_takes_news_of_answers_once_and_weighs_what_is_ordered_by_them(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(2)
    queue = queue_of(overlap=2)
    judging = queue_of("review", order="disagreement")
    measure_some()
    one, other = people(world, 2)
    for place in (0, 1):
        give(queue, one, 0)
        give(queue, other, place)
    fill(judging.pk)
    ranked = list(Task.objects.filter(queue=judging).order_by("rank").values_list("item__agreements__value", flat=True))
    assert ranked == [None, None]
    settled()
    assert measure_some() == 2
    assert measure_some() == 0
    ranked = list(Task.objects.filter(queue=judging).order_by("rank").values_list("item__agreements__value", flat=True))
    assert ranked == [0.0, 1.0]


def test_the_clock_leaves_queues_without_overlap_alone(make_items: Any, queue_of: Any, world: Any, django_assert_max_num_queries: Any) -> None:
    make_items(1)
    give(queue_of(), *people(world, 1), 0)
    with django_assert_max_num_queries(8):
        assert measure_some() == 0
    assert not Agreement.objects.exists()


def test_queries_ask_for_the_least_agreement_and_pass_over_what_is_not_measured(world: Any, make_items: Any, queue_of: Any) -> None:
    items = make_items(4)
    queues = queue_of(overlap=2), queue_of(overlap=2)
    for item, values in zip(items, ((0.2, 0.9), (0.7,), (1.0,), ()), strict=True):
        for queue, value in zip(queues, values, strict=False):
            Agreement.objects.create(queue=queue, item=item, value=value, answers=2)

    def found(text: str) -> list[int]:
        rows = Item.objects.filter(compile_query(text, world.project.pk), project=world.project)
        return [items.index(item) for item in rows.order_by("pk")]

    assert found("agreement < 0.7") == [0]
    assert found("agreement <= 0.7") == [0, 1]
    assert found("agreement > 0.7") == [2]
    assert found("agreement >= 0.7") == [1, 2]
    assert found("agreement = 0.7") == [1]
    assert found("agreement = 0.9") == []
    assert found("agreement in (0.2, 1)") == [0, 2]
    assert found("agreement != 1") == [0, 1, 3]
    assert found("not agreement >= 0") == [3]


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


@pytest.mark.django_db(transaction=True)
def test_there_is_no_instant_at_which_a_review_slips_in_before_the_further_answer(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(12)
    queue, judging = queue_of(overlap=2, agreement_bar=0.8, overlap_most=3), queue_of("review")
    one, other = people(world, 2)
    for _round in range(12):
        leases = [next_task(queue, one), next_task(queue, other)]
        assert all(leases)

        def filling(_pair: Any) -> None:
            for _again in range(6):
                fill(judging.pk)

        def work(pair: Any) -> Any:
            return filling(pair) if pair is None else submit(pair[0].pk, pair[1], said(pair[2]))

        results = at_once(work, [(leases[0], one, 0), None, (leases[1], other, 1), None])
        assert not [result for result in results if isinstance(result, Exception)]
    fill(judging.pk)
    assert not Task.objects.filter(queue=judging).exists()
    assert Task.objects.filter(queue=queue, n=3, state="open").count() == 12


@pytest.mark.django_db(transaction=True)
def test_fills_changes_and_submits_at_once_neither_wait_in_a_circle_nor_lose_an_answer(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(10)
    queue = queue_of(overlap=2, agreement_bar=0.8, overlap_most=4, order="uncertainty")
    crowd = people(world, 4)
    by = world.actor(world.owner)

    def work(who: Any) -> None:
        if who == "fill":
            for _again in range(10):
                fill(queue.pk)
        elif who == "change":
            for percent in (30, 100, 60, 100, 20, 100):
                change_queue(queue, by=by, overlap_percent=percent, order="oldest" if percent == 60 else "uncertainty")
        else:
            while (lease := next_task(queue, who)) is not None:
                submit(lease.pk, who, said(who.person_id % 2))

    results = at_once(work, [*crowd, "fill", "change"])
    assert not [result for result in results if isinstance(result, Exception)]
    for actor in crowd:
        work(actor)
    counted = Task.objects.filter(queue=queue).exclude(state="void").values("item").annotate(n=Count("pk")).values_list("n", flat=True)
    assert all(2 <= n <= 4 for n in counted)
    assert not Task.objects.filter(queue=queue, state="open").exists()
