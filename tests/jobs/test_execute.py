"""One job from being asked for to its end: claimed once, retried, failed in words, cancelled."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django_q.models import OrmQ

from annotate.jobs import running, services, work
from annotate.jobs.handlers import handlers
from annotate.jobs.models import Job, JobReportLine
from annotate.jobs.services import Work, enqueue, execute
from annotate.kernel.errors import Conflict, Invalid

_names = itertools.count()


@pytest.fixture
def doing() -> Iterator[Callable[[Callable[[Work], Any]], str]]:
    """Registers a function as a kind of its own for one test."""
    made: list[str] = []

    def register(run: Callable[[Work], Any]) -> str:
        kind = f"test.{next(_names)}"
        handlers.add(kind, run)
        made.append(kind)
        return kind

    yield register
    for kind in made:
        handlers._entries.pop(kind)


@pytest.fixture
def ask(world: Any) -> Callable[..., Job]:
    def ask(kind: str, **over: Any) -> Job:
        fields: dict[str, Any] = {
            "organisation_id": world.organisation.pk,
            "project_id": world.project.pk,
            "by": world.actor(world.manager),
            "arguments": {},
        }
        return enqueue(kind, **(fields | over))

    return ask


def test_a_job_runs_and_keeps_its_result_numbers_and_lines(doing: Any, ask: Any, world: Any) -> None:
    def run(work: Work) -> dict[str, Any]:
        assert work.by is not None and work.by.person == world.manager
        work.progress(1, 3)
        work.report("a.jpg", "too_small", "1 × 1 pixels", {"width": 1})
        work.progress(3)
        return {"accepted": work.arguments["n"]}

    job = ask(doing(run), arguments={"n": 3})
    assert execute(job.pk) == "done"
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.result, job.error) == ("done", 3, 3, {"accepted": 3}, "")
    assert job.started_at is not None and job.ended_at is not None and job.lease_until is None
    assert [(line.place, line.code, line.data) for line in job.report_lines.all()] == [
        ("a.jpg", "too_small", {"width": 1})
    ]


def test_a_finished_job_is_not_run_again(doing: Any, ask: Any) -> None:
    runs: list[int] = []
    job = ask(doing(lambda work: runs.append(work.job_id)))
    assert [execute(job.pk), execute(job.pk)] == ["done", ""]
    assert runs == [job.pk]


def test_the_message_and_the_job_share_the_transaction(doing: Any, ask: Any) -> None:
    kind = doing(lambda work: None)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        ask(kind)
        assert OrmQ.objects.count() == Job.objects.count() == 1
        raise ZeroDivisionError
    assert OrmQ.objects.count() == Job.objects.count() == 0
    job = ask(kind)
    assert OrmQ.objects.get().task["args"] == (job.pk,)


def test_a_key_lets_one_such_job_live(doing: Any, ask: Any) -> None:
    kind = doing(lambda work: None)
    first = ask(kind, key="refill:1")
    assert ask(kind, key="refill:1").pk == first.pk
    assert OrmQ.objects.count() == 1
    execute(first.pk)
    assert ask(kind, key="refill:1").pk != first.pk


def test_an_unknown_kind_is_refused_when_it_is_asked_for(ask: Any) -> None:
    with pytest.raises(LookupError):
        ask("no.such.kind")
    assert not Job.objects.exists()


def test_a_refusal_fails_the_job_in_its_own_words(doing: Any, ask: Any) -> None:
    def run(work: Work) -> None:
        raise Invalid("the archive is broken at byte 7")

    job = ask(doing(run))
    assert execute(job.pk) == "failed"
    job.refresh_from_db()
    assert (job.error, job.attempts) == ("the archive is broken at byte 7", 1)


def test_an_unexpected_error_is_tried_three_times_and_tells_no_secrets(doing: Any, ask: Any, run_jobs: Any) -> None:
    def run(work: Work) -> None:
        work.report("x", "seen", f"attempt {work.attempt}")
        raise RuntimeError("/secret/path line 12")

    poison, good = ask(doing(run)), ask(doing(lambda work: {"fine": True}))
    assert run_jobs() == 4
    poison.refresh_from_db()
    good.refresh_from_db()
    assert (poison.state, poison.attempts, good.state) == ("failed", 3, "done")
    assert "secret" not in poison.error and "Traceback" not in poison.error and poison.error
    assert [line.detail for line in poison.report_lines.all()] == ["attempt 3"]


def test_a_cancel_ends_a_queued_job_at_once(doing: Any, ask: Any, world: Any) -> None:
    runs: list[int] = []
    job = ask(doing(lambda work: runs.append(1)))
    services.cancel(job, by=world.actor(world.manager))
    assert (execute(job.pk), runs, Job.objects.get(pk=job.pk).state) == ("", [], "cancelled")
    with pytest.raises(Conflict):
        services.cancel(job, by=world.actor(world.manager))


def test_a_cancel_ends_a_running_job_at_its_next_progress(doing: Any, ask: Any, world: Any) -> None:
    reached: list[str] = []

    def run(work: Work) -> None:
        services.cancel(Job.objects.get(pk=work.job_id), by=world.actor(world.manager))
        reached.append("before")
        work.progress(1, 2)
        reached.append("after")

    job = ask(doing(run))
    assert (execute(job.pk), reached) == ("cancelled", ["before"])


def test_a_superseded_worker_writes_nothing(doing: Any, ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "WRITE_SECONDS", 0.0)

    def run(work: Work) -> dict[str, Any]:
        if work.attempt == 1:
            Job.objects.filter(pk=work.job_id).update(state="queued")
            assert execute(work.job_id) == "done"  # another worker takes it and ends it
            work.report("old", "old", "from the worker that lost it")
            with pytest.raises(services.Superseded):
                work.progress(99, 99)
            return {"by": "old"}
        work.progress(5, 5)
        work.report("new", "new", "from the worker that has it")
        return {"by": "new"}

    job = ask(doing(run))
    assert execute(job.pk) == ""
    job.refresh_from_db()
    assert (job.state, job.done, job.result) == ("done", 5, {"by": "new"})
    assert list(JobReportLine.objects.values_list("place", flat=True)) == ["new"]


def test_progress_inside_a_transaction_leaves_the_row_free_for_a_cancel(
    doing: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "WRITE_SECONDS", 0.0)
    seen: list[int] = []

    def run(work: Work) -> None:
        with transaction.atomic():
            work.progress(4, 9)
            seen.append(Job.objects.get(pk=work.job_id).done)
        work.progress(5)
        seen.append(Job.objects.get(pk=work.job_id).done)

    execute(ask(doing(run)).pk)
    assert seen == [0, 5]


def test_an_interrupted_job_goes_back_without_losing_a_try(
    doing: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Flag:
        def is_set(self) -> bool:
            return True

    def run(held: Work) -> None:
        if held.arguments["first"]:
            Job.objects.filter(pk=held.job_id).update(arguments={"first": False})
            monkeypatch.setattr(work, "stopping", Flag())
        held.progress(1)

    job = ask(doing(run), arguments={"first": True})
    assert execute(job.pk) == "queued"
    assert execute(job.pk) == "", "nothing new begins while the server stops"
    monkeypatch.setattr(work, "stopping", None)
    job.refresh_from_db()
    assert job.attempts == 0
    assert execute(job.pk) == "done"


def test_too_long_work_fails_in_words(doing: Any, ask: Any) -> None:
    from django_q.exceptions import TimeoutException

    def run(work: Work) -> None:
        raise TimeoutException("Task exceeded maximum timeout value (6 seconds)")

    job = ask(doing(run))
    assert execute(job.pk) == "failed"
    assert "longer" in Job.objects.get(pk=job.pk).error
    assert running.TRIES == 3
