"""A version keeps to what its gates said at the instant of its snapshot, whatever happens to them while it is cut."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest
from django.db import connections

from tests.concurrency.test_claims import at_once
from tests.conftest import make_world
from workflows.gating import services
from workflows.gating.models import GateOpening, ReleaseGate
from workflows.releases import cutting
from workflows.releases.freezing import freeze
from workflows.releases.services import create_dataset
from workflows.releases.services import cut as ask

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> Any:
    return make_world()


class Work:
    """What a job gives to a cut, which says that it has begun with its rows."""

    by = None

    def __init__(self, begun: Any) -> None:
        self.begun = begun

    def progress(self, done: int, total: int | None = None) -> None:
        self.begun()

    def report(self, *_: Any) -> None: ...


def apart(act: Any) -> None:
    """On a connection of its own, and committed."""

    def run() -> None:
        try:
            act()
        finally:
            connections.close_all()

    other = Thread(target=run)
    other.start()
    other.join(20)


@pytest.mark.parametrize(("before", "after", "items"), [("items >= 1 or agreement(car) >= 0.5", "items >= 100", 3), ("items >= 2", "items >= 1", 2)])
def test_a_gate_that_changes_while_a_version_is_cut_counts_for_the_next(world: Any, approved: Any, before: str, after: str, items: int) -> None:
    by = world.actor(world.manager)
    approved("two", 2), approved("one", 1)
    services.set_gate(world.project, before, by=by)
    dataset = create_dataset(world.project, "streets", by=by)
    version = ask(dataset, by=by)
    work = Work(lambda: apart(lambda: services.set_gate(world.project, after, by=by)))
    made = freeze(version, cutting.build(version, work), by=None)  # type: ignore[arg-type]
    assert ReleaseGate.objects.get().expression == after
    assert {one["expression"] for one in made.counts["gates"]} == {before}
    assert made.counts["items"] == items


def test_of_many_who_set_or_open_at_once_one_row_stands(world: Any, approved: Any) -> None:
    by, batch = world.actor(world.manager), approved("march", 1)
    got = at_once(lambda n: services.set_gate(world.project, f"items >= {n}", batch=batch, by=by), [5, 6, 7])
    assert not [one for one in got if isinstance(one, Exception)] and ReleaseGate.objects.count() == 1
    got = at_once(lambda n: services.open_by_hand(world.project, batch=batch, reason=f"by {n}", by=by), [1, 2, 3])
    assert [type(one).__name__ for one in got if isinstance(one, Exception)] == ["Conflict", "Conflict"]
    assert GateOpening.objects.filter(ended_at=None).count() == 1
