"""A world that is laid down is the one that the services made, with ids and times of its own."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import models
from django.utils import timezone

from tests import laying
from tests.world import World, found

pytestmark = pytest.mark.django_db


def _shape(taken: laying.Laying) -> list[Any]:
    """Its SQL with ids as their places in their tables, times without their values, and no password."""
    places = {(table, made): place for table, _name, ids in taken.counts for place, made in enumerate(ids)}
    parts = [
        part if isinstance(part, str) else places[part] if isinstance(part, tuple) else "time" for part in taken.parts
    ]
    return ["secret" if isinstance(part, str) and part.startswith("'!") else part for part in parts]


def test_laying_adds_the_rows_that_the_services_add() -> None:
    made = laying.take(found)
    assert _shape(laying.take(made.lay)) == _shape(made)
    assert [table for table, _name, ids in made.counts if ids] == [table for table, _name, _ids in made.counts]
    assert sum(len(ids) for _table, _name, ids in made.counts) > 30


def _people_and_projects(world: World) -> list[models.Model]:
    return [value for value in vars(world).values() if isinstance(value, models.Model)]


def test_its_objects_stand_for_its_rows() -> None:
    before = timezone.now()
    world = laying.make_world()
    things = _people_and_projects(world)
    assert len(things) == 13
    for thing in things:
        stored = type(thing)._default_manager.get(pk=thing.pk)
        values = {field.attname: getattr(thing, field.attname) for field in thing._meta.concrete_fields}
        assert values == {name: getattr(stored, name) for name in values}
        assert stored.created_at >= before  # type: ignore[attr-defined]
    assert world.project.created_by.pk == world.owner.pk


def test_each_world_has_ids_that_none_had_before() -> None:
    from django.db import transaction

    seen: list[set[tuple[type, int]]] = []
    for _time in range(2):
        with transaction.atomic():
            seen.append({(type(thing), thing.pk) for thing in _people_and_projects(laying.make_world())})
            transaction.set_rollback(True)
    assert not seen[0] & seen[1]
