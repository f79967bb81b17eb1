"""In a queue that says so, people are told how right their answers to gold were: the score and kinds of errors, never the truth."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.gold.services import add_truths
from annotate.kernel.errors import Conflict, Invalid
from annotate.queues.claim import next_task
from annotate.queues.reopening import reopen
from annotate.queues.services import change_queue
from annotate.queues.submit import submit
from tests.queues.conftest import a_box, queue_of  # noqa: F401  a fixture
from workflows.quality.gold import errors_in, measure_some

pytestmark = pytest.mark.django_db
CAR, BUS = a_box("car", (1, 2, 10, 8)), a_box("person", (30, 2, 10, 8))


@pytest.fixture
def queue(world: Any, make_items: Any, queue_of: Any) -> Any:  # noqa: F811
    truths = [{"item": item.pk, "annotation": {"objects": [CAR, BUS], "item": {}}} for item in make_items(2)]
    add_truths(world.project, truths, by=world.actor(world.owner))
    return queue_of(gold_percent=100, gold_feedback=True)


def answered(world: Any, queue: Any, *boxes: Any) -> Any:
    lease = next_task(queue, world.actor(world.annotator))
    assert lease is not None
    submit(lease.pk, world.actor(world.annotator), {"objects": list(boxes), "item": {}}, 1.0)
    return lease


def mine(world: Any, queue: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = world.api(world.annotator).get(f"/queues/{queue.pk}/mine").json()["results"]
    return rows


def test_the_score_and_kinds_of_errors_are_told_when_they_are_measured_and_nothing_else(world: Any, queue: Any) -> None:
    answered(world, queue, CAR, a_box("sign", (50, 30, 5, 5)))
    [before] = mine(world, queue)
    assert (before["feedback"], before["reopen"], before["shut"]) == (None, True, "")
    measure_some()
    [after] = mine(world, queue)
    assert after["feedback"] == {"score": 0.5, "errors": ["missing", "extra"]}
    assert "person" not in str(after)  # the label that is missing
    assert "a known item: 50 % right" in world.page(world.annotator).get(f"/queues/{queue.pk}").content.decode()
    assert f'"tells": true' in world.page(world.annotator).get(f"/work/{queue.pk}").content.decode()  # noqa: F541


def test_who_was_told_cannot_mend_the_answer(world: Any, queue: Any) -> None:
    lease = answered(world, queue, CAR)
    again = reopen(lease.task_id, world.actor(world.annotator))  # not measured yet
    submit(again.pk, world.actor(world.annotator), {"objects": [CAR], "item": {}}, 1.0)
    measure_some()
    with pytest.raises(Conflict) as refused:
        reopen(lease.task_id, world.actor(world.annotator))
    assert refused.value.code == "told" and mine(world, queue)[0]["shut"] == "told"


def test_a_queue_that_does_not_say_so_tells_nothing(world: Any, queue: Any) -> None:
    change_queue(queue, gold_feedback=False, by=world.actor(world.manager))
    lease = answered(world, queue, CAR)
    measure_some()
    assert "feedback" not in mine(world, queue)[0]
    assert reopen(lease.task_id, world.actor(world.annotator)) is not None
    with pytest.raises(Invalid) as refused:
        change_queue(queue, gold_feedback="yes", by=world.actor(world.manager))
    assert "gold_feedback" in refused.value.fields


def test_errors_are_said_by_kind_alone() -> None:
    row = {"truth": 3, "answer": 3, "right": 1, "wrong_label": 2, "missing": 0, "extra": 0}
    assert errors_in({"labels": {"car": row}, "attributes": {"car": {"late": [0, 1]}}, "item": {"weather": False}}) == ["wrong_label", "attribute", "answer"]
    assert errors_in({"labels": {}, "item": {"weather": True}}) == []
