"""Tiles of the gallery and of a batch say which rules hold an item back or flag it, to those who may know, at the same cost for many."""

from __future__ import annotations

from typing import Any

import pytest

from workflows.cleaning import applying

pytestmark = pytest.mark.django_db
HELD, FLAGGED = 'title="In quarantine: {}"', 'title="Flagged: {}"'


@pytest.fixture
def marked(world: Any, make_items: Any, rule: Any, checked: Any) -> Any:
    """Items 0 … 3: 0 is held back by a rule and flagged by two, 1 is flagged; a run that found so, applied."""
    items = make_items(4)
    first, second = (f'key = "{item.key}"' for item in items[:2])
    rule("condition", name="dim", action="quarantine", q=first)
    rule("condition", name="odd", q=f"{first} or {second}")
    rule("condition", name="mean", q=first)
    run = applying.apply(checked(), by=world.actor(world.owner))
    return items, run


def tiles(world: Any, person: Any) -> str:
    return str(world.page(person).get(f"/p/{world.project.pk}/items").content.decode())


def test_a_tile_names_the_rules_that_hold_it_back_or_flag_it(world: Any, marked: Any) -> None:
    (first, *_), run = marked
    shown = tiles(world, world.viewer)
    assert shown.count(HELD.format("dim")) == 1 and shown.count(FLAGGED.format("mean, odd")) == 1 and shown.count(FLAGGED.format("odd")) == 1
    assert '<span class="vh">In quarantine: dim</span>' in shown  # within the link, so it is said with its name
    batch = str(world.page(world.manager).get(f"/batches/{first.batch_id}").content.decode())
    assert HELD.format("dim") in batch and FLAGGED.format("mean, odd") in batch
    applying.restore(first, rule="dim", by=world.actor(world.owner))
    assert "In quarantine:" not in tiles(world, world.viewer)
    applying.undo(run, by=world.actor(world.owner))
    assert "Flagged:" not in tiles(world, world.viewer)


def test_those_who_see_only_their_own_are_told_nothing(world: Any, marked: Any) -> None:
    for person in (world.annotator, world.collector):
        shown = tiles(world, person)
        assert "In quarantine:" not in shown and "Flagged:" not in shown


def test_a_badge_names_only_so_many_rules(world: Any, make_items: Any, rule: Any, checked: Any) -> None:
    make_items(1)
    for n in range(7):
        rule("condition", name=f"r{n}", q="width > 0")
    applying.apply(checked(), by=world.actor(world.owner))
    assert FLAGGED.format("r0, r1, r2, r3, r4 …") in tiles(world, world.viewer)


def test_badges_cost_the_same_for_one_item_and_for_four(world: Any, marked: Any, django_assert_num_queries: Any) -> None:
    (first, *_), _run = marked
    page, address = world.page(world.viewer), f"/p/{world.project.pk}/items"
    narrowed = {"q": f'key = "{first.key}"', "count": "1"}
    page.get(address)
    page.get(address, narrowed)  # whether few items match is looked at once
    with django_assert_num_queries(13):
        page.get(address, {"count": "1"})
    with django_assert_num_queries(13):
        page.get(address, narrowed)
