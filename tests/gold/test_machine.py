"""Anything that people and managers may do at a queue with gold in it: gold stays rare, comes to each person once, looks like work
from its claim to its end, and goes nowhere."""

from __future__ import annotations

import math
import os
import re
from collections import defaultdict
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from annotate.annotations.imported import ImportedAnnotation
from annotate.annotations.services import add_imported
from annotate.gold.models import Gold
from annotate.gold.services import add_gold, retire
from annotate.items.models import Item
from annotate.items.services import NewItem, add_items, create_batch
from annotate.kernel.errors import Conflict, Denied
from annotate.people.actor import Actor
from annotate.projects.queries import current_schema
from annotate.queues import mixing, queries
from annotate.queues.claim import next_task
from annotate.queues.fill import fill
from annotate.queues.leases import release, skip
from annotate.queues.models import GroupClaim, Lease, Task
from annotate.queues.pausing import let_on, pause
from annotate.queues.reopening import reopen
from annotate.queues.services import create_queue
from annotate.queues.submit import submit
from annotate.reviews.services import review
from annotate.workbench.bundle import bundle
from tests.queues.conftest import a_document
from workflows.insight.work import offers

pytestmark = pytest.mark.django_db
PLAIN, FRAMES, KNOWN, KNOWN_FRAMES, PERCENT = 14, 3, 16, 3, 30
PEOPLE, WHICH = st.integers(0, 2), st.integers(0, 9)
_EXPIRE = "UPDATE annotate_lease SET expires_at = clock_timestamp() - interval '1 ms' WHERE id = %s AND ended_at IS NULL"
_ASTRAY = """
SELECT 'shown', c.item_id FROM annotate_currentannotation c JOIN annotate_annotation a ON a.id = c.annotation_id WHERE a.source = 'gold'
UNION ALL SELECT 'approved', p.item_id FROM annotate_approval p JOIN annotate_annotation a ON a.id = p.annotation_id WHERE a.source = 'gold'
UNION ALL SELECT 'judged', r.item_id FROM annotate_review r JOIN annotate_annotation a ON a.id = r.annotation_id WHERE a.source = 'gold'
UNION ALL SELECT 'to judge', t.item_id FROM annotate_task t JOIN annotate_annotation a ON a.id = t.annotation_id WHERE a.source = 'gold' AND NOT t.gold
UNION ALL SELECT 'real', t.item_id FROM annotate_task t JOIN annotate_annotation a ON a.id = t.annotation_id WHERE t.gold AND a.source <> 'gold'
UNION ALL SELECT 'frame', t.item_id FROM annotate_task t JOIN annotate_item i ON i.id = t.item_id WHERE t.gold AND i.frame IS NOT NULL
UNION ALL SELECT 'nobody''s', t.item_id FROM annotate_task t WHERE t.gold AND t.person_id IS NULL AND t.state <> 'void'
UNION ALL SELECT 'counted', l.item_id FROM annotate_labelcount l
    WHERE l.item_id = ANY(%s) AND l.label <> 'car'
"""


def shaped(value: Any) -> Any:
    """The value without what differs between any two items: numbers, and the digits of words."""
    if isinstance(value, dict):
        return {name: shaped(inner) for name, inner in sorted(value.items())}
    if isinstance(value, list):
        return [shaped(inner) for inner in value]
    if isinstance(value, str):
        return re.sub(r"\d+", "#", re.sub(r"[0-9a-f]{8,}", "~", value))
    return value if value is None or isinstance(value, bool) else "number"


