"""A batch goes down the line by itself, as far as it is switched on; what people do in between counts, and nothing is done twice."""

from __future__ import annotations

import pytest

from annotate.activity.models import Activity
from annotate.items.services import reopen
from annotate.queues.models import Queue, Task
from annotate.queues.services import create_queue
from tests.automation.conftest import ROUND, Bench
from workflows.automation import switching
from workflows.automation.models import Passage, Step
from workflows.automation.passages import send
from workflows.cleaning import running
from workflows.cleaning.models import CheckRun, Gate
from workflows.releases.models import Version
from workflows.releases.services import cut
from workflows.rounds import planning
from workflows.rounds.models import Round
from workflows.rounds.sampling import Plan

pytestmark = pytest.mark.django_db
WHOLE = {"checks": "done", "gate": "done", "queue": "done", "round": "done", "version": "done"}


def test_a_sealed_batch_comes_through_by_itself_and_each_act_names_its_cause(bench: Bench) -> None:
    bench.declare()
    bench.rules()
    bench.on()
    batch = bench.batch(4)
    bench.seal(batch)
    bench.go()
    run = CheckRun.objects.get()
    assert run.state == "applied" and run.batch == batch
    assert Gate.objects.get().state == "open"
    assert bench.steps(batch) == WHOLE | {"round": "waiting", "version": "waiting"}
    assert bench.label(batch) == 4
    bench.go()
    assert bench.steps(batch)["round"] == "running"
    assert bench.judge() == 2
    bench.go()
    assert bench.steps(batch) == WHOLE
    version = Version.objects.get()
    assert (version.state, version.message, version.counts["items"]) == ("frozen", "Batch “march” came through.", 4)
    assert Passage.objects.get().reason == "through"
    sealed = Activity.objects.get(verb="batch.seal").pk
    for verb, step in {"check_run.start": "checks", "check_run.apply": "checks", "gate.set": "gate", "queue.create": "queue", "batch.queue": "queue",
                       "version.cut": "version", "version.freeze": "version"}.items():  # fmt: skip
        row = Activity.objects.get(verb=verb, **({"data__stage": "annotate"} if verb == "queue.create" else {}))
        assert row.data["because"] == {"activity": sealed, "batch": batch.pk, "step": step, "number": 1}, verb
        assert row.person_id == bench.world.manager.pk
    assert Activity.objects.get(verb="round.plan").data["because"]["step"] == "round"
    assert "because" not in Activity.objects.filter(verb="annotation.submit")[0].data


def test_nothing_happens_by_itself_while_nothing_is_switched_on(bench: Bench) -> None:
    bench.declare()
    bench.rules()
    batch = bench.batch(2)
    assert bench.seal(batch) is None
    bench.go()
    assert not Passage.objects.exists() and not CheckRun.objects.exists() and not Queue.objects.exists()


def test_what_was_sealed_before_the_switch_stays_until_somebody_sends_it(bench: Bench) -> None:
    bench.declare()
    batch = bench.batch(2)
    bench.seal(batch)
    bench.on("queue")
    bench.go()
    assert not Queue.objects.exists()
    send(batch, by=bench.by)
    bench.go()
    assert bench.steps(batch)["queue"] == "done" and Task.objects.count() == 2


def test_a_step_that_is_off_holds_nobody_up_and_is_left_out(bench: Bench) -> None:
    bench.declare(gate=None)
    bench.rules()
    bench.on("queue")
    batch = bench.batch(2)
    bench.seal(batch)
    bench.go()
    assert bench.steps(batch) == {"checks": "skipped", "gate": "skipped", "queue": "done", "round": "waiting", "version": "waiting"}
    assert bench.step(batch, "checks").reason == "off"


def test_without_rules_or_a_declared_gate_these_steps_are_left_out(bench: Bench) -> None:
    bench.declare(gate=None, release=None, review=[])
    bench.on()
    batch = bench.batch(1)
    bench.seal(batch)
    bench.go()
    assert bench.steps(batch) == {"checks": "skipped", "gate": "skipped", "queue": "done", "version": "skipped"}
    assert bench.step(batch, "checks").reason == "no_rules"
    assert Passage.objects.get().reason == "through"


