"""The queue routes: shapes, errors, and who sees what."""

from __future__ import annotations

from typing import Any

import pytest

from tests.queues.conftest import a_document

pytestmark = pytest.mark.django_db


def make(world: Any, **body: Any) -> Any:
    response = world.api(world.manager).post(f"/projects/{world.project.pk}/queues", {"name": "label", "stage": "annotate"} | body)
    assert response.status_code == 201, response.content
    return response.json()


def test_a_queue_is_made_listed_changed_paused_and_closed(world: Any, make_items: Any) -> None:
    make_items(2)
    queue = make(world, overlap=2, members=["annotator", world.annotator2.pk], gold_percent=5)
    assert [member["name"] for member in queue["members"]] == ["annotator", "annotator2"]
    api, place = world.api(world.manager), f"/queues/{queue['id']}"
    assert api.post(f"{place}/fill").json() == {"added": 4}
    assert api.get(place).json()["counts"] == {"open": 4, "returned": 0, "answered": 0, "leased": 0}
    changed = api.patch(place, {"name": "label again", "lease_seconds": 60, "state": "paused", "members": []}).json()
    assert (changed["name"], changed["lease_seconds"], changed["state"], changed["members"]) == ("label again", 60, "paused", [])
    assert api.patch(place, {"state": "open"}).json()["state"] == "open"
    assert api.patch(place, {"state": "closed"}).json()["state"] == "closed"
    assert api.patch(place, {"state": "open"}).status_code == 409
    assert [row["id"] for row in api.get(f"/projects/{world.project.pk}/queues").json()["results"]] == [queue["id"]]


def test_wrong_input_is_named(world: Any) -> None:
    api, place = world.api(world.manager), f"/projects/{world.project.pk}/queues"
    make(world)
    for body, field in (
        ({"name": "x", "stage": "dance"}, "stage"),
        ({"name": "x", "stage": "annotate", "overlap": 0}, "overlap"),
        ({"name": "x", "stage": "annotate", "members": ["nobody"]}, "members[0]"),
        ({"name": "x", "stage": "review", "members": ["annotator"]}, "members[0]"),
        ({"stage": "annotate"}, "name"),
        ({"name": "x", "stage": "annotate", "colour": 1}, "colour"),
    ):
        response = api.post(place, body)
        assert response.status_code == 400, body
        assert field in response.json()["fields"], body
    assert api.post(place, {"name": "label", "stage": "annotate"}).status_code == 409


def test_each_role_sees_its_queues_alone(world: Any) -> None:
    open_, named, review = make(world, name="a"), make(world, name="b", members=["annotator2"]), make(world, name="c", stage="review")
    everything = {open_["id"], named["id"], review["id"]}
    for person, expected in (
        (world.manager, everything),
        (world.reviewer, everything),
        (world.viewer, everything),
        (world.annotator, {open_["id"]}),
        (world.annotator2, {open_["id"], named["id"]}),
        (world.collector, set()),
    ):
        api = world.api(person)
        listed = {row["id"] for row in api.get(f"/projects/{world.project.pk}/queues").json()["results"]}
        assert listed == expected, person.name
        for queue in everything:
            assert api.get(f"/queues/{queue}").status_code == (200 if queue in expected else 404), person.name
    assert "counts" not in world.api(world.annotator).get(f"/queues/{open_['id']}").json()
    assert "gold_percent" not in world.api(world.annotator).get(f"/queues/{open_['id']}").json()


def test_only_managers_make_change_and_fill(world: Any) -> None:
    queue = make(world)
    for person, status in ((world.annotator, 403), (world.reviewer, 403), (world.viewer, 403), (world.outsider, 404)):
        api = world.api(person)
        assert api.post(f"/projects/{world.project.pk}/queues", {"name": "x", "stage": "annotate"}).status_code == status
        assert api.patch(f"/queues/{queue['id']}", {"name": "y"}).status_code == status
        assert api.post(f"/queues/{queue['id']}/fill").status_code == status


def test_the_life_of_a_lease_over_the_api(world: Any, make_items: Any) -> None:
    make_items(3)
    queue, api = make(world), world.api(world.annotator)
    bundle = api.post(f"/queues/{queue['id']}/next").json()
    lease = f"/leases/{bundle['lease']['id']}"
    assert api.post(f"{lease}/renew").json()["id"] == bundle["lease"]["id"]
    assert api.put(f"{lease}/draft", {"revision": 0, "annotation": a_document()}).json() == {"revision": 1}
    stale = api.put(f"{lease}/draft", {"revision": 0, "annotation": a_document()})
    assert (stale.status_code, stale.json()["code"], stale.json()["revision"]) == (409, "stale_draft", 1)
    for other in (world.annotator2, world.manager, world.outsider):
        foreign = world.api(other)
        assert foreign.post(f"{lease}/renew").status_code == 404
        assert foreign.put(f"{lease}/draft", {"revision": 1, "annotation": a_document()}).status_code == 404
        assert foreign.post(f"{lease}/skip", {"reason": "x"}).status_code == 404
        assert foreign.delete(lease).status_code == 404
        assert foreign.post(f"{lease}/submit", {"annotation": a_document()}).status_code == 404
    assert api.post(f"{lease}/skip", {"reason": "blurred"}).status_code == 204
    assert api.post(f"{lease}/renew").status_code == 409
    assert api.delete(lease).status_code == 204


def test_my_answers_newest_first_and_reopened(world: Any, make_items: Any) -> None:
    make_items(3)
    queue, api = make(world), world.api(world.annotator)
    for _ in range(2):
        bundle = api.post(f"/queues/{queue['id']}/next").json()
        assert api.post(f"/leases/{bundle['lease']['id']}/submit", {"annotation": a_document()}).status_code == 201
    mine = api.get(f"/queues/{queue['id']}/mine").json()["results"]
    assert [row["key"] for row in mine] == ["picture-0001.jpg", "picture-0000.jpg"]
    assert mine[1]["reopen"] is True
    again = api.post(f"/tasks/{mine[1]['task']}/reopen")
    assert again.status_code == 201
    assert again.json()["annotation"]["revision"] == 1
    assert again.json()["returned"] is None
    assert world.api(world.annotator2).get(f"/queues/{queue['id']}/mine").json()["results"] == []
    assert world.api(world.annotator2).post(f"/tasks/{mine[0]['task']}/reopen").status_code == 404
    assert api.post(f"/tasks/{mine[0]['task']}/reopen", headers={"Authorization": f"Bearer {world.token(world.annotator, 'read')}"}).status_code == 403
