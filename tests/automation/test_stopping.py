"""What keeps a batch where it is: a release that is refused, a stop, a round that somebody withdrew; and how it goes on."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.queues.services import create_queue
from tests.automation.conftest import Bench
from workflows.automation import switching
from workflows.cleaning import running
from workflows.releases.services import cut
from workflows.rounds import deciding
from workflows.rounds.models import Round

pytestmark = pytest.mark.django_db


def test_a_refused_release_says_what_blocks_it_and_is_asked_again_when_news_come(bench: Bench, monkeypatch: Any) -> None:
    from annotate.kernel.errors import Conflict
    from workflows.automation import advancing
    from workflows.automation.steps import releasing

    asked: list[int] = []

    def refuses(*given: Any, **more: Any) -> Any:
        asked.append(1)
        if len(asked) < 2:
            raise Conflict("agreement(car) is 0.61, and 0.8 is asked for", code="release_gate")
        return cut(*given, **more)

    monkeypatch.setattr(releasing, "cut", refuses)
    bench.declare(gate=None, review=[])
    bench.on("queue", "version")
    batch = bench.batch(1)
    bench.seal(batch)
    bench.go()
    bench.label(batch)
    create_queue(bench.project, "review", stage="review", by=bench.by)
    bench.judge()
    bench.go()
    step = bench.step(batch, "version")
    assert (step.state, step.reason, len(asked)) == ("waiting", "agreement(car) is 0.61, and 0.8 is asked for", 1)
    monkeypatch.setattr(advancing, "PATIENCE", advancing.PATIENCE * 0)
    bench.go()
    assert len(asked) == 1, "nothing has happened since"
    bench.batch(1, "april")
    bench.go()
    assert len(asked) == 2 and bench.steps(batch)["version"] == "done"


def test_a_stop_lets_nothing_further_start_and_going_on_goes_on(bench: Bench) -> None:
    bench.declare(gate=None)
    bench.on("queue", "round", "version")
    batch, other = bench.batch(1), bench.batch(1, "april")
    bench.seal(batch)
    bench.seal(other)
    switching.stop(bench.project, batch=batch, reason="wait for the map", by=bench.by)
    bench.go()
    assert set(bench.steps(batch).values()) == {"stopped"} and bench.steps(other)["queue"] == "done"
    switching.stop(bench.project, by=bench.by)
    bench.label(other)
    bench.go()
    assert bench.steps(other)["round"] == "stopped" and not Round.objects.exists()
    late = bench.batch(1, "may")
    bench.seal(late)
    bench.go()
    assert bench.steps(late)["queue"] == "stopped"
    switching.go_on(bench.project, by=bench.by)
    bench.go()
    assert bench.steps(other)["round"] == "running" and bench.steps(late)["queue"] == "done"
    assert bench.steps(batch)["queue"] == "stopped", "its own stop stands"
    switching.go_on(bench.project, batch=batch, by=bench.by)
    bench.go()
    assert bench.steps(batch)["queue"] == "done"


def test_a_stop_can_end_what_runs(bench: Bench) -> None:
    from annotate.jobs.models import Job

    bench.declare()
    bench.rules()
    bench.on()
    batch = bench.batch(1)
    passage = bench.seal(batch)
    from workflows.automation.advancing import advance

    while advance(passage.pk):
        pass
    assert bench.steps(batch)["checks"] == "running"
    switching.stop(bench.project, cancel=True, by=bench.by)
    assert Job.objects.get(kind="cleaning.check").state == "cancelled"
    running.settle()
    bench.go()
    assert bench.steps(batch)["checks"] == "failed" and bench.steps(batch)["queue"] == "stopped"
    with pytest.raises(Exception, match="stopped already"):
        switching.stop(bench.project, by=bench.by)


def test_a_round_withdrawn_by_hand_is_not_planned_again_unasked(bench: Bench) -> None:
    bench.declare(gate=None)
    bench.on("queue", "round")
    batch = bench.batch(2)
    bench.seal(batch)
    bench.go()
    bench.label(batch)
    bench.go()
    deciding.withdraw(bench.step(batch, "round").round, by=bench.by)
    bench.go()
    assert bench.step(batch, "round").state == "failed" and Round.objects.count() == 1
    switching.retry(batch, "round", by=bench.by)
    bench.go()
    assert bench.step(batch, "round").state == "running" and Round.objects.count() == 2
