"""What two connections count of one instant is what one counts, whatever has happened to the items and whatever happens meanwhile."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from annotate.items.erasure import erase
from annotate.items.models import Item
from annotate.queues.models import Hold
from annotate.reviews.services import withdraw
from tests.conftest import make_world
from tests.releases.conftest import KEYS, ending
from tests.releases.test_draft_equals import Field
from workflows.releases import counting, gates, queries, reading, services
from workflows.releases.gates import Barred
from workflows.releases.models import Shard, Version

pytestmark = pytest.mark.django_db(transaction=True)
ENDS = [ending(f"i{n}") for n in range(0, 10, 3)]


@pytest.fixture
def world(transactional_db: None) -> Any:
    return make_world()


@pytest.fixture
def halves(monkeypatch: Any) -> Callable[[bool], None]:
    """`halves(True)`: from here on two connections count, however few there are."""

    def say(two: bool) -> None:
        monkeypatch.setattr(counting, "MANY", 0 if two else 10**9)
        monkeypatch.setattr(counting, "SHARE", 100)

    return say


@pytest.fixture
def meanwhile() -> Iterator[list[Callable[[], object]]]:
    """What another connection does and commits, each once, when a cut's snapshot stands and nothing has been counted."""
    waiting: list[Callable[[], object]] = []

    def act() -> None:
        try:
            waiting.pop()()
        finally:
            connection.close()

    def ask(_project: Any, _q: str, when: str) -> Barred:
        if when == gates.CUT and waiting:
            other = threading.Thread(target=act)
            other.start()
            other.join()
        return Barred()

    gates.release_gates.add("meanwhile", ask)
    yield waiting
    del gates.release_gates._entries["meanwhile"]


def told(version: Version) -> Any:
    """What a version was frozen with, but for its number."""
    assert version.state == "frozen", version.job and version.job.error
    ranges = version.version_shards.order_by("ordinal").values_list("shard_id", "first_key", "last_key", "digest", "taken", "fingerprint")
    return bytes(version.root or b""), version.counts, list(ranges)


def test_whatever_has_happened_two_connections_count_as_one(world: Any, dataset: Any, approve: Any, cut: Any, halves: Any) -> None:
    field, draw = Field(world, approve, 7), random.Random(7)
    twin = services.create_dataset(world.project, "twin", by=world.actor(world.manager))
    approve(ENDS)
    out = set()
    for turn, states in enumerate((["approved"] * 30, ["approved", "held", "erased", "gated", "labelled"] * 3, [], ["approved", "withdrawn", "gated"] * 2, [])):
        field.come(states)
        there = list(Item.objects.filter(project=world.project, state="approved", key__startswith="i").order_by("key"))
        if turn > 1:
            withdraw(draw.choice(there), "wrong", by=field.by)
            erase(draw.choice(there[1:]), reason="asked for", by=field.by)
            Hold.objects.get_or_create(item=draw.choice(there), cause="rule")
            Item.objects.filter(pk=there[turn].pk).update(meta={"turn": turn})
        found = []
        for of, two in ((dataset, True), (twin, False)):
            halves(two)
            found.append(cut(of, q="" if turn % 2 else 'key > "i1"', splits={"a": 0.5, "b": 0.5}, salt="salt"))
        assert told(found[0]) == told(found[1])
        assert reading.verify(found[0])
        out |= found[0].counts["excluded"].keys()
    assert out == {"not_approved", "erased", "quarantined", "gate"}


def test_what_is_approved_while_they_count_is_in_the_next_version(world: Any, approve: Any, cut: Any, halves: Any, meanwhile: Any) -> None:
    halves(True)
    approve(KEYS)
    first = cut()
    meanwhile.append(lambda: approve(["a02.jpg", "bx.jpg", "zz.jpg"], "sign"))
    second = cut()
    assert not meanwhile
    assert told(second) == told(first)
    third = cut()
    assert third.counts["items"] == len(KEYS) + 2 and third.counts["labels"]["sign"] == 3


def test_where_one_of_them_fails_there_is_no_version(world: Any, approve: Any, cut: Any, halves: Any, monkeypatch: Any) -> None:
    halves(True)
    approve(KEYS)
    first = cut()
    late = approve(["zz.jpg"])[0]
    shards = Shard.objects.count()
    with monkeypatch.context() as broken:
        broken.setattr(counting, "_BUCKET", f"{counting._BUCKET} + 0 / (i.id - {late.pk})::int")  # which the upper half has
        second = cut()
    assert (second.state, second.number, second.version_shards.count(), Shard.objects.count()) == ("failed", None, 0, shards)
    assert list(queries.versions(first.dataset)) == [first]
    third = cut()
    assert (third.state, third.number, third.counts["items"]) == ("frozen", 2, len(KEYS) + 1)
