"""Many people, many tabs, one database: every connection is real, every thread its own."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections

from annotate.annotations.models import Annotation
from annotate.items.services import NewItem, add_items, create_batch
from annotate.kernel.errors import Conflict
from annotate.people.actor import Actor
from annotate.people.models import Membership, Person
from annotate.projects.models import ProjectMember
from annotate.queues.claim import next_task
from annotate.queues.models import Draft, Lease, Queue, Task
from annotate.queues.services import create_queue
from annotate.queues.submit import submit
from tests.conftest import make_world

pytestmark = pytest.mark.django_db(transaction=True)
# In one statement: a lease that is answered between two of them would be counted as both.
OVERLAPS = """
SELECT item_id FROM annotate_lease WHERE ended_at IS NULL AND expires_at > clock_timestamp()
UNION ALL
SELECT item_id FROM annotate_task WHERE state = 'answered'
"""


@pytest.fixture
def world(transactional_db: None) -> Any:
    return make_world()


@pytest.fixture
def crowd(world: Any) -> Callable[[int], list[Actor]]:
    """n annotators of the project."""

    def make(n: int) -> list[Actor]:
        people = Person.objects.bulk_create([Person(name=f"person {index:03d}", password="!") for index in range(n)])
        Membership.objects.bulk_create([Membership(organisation=world.organisation, person=person, role="member") for person in people])
        ProjectMember.objects.bulk_create([ProjectMember(project=world.project, person=person, role="annotator") for person in people])
        return [Actor.of(person) for person in people]

    return make


@pytest.fixture
def queue_with(world: Any) -> Callable[..., Queue]:
    """A queue over n items of words."""

    def make(n: int, **settings: Any) -> Queue:
        by = world.actor(world.owner)
        batch = create_batch(world.project, "words", by=by)
        add_items(batch, [NewItem(key=f"{index:04d}", text="some words") for index in range(n)], by=by)
        return create_queue(world.project, "label", stage="annotate", by=by, **settings)

    return make


def at_once(work: Callable[[Any], Any], arguments: Sequence[Any]) -> list[Any]:
    """`work(argument)` for each, all starting together on connections of their own; errors are given back as results."""
    barrier = Barrier(len(arguments))

    def run(argument: Any) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(20)
            return work(argument)
        except Exception as error:  # noqa: BLE001  the test looks at it
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(arguments)) as pool:
        return list(pool.map(run, arguments))


def held_or_answered() -> Counter[int]:
    """Item → live leases + answers."""
    with connection.cursor() as cursor:
        cursor.execute(OVERLAPS)
        return Counter(row[0] for row in cursor.fetchall())


@pytest.mark.parametrize("overlap", [1, 2, 3])
def test_many_who_ask_at_once_never_exceed_the_overlap_and_nothing_stays_behind(overlap: int, crowd: Any, queue_with: Any) -> None:
    queue, people = queue_with(20, overlap=overlap), crowd(45)
    got = at_once(lambda actor: next_task(queue, actor), people)
    assert not [found for found in got if isinstance(found, Exception)]
    leases = [found for found in got if found is not None]
    assert len(leases) == min(45, 20 * overlap)
    assert len({lease.task_id for lease in leases}) == len(leases)
    assert max(held_or_answered().values()) <= overlap


def test_five_tabs_of_one_person_get_one_lease(crowd: Any, queue_with: Any) -> None:
    queue, [actor] = queue_with(20), crowd(1)
    for slot in (0, 1):
        got = at_once(lambda who, slot=slot: next_task(queue, who, slot=slot), [actor] * 5)
        assert len({lease.pk for lease in got}) == 1, got
    assert Lease.objects.count() == 2


def test_a_drain_serves_everything_exactly_and_then_nothing(crowd: Any, queue_with: Any) -> None:
    queue, people = queue_with(12, overlap=2), crowd(8)

    def work(actor: Actor) -> int:
        done, empty = 0, 0
        while empty < 2:
            lease = next_task(queue, actor)
            if lease is None:
                empty += 1
                time.sleep(0.05)
                continue
            submit(lease.pk, actor, {"objects": [], "item": {}})
            done += 1
            assert max(held_or_answered().values()) <= 2
        return done

    done = at_once(work, people)
    assert sum(done) == 24, done
    assert not Task.objects.exclude(state="answered").exists()
    for item in set(Task.objects.values_list("item_id", flat=True)):
        assert len(set(Task.objects.filter(item=item).values_list("person_id", flat=True))) == 2
        numbers = list(Annotation.objects.filter(item=item).order_by("number").values_list("number", flat=True))
        assert numbers == [1, 2]
    assert next_task(queue, people[0]) is None


def test_a_storm_of_retries_with_one_key_is_one_answer(crowd: Any, queue_with: Any) -> None:
    queue, [actor] = queue_with(1), crowd(1)
    lease = next_task(queue, actor)
    document = {"objects": [], "item": {"weather": "rain"}}
    got = at_once(
        lambda _: submit(lease.pk, actor, document, request_key="once", request_digest=b"d" * 32), list(range(12))
    )
    assert not [found for found in got if isinstance(found, Exception)]
    assert len({(found.annotation_id, found.revision) for found in got}) == 1
    assert Annotation.objects.count() == 1


def test_a_storm_without_a_key_is_one_answer_and_refusals(crowd: Any, queue_with: Any) -> None:
    queue, [actor] = queue_with(1), crowd(1)
    lease = next_task(queue, actor)
    got = at_once(lambda _: submit(lease.pk, actor, {"objects": [], "item": {}}), list(range(6)))
    assert sum(isinstance(found, Conflict) for found in got) == 5
    assert Annotation.objects.count() == 1


@pytest.mark.parametrize("early", [0.12, 0.05, 0.0, -0.05, -0.12])
def test_a_submit_around_the_end_of_its_lease_never_makes_two_answers(early: float, crowd: Any, queue_with: Any) -> None:
    queue, [first, second] = queue_with(1, lease_seconds=1), crowd(2)
    lease = next_task(queue, first)
    ends = time.monotonic() + 1.0

    def race(who: str) -> Any:
        if who == "late":
            time.sleep(max(0.0, ends - early - time.monotonic()))
            return submit(lease.pk, first, a_document_of_words("late"))
        time.sleep(max(0.0, ends - 0.1 - time.monotonic()))
        while time.monotonic() < ends + 1.5:
            taken = next_task(queue, second)
            if taken is not None:
                return submit(taken.pk, second, a_document_of_words("taker"))
            if Task.objects.filter(state="answered").exists():
                return None
            time.sleep(0.01)
        raise AssertionError("the task was neither answered nor freed")

    late, taker = at_once(race, ["late", "taker"])
    assert not isinstance(taker, Exception), taker
    assert Annotation.objects.count() == 1
    if isinstance(late, Conflict):
        assert taker is not None
        assert late.extra["draft_kept"] is True
        assert Draft.objects.filter(person=first.person).exists()
    else:
        assert taker is None, (late, taker)


def a_document_of_words(weather: str) -> dict[str, Any]:
    return {"objects": [], "item": {"weather": "rain" if weather == "late" else "fog"}}


def test_an_expired_lease_frees_its_task_with_nobody_sweeping(crowd: Any, queue_with: Any) -> None:
    queue, [first, second, third] = queue_with(1, lease_seconds=1), crowd(3)
    held = next_task(queue, first)
    assert next_task(queue, second) is None
    time.sleep(1.05)
    got = at_once(lambda actor: next_task(queue, actor), [second, third, first])
    taken = [lease for lease in got if lease is not None]
    assert [lease.task_id for lease in taken] == [held.task_id]


def test_people_on_several_servers_get_different_tasks(crowd: Any, queue_with: Any) -> None:
    """Processes of their own, as behind a load balancer: what keeps them apart is in the database alone."""
    import subprocess
    import sys

    queue, people = queue_with(10), crowd(8)
    parameters = connection.get_connection_params()
    program = (
        "import sys, django; django.setup()\n"
        "from django.db import connections\n"
        "connections['default'].settings_dict['NAME'] = sys.argv[1]\n"
        "from annotate.people.actor import Actor; from annotate.people.models import Person\n"
        "from annotate.queues.claim import next_task\n"
        "for pk in sys.argv[3:]:\n"
        "    print(next_task(int(sys.argv[2]), Actor.of(Person.objects.get(pk=pk))).task_id)\n"
    )
    ids = [str(actor.person_id) for actor in people]
    running = [
        subprocess.Popen([sys.executable, "-c", program, parameters["dbname"], str(queue.pk), *part], stdout=subprocess.PIPE, text=True)
        for part in (ids[:4], ids[4:])
    ]
    tasks = [line for process in running for line in process.communicate(timeout=60)[0].split()]
    assert len(tasks) == 8
    assert len(set(tasks)) == 8
