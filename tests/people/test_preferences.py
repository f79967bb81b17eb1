"""A person's own keys: kept whole or not at all, each key once, and nobody else's business."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.django_db


def test_own_keys_are_kept_and_given_back(world: Any) -> None:
    api = world.api(world.annotator)
    said = api.patch("/me", {"preferences": {"keys": {"skip": ["ctrl+m"], "fit": []}}})
    assert said.status_code == 200
    assert said.json()["preferences"] == {"keys": {"skip": ["ctrl+m"], "fit": []}}
    assert api.get("/me").json()["preferences"]["keys"]["skip"] == ["ctrl+m"]
    assert world.api(world.reviewer).get("/me").json()["preferences"] == {}


def test_a_key_given_twice_is_refused_by_the_name_of_its_owner(world: Any) -> None:
    api = world.api(world.annotator)
    said = api.patch("/me", {"preferences": {"keys": {"skip": ["m"], "fit": ["g", "m"]}}})
    assert said.status_code == 400
    assert said.json()["fields"] == {"preferences.keys.fit[1]": "m is given to skip already"}
    assert api.get("/me").json()["preferences"] == {}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"preferences": {"keys": []}}, "preferences.keys"),
        ({"preferences": {"keys": {"Skip!": ["m"]}}}, "preferences.keys.Skip!"),
        ({"preferences": {"keys": {"skip": "m"}}}, "preferences.keys.skip"),
        ({"preferences": {"keys": {"skip": ["shift+ctrl+m"]}}}, "preferences.keys.skip[0]"),
        ({"preferences": {"keys": {"skip": ["M"]}}}, "preferences.keys.skip[0]"),
        ({"preferences": {"keys": {"skip": [7]}}}, "preferences.keys.skip[0]"),
        ({"preferences": {"keys": {"skip": ["escape"]}}}, "preferences.keys.skip[0]"),
        ({"preferences": {"keys": {"skip": ["a", "b", "c", "d", "e"]}}}, "preferences.keys.skip"),
        ({"preferences": {"theme": "pink"}}, "preferences.theme"),
        ({"preferences": []}, "preferences"),
        ({"name": "x"}, "name"),
    ],
)
def test_what_is_no_key_is_refused_with_its_place(world: Any, body: Any, place: str) -> None:
    said = world.api(world.annotator).patch("/me", body)
    assert said.status_code == 400
    assert place in said.json()["fields"]


def test_only_a_signed_in_page_is_given_the_token_of_its_session(world: Any) -> None:
    assert "csrf" not in world.api(world.annotator).get("/me").json()
    assert world.page(world.annotator).get("/api/v1/me").json()["csrf"]