def test_a_shut_gate_holds_the_batch_until_somebody_opens_it(bench: Bench) -> None:
    from workflows.cleaning import gates

    bench.declare(gate={"bar": 0.0})
    bench.rules()
    bench.on()
    batch = bench.batch(2)
    items = list(batch.items.order_by("pk"))
    from annotate.queues.holding import hold

    hold([items[0].pk], cause="by hand", by=bench.by)
    bench.seal(batch)
    bench.go()
    assert bench.steps(batch) == {"checks": "done", "gate": "running", "queue": "waiting", "round": "waiting", "version": "waiting"}
    assert not Queue.objects.exists()
    gates.open_by_hand(batch, reason="one is enough", by=bench.by)
    bench.go()
    assert bench.step(batch, "gate").by_hand and bench.steps(batch)["queue"] == "done"
    bench.label(batch)
    bench.go()
    bench.judge()
    bench.go()
    assert bench.steps(batch) == WHOLE  # what is in quarantine is waited for by nobody
    assert Version.objects.get().counts["items"] == 1


@pytest.mark.parametrize("kind", ["checks", "queue", "round", "version"])
def test_a_step_done_by_hand_counts_and_is_not_done_again(bench: Bench, kind: str) -> None:
    bench.declare(gate=None)
    bench.rules()
    batch = bench.batch(2)
    bench.on(*(name for name in ("checks", "queue", "round", "version") if name != kind))
    bench.seal(batch)
    if kind == "checks":
        running.start(bench.project, batch=batch, apply_at_once=True, by=bench.by)
    bench.go()
    if kind == "queue":
        create_queue(bench.project, "by hand", stage="annotate", by=bench.by)
    bench.label(batch)
    if kind == "round":
        planning.plan(planning.Wish(batch, Plan("all")), by=bench.by)
    bench.go()
    bench.judge()
    bench.go()
    if kind == "version":
        cut(bench.step(batch, "round").passage.batch.project.datasets.get(), by=bench.by)
        bench.go()
    bench.on(kind)  # too late to do it again
    bench.go()
    assert bench.step(batch, kind).state == "done" and bench.step(batch, kind).by_hand
    assert (CheckRun.objects.count(), Queue.objects.filter(stage="annotate").count(), Round.objects.count(), Version.objects.count()) == (1, 1, 1, 1)
    assert not Step.objects.exclude(state__in=("done", "skipped")).exists()


def test_items_that_another_queue_asks_for_are_not_asked_twice(bench: Bench) -> None:
    from annotate.queues.jobs import refill

    bench.declare(gate=None)
    batch = bench.batch(2)
    create_queue(bench.project, "first", stage="annotate", q='key contains "0000"', by=bench.by)
    refill(bench.project.pk)
    bench.on("queue")
    bench.seal(batch)
    bench.go()
    refill(bench.project.pk)
    own = Queue.objects.get(name__startswith="march")
    assert own.tasks.count() == 1 and bench.step(batch, "queue").about == {"items": 1}


def test_a_flow_that_names_a_queue_sends_the_batch_there(bench: Bench) -> None:
    queue = create_queue(bench.project, "team one", stage="annotate", q="key = nothing", overlap=2, by=bench.by)
    bench.declare(gate=None, annotate={"queue": queue.pk})
    bench.on("queue")
    batch = bench.batch(2)
    bench.seal(batch)
    bench.go()
    assert queue.tasks.count() == 4 and bench.step(batch, "queue").queue == queue


def test_a_round_that_sends_all_back_is_followed_by_another_when_all_is_answered_again(bench: Bench) -> None:
    bench.declare(gate=None, review=[ROUND | {"pass_mark": 1.0, "escalation": "return"}])
    bench.on("queue", "round", "version")
    batch = bench.batch(4)
    bench.seal(batch)
    bench.go()
    bench.label(batch)
    bench.go()
    first = bench.step(batch, "round").round
    bench.judge("return")
    bench.go()
    step = bench.step(batch, "round")
    assert (step.state, step.tries, step.reason) == ("waiting", 1, "came_back")
    bench.label(batch, "car", "sign")
    bench.go()
    step = bench.step(batch, "round")
    assert step.state == "running" and step.round != first and step.round.items == 4
    bench.judge()
    bench.go()
    assert bench.steps(batch)["version"] == "done" and Round.objects.count() == 2


