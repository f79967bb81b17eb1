"""Who sees which items: by every way of asking, what is not yours is not there."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.items import queries
from annotate.kernel.errors import Gone, Missing

ROUTES = ("", "/media", "/media?size=thumb", "/annotations", "/history")


@pytest.mark.parametrize("name", ["owner", "admin", "manager", "reviewer", "viewer"])
def test_those_who_see_all(world: Any, make_items: Any, name: str) -> None:
    item, _other = make_items(2)
    person = getattr(world, name)
    assert queries.visible(world.actor(person), world.project).count() == 2
    for route in ROUTES:
        assert world.api(person).get(f"/items/{item.pk}{route}").status_code == 200, route


@pytest.mark.parametrize("name", ["annotator", "collector", "outsider"])
def test_those_who_see_nothing_of_others(world: Any, make_items: Any, name: str) -> None:
    (item,) = make_items(1)
    person = getattr(world, name)
    assert not queries.visible(world.actor(person), world.project).exists()
    for route in ROUTES:
        response = world.api(person).get(f"/items/{item.pk}{route}")
        assert response.status_code == 404, route
        gone = world.api(person).get(f"/items/{item.pk + 999}{route}").json()
        same = {name: value for name, value in response.json().items() if name != "request_id"}
        assert same == {name: value for name, value in gone.items() if name != "request_id"}
    assert world.api(person).delete(f"/items/{item.pk}", {"reason": "x"}).status_code == 404


def test_what_one_holds_is_seen_until_the_lease_ends(world: Any, make_items: Any, task: Any) -> None:
    held, expired, ended, other = make_items(4)
    task(held, world.annotator)
    from annotate.queues.models import Lease

    task(expired, world.annotator2, seconds=-5)
    task(ended, world.annotator2, live=False)
    assert Lease.objects.count() == 3
    assert [item.pk for item in queries.visible(world.actor(world.annotator), world.project)] == [held.pk]
    assert not queries.visible(world.actor(world.annotator2), world.project).exists()
    with pytest.raises(Missing):
        queries.get(world.actor(world.annotator), other.pk)
    assert world.api(world.annotator).get(f"/items/{held.pk}/media").status_code == 200
    assert world.api(world.annotator2).get(f"/items/{expired.pk}/media").status_code == 404


def test_what_one_answered_or_uploaded_stays_seen(world: Any, make_items: Any, answer: Any) -> None:
    answered, _other = make_items(2)
    answer(answered, world.annotator)
    assert queries.get(world.actor(world.annotator), answered.pk) == answered
    answered.created_by = world.collector
    answered.save()
    assert queries.get(world.actor(world.collector), answered.pk) == answered


def test_annotators_read_only_their_own_answers(world: Any, make_items: Any, answer: Any, box: Any) -> None:
    (item,) = make_items(1)
    answer(item, world.annotator, box("car"))
    answer(item, world.annotator2, box("sign"), approved=True)
    mine = world.api(world.annotator).get(f"/items/{item.pk}/annotations").json()["results"]
    assert [row["person"]["name"] for row in mine] == ["annotator"]
    assert [row["objects"][0]["label"] for row in mine] == ["car"]
    every = world.api(world.viewer).get(f"/items/{item.pk}/annotations").json()["results"]
    assert [(row["revision"], row["approved"]) for row in every] == [(2, True), (1, False)]
    told = world.api(world.annotator).get(f"/items/{item.pk}/history").content.decode()
    assert "annotator2" not in told and "approval" not in told


def test_annotators_may_not_query(world: Any, make_items: Any, answer: Any) -> None:
    (item,) = make_items(1)
    answer(item, world.annotator)
    api = world.api(world.annotator)
    assert [row["id"] for row in api.get(f"/projects/{world.project.pk}/items").json()["results"]] == [item.pk]
    assert api.get(f"/projects/{world.project.pk}/items?q=state = new").status_code == 403


def test_another_project_of_the_organisation_is_not_there(world: Any, make_items: Any) -> None:
    from annotate.people.models import Membership
    from annotate.projects.services import create

    (item,) = make_items(1)
    other = create(
        "other", media="image", schema=world.schema, organisation_id=world.organisation.pk, by=world.actor(world.owner)
    )
    assert Membership.objects.filter(person=world.manager).exists()
    assert world.api(world.manager).get(f"/projects/{other.pk}/items").status_code == 404
    assert world.api(world.manager).get(f"/items/{item.pk}").status_code == 200


def test_a_token_of_one_project_sees_no_other(world: Any, make_items: Any) -> None:
    from tests.conftest import Api

    (item,) = make_items(1)
    from annotate.projects.services import create

    other = create(
        "other", media="image", schema=world.schema, organisation_id=world.organisation.pk, by=world.actor(world.owner)
    )
    bound = Api(world.token(world.owner, project_id=other.pk))
    assert bound.get(f"/items/{item.pk}").status_code == 404
    assert bound.get(f"/items/{item.pk}/media").status_code == 404


@pytest.mark.parametrize(("scope", "status"), [("read", 200), ("label", 200), ("review", 200), ("export", 403)])
def test_scopes_of_media(world: Any, make_items: Any, scope: str, status: int) -> None:
    from tests.conftest import Api

    (item,) = make_items(1)
    assert Api(world.token(world.owner, scope)).get(f"/items/{item.pk}/media").status_code == status


def test_nobody_sees_an_item_without_signing_in(client: Any, world: Any, make_items: Any) -> None:
    (item,) = make_items(1)
    for route in ROUTES:
        assert client.get(f"/api/v1/items/{item.pk}{route}").status_code == 401


def test_an_erased_item_is_gone(world: Any, make_items: Any) -> None:
    from annotate.items.services import erase

    (item,) = make_items(1)
    erase(item, reason="asked for", by=world.actor(world.manager))
    with pytest.raises(Gone):
        queries.get(world.actor(world.viewer), item.pk)
    assert not queries.visible(world.actor(world.viewer), world.project).exists()
    for route in ("", "/media", "/annotations"):
        assert world.api(world.viewer).get(f"/items/{item.pk}{route}").status_code == 410
    assert world.api(world.outsider).get(f"/items/{item.pk}").status_code == 404
    told = world.api(world.viewer).get(f"/items/{item.pk}/history").json()["results"]
    assert told[0]["what"] == "item.erase"
    assert told[0]["person"]["name"] == "manager"
