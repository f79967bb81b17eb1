"""What holds of rules and runs whatever they are: undo is the inverse of apply, the order of rules says nothing, and a small model of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from annotate.items.models import Batch, Item
from annotate.kernel.errors import Conflict
from annotate.queues.fill import fill
from annotate.queues.models import Hold, Queue, Task
from annotate.queues.services import create_queue
from tests.cleaning.bench import NAMES, Bench, N, jobs, q
from workflows.cleaning import applying, gates, running
from workflows.cleaning.models import CheckRun, Finding, Gate, Rule
from workflows.cleaning.services import create_rule

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
ACTIONS = ("flag", "quarantine", "queue")
wanted = st.frozensets(st.integers(0, N - 1), min_size=1)
sets_of_rules = st.dictionaries(st.sampled_from(NAMES), st.tuples(st.sampled_from(ACTIONS), wanted), min_size=1)
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # an example takes long enough: none is made smaller
quick = settings(max_examples=8, phases=PHASES, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.fixture
def alone(world: Any) -> Callable[[Callable[[Bench], None]], None]:
    """Runs one example on a bench of its own, of which nothing stays."""

    def run(example: Callable[[Bench], None]) -> None:
        with transaction.atomic():
            example(Bench(world))
            transaction.set_rollback(True)

    return run


@quick
@given(
    earlier=st.lists(st.tuples(sets_of_rules, st.booleans()), max_size=2),
    restored=st.lists(st.tuples(st.integers(0, N - 1), st.sampled_from(("", *NAMES))), max_size=2),
    rules=sets_of_rules,
    bar=st.none() | st.sampled_from([0.0, 0.3, 1.0]),
    chunk=st.sampled_from([1, 2, 5000]),
)
def test_apply_then_undo_is_identity(alone: Any, monkeypatch: Any, earlier: Any, restored: Any, rules: Any, bar: float | None, chunk: int) -> None:
    monkeypatch.setattr(applying, "CHUNK", chunk)

    def example(bench: Bench) -> None:
        if bar is not None:
            gates.set_gate(bench.batch, bar=bar, by=bench.by)
        for before, undone in earlier:
            bench.set_rules(before)
            run = bench.apply(bench.check())
            if undone:
                bench.undo(run)
        for place, name in restored:
            try:
                applying.restore(Item.objects.get(pk=bench.items[place]), rule=name, by=bench.by)
            except Conflict:
                pass  # nothing to restore
        bench.set_rules(rules)
        run = bench.check()
        was, sent = bench.seen(), bench.sent()
        bench.apply(run)
        jobs()  # what waited for a gate that this opened
        applied = bench.seen()
        bench.undo(run)
        now = bench.seen()
        came = set(now["tasks"]) - set(was["tasks"])  # the gate was open for a moment: what earlier runs had sent came in
        assert {task[:2] for task in came} <= sent and set(was["tasks"]) <= set(now["tasks"])
        was["tasks"] = now["tasks"]
        assert now == was
        bench.apply(run)
        jobs()
        assert bench.seen() == applied
        bench.undo(run)
        assert bench.seen() == was

    alone(example)


@quick
@given(several=st.lists(sets_of_rules, min_size=2, max_size=3), data=st.data())
def test_runs_undone_in_any_order_leave_nothing(alone: Any, several: Any, data: Any) -> None:
    def example(bench: Bench) -> None:
        queue = create_queue(bench.project, "all", stage="annotate", by=bench.by)
        runs, first = [], bench.seen()
        for rules in several:
            bench.set_rules(rules)
            runs.append(bench.check())
        was = bench.seen()
        for run in runs:
            bench.apply(run)
        for run in data.draw(st.permutations(runs)):
            bench.undo(run)
        assert bench.seen() == was and was["held"] == first["held"] == []
        assert fill(queue.pk) == N  # no queue misses an item for it

    alone(example)


@quick
@given(rules=sets_of_rules, data=st.data())
def test_the_order_of_rules_does_not_matter(alone: Any, rules: Any, data: Any) -> None:
    told = []
    for order in (sorted(rules), data.draw(st.permutations(sorted(rules)))):

        def example(bench: Bench, order: Any = order) -> None:
            for name in order:
                create_rule(bench.project, name=name, kind="condition", parameters={"q": q(rules[name][1])}, action=rules[name][0], by=bench.by)
            run = bench.check()
            names = dict(Rule.objects.values_list("pk", "name"))
            place = {pk: at for at, pk in enumerate(bench.items)}
            results = {names[int(pk)]: {**one, "worst": [place[item] for item, *_ in one["worst"]]} for pk, one in run.results.items() if pk.isdigit()}
            overlap = sorted((*sorted((names[one], names[other])), both) for one, other, both in run.results["overlap"])
            bench.apply(run)
            seen = bench.seen()
            held = sorted((place[item], why) for item, why, _reason in seen["held"])
            flagged = {name: [place[item] for item in found] for name, found in seen["flagged"].items()}
            told.append((results, overlap, held, flagged, sorted((queue, place[item], state) for queue, item, _n, state, *_ in seen["tasks"])))

        alone(example)
    assert told[0] == told[1]


class Runs(RuleBasedStateMachine):
    """Against a model: what each run found, whether it is applied, and from what people restored which item."""

    world: Any

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.bench = Bench(self.world)
        self.rules: dict[str, tuple[str, frozenset[int]]] = {}
        self.runs: list[CheckRun] = []
        self.found: dict[int, dict[str, tuple[str, set[int]]]] = {}  # run → rule → (action, items)
        self.states: dict[int, str] = {}
        self.restored: set[tuple[str, int]] = set()
        self.gate: tuple[float, bool] | None = None  # bar, opened by hand
        self.looked: dict[int, int] = {}  # run → items that there were
        self.sent: set[tuple[str, int]] = set()  # (rule, item) of what came into a queue: all that was sent while the gate was open

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    @initialize(rules=sets_of_rules)
    def begin(self, rules: Any) -> None:
        self.set_rules(rules)

    @rule(rules=sets_of_rules)
    def other_rules(self, rules: Any) -> None:
        self.set_rules(rules)

    def set_rules(self, rules: Any) -> None:
        self.bench.set_rules(rules)
        self.rules = rules

    def looks(self, run: CheckRun) -> None:
        there = len(self.bench.items)
        self.found[run.pk] = {name: (action, {self.bench.items[at] for at in items if at < there}) for name, (action, items) in self.rules.items()}
        self.states[run.pk], self.looked[run.pk] = "checked", there
        self.by_run(run)

    def by_run(self, run: CheckRun) -> None:
        """A run that counts says more than a person did, if it is the one that counts."""
        if self.gate is not None and self.gate[1] and self.counts() == run.pk:
            self.gate = (self.gate[0], False)

    @precondition(lambda self: len(self.runs) < 4)
    @rule()
    def start(self) -> None:
        run = self.bench.check()
        assert run.state == "checked"
        self.runs.append(run)
        self.looks(run)

    def one(self, data: Any, *states: str) -> CheckRun | None:
        able = [run for run in self.runs if self.states[run.pk] in states]
        return data.draw(st.sampled_from(able)) if able else None

    @rule(data=st.data())
    def again(self, data: Any) -> None:
        if (run := self.one(data, "checked")) is not None:
            running.again(self.bench.fresh(run), by=self.bench.by)
            jobs()
            self.looks(run)

    @rule(data=st.data())
    def apply(self, data: Any) -> None:
        if (run := self.one(data, "checked", "undone")) is not None:
            was_open = self.gate is None or self.stands() == "open"
            assert self.bench.apply(run).state == "applied"
            self.states[run.pk] = "applied"
            if was_open:  # somebody had opened it by hand: it is sent before the gate is judged anew, and waits in its queue
                self.sent = self.standing("queue")
            self.by_run(run)

    @rule(data=st.data())
    def undo(self, data: Any) -> None:
        if (run := self.one(data, "applied")) is not None:
            assert self.bench.undo(run).state == "undone"
            self.states[run.pk] = "undone"
            self.by_run(run)

    @rule(data=st.data())
    def illegal(self, data: Any) -> None:
        if (run := self.one(data, "applied")) is not None:
            with pytest.raises(Conflict):
                self.bench.apply(run)
            with pytest.raises(Conflict):
                running.again(self.bench.fresh(run), by=self.bench.by)
        if (run := self.one(data, "checked", "undone")) is not None:
            with pytest.raises(Conflict):
                self.bench.undo(run)

    def standing(self, action: str = "") -> set[tuple[str, int]]:
        """(rule, item) that some applied run found and nobody restored."""
        return {
            (name, item)
            for pk, rules in self.found.items()
            if self.states[pk] == "applied"
            for name, (acts, items) in rules.items()
            if not action or acts == action
            for item in items
        } - self.restored

    @rule(place=st.integers(0, N - 1), name=st.sampled_from(("", *NAMES)))
    def restore(self, place: int, name: str) -> None:
        item = self.bench.items[place]
        told = sorted({rule for rule, one in self.standing() if one == item and name in ("", rule)})
        if told:
            assert applying.restore(Item.objects.get(pk=item), rule=name, by=self.bench.by) == told
            self.restored |= {(rule, item) for rule in told}
        else:
            with pytest.raises(Conflict):
                applying.restore(Item.objects.get(pk=item), rule=name, by=self.bench.by)

    @rule(n=st.integers(1, 2))
    def come(self, n: int) -> None:
        self.bench.come(n)
        if self.gate is not None:
            self.gate = (self.gate[0], False)

    @rule(bar=st.sampled_from([0.0, 0.2, 0.5, 1.0]))
    def set_gate(self, bar: float) -> None:
        gates.set_gate(self.bench.batch, bar=bar, by=self.bench.by)
        self.gate = (bar, self.gate is not None and self.gate[1])

    @precondition(lambda self: self.gate is not None)
    @rule()
    def open_gate(self) -> None:
        if self.stands() == "open":
            with pytest.raises(Conflict):
                gates.open_by_hand(self.bench.batch, reason="seen", by=self.bench.by)
        else:
            gates.open_by_hand(self.bench.batch, reason="seen", by=self.bench.by)
            self.gate = (self.gate[0], True)  # type: ignore[index]

    @precondition(lambda self: self.gate is not None)
    @rule()
    def remove_gate(self) -> None:
        gates.remove_gate(self.bench.batch, by=self.bench.by)
        self.gate = None

    def counts(self) -> int | None:
        """The run that speaks for the batch: the newest that saw all of it and left nothing to be held."""
        for run in reversed(self.runs):
            pk = run.pk
            idle = not any(acts == "quarantine" and {(name, one) for one in items} - self.spared(pk) for name, (acts, items) in self.found[pk].items())
            if self.looked[pk] == len(self.bench.items) and (self.states[pk] == "applied" or (self.states[pk] in ("checked", "undone") and idle)):
                return pk
        return None

    def spared(self, pk: int) -> set[tuple[str, int]]:
        return set(Finding.objects.filter(run=pk, state__in=("waived", "restored")).values_list("name", "item_id"))

    def stands(self) -> str:
        assert self.gate is not None
        if self.gate[1]:
            return "open"
        if self.counts() is None:
            return "waiting"
        held = {item for _name, item in self.standing("quarantine")}
        return "open" if len(held) / len(self.bench.items) <= self.gate[0] else "shut"

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        held = Hold.objects.filter(ended_at=None).values_list("cause", "item_id")
        assert sorted(held) == sorted((f"rule:{name}", item) for name, item in self.standing("quarantine"))
        standing = self.standing()
        assert self.bench.flagged() == {name: {item for rule, item in standing if rule == name} for name in NAMES}
        jobs()  # what waited for a gate
        queues = dict(Queue.objects.values_list("pk", "q"))
        self.sent = self.standing("queue") if self.gate is None or self.stands() == "open" else self.sent & self.standing("queue")
        sent = [(queues[queue], item) for queue, item in Task.objects.exclude(state="void").values_list("queue_id", "item_id")]
        assert sorted(sent) == sorted((f'flagged("{name}")', item) for name, item in self.sent)
        assert not Task.objects.exclude(held=False).exclude(item__in=[item for _cause, item in held]).exists()

    @invariant()
    def the_batch_is_gated_while_its_gate_is_not_open(self) -> None:
        gate = Gate.objects.filter(batch=self.bench.batch).first()
        assert (gate is None) == (self.gate is None)
        assert Batch.objects.get(pk=self.bench.batch.pk).gated == (gate is not None and gate.state != "open")
        if gate is not None:
            assert gate.state == self.stands()


def test_whatever_is_done_everything_is_as_the_model_says(world: Any) -> None:
    machine = type("RunsOfThisWorld", (Runs,), {"world": world})
    run_state_machine_as_test(machine, settings=settings(max_examples=8, stateful_step_count=15, phases=PHASES, deadline=None))
