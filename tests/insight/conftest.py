"""Work done in queues of the world's project, at moments of the tests' choosing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection

from tests.queues.conftest import a_document, queue_of  # noqa: F401


@pytest.fixture
def did(world: Any) -> Any:
    """`did(queue, person, seconds, at=…)`: the next task, answered with this active time; the annotation's id. `verdict` judges."""

    def give(queue: Any, person: Any, seconds: float | None = 30.0, at: dt.datetime | None = None) -> int:
        from annotate.queues.claim import next_task
        from annotate.queues.submit import submit

        lease = next_task(queue, world.actor(person))
        assert lease is not None
        made = submit(lease.pk, world.actor(person), a_document(), seconds)
        if at is not None:
            moved("annotate_annotation", made.annotation_id, at)
            with connection.cursor() as cursor:
                cursor.execute("UPDATE annotate_task SET answered_at = %s WHERE annotation_id = %s", [at, made.annotation_id])
        return int(made.annotation_id)

    return give


@pytest.fixture
def judged(world: Any) -> Any:
    """`judged(queue, person, verdict, seconds)`: the next review task, with this verdict; the review's id."""

    def give(queue: Any, person: Any, verdict: str, seconds: float | None = 5.0, at: dt.datetime | None = None) -> int:
        from annotate.queues.claim import next_task
        from annotate.reviews.services import review

        lease = next_task(queue, world.actor(person))
        assert lease is not None
        more = {"annotation": a_document("person")} if verdict == "fix" else {"reason": "loose"} if verdict == "return" else {}
        made = review(lease.pk, world.actor(person), verdict, seconds=seconds, **more)
        if at is not None:
            moved("annotate_review", made.review_id, at)
        return int(made.review_id)

    return give


def moved(table: str, pk: int, at: dt.datetime) -> None:
    """As if it had been written then; these rows are frozen for everyone else."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f"UPDATE {table} SET created_at = %s WHERE id = %s", [at, pk])
        cursor.execute("SET LOCAL session_replication_role = origin")
