"""A project with gold, a qualification with a run, and people who take it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.queues.conftest import a_box, queue_of  # noqa: F401  a fixture

TRUTH = (1, 2, 10, 8)
RIGHT: tuple[float, ...] = TRUTH
WRONG: tuple[float, ...] = (40, 30, 10, 8)


def answer_of(right: bool) -> dict[str, Any]:
    return {"objects": [a_box("car", RIGHT if right else WRONG)], "item": {}}


@pytest.fixture
def gold(world: Any, make_items: Any) -> Callable[[int], list[Any]]:
    """`gold(3)`: as many items with one car each, known to be right there."""

    def make(n: int) -> list[Any]:
        from annotate.gold.services import add_truths

        items: list[Any] = make_items(n)
        add_truths(world.project, [{"item": item.pk, "annotation": answer_of(True)} for item in items], by=world.actor(world.owner))
        return items

    return make


@pytest.fixture
def qualification(world: Any) -> Callable[..., Any]:
    """`qualification("Cells", questions=2, …)`: with a run when anything of one is said."""

    def make(name: str = "Cells", **run: Any) -> Any:
        from annotate.qualifications.services import create
        from annotate.qualifications.setting_up import give_run

        made = create(world.project, name, kind="label", about="Draw every cell.", by=world.actor(world.manager))
        return give_run(made, **run, by=world.actor(world.manager)) if run else made

    return make


@pytest.fixture
def take(world: Any) -> Callable[..., int]:
    """`take(qualification, person, right=2, wrong=1)`: answer so many questions of its run; how many there were."""

    def answers(found: Any, person: Any, *, right: int = 0, wrong: int = 0, measure: bool = True) -> int:
        from annotate.queues.claim import next_task
        from annotate.queues.submit import submit
        from workflows.quality.gold import measure_some

        done, actor = 0, world.actor(person)
        for good in [True] * right + [False] * wrong:
            lease = next_task(found.queue_id, actor)
            if lease is None:
                break
            submit(lease.pk, actor, answer_of(good), 2.0)
            done += 1
        if measure:
            measure_some()
        return done

    return answers
