"""Races on real connections, from several threads and processes; every history goes through the checker."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection

from annotate.annotations.models import Annotation
from annotate.items.services import NewItem, add_items, create_batch
from annotate.kernel.errors import Conflict, Invalid, KeyReused, SluiceError
from annotate.people.actor import Actor
from annotate.people.models import Membership, Person
from annotate.projects.models import ProjectMember, SchemaVersion
from annotate.projects.services import change_schema
from annotate.queues.claim import next_task
from annotate.queues.holding import hold, unhold
from annotate.queues.models import Lease, Queue, Task
from annotate.queues.moving import move_work
from annotate.queues.pausing import let_on, pause
from annotate.queues.services import create_queue
from annotate.queues.taking_back import take_back
from annotate.reviews.services import review
from tests.concurrency.clients import play
from tests.concurrency.history import Call, faults
from tests.concurrency.recording import Recorder, finished, mark
from tests.concurrency.test_claims import at_once
from tests.conftest import SCHEMA, make_world

pytestmark = pytest.mark.django_db(transaction=True)
PROCESSES = 3


@pytest.fixture
def world(transactional_db: None) -> Any:
    return make_world()


@pytest.fixture
def crowd(world: Any) -> Callable[..., list[Actor]]:
    def make(n: int, role: str = "annotator") -> list[Actor]:
        people = Person.objects.bulk_create([Person(name=f"{role} {index:03d}", password="!") for index in range(n)])
        Membership.objects.bulk_create([Membership(organisation=world.organisation, person=person, role="member") for person in people])
        ProjectMember.objects.bulk_create([ProjectMember(project=world.project, person=person, role=role) for person in people])
        return [Actor.of(person) for person in people]

    return make


@pytest.fixture
def queue_with(world: Any) -> Callable[..., Queue]:
    """A queue over n pictures, the first `frames` of them frames of one group."""

    def make(n: int, *, frames: int = 0, **settings: Any) -> Queue:
        by = world.actor(world.owner)
        framed = [{"group": "clip", "frame": index} if index < frames else {} for index in range(n)]
        rows = [NewItem(key=f"{index:04d}", uri=f"s3://b/{index}.jpg", width=64, height=48, **framed[index]) for index in range(n)]
        add_items(create_batch(world.project, "pictures", by=by), rows, by=by)
        return create_queue(world.project, "label", stage="annotate", by=by, **settings)

    return make


class Servers:
    """Processes that play parts, as behind a load balancer; started once, for all tests here."""

    def __init__(self) -> None:
        self.running: list[subprocess.Popen[str]] = []

    def play(self, part: str, cast: list[dict[str, Any]]) -> list[Call]:
        if not self.running:
            words = "import sys, django; django.setup(); from tests.concurrency.clients import serve; serve(sys.argv[1])"
            program = [sys.executable, "-c", words, connection.get_connection_params()["dbname"]]
            self.running = [subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _each in range(PROCESSES)]
            for process in self.running:
                assert process.stdout is not None
                assert process.stdout.readline() == "ready\n"
        at = time.time() + 0.3 + len(cast) / 200
        for index, process in enumerate(self.running):
            assert process.stdin is not None
            process.stdin.write(json.dumps({"part": part, "cast": cast[index::PROCESSES], "at": at}) + "\n")
            process.stdin.flush()
        return [Call(**call) for process in self.running if process.stdout for call in json.loads(process.stdout.readline())]

    def end(self) -> None:
        for process in self.running:
            process.kill()
            process.communicate()


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    found = Servers()
    yield found
    found.end()


def quietly(work: Callable[[], Any]) -> Any:
    """The result, or the refusal."""
    try:
        return work()
    except SluiceError as error:
        return error


def sound(calls: list[Call], *queues: Queue) -> None:
    found = faults(finished(calls, *queues))
    assert not found, "\n".join(str(fault) for fault in found[:10])


def test_two_hundred_who_ask_at_once_for_fifty_items(world: Any, crowd: Any, queue_with: Any, servers: Servers) -> None:
    queue = queue_with(50)
    cast = [{"person": actor.person_id, "queue": queue.pk} for actor in crowd(200)]
    calls = servers.play("once", cast)
    assert len([call for call in calls if call.grants]) == Lease.objects.filter(ended_at=None).count() == 50
    assert len([call for call in calls if call.status == 204]) == 150
    sound(calls, queue)


def test_five_tabs_of_one_person_never_hold_more_than_one_and_one_ahead(crowd: Any, queue_with: Any) -> None:
    queue, [actor] = queue_with(40), crowd(1)
    cast = [{"person": actor.person_id, "queue": queue.pk, "seconds": 1.2, "seed": tab} for tab in range(5)]
    calls = play("working", cast)
    assert len({call.told("annotation") for call in calls if call.call == "submit" and call.done}) == Annotation.objects.count() > 0
    sound(calls, queue)


def test_submits_around_the_end_of_their_leases(crowd: Any, queue_with: Any) -> None:
    """Within 50 ms before and after, all at once; others take over what is freed."""
    queue, people = queue_with(11, lease_seconds=1), crowd(22)
    log = Recorder()
    authors, takers = people[:11], people[11:]
    held = [log.next(queue.pk, actor) for actor in authors]

    def race(place: int) -> None:
        if place < 11:
            lease = held[place]
            assert lease is not None
            time.sleep(max(0.0, lease.expires_at.timestamp() + (place - 5) * 0.01 - time.time()))
            quietly(lambda: log.submit(lease, authors[place], mark()))
            return
        taker, until = takers[place - 11], time.time() + 15
        while time.time() < until:
            lease = log.next(queue.pk, taker)
            if lease is not None:
                quietly(lambda lease=lease: log.submit(lease, taker, mark()))
            elif not Task.objects.filter(state="open").exists():
                return
            time.sleep(0.01)

    assert not [found for found in at_once(race, range(22)) if found is not None]
    assert Annotation.objects.count() == Task.objects.filter(state="answered").count() == 11
    sound(log.calls, queue)


def test_a_schema_change_in_the_middle_of_leases(world: Any, crowd: Any, queue_with: Any) -> None:
    """Who holds a lease is judged by the version it pinned, whenever the label goes; who comes later, by the new one."""
    queue, people = queue_with(30), crowd(12)
    old = SchemaVersion.objects.get(project=world.project)
    log, by = Recorder(), world.actor(world.owner)
    held = {actor.person_id: log.next(queue.pk, actor) for actor in people}
    without = {**SCHEMA, "labels": [label for label in SCHEMA["labels"] if label["name"] != "sign"]}

    def work(actor: Actor | None) -> Any:
        if actor is None:
            return change_schema(world.project, without, by=by)
        first = log.submit(held[actor.person_id], actor, mark(), label="sign")
        lease = log.next(queue.pk, actor)
        assert lease is not None
        return first, lease, quietly(lambda: log.submit(lease, actor, mark(), label="sign"))

    new, *found = at_once(work, [None, *people])
    for first, lease, second in found:
        assert Annotation.objects.get(pk=first.annotation_id).schema_version_id == old.pk
        assert isinstance(second, Invalid) == (lease.schema_version_id == new.pk), second
    after = next_task(queue, crowd(1, "reviewer")[0])
    assert after is not None
    assert after.schema_version_id == new.pk
    sound(log.calls, queue)


def test_a_storm_of_retries_with_one_key_is_one_answer_and_another_body_is_refused(crowd: Any, queue_with: Any) -> None:
    queue, [actor, other] = queue_with(2), crowd(2)
    log = Recorder()
    lease, theirs = log.next(queue.pk, actor), log.next(queue.pk, other)
    assert lease is not None
    assert theirs is not None
    bodies = [mark()] * 20 + [mark() for _each in range(4)]
    got = at_once(lambda body: log.submit(lease, actor, body, key="once"), bodies)
    done = [found for found in got if not isinstance(found, Exception)]
    assert {type(found) for found in got if isinstance(found, Exception)} <= {KeyReused}
    assert len({(found.annotation_id, found.revision) for found in done}) == 1
    assert sum(not found.repeated for found in done) == 1
    assert len(done) in (1, 20)  # one of the other bodies may have been the first
    log.submit(theirs, other, mark(), key="once")  # another's same key is a key of its own
    assert Annotation.objects.count() == 2
    sound(log.calls, queue)


@pytest.mark.parametrize("how", ["take_back", "move", "pause", "hold"])
def test_work_is_taken_away_while_it_is_submitted(how: str, world: Any, crowd: Any, queue_with: Any) -> None:
    """Each is answered before or taken before, never both; who is too late keeps what they drew."""
    queue, people = queue_with(8), crowd(9)
    *authors, heir = people
    log, by = Recorder(), world.actor(world.manager)
    held = {actor.person_id: log.next(queue.pk, actor) for actor in authors}

    def take(actor: Actor) -> bool:
        """Whether it was taken away in time."""
        lease = held[actor.person_id]
        assert lease is not None
        about = {"lease": lease.pk, "item": lease.item_id, "queue": queue.pk, "person": actor.person_id}
        acts: dict[str, Callable[[], bool]] = {
            "take_back": lambda: take_back(queue, lease.pk, by=by).ended_by == "move",
            "move": lambda: move_work(world.project, actor.person, to=heir.person, queue=queue, by=by).count > 0,
            "pause": lambda: pause(world.project, actor.person, queue=queue, by=by) > 0,
            "hold": lambda: hold([lease.item_id], cause="looked at", by=by) < 0,
        }
        taken: bool = log.act({"move": "take_back"}.get(how, how), by, about, acts[how])
        if how == "move":
            log.act("assign", by, {"item": lease.item_id}, lambda: None)
        return taken

    def submit(actor: Actor) -> Any:
        lease = held[actor.person_id]
        assert lease is not None
        return quietly(lambda: log.submit(lease, actor, mark()))

    work = [(kind, actor) for actor in authors for kind in (take, submit)]
    told = at_once(lambda pair: pair[0](pair[1]), work)
    got = told[1::2]
    assert told[::2] == [isinstance(found, Exception) for found in got], told
    late = [found for found in got if isinstance(found, Exception)]
    assert all(isinstance(found, Conflict) and found.extra["draft_kept"] for found in late), late
    assert Annotation.objects.count() == Task.objects.filter(state="answered").count() == len(got) - len(late)
    assert not Task.objects.filter(state="answered", leases__ended_at=None).exists()
    if how == "hold":
        assert not late  # what somebody is at may be finished
    if how == "move":
        left = set(Task.objects.filter(state="open").values_list("person_id", flat=True))
        assert left == ({heir.person_id} if late else set())
    with suppress(SluiceError):
        while (lease := log.next(queue.pk, heir)) is not None:
            log.submit(lease, heir, mark())
    assert how == "hold" or not Task.objects.exclude(state="answered").exists()
    sound(log.calls, queue)


def test_a_storm_of_everything_at_once_keeps_every_rule(world: Any, crowd: Any, queue_with: Any, servers: Servers) -> None:
    """Workers in several processes with leases of a second; a manager and a reviewer interfere; then it is drained to the end."""
    queue, people = queue_with(60, frames=10, lease_seconds=1, overlap=2), crowd(12)
    judging = create_queue(world.project, "judge", stage="review", by=world.actor(world.owner))
    log, by, judge = Recorder(), world.actor(world.manager), world.actor(world.reviewer)

    def manage(until: float) -> None:
        turn = 0
        while time.time() < until:
            turn += 1
            lease = Lease.objects.filter(queue=queue, ended_at=None).order_by("?").first()
            if lease is None:
                time.sleep(0.02)
                continue
            about = {"lease": lease.pk, "item": lease.item_id, "queue": queue.pk, "person": lease.person_id}
            if turn % 3 == 0:
                log.act("take_back", by, about, lambda lease=lease: take_back(queue, lease.pk, by=by))
            elif turn % 3 == 1:
                log.act("hold", by, about, lambda lease=lease: hold([lease.item_id], cause="looked at", by=by))
                log.act("unhold", by, about, lambda lease=lease: unhold([lease.item_id], cause="looked at"))
            else:
                log.act("pause", by, about, lambda lease=lease: pause(world.project, lease.person, queue=queue, by=by))
                log.act("resume", by, about, lambda lease=lease: let_on(world.project, lease.person, queue=queue, by=by))
            time.sleep(0.03)

    def send_back(until: float) -> None:
        while time.time() < until:
            lease = next_task(judging, judge)
            task = lease and Task.objects.filter(queue=queue, annotation_id=lease.annotation_id).first()
            if lease is None or task is None:
                time.sleep(0.05)
                continue
            about = {"task": task.pk, "item": task.item_id, "author": task.person_id, "queue": queue.pk}
            with suppress(Conflict):
                log.act("return", judge, about, lambda lease=lease: review(lease.pk, judge, "return", reason="again"))
            time.sleep(0.05)

    def at_work(seconds: float, **more: Any) -> list[dict[str, Any]]:
        return [{"person": actor.person_id, "queue": queue.pk, "seconds": seconds, "seed": seed, **more} for seed, actor in enumerate(people)]

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(servers.play, "working", at_work(2.5))
        at_once(lambda work: work(time.time() + 2.5), [manage, send_back])
        calls = working.result()
    calls += servers.play("working", at_work(20.0, empties=3))
    assert len(calls) > 50
    sound(calls + log.calls, queue)
