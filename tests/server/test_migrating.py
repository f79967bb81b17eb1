"""An index or a constraint is told to the model that is rendered, which Django would render anew with all around it."""

from __future__ import annotations

from django.db import models
from django.db.migrations.state import ModelState, ProjectState

from workflows.server.migrating import lighter_states


def _state() -> ProjectState:
    state = ProjectState()
    state.add_model(ModelState("rooms", "House", [("id", models.BigAutoField(primary_key=True)), ("name", models.TextField())]))
    state.add_model(ModelState("rooms", "Room", [("id", models.BigAutoField(primary_key=True)), ("house", models.ForeignKey("rooms.House", models.CASCADE))]))
    return state


def test_indexes_and_constraints_come_and_go_without_rendering_anything_anew() -> None:
    state = _state()
    house = state.apps.get_model("rooms", "House")
    once = models.UniqueConstraint(fields=["name"], name="house_once")
    with lighter_states():
        state.add_index("rooms", "house", models.Index(fields=["name"], name="house_name"))
        state.add_constraint("rooms", "house", once)
    assert state.apps.get_model("rooms", "House") is house
    assert [each.name for each in house._meta.indexes] == ["house_name"]
    assert house._meta.constraints == [once] == state.models["rooms", "house"].options["constraints"]
    with lighter_states():
        state.remove_constraint("rooms", "house", "house_once")
    assert house._meta.constraints == [] == state.models["rooms", "house"].options["constraints"]


def test_afterwards_django_does_as_ever() -> None:
    state = _state()
    house = state.apps.get_model("rooms", "House")
    with lighter_states():
        pass
    state.add_index("rooms", "house", models.Index(fields=["name"], name="house_name"))
    assert state.apps.get_model("rooms", "House") is not house
