"""A token that is bound to one project or dataset does nothing outside it, whatever its holder may do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Api

pytestmark = pytest.mark.django_db


def bound(world: Any, **to: int) -> Api:
    return Api(world.token(world.owner, "read", "label", "review", "manage", "export", **to))


def test_a_token_bound_to_a_project_administers_nobody(world: Any) -> None:
    api = bound(world, project_id=world.project.pk)
    for call in (
        api.post("/people", {"name": "newcomer"}),
        api.post("/organisations", {"name": "Another", "owner": {"name": "someone"}}),
    ):
        assert call.status_code == 403, call.content
    assert api.patch(f"/people/{world.annotator.pk}", {"active": False}).status_code in (403, 404)
    world.annotator.refresh_from_db()
    assert world.annotator.is_active
    assert [each["name"] for each in api.get("/people").json()["results"]] == [world.owner.name]


def test_a_bound_token_ends_itself_and_no_other(world: Any) -> None:
    whole = world.api(world.owner)
    others = [each["id"] for each in whole.get("/tokens").json()["results"]]
    api = bound(world, project_id=world.project.pk)
    mine = [each["id"] for each in api.get("/tokens").json()["results"]]
    assert len(mine) == 1 and others and not set(mine) & set(others)
    assert api.delete(f"/tokens/{others[0]}").status_code == 404
    assert whole.get("/me").status_code == 200
    assert api.delete(f"/tokens/{mine[0]}").status_code == 204
    assert api.get("/me").status_code == 401


def test_a_token_bound_to_a_dataset_reads_that_and_no_items(world: Any, make_items: Any) -> None:
    item = make_items(1)[0]
    whole = world.api(world.manager)
    mine = whole.post(f"/projects/{world.project.pk}/datasets", {"name": "mine"}).json()["id"]
    other = whole.post(f"/projects/{world.project.pk}/datasets", {"name": "other"}).json()["id"]
    api = bound(world, dataset_id=mine)
    assert api.get("/me").status_code == 200
    assert api.get(f"/datasets/{mine}").status_code == 200
    assert api.get(f"/datasets/{mine}/versions").status_code == 200
    assert api.get(f"/datasets/{other}").status_code == 404
    for path in (f"/projects/{world.project.pk}/items", f"/items/{item.pk}", f"/items/{item.pk}/media", "/people", "/tokens"):
        assert api.get(path).status_code == 403, path
    assert api.post("/projects", {"name": "more", "schema": {"labels": []}}).status_code == 403


def test_a_person_is_named_by_id_as_number_or_text_or_by_name(world: Any) -> None:
    api = world.api(world.manager)
    for person in (world.annotator.pk, str(world.annotator.pk), world.annotator.name):
        made = api.post(f"/projects/{world.project.pk}/members", {"person": person, "role": "annotator"})
        assert made.status_code == 201, made.content
