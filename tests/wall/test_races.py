"""Two at once: a relabel against a submit of the same item, and two acts on the same crops. Each in a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from annotate.annotations.models import Annotation
from annotate.kernel.errors import SluiceError
from annotate.queues.models import Task
from tests.conftest import make_world
from tests.queues.conftest import a_document
from tests.wall.conftest import do, labels, names

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> Any:
    return make_world()


def together(*acts: Callable[[], Any]) -> list[Any]:
    """What each gave, or the error it ended with."""
    found: list[Any] = [None] * len(acts)
    gate = threading.Barrier(len(acts))

    def run(at: int, act: Callable[[], Any]) -> None:
        try:
            gate.wait()
            found[at] = act()
        except SluiceError as error:
            found[at] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(at, act)) for at, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_a_relabel_and_a_submit_of_the_same_items_lose_nothing(world: Any, line: Any) -> None:
    from annotate.queues.reopening import reopen
    from annotate.queues.submit import submit

    bench, by = line(4), world.actor(world.annotator)
    marked = names(world, label="car")
    leases = [reopen(task.pk, by) for task in Task.objects.filter(queue=bench.annotate).order_by("pk")[:1]]

    def answer() -> Any:
        return [submit(lease.pk, by, a_document("person"), 1.0) for lease in leases]

    made, submitted = together(lambda: do(world, "relabel", marked, label="sign"), answer)
    assert not isinstance(made, Exception) and not isinstance(submitted, Exception)
    first = bench.items[0]
    assert labels([first]) == [["person"]]  # the answer is never overwritten by a label for the one before
    assert labels(bench.items[1:]) == [["sign"]] * 3
    numbers = list(Annotation.objects.filter(item=first).order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


def test_two_acts_on_the_same_crops_change_each_once(world: Any, imported: Any) -> None:
    items = imported([a_document("car") for _ in range(6)])
    marked = names(world, label="car")
    one, other = together(
        lambda: do(world, "relabel", marked, world.reviewer, label="sign"), lambda: do(world, "relabel", marked[::-1], world.manager, label="person")
    )
    assert one.counts.get("changed", 0) + other.counts.get("changed", 0) == 6
    assert one.counts.get("stale", 0) + other.counts.get("stale", 0) == 6
    assert Annotation.objects.filter(item__in=items, source="fix").count() == 6
