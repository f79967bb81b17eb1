"""Verdicts, those who take them back, closers, the clock and other queues all at once: one decision, on all that counts and nothing else."""

from __future__ import annotations

import time
from threading import Event
from typing import Any

import pytest

from annotate.kernel.errors import Conflict, SluiceError
from annotate.queues.claim import next_task
from annotate.queues.fill import fill
from annotate.queues.models import Lease, Task
from annotate.queues.services import create_queue
from annotate.reviews.models import Approval, Review
from annotate.reviews.services import review
from annotate.reviews.undoing import undo
from tests.concurrency.test_claims import at_once
from tests.rounds.bench import labelled
from tests.rounds.conftest import fresh
from workflows.rounds import deciding, planning, settling, tallying
from workflows.rounds.models import Round, RoundItem

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("closes", [True, False])
def test_the_last_verdict_counts_or_is_refused_and_never_both(transactional_db: None, closes: bool) -> None:
    bench = labelled(12)
    world = bench.world
    manager, reviewer = world.actor(world.manager), world.actor(world.reviewer)
    for _each in range(4):
        made = bench.plan("count", 2, escalation="none")
        bench.judge(made, "return")
        lease = next_task(made.queue_id, reviewer)

        def act(what: str, made: Any = made, lease: Any = lease) -> Any:
            if what == "judge":
                return review(lease.pk, reviewer, "accept")
            return deciding.close(made, by=manager) if closes else deciding.decide_some()

        done = at_once(act, ["judge", "end", "end"])
        assert all(not isinstance(one, Exception) or isinstance(one, Conflict) for one in done), done
        deciding.decide_some()
        made = settling.carry_out(made.pk)
        came_in = not isinstance(done[0], Exception)
        assert (made.state, made.judged) == ("failed", 2 if came_in else 1)
        assert Review.objects.filter(annotation__in=RoundItem.objects.filter(round=made, sampled=True).values("annotation")).count() == made.judged
        assert came_in or closes


def test_a_verdict_is_taken_back_in_time_or_not_at_all(transactional_db: None) -> None:
    bench = labelled(3)
    world = bench.world
    made = bench.plan("count", 1)
    [judged] = bench.judge(made, "accept")
    done = at_once(lambda what: undo(judged.review_id, by=world.actor(world.reviewer)) if what == "undo" else deciding.decide(made.pk), ["undo", "decide"])
    assert all(not isinstance(one, Exception) or isinstance(one, SluiceError) for one in done), done
    taken_back = not isinstance(done[0], Exception)
    assert fresh(made).state == ("judging" if taken_back else "passing")
    assert tallying.figures(tallying.found(made.pk)).judged == (0 if taken_back else 1)


def test_a_round_and_other_queues_never_ask_for_the_same_item(transactional_db: None) -> None:
    bench = labelled(10)
    world = bench.world
    by, reviewer = world.actor(world.owner), world.actor(world.reviewer)
    queues = [create_queue(world.project, f"review {at}", stage="review", by=by) for at in range(2)]
    fill(queues[0].pk)

    def act(what: Any) -> Any:
        if what == "plan":
            return bench.plan("percent", 50)
        return next_task(what, reviewer) if what in queues[:1] else fill(what.pk)

    done = at_once(act, ["plan", queues[0], queues[1], queues[1]])
    assert not [one for one in done if isinstance(one, Exception)], done
    made, lease = done[0], done[1]
    for queue in queues:
        fill(queue.pk)
    mine = set(RoundItem.objects.filter(round=made).values_list("item_id", flat=True))
    elsewhere = set(Task.objects.filter(queue__in=queues).exclude(state="void").values_list("item_id", flat=True))
    assert not mine & elsewhere
    assert len(mine | elsewhere) == 10
    assert set(Lease.objects.filter(ended_at=None).values_list("item_id", flat=True)) == ({lease.item_id} if lease else set())
    assert Task.objects.filter(queue=made.queue, state="open").count() == made.sampled


def test_a_queue_that_fills_itself_waits_for_a_round_that_is_being_planned(transactional_db: None, monkeypatch: Any) -> None:
    bench = labelled(4)
    queue = create_queue(bench.world.project, "review", stage="review", by=bench.world.actor(bench.world.owner))
    begun, keep = Event(), planning._keep

    def kept(*given: Any) -> None:
        begun.set()
        time.sleep(0.3)  # the queue fills now, or waits
        keep(*given)

    monkeypatch.setattr(planning, "_keep", kept)
    done = at_once(lambda what: bench.plan("count", 1) if what == "plan" else begun.wait(10) and fill(queue.pk), ["plan", "fill"])
    assert (done[0].items, done[1]) == (4, 0), done


def test_two_who_plan_at_once_make_rounds_that_share_no_item(transactional_db: None) -> None:
    bench = labelled(6)
    done = at_once(lambda _each: bench.plan("all", None), range(3))
    made = [one for one in done if isinstance(one, Round)]
    assert len(made) == 1 and made[0].items == 6, done
    assert Round.objects.count() == 1


def test_two_who_carry_a_decision_out_approve_each_item_once(transactional_db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(settling, "CHUNK", 2)
    bench = labelled(9)
    made = bench.plan("count", 1)
    bench.judge(made, "accept")
    deciding.decide(made.pk)
    done = at_once(lambda _each: settling.carry_out(made.pk).state, range(3))
    assert set(done) == {"passed"}
    assert Approval.objects.filter(cause="round").count() == 8
