"""The next task comes with the answer: of one transaction where nobody has to be waited for, else of the one after it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import OperationalError, connection

from annotate.annotations.models import Annotation
from annotate.queues.submit import Submitted
from annotate.workbench.following import answered
from tests.queues.conftest import a_document

pytestmark = pytest.mark.django_db(transaction=True)
TABS = "hashtextextended('claim ' || %s::text, 0)"


@pytest.fixture
def desk(world: Any, make_items: Any, queue_of: Any) -> dict[str, Any]:
    make_items(3)
    queue = queue_of()
    bundle = world.api(world.annotator).post(f"/queues/{queue.pk}/next").json()
    return {"lease": bundle["lease"]["id"], "item": bundle["item"]["id"], "queue": queue.pk}


def _submit(world: Any, lease: int) -> Any:
    answer = world.api(world.annotator).post(
        f"/leases/{lease}/submit?next=1", {"annotation": a_document("car"), "seconds": 1}
    )
    assert answer.status_code == 201, answer.content
    return answer.json()


def _transaction(table: str, pk: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT xmin::text FROM {table} WHERE id = %s", [pk])
        found: str = cursor.fetchone()[0]
    return found


def test_the_answer_and_the_next_lease_are_of_one_transaction(world: Any, desk: dict[str, Any]) -> None:
    said = _submit(world, desk["lease"])
    assert said["next"]["item"]["id"] != desk["item"]
    assert _transaction("annotate_annotation", said["annotation_id"]) == _transaction(
        "annotate_lease", said["next"]["lease"]["id"]
    )


def test_an_answer_is_in_while_the_next_task_waits_for_another_tab(world: Any, desk: dict[str, Any]) -> None:
    import psycopg

    said: list[Any] = []
    with psycopg.connect(_dsn()) as other:
        other.execute(f"SELECT pg_advisory_xact_lock({TABS})", [world.annotator.pk])
        call = threading.Thread(target=lambda: said.append(_submit(world, desk["lease"])))
        call.start()
        for _ in range(500):
            if Annotation.objects.exists():
                break
            threading.Event().wait(0.01)
        assert Annotation.objects.count() == 1 and not said
        other.rollback()
    call.join()
    assert said[0]["next"]["item"]["id"] != desk["item"]


def _dsn() -> str:
    given = connection.get_connection_params()
    return " ".join(f"{name}={given[name]}" for name in ("host", "user", "dbname") if given.get(name))


def test_two_that_wait_for_each_other_cost_no_answer(world: Any, desk: dict[str, Any]) -> None:
    tried: list[bool] = []

    def answer(follow: Any) -> Submitted:
        tried.append(follow is not None)
        if follow is not None:
            raise OperationalError from _Deadlock()
        return Submitted(1, 1, desk["queue"])

    done, _next = answered(answer, world.actor(world.annotator))
    assert (done.annotation_id, tried) == (1, [True, False])


class _Deadlock(Exception):
    sqlstate = "40P01"