class GoldAmongWork(RuleBasedStateMachine):
    world: Any
    tally: list[tuple[float, bool]]  # of every claim that could have been gold: the chance of it, and whether it was

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.by = Actor.of(self.world.manager)
        self.judge = Actor.of(self.world.reviewer)
        self.actors = [Actor.of(person) for person in (self.world.annotator, self.world.annotator2, self.world.admin)]
        batch = create_batch(self.world.project, "all", by=self.by)
        rows = [NewItem(key=f"k{n}", uri=f"s3://b/{n}.jpg", width=64, height=48) for n in range(PLAIN + KNOWN)]
        rows += [NewItem(key=f"f{n}", uri=f"s3://b/f{n}.jpg", width=64, height=48, group=f"clip{n // FRAMES}", frame=n) for n in range(FRAMES + KNOWN_FRAMES)]
        added = add_items(batch, rows, by=self.by).accepted
        plain, frames = [added[f"k{n}"] for n in range(PLAIN + KNOWN)], [added[f"f{n}"] for n in range(FRAMES + KNOWN_FRAMES)]
        self.work = {*plain[:PLAIN], *frames[:FRAMES]}
        self.known = [*plain[PLAIN:], *frames[FRAMES:]]
        self.queue = create_queue(self.world.project, "label", stage="annotate", gold_percent=PERCENT, overlap=2, q="state = new", by=self.by)
        schema = current_schema(self.world.project.pk).pk
        fill_first = [ImportedAnnotation(item, a_document("car"), schema, approved=True) for item in self.known]
        add_imported(fill_first, by=Actor.of(self.world.owner))
        assert fill(self.queue.pk) == 2 * len(self.work)
        self.judging = create_queue(self.world.project, "judge", stage="review", by=self.by)
        add_gold(self.world.project, [*self.known[:6], *frames[FRAMES:]], by=self.by)
        self.held: dict[int, Lease] = {}
        self.given: dict[int, set[int]] = defaultdict(set)  # person → tasks
        self.golden: dict[int, set[int]] = defaultdict(set)  # person → items given as gold
        self.shapes: dict[str, dict[bool, Any]] = defaultdict(dict)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    @initialize(seed=st.floats(0, 1))
    def begin(self, seed: float) -> None:
        """Gold is drawn by the database's dice, which fall the same for the same seed."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT setseed(%s)", [seed])

    def alike(self, when: str, gold: bool, value: Any) -> None:
        """What is told of gold `when` something happened is what is told of work."""
        self.shapes[when].setdefault(gold, value)
        for other in self.shapes[when].values():
            assert value == other, when

    # What people do

    @rule(who=PEOPLE)
    def next(self, who: int) -> None:
        actor = self.actors[who]
        fresh = actor.person_id not in self.held
        could = mixing.unseen(self.world.project.pk, actor.person_id, 1, run=False) and not Task.objects.filter(queue=self.queue, person=actor.person_id, state="open").exists()
        in_group = GroupClaim.objects.filter(queue=self.queue, person=actor.person_id).exists()
        few = Task.objects.filter(queue=self.queue, person=actor.person_id, state="answered").count() < mixing.FIRST
        try:
            lease = next_task(self.queue, actor)
        except Conflict as refused:
            assert refused.code == "paused"
            return
        except Denied:
            return
        if lease is None:
            return
        self.held[actor.person_id] = lease
        task = Task.objects.get(pk=lease.task_id)
        told, new = bundle(lease), task.pk not in self.given[actor.person_id]
        self.given[actor.person_id].add(task.pk)
        if not (new and fresh and task.state == "open"):
            return
        if task.gold:
            assert task.item_id not in self.golden[actor.person_id], "the same gold twice"
            assert task.item_id not in self.work
            self.golden[actor.person_id].add(task.item_id)
        if could and not in_group:
            self.tally.append((PERCENT / 100 * (2 if few else 1), task.gold))
        if told["item"]["frame"] is not None:
            told["item"] |= {"group": None, "frame": None, "key": "k0"}  # frames are work alone
            assert not task.gold
        self.alike("it is handed out", task.gold, (told["task"]["round"], told["lease"]["slot"], told["schema"]["number"], shaped(told)))

    def one_of(self, who: int) -> tuple[Actor, Lease | None]:
        actor = self.actors[who]
        return actor, self.held.pop(actor.person_id, None)

    @rule(who=PEOPLE, right=st.booleans())
    def submit(self, who: int, right: bool) -> None:
        actor, lease = self.one_of(who)
        if lease is None:
            return
        try:
            done = submit(lease.pk, actor, a_document("car" if right else "person"), 2.0)
        except Conflict:
            return  # it is over: paused, expired, or given away
        task = Task.objects.get(pk=lease.task_id)
        row = next(row for row in queries.mine(actor, self.queue, 100) if row["task"] == task.pk)
        self.alike("it is answered", task.gold, (row["shut"], row["reopen"], row["state"], row["round"]))
        assert done.revision == row["revision"] >= 1

    @rule(who=PEOPLE)
    def skip(self, who: int) -> None:
        self._let_go(who, "skipped")

    @rule(who=PEOPLE)
    def give_back(self, who: int) -> None:
        self._let_go(who, "released")

    def _let_go(self, who: int, how: str) -> None:
        actor, lease = self.one_of(who)
        if lease is None:
            return
        task = Task.objects.get(pk=lease.task_id)
        try:
            skip(lease.pk, actor, reason="dark") if how == "skipped" else release(lease.pk, actor)
        except Conflict:
            return
        if task.state == "open" and not Lease.objects.filter(task=task, answer__isnull=False).exists():
            self.alike(f"it is {how}", task.gold, [row["task"] for row in queries.mine(actor, self.queue, 100) if row["task"] == task.pk])

    @rule(who=PEOPLE, which=WHICH)
    def reopen(self, who: int, which: int) -> None:
        actor = self.actors[who]
        mine = queries.mine(actor, self.queue, 100)
        if not mine:
            return
        row = mine[which % len(mine)]
        task = Task.objects.get(pk=row["task"])
        try:
            lease = reopen(task.pk, actor)
        except Conflict as refused:
            assert row["shut"], (refused.code, task.gold)
            self.alike(f"it is opened again though {row['shut']}", task.gold, (refused.code, refused.detail))
            return
        assert row["reopen"]
        self.held[actor.person_id] = lease
        told = bundle(lease)
        told["annotation"]["objects"] = []
        if told["item"]["frame"] is not None:
            told["item"] |= {"group": None, "frame": None, "key": "k0"}
        if not told["comments"]:
            self.alike("it is opened again", task.gold, shaped(told))

    @rule(who=PEOPLE)
    def time_runs_out(self, who: int) -> None:
        _actor, lease = self.one_of(who)
        if lease is not None:
            with connection.cursor() as cursor:
                cursor.execute(_EXPIRE, [lease.pk])

    # What managers and reviewers do

    @rule(who=PEOPLE, on=st.booleans())
    def pause(self, who: int, on: bool) -> None:
        person = self.actors[who].person
        if on:
            pause(self.world.project, person, queue=self.queue, by=self.by)
            self.held.pop(person.pk, None)
        else:
            let_on(self.world.project, person, queue=self.queue, by=self.by)

    @rule(which=st.integers(0, KNOWN - 1))
    def more_gold(self, which: int) -> None:
        add_gold(self.world.project, [self.known[which]], by=self.by)

    @rule(which=WHICH)
    def less_gold(self, which: int) -> None:
        rows = list(Gold.objects.filter(project=self.world.project, state="active", item__frame=None).order_by("pk"))
        if len(rows) > 3:
            retire(rows[which % len(rows)], by=self.by)

    @rule(verdict=st.sampled_from(["accept", "return"]))
    def judge_one(self, verdict: str) -> None:
        fill(self.judging.pk)
        lease = next_task(self.judging, self.judge)
        if lease is not None:
            assert lease.item_id in self.work
            review(lease.pk, self.judge, verdict, reason="missing" if verdict == "return" else "")

    # What must hold after each of them

    @invariant()
    def gold_goes_nowhere(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_ASTRAY, [self.known])
            assert not cursor.fetchall()
        done = Task.objects.filter(queue=self.queue, gold=False, state="answered").count()
        assert queries.counts([self.queue.pk])[self.queue.pk].answered == done

    @precondition(lambda self: len(self.given) > 1)
    @rule(who=PEOPLE)
    def lists_say_the_same(self, who: int) -> None:
        """Of what a person answered, state by state: nothing is told of gold that is never told of work."""
        actor = self.actors[who]
        gold = dict(Task.objects.filter(queue=self.queue, person=actor.person_id).values_list("pk", "gold"))
        for row in queries.mine(actor, self.queue, 100):
            if row["shut"] in ("", "opened"):
                self.alike(f"it is listed as {row['shut'] or 'open'}", gold[row["task"]], shaped({**row, "key": "k0", "state": row["state"]}))
        assert Item.objects.filter(pk__in=self.known).exclude(state="approved").count() == 0
        offered = [offer.waiting for offer in offers(actor.person_id, {self.world.project.pk: "annotator"}) if offer.queue == self.queue.pk]
        assert all(n >= 0 for n in offered)


def test_whatever_happens_gold_is_like_work_and_goes_nowhere(world: Any) -> None:
    tally: list[tuple[float, bool]] = []
    machine = type("Machine", (GoldAmongWork,), {"world": world, "tally": tally, "__doc__": GoldAmongWork.__doc__})
    examples = int(os.environ.get("SLUICE_MACHINE_EXAMPLES", "12"))
    run_state_machine_as_test(machine, settings=settings(max_examples=examples, stateful_step_count=50, deadline=None, database=None))
    spread = math.sqrt(sum(chance * (1 - chance) for chance, _gold in tally))
    given, wanted = sum(gold for _chance, gold in tally), sum(chance for chance, _gold in tally)
    assert abs(given - wanted) <= 5 * spread + 1, (given, wanted, len(tally))
