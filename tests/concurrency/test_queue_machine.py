"""Anything that people and managers may do at one queue, in any order, held against the reference after each step by SQL."""

from __future__ import annotations

import os
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from annotate.items.services import NewItem, add_items, create_batch
from annotate.kernel.errors import Conflict, Denied, Missing, SluiceError, Stale
from annotate.people.actor import Actor
from annotate.queues.claim import next_task
from annotate.queues.fill import fill
from annotate.queues.holding import hold, unhold
from annotate.queues.models import Lease, Task
from annotate.queues.moving import move_work
from annotate.queues.pausing import let_on, pause
from annotate.queues.reserving import release as keep_for_nobody
from annotate.queues.reserving import reserve
from annotate.queues.services import change_queue, create_queue, move_queue
from annotate.queues.taking_back import take_back
from annotate.reviews.services import review
from tests.concurrency.history import faults
from tests.concurrency.recording import Recorder, finished, mark
from tests.concurrency.reference import Asked, Given, Reference
from tests.concurrency.standing import ALL_WRONG

pytestmark = pytest.mark.django_db
PLAIN, FRAMES = 3, 3
PEOPLE, ITEMS, SLOTS = st.integers(0, 2), st.integers(0, PLAIN + FRAMES - 1), st.integers(0, 1)
WHICH = st.integers(0, 5)  # a lease: so many before the last one
_TASKS = "SELECT id, item_id, n, state, person_id FROM annotate_task WHERE queue_id = %s ORDER BY id"
_LEASES = """
SELECT id, task_id, person_id, slot FROM annotate_lease
WHERE queue_id = %s AND ended_at IS NULL AND expires_at > clock_timestamp() ORDER BY id
"""
_DRAFTS = "SELECT d.task_id, d.person_id, d.revision FROM annotate_draft d JOIN annotate_task t ON t.id = d.task_id WHERE t.queue_id = %s"
_EXPIRE = "UPDATE annotate_lease SET expires_at = clock_timestamp() - interval '1 ms' WHERE id = %s AND ended_at IS NULL"


