"""Pages of a query are the same rows in the same order, whether they were met on the way or searched for."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.annotations.services import add_revision
from annotate.items import sparse
from annotate.items.browsing import SORTS, browse, walk
from annotate.items.models import Item
from annotate.kernel import paging
from annotate.kernel.paging import page
from annotate.projects.queries import current_schema

BOX = {"kind": "box", "label": "car", "box": [1, 1, 2, 2]}


@pytest.fixture
def labelled(world: Any, make_items: Any) -> None:
    """40 items; every third has a car, every sixth two. Groups repeat, so that sorts by group have ties."""
    items = make_items(40)
    for n, item in enumerate(items):
        Item.objects.filter(pk=item.pk).update(group=f"g{n % 4}")
        if n % 3 == 0:
            cars = [BOX | {"id": f"00000000-0000-4000-8000-{n:06d}{k:06d}"} for k in range(1 + (n % 6 == 0))]
            add_revision(item.pk, document={"objects": cars, "item": {}}, schema_version=current_schema(world.project.pk), by=world.actor(world.annotator))


@pytest.fixture(params=[0, 10**6], ids=["many", "few"])
def wanted(request: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Whether what a query finds is ever few, by the page that is wanted of a walk."""
    monkeypatch.setattr(sparse, "WANTED", request.param)
    sparse._known.clear()
    yield request.param
    sparse._known.clear()


def pages(world: Any, q: str, sort: str, walked: bool) -> list[int]:
    actor = world.actor(world.manager)
    rows, keys = browse(actor, world.project, q, sort)
    found: list[int] = []
    cursor = None
    for _ in range(60):
        one = page(rows, keys=keys, cursor=cursor, limit=3, walk=walk(actor, world.project, q) if walked else None)
        found += [row.pk for row in one.rows]
        cursor = one.next
        if cursor is None:
            return found
    raise AssertionError("the pages do not end")


@pytest.mark.parametrize("sort", list(SORTS))
def test_walking_and_searching_give_the_same_pages(world: Any, labelled: None, monkeypatch: pytest.MonkeyPatch, sort: str) -> None:
    monkeypatch.setattr(sparse, "WANTED", 0)
    for q in ("count(car) >= 1", "count(car) >= 2", "not label = car", "count(car) = 0 and state = new", "label = lamp"):
        plain = pages(world, q, sort, walked=False)
        assert len(plain) == len(set(plain)), q
        for stretch in (1, 7, 6000):
            monkeypatch.setattr(paging, "WALK", stretch)
            assert pages(world, q, sort, walked=True) == plain, (q, stretch)


def test_pages_by_several_keys_leave_nothing_out(world: Any, labelled: None) -> None:
    keys = [(item.group, item.key, item.pk) for item in Item.objects.filter(project=world.project)]
    assert pages(world, "", "group", walked=False) == [pk for _group, _key, pk in sorted(keys)]


@pytest.mark.parametrize("sort", list(SORTS))
def test_what_few_match_is_found_first_and_comes_in_the_same_pages(world: Any, labelled: None, wanted: int, sort: str) -> None:
    actor, q = world.actor(world.manager), "count(car) >= 2"
    rows, keys = browse(actor, world.project, q, sort)
    assert ("= ANY(ARRAY(" in str(rows.query)) == bool(wanted)
    assert (walk(actor, world.project, q) is None) == bool(wanted)
    of_all = [item for item in browse(actor, world.project, "", sort)[0].order_by(*keys) if item.pk in set(rows.values_list("pk", flat=True))]
    assert len(of_all) == 7
    assert pages(world, q, sort, walked=True) == [item.pk for item in of_all]


def test_how_many_match_is_looked_at_again_after_a_while(world: Any, labelled: None, monkeypatch: pytest.MonkeyPatch) -> None:
    actor, q = world.actor(world.manager), "count(car) >= 2"
    sparse._known.clear()
    monkeypatch.setattr(sparse, "WANTED", 0)
    assert walk(actor, world.project, q) is not None
    monkeypatch.setattr(sparse, "WANTED", 10**6)
    assert walk(actor, world.project, q) is not None
    for kept, (_until, few) in list(sparse._known.items()):
        sparse._known[kept] = (0.0, few)
    assert walk(actor, world.project, q) is None
    sparse._known.clear()
