"""/projects over the API: making, changing, schemas and members."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.django_db


def test_a_project_comes_with_the_first_version_of_its_schema(world: Any) -> None:
    made = world.api(world.owner).post("/projects", {"name": "harbour", "media": "image", "schema": world.schema})
    body = made.json()
    assert made.status_code == 201 and body["schema_version"]["number"] == 1
    assert [label["name"] for label in body["schema"]["labels"]] == ["car", "person", "sign"]


def test_lists_hold_only_projects_with_a_role(world: Any) -> None:
    names = {row["name"] for row in world.api(world.annotator).get("/projects").json()["results"]}
    assert names == {"streets"}
    assert {row["name"] for row in world.api(world.outsider).get("/projects").json()["results"]} == {"elsewhere"}


def test_a_token_bound_to_a_project_sees_no_other(world: Any) -> None:
    from tests.conftest import Api

    other = world.api(world.owner).post("/projects", {"name": "harbour", "media": "image", "schema": world.schema}).json()["id"]
    bound = Api(world.token(world.owner, project_id=world.project.pk))
    assert [row["id"] for row in bound.get("/projects").json()["results"]] == [world.project.pk]
    assert bound.get(f"/projects/{other}").status_code == 404
    assert bound.post("/projects", {"name": "x", "media": "image", "schema": world.schema}).status_code == 403


def test_a_schema_takes_the_document_itself_or_under_its_name(world: Any) -> None:
    api, path = world.api(world.manager), f"/projects/{world.project.pk}/schemas"
    first = {**world.schema, "labels": [*world.schema["labels"], {"name": "tram", "kinds": ["box"]}]}
    assert api.post(path, first).json()["number"] == 2
    second = {**world.schema, "labels": [*first["labels"], {"name": "bus", "kinds": ["box"]}]}
    assert api.post(path, {"schema": second}).json()["number"] == 3
    assert [row["number"] for row in api.get(path).json()["results"]] == [3, 2, 1]


def test_a_wrong_schema_names_its_place(world: Any) -> None:
    refused = world.api(world.manager).post(f"/projects/{world.project.pk}/schemas", {"labels": [{"name": "a", "kinds": ["circle"]}]})
    assert refused.status_code == 400 and any("labels[0]" in path for path in refused.json()["fields"])


def test_members_are_named_by_id_or_name(world: Any) -> None:
    api, path = world.api(world.manager), f"/projects/{world.project.pk}/members"
    assert api.post(path, {"person": "viewer", "role": "reviewer"}).json()["role"] == "reviewer"
    assert api.post(path, {"person": world.viewer.pk, "role": "viewer"}).json()["person"]["name"] == "viewer"
    assert api.post(path, {"person": "outsider", "role": "viewer"}).status_code == 404
    assert api.post(path, {"person": "viewer", "role": "king"}).status_code == 400
    assert api.delete(f"{path}/{world.viewer.pk}").status_code == 204
    assert api.delete(f"{path}/{world.viewer.pk}").status_code == 404


def test_an_idempotency_key_makes_one_project(world: Any) -> None:
    api, body = world.api(world.owner), {"name": "once", "media": "image", "schema": world.schema}
    first = api.post("/projects", body, headers={"Idempotency-Key": "k1"})
    again = api.post("/projects", body, headers={"Idempotency-Key": "k1"})
    assert again.content == first.content
    other = api.post("/projects", {**body, "name": "twice"}, headers={"Idempotency-Key": "k1"})
    assert first.json() == again.json() and (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