class AtTheQueue(RuleBasedStateMachine):
    world: Any

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.by = Actor.of(self.world.owner)
        self.judge = Actor.of(self.world.reviewer)
        self.actors = [Actor.of(person) for person in (self.world.annotator, self.world.annotator2, self.world.manager)]
        batch = create_batch(self.world.project, "all", by=self.by)
        rows = [NewItem(key=f"{n}", uri=f"s3://b/{n}.jpg", width=64, height=48) for n in range(PLAIN)]
        rows += [NewItem(key=f"f{n}", uri=f"s3://b/f{n}.jpg", width=64, height=48, group="clip", frame=n) for n in range(FRAMES)]
        self.items = sorted(add_items(batch, rows, by=self.by).accepted.values())
        self.log, self.seen, self.leases = Recorder(), set[int](), dict[int, Lease]()
        self.open, self.bodies = True, dict[str, bool]()

    @initialize(overlap=st.integers(1, 2), order=st.sampled_from(["oldest", "newest", "random:3"]))
    def begin(self, overlap: int, order: str) -> None:
        self.queue = create_queue(self.world.project, "label", stage="annotate", overlap=overlap, order=order, by=self.by)
        self.judging = create_queue(self.world.project, "judge", stage="review", by=self.by)
        self.first = self.most = overlap
        self.model = Reference(overlap=overlap, framed=frozenset(self.items[PLAIN:]), lifetime=900.0)
        fill(self.queue.pk)
        self.model.tasks = {row[0]: Asked(*row) for row in self.sql(_TASKS)}

    def teardown(self) -> None:
        try:
            if hasattr(self, "queue"):
                assert not faults(finished(self.log.calls, self.queue, overlaps={self.queue.pk: self.first}))
        finally:
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)

    def sql(self, statement: str, values: Any = None) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, [self.queue.pk] if values is None else values)
            return cursor.fetchall() if cursor.description else []

    def lease(self, back: int) -> tuple[Lease, Given, Actor] | None:
        known = list(self.leases.values())
        if not known:
            return None
        lease = known[-1 - back % len(known)]
        return lease, self.model.leases[lease.pk], next(one for one in self.actors if one.person_id == lease.person_id)

    # What people do

    @rule(who=PEOPLE, slot=SLOTS)
    def next(self, who: int, slot: int) -> None:
        """Nobody can take from a queue that is paused, nor who is paused there; that is asked for, and then undone."""
        actor, person = self.actors[who], self.actors[who].person_id
        if not self.open or person in self.model.paused:
            with pytest.raises((Conflict, Denied)):
                self.log.next(self.queue.pk, actor, slot)
            self.pause_person(who) if person in self.model.paused else self.pause_queue()
            return
        slipped = self.model.slipped(person) if slot == 0 and 0 not in self.model.own(person) else None
        found = self.log.next(self.queue.pk, actor, slot)
        if slipped is not None and found is not None and found.task_id == slipped.task and found.pk not in self.leases:
            self.given(found)
            return
        assert slipped is None or slipped.item in self.model.framed  # which may wait for who works through its group
        present = self.model.present(person, slot)
        may, must = self.model.may(person), self.model.must(person)
        if present is not None:
            assert found is not None
            assert found.pk == present.lease
        elif found is None:
            assert not must
        else:
            assert found.task_id in {one.task for one in may}
            self.given(found)

    def given(self, lease: Lease) -> None:
        self.leases[lease.pk] = lease
        self.model.give(lease.pk, lease.task_id, lease.person_id, lease.slot)

    @rule(back=WHICH, key=st.booleans(), unseen=st.booleans())
    def submit(self, back: int, key: bool, unseen: bool) -> None:
        if (found := self.lease(back)) is None:
            return
        lease, given, actor = found
        body, about = mark(), (given.task, given.person)
        standing = self.model.drafts.get(about, 0)
        seen = standing - 1 if unseen and standing else standing
        live = self.model.live(given)
        try:
            done = self.log.submit(lease, actor, body, key="key" if key else None, draft=seen)
        except Stale:
            assert live
            assert seen < standing
            self.bodies[body] = False
            return
        except SluiceError as error:
            assert not live
            self.bodies[body] = False
            self.kept_or_not(given, error.extra.get("draft_kept"))
            return
        assert live
        assert seen == standing
        assert self.model.submit(lease.pk)
        self.bodies[body] = True
        self.seen.discard(given.task)
        if key:  # an answer that was lost on the way is asked for again
            again = self.log.submit(lease, actor, body, key="key", draft=seen)
            assert (again.annotation_id, again.repeated) == (done.annotation_id, True)

    def kept_or_not(self, given: Given, kept: Any) -> None:
        """A body that came late may have become the draft, as long as nothing newer of the person stands."""
        newer = any(one.task == given.task and one.person == given.person and one.lease > given.lease for one in self.model.leases.values())
        about = (given.task, given.person)
        if kept:
            assert not newer
            assert given.ended != "submit"
            self.model.drafts[about] = self.model.drafts.get(about, 0) + 1

    @rule(back=WHICH, behind=st.integers(0, 1))
    def save(self, back: int, behind: int) -> None:
        if (found := self.lease(back)) is None:
            return
        lease, given, actor = found
        revision = max(0, self.model.drafts.get((given.task, given.person), 0) - behind)
        try:
            now = self.log.save(lease, actor, revision, mark())
            assert self.model.save(lease.pk, revision) is True
            assert now == revision + 1
        except Stale:
            assert self.model.save(lease.pk, revision) is False
        except Conflict as error:
            assert self.model.save(lease.pk, revision) is None
            self.kept_or_not(given, error.extra.get("draft_kept"))

    @rule(back=WHICH, what=st.sampled_from(["renew", "release", "skip"]))
    def end(self, back: int, what: str) -> None:
        if (found := self.lease(back)) is None:
            return
        lease, given, actor = found
        live = self.model.live(given)
        try:
            getattr(self.log, what)(lease, actor)
        except Conflict:
            assert not live
            assert what != "release"
            return
        assert live or what == "release"
        if what == "release":
            self.model.end(lease.pk, "release")
        elif what == "skip":
            self.model.skip(lease.pk)

    @rule(back=WHICH, item=ITEMS)
    def step(self, back: int, item: int) -> None:
        if (found := self.lease(back)) is None:
            return
        lease, given, actor = found
        to, model, person = self.items[item], self.model, actor.person_id
        here = model.tasks[given.task].item
        able = self.open and person not in model.paused and model.live(given)
        shadow = {one.lease: one.ended for one in model.own(person).values()}
        claims = self.sql("SELECT 1 FROM annotate_groupclaim WHERE queue_id = %s AND person_id = %s AND expires_at > clock_timestamp()", [self.queue.pk, person])
        if able:  # what they hold makes way before the frame is taken
            for one in model.own(person).values():
                one.ended = "step" if one is given or one.slot == 1 else one.ended
        fit = model.frame(person, to)
        for one, was in shadow.items():
            model.leases[one].ended = was
        try:
            got = self.log.step(lease, actor, to)
        except Missing:
            assert able
            assert not {here, to} <= model.framed
            return
        except SluiceError:
            begun = {task for task, who in model.drafts if who != person}
            sure = [one for one in fit if one.task not in (self.seen if one.state == "answered" else begun)]
            assert not (able and claims and sure) or len(model.own(person)) == 2
            return
        assert able
        if to == here:
            assert got.pk == lease.pk
            return
        assert got.task_id in {one.task for one in fit}
        for one in list(model.own(person).values()):
            one.ended = "step"
        task = model.tasks[got.task_id]
        if task.state == "answered":
            assert task.task not in self.seen
            task.state = "returned"
        self.given(got)
        for other in [one for one, who in model.drafts if who == person and model.tasks[one].item == to and one != task.task]:
            if (task.task, person) not in model.drafts:
                model.drafts[task.task, person] = model.drafts.pop((other, person))

    @rule(who=PEOPLE, behind=st.booleans())
    def work(self, who: int, behind: bool) -> None:
        """What most people do most of the time: take, draw, hand in."""
        self.next(who, 0)
        if self.leases and self.actors[who].person_id == list(self.leases.values())[-1].person_id:
            self.save(0, 0)
            self.submit(0, True, behind)

    # What time, managers and reviewers do

    @rule(what=st.sampled_from(["hold", "pause_person", "pause_queue", "keep_for_nobody"]), who=PEOPLE, item=ITEMS)
    def manage(self, what: str, who: int, item: int) -> None:
        getattr(self, what)(*{"hold": (item,), "pause_person": (who,)}.get(what, ()))

    @rule(back=WHICH)
    def expire(self, back: int) -> None:
        if (found := self.lease(back)) is not None:
            lease, given, _actor = found
            self.log.act("take_back", self.by, {"lease": lease.pk}, lambda: self.sql(_EXPIRE, [lease.pk]))
            self.model.end(lease.pk, "expiry")
            assert given.ended

    @rule(back=WHICH)
    def take_back(self, back: int) -> None:
        if (found := self.lease(back)) is not None:
            self.log.act("take_back", self.by, {"lease": found[0].pk}, lambda: take_back(self.queue, found[0].pk, by=self.by))
            self.model.end(found[0].pk, "move")

    def hold(self, item: int) -> None:
        pk = self.items[item]
        if pk in self.model.held:
            self.log.act("unhold", self.by, {"item": pk}, lambda: unhold([pk], cause="looked at"))
            self.model.held.discard(pk)
        else:
            self.log.act("hold", self.by, {"item": pk}, lambda: hold([pk], cause="looked at", by=self.by))
            self.model.held.add(pk)

    def pause_person(self, who: int) -> None:
        person = self.actors[who].person
        about = {"queue": self.queue.pk, "person": person.pk}
        if person.pk in self.model.paused:
            self.log.act("resume", self.by, about, lambda: let_on(self.world.project, person, queue=self.queue, by=self.by))
            self.model.paused.discard(person.pk)
        else:
            self.log.act("pause", self.by, about, lambda: pause(self.world.project, person, queue=self.queue, by=self.by))
            self.model.paused.add(person.pk)
            for one in self.model.own(person.pk).values():
                one.ended = "move"

    def pause_queue(self) -> None:
        self.queue = move_queue(self.queue, "pause" if self.open else "resume", by=self.by)
        self.open = not self.open

    @rule(overlap=st.integers(1, 3))
    def change_overlap(self, overlap: int) -> None:
        self.queue = self.log.act("overlap", self.by, {"queue": self.queue.pk, "overlap": overlap}, lambda: change_queue(self.queue, overlap=overlap, by=self.by))
        self.most, before = max(self.most, overlap), self.model.tasks
        self.model.tasks = {row[0]: Asked(*row) for row in self.sql(_TASKS)}
        for task, was in before.items():
            now = self.model.tasks[task]
            assert now == was or {was.state, now.state} == {"open", "void"}, (was, now)
            assert now.state != "void" or self.model.of_task(task) is None
        for item in self.items:
            asked = [one for one in self.model.tasks.values() if one.item == item and one.state != "void"]
            assert len(asked) >= overlap
            # More than asked for are only those that are answered, come back, or in somebody's hands, perhaps past their time.
            assert all(one.state != "open" or one.n <= overlap or any(given.task == one.task for given in self.model.leases.values()) for one in asked)

    @rule(verdict=st.sampled_from(["return", "return", "accept"]))
    def review(self, verdict: str) -> None:
        lease = next_task(self.judging, self.judge)
        if lease is None:
            return
        task = Task.objects.filter(queue=self.queue, annotation_id=lease.annotation_id, state="answered").first()
        assert task is not None
        self.seen.add(task.pk)
        if verdict == "return":
            about = {"task": task.pk, "item": task.item_id, "author": task.person_id, "queue": self.queue.pk}
            self.log.act("return", self.judge, about, lambda: review(lease.pk, self.judge, "return", reason="again"))
            assert self.model.send_back(task.pk)
        else:
            review(lease.pk, self.judge, "accept")

    @rule(who=PEOPLE, item=ITEMS)
    def reserve(self, who: int, item: int) -> None:
        pk, person = self.items[item], self.actors[who].person
        done = self.log.act("assign", self.by, {"item": pk}, lambda: reserve(self.queue, [pk], person, by=self.by))
        for task in done.tasks.values():
            was = self.model.tasks[task]
            assert was.state == "open"
            was.person = person.pk

    def keep_for_nobody(self) -> None:
        kept = [one for one in self.model.tasks.values() if one.state == "open" and one.person is not None]
        assert keep_for_nobody(self.queue, [one.task for one in kept], by=self.by) == len(kept)
        for one in kept:
            one.person = None

    @rule(who=PEOPLE, to=st.integers(-1, 2))
    def move(self, who: int, to: int) -> None:
        if who == to:
            return
        person, other = self.actors[who].person, self.actors[to].person if to >= 0 else None
        mine = [one for one in self.model.tasks.values() if one.person == person.pk and one.state in ("open", "returned")]
        mine += [self.model.tasks[given.task] for given in self.model.own(person.pk).values()]
        for one in mine:
            self.log.act("assign", self.by, {"item": one.item}, lambda: None)
        held = list(self.model.own(person.pk).values())
        moved = move_work(self.world.project, person, to=other, queue=self.queue, by=self.by)
        assert moved.count + sum(moved.passed.values()) == len({one.task for one in mine})
        for row in self.sql(_TASKS):
            if row[0] in {one.task for one in mine}:
                assert row[3:] in ((self.model.tasks[row[0]].state, self.model.tasks[row[0]].person), ("open", other and other.pk))
                self.model.tasks[row[0]] = Asked(*row)
        live = {row[0] for row in self.sql(_LEASES)}
        for given in held:
            if given.lease not in live:  # others stay, where the item cannot go to that person
                self.log.act("take_back", self.by, {"lease": given.lease}, lambda: None)
                given.ended = "move"

    # What must hold after each of them

    @invariant()
    def the_database_says_what_the_reference_says(self) -> None:
        if not hasattr(self, "queue"):
            return
        assert {row[0]: Asked(*row) for row in self.sql(_TASKS)} == self.model.tasks
        alive = [one for one in self.model.leases.values() if self.model.live(one)]
        assert self.sql(_LEASES) == [(one.lease, one.task, one.person, one.slot) for one in sorted(alive, key=lambda one: one.lease)]
        assert {(task, person): revision for task, person, revision in self.sql(_DRAFTS)} == self.model.drafts

    @invariant()
    def nothing_is_wrong(self) -> None:
        if hasattr(self, "queue"):
            assert not self.sql(ALL_WRONG, {"queue": self.queue.pk, "most": self.most})


def test_whatever_happens_at_a_queue_it_keeps_its_word(world: Any) -> None:
    machine = type("Machine", (AtTheQueue,), {"world": world, "__doc__": AtTheQueue.__doc__})
    examples = int(os.environ.get("SLUICE_MACHINE_EXAMPLES", "20"))
    run_state_machine_as_test(machine, settings=settings(max_examples=examples, stateful_step_count=50, deadline=None, database=None))