def test_a_failed_round_with_a_larger_one_after_it_goes_on_with_that(bench: Bench) -> None:
    bench.declare(gate=None, review=[ROUND | {"sample": {"kind": "count", "value": 1}, "pass_mark": 0.6}])
    bench.on("queue", "round")
    batch = bench.batch(4)
    bench.seal(batch)
    bench.go()
    bench.label(batch)
    bench.go()
    bench.judge("return")
    bench.go()
    assert bench.steps(batch)["round"] == "running" and Round.objects.count() == 2
    bench.judge()
    bench.go()
    assert bench.step(batch, "round").state == "done" and bench.step(batch, "round").round.after_id is not None


def test_a_second_round_judges_what_came_back_mended(bench: Bench) -> None:
    bench.declare(gate=None, review=[ROUND, {"sample": {"kind": "all"}}])
    bench.on("queue", "round")
    batch = bench.batch(4)
    bench.seal(batch)
    bench.go()
    bench.label(batch)
    bench.go()
    bench.judge("return", most=1)
    bench.judge()
    bench.go()
    assert bench.steps(batch)["round"] == "done" and bench.steps(batch)["round 2"] == "waiting"
    bench.label(batch, "sign")
    bench.go()
    second = bench.step(batch, "round", 2)
    assert second.state == "running" and second.round.items == 1
    bench.judge()
    bench.go()
    assert bench.steps(batch)["round 2"] == "done"


def test_a_batch_that_is_opened_and_sealed_again_sets_out_again_for_what_came_since(bench: Bench) -> None:
    bench.declare(gate=None)
    bench.on("queue")
    batch = bench.batch(2)
    first = bench.seal(batch)
    bench.go()
    reopen(batch, by=bench.by)
    from workflows.automation import news

    news._heard(Activity.objects.get(verb="batch.reopen"))
    first.refresh_from_db()
    assert first.reason == "reopened" and bench.steps(batch)["round"] == "skipped"
    bench.make_items(1, batch)
    second = bench.seal(batch)
    bench.go()
    assert second.number == 2 and bench.steps(batch)["queue"] == "done"
    assert Task.objects.count() == 3


def test_a_flow_that_changes_leaves_batches_on_their_way_alone(bench: Bench) -> None:
    old = bench.declare(gate=None)
    bench.on("queue")
    batch = bench.batch(1)
    passage = bench.seal(batch)
    new = bench.declare(gate=None, annotate={"overlap": 3})
    assert (old.number, new.number) == (1, 2) and bench.declare(gate=None, annotate={"overlap": 3}) == new
    bench.go()
    assert passage.flow == old and Task.objects.count() == 1


def test_who_may_not_manage_any_more_is_not_acted_for_until_somebody_else_takes_it_over(bench: Bench) -> None:
    from annotate.projects.services import set_member

    bench.declare(gate=None)
    bench.on("queue")
    batch = bench.batch(1)
    bench.seal(batch)
    set_member(bench.project, bench.world.manager, role="viewer", by=bench.world.actor(bench.world.owner))
    bench.go()
    step = bench.step(batch, "queue")
    assert (step.state, step.reason, step.about) == ("stopped", "nobody", {"name": "manager"}) and not Queue.objects.exists()
    owner = bench.world.actor(bench.world.owner)
    switching.switch(bench.project, "queue", on=True, by=owner)
    bench.go()
    assert bench.step(batch, "queue").person == bench.world.owner and Task.objects.count() == 1


def test_a_failure_stays_where_it_is_until_it_is_tried_again(bench: Bench) -> None:
    from annotate.queues.services import move_queue

    queue = create_queue(bench.project, "team", stage="annotate", q="key = nothing", by=bench.by)
    bench.declare(gate=None, annotate={"queue": queue.pk})
    bench.on("queue", "round")
    batch = bench.batch(1)
    move_queue(queue, "close", by=bench.by)
    bench.seal(batch)
    bench.go()
    step = bench.step(batch, "queue")
    assert step.state == "failed" and "closed" in step.reason
    Queue.objects.filter(pk=queue.pk).update(state="open")
    bench.go()
    assert bench.steps(batch)["queue"] == "failed"
    switching.retry(batch, "queue", by=bench.by)
    bench.go()
    assert bench.steps(batch)["queue"] == "done"
