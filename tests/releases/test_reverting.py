"""Going back is a new version that is equal to an old one; what a version knew of its day is kept with it."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.activity.models import Activity
from annotate.items.services import erase
from annotate.kernel.errors import Conflict, Denied
from tests.releases.conftest import KEYS
from workflows.releases import differing, reading, reverting, services
from workflows.releases.models import Shard

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(world: Any, approve: Any, cut: Any) -> list[Any]:
    approve(KEYS)
    first = cut()
    approve(["b01.jpg"], "person")
    return [first, cut()]


def test_it_has_the_same_root_rows_and_counts_under_the_next_number(world: Any, three: list[Any], cut: Any) -> None:
    first, second = three
    made = Shard.objects.count()
    answer = world.api(world.manager).post(f"/versions/{first.pk}/revert", {"message": "v2 is worse"})
    assert answer.status_code == 201
    third = answer.json()
    assert (third["number"], third["parent"], third["hash"], third["message"], third["state"]) == (
        3,
        second.pk,
        first.root.hex(),
        "v2 is worse",
        "frozen",
    )
    assert third["facts"]["reverts"] == 1 and third["counts"] == first.counts
    back = first.__class__.objects.get(pk=third["id"])
    assert Shard.objects.count() == made and reading.verify(back)
    assert list(differing.differences(first, back)) == []
    assert cut().root == second.root
    assert Activity.objects.get(verb="version.revert").after == first.root


def test_after_an_erasure_it_still_verifies_and_shows_the_tombstone(world: Any, three: list[Any]) -> None:
    first, _second = three
    item = next(row.item_id for row in reading.rows(first) if row.key == "a01.jpg")
    erase(first.dataset.project.items.get(pk=item), reason="asked", by=world.actor(world.manager))
    back = reverting.revert(first, by=world.actor(world.manager))
    assert back.root == first.root and reading.verify(back)
    assert [row.item_id for row in reading.rows(back) if row.erased] == [item]
    other = next(row.item_id for row in reading.rows(back) if row.key == "b02.jpg")
    erase(first.dataset.project.items.get(pk=other), reason="asked", by=world.actor(world.manager))
    assert reading.verify(back) and sum(row.erased for row in reading.rows(back)) == 2


def test_a_withdrawn_or_the_newest_version_is_not_gone_back_to(world: Any, three: list[Any]) -> None:
    by = world.actor(world.manager)
    with pytest.raises(Conflict):
        reverting.revert(three[1], by=by)
    services.withdraw(three[0], reason="wrong", by=by)
    with pytest.raises(Conflict):
        reverting.revert(three[0], by=by)
    with pytest.raises(Denied):
        reverting.revert(three[0], by=world.actor(world.viewer))


def test_each_range_names_its_hash_and_its_file(world: Any, three: list[Any]) -> None:
    from workflows.releases import merkle

    rows = world.api(world.viewer).get(f"/versions/{three[1].pk}/shards").json()["results"]
    assert [row["ordinal"] for row in rows] == [0, 1, 2] and sum(row["rows"] for row in rows) == len(KEYS)
    assert merkle.root_of_ranges(bytes.fromhex(row["digest"]) for row in rows) == three[1].root


def test_what_leaks_is_named_with_its_keys(world: Any, approve: Any, cut: Any) -> None:
    approve([f"{n}.jpg" for n in range(8)], sha256=b"s" * 32, group="street")
    version = cut(splits={"a": 0.5, "b": 0.5}, by_group=False)
    answer = world.api(world.viewer).get(f"/versions/{version.pk}/leakage")
    import json

    group, same = [json.loads(line) for line in answer.getvalue().splitlines()]
    assert (group["kind"], group["name"], same["kind"], same["name"]) == (
        "group",
        "street",
        "same_bytes",
        (b"s" * 32).hex(),
    )
    assert (
        sorted(group["splits"]["a"] + group["splits"]["b"]) == [f"{n}.jpg" for n in range(8)]
        and group["splits"] == same["splits"]
    )
    assert version.counts["leakage"] == {"groups": 1, "same_bytes": 1}


def test_a_version_knows_the_rules_and_the_quality_of_its_day(world: Any, approve: Any, cut: Any) -> None:
    from workflows.cleaning.models import RuleSet

    approve(["a.jpg"])
    RuleSet.objects.create(project=world.project, number=3, document=[{"name": "dark"}], digest=b"r" * 32)
    facts = world.api(world.viewer).get(f"/versions/{cut().pk}").json()["facts"]
    assert facts["rules"] == {"number": 3, "digest": (b"r" * 32).hex(), "rules": 1, "findings": {}}
    assert facts["quality"]["agreement"]["why"] == "not_enough" and "basis" not in facts
