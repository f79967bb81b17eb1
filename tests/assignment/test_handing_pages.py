"""Handing a batch out by pages and by the API."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from annotate.items.models import Batch
from annotate.people.models import Team
from annotate.projects import teams
from annotate.queues.fill import fill
from annotate.queues.models import Queue
from annotate.queues.services import create_queue
from workflows.assignment.models import Handing

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(world: Any) -> Team:
    people = [world.annotator, world.annotator2, world.viewer]
    return teams.create_team("night", organisation_id=world.organisation.pk, project=world.project, members=people, by=world.actor(world.manager))


@pytest.fixture
def batch(world: Any, make_items: Any) -> Batch:
    make_items(10)
    return Batch.objects.get(project=world.project)


def test_the_api_shows_hands_out_and_undoes(world: Any, team: Team, batch: Batch) -> None:
    api, body = world.api(world.manager), {"team": team.pk, "mode": "shares", "shares": [{"person": "annotator", "share": 1}]}
    plan = api.post(f"/batches/{batch.pk}/assign", body | {"preview": True})
    assert plan.status_code == 200, plan.content
    assert [(row["person"]["name"], row["answers"]) for row in plan.json()["people"]] == [("annotator", 10)]
    assert {row["person"]["name"]: row["why"] for row in plan.json()["left_out"]} == {"annotator2": "no_share", "viewer": "no_role"}
    assert not Handing.objects.exists()
    made = api.post(f"/batches/{batch.pk}/assign", body)
    assert made.status_code == 201 and made.json()["counts"]["answers"] == 10
    assert api.get(f"/batches/{batch.pk}/assignments").json()["results"][0]["id"] == made.json()["id"]
    undone = api.post(f"/assignments/{made.json()['id']}/undo")
    assert undone.json()["state"] == "undone" and undone.json()["undone_by"] == world.manager.pk
    assert api.post(f"/assignments/{made.json()['id']}/undo").status_code == 409


@pytest.mark.parametrize("more, place", [({"team": 999999}, "team"), ({"queue": 999999}, "queue"), ({"shares": [{"person": "nobody", "share": 1}]}, "shares[0].person"), ({"until": "2001-01-01T00:00:00Z"}, "until"), ({"mode": "odd"}, "mode")])
def test_what_is_wrong_is_named(world: Any, team: Team, batch: Batch, more: dict[str, Any], place: str) -> None:
    answer = world.api(world.manager).post(f"/batches/{batch.pk}/assign", {"team": team.pk} | more)
    assert answer.status_code == 400 and place in answer.json()["fields"]
    assert not Queue.objects.exists()


def test_others_do_not_hand_out(world: Any, team: Team, batch: Batch) -> None:
    for person, status in ((world.reviewer, 403), (world.annotator, 404), (world.outsider, 404)):
        assert world.api(person).post(f"/batches/{batch.pk}/assign", {"team": team.pk}).status_code == status
        assert world.page(person).get(f"/batches/{batch.pk}/assign").status_code == status


def test_the_page_shows_first_and_hands_out_then(world: Any, team: Team, batch: Batch) -> None:
    page = world.page(world.manager)
    assert f"/batches/{batch.pk}/assign" in page.get(f"/batches/{batch.pk}").content.decode()
    assert "night" in page.get(f"/batches/{batch.pk}/assign").content.decode()
    shown = page.get(f"/batches/{batch.pk}/assign", {"team": team.pk}).content.decode()
    assert "has no role in the project" in shown and "<b>5</b>" in shown
    body = {"team": team.pk, "mode": "shares", f"share-{world.annotator.pk}": 4, f"share-{world.annotator2.pk}": 1}
    again = page.post(f"/batches/{batch.pk}/assign", body | {"show": "1"}).content.decode()
    assert "<b>8</b>" in again and not Handing.objects.exists()
    assert page.post(f"/batches/{batch.pk}/assign", body | {"do": "1"}).status_code == 302
    made = Handing.objects.get()
    assert made.counts["given"] == {str(world.annotator.pk): 8, str(world.annotator2.pk): 2}
    assert "Undo" in page.get(f"/batches/{batch.pk}/assign").content.decode()
    assert page.post(f"/assignments/{made.pk}/undo").status_code == 302
    made.refresh_from_db()
    assert made.state == "undone"


def test_a_wrong_share_stays_on_the_form(world: Any, team: Team, batch: Batch) -> None:
    body = {"team": team.pk, "mode": "shares", f"share-{world.annotator.pk}": "many", "do": "1"}
    answer = world.page(world.manager).post(f"/batches/{batch.pk}/assign", body)
    assert answer.status_code == 200 and "many" in answer.content.decode() and not Handing.objects.exists()


def test_the_page_warns_of_items_that_another_queue_asks_about_too(world: Any, team: Team, batch: Batch) -> None:
    page, place = world.page(world.manager), f"/batches/{batch.pk}/assign"
    assert "answered there once more" not in page.get(place, {"team": team.pk}).content.decode()
    everything = create_queue(world.project, "everything", stage="annotate", by=world.actor(world.manager))
    fill(everything.pk)
    shown = page.get(place, {"team": team.pk}).content.decode()
    assert "10 items wait in the queue everything too, and are answered there once more." in shown
    way = re.search(r'href="(/p/\d+/bulk\?[^"]+)"', shown)
    assert way is not None
    form = page.get(html.unescape(way[1])).content.decode()
    assert "Take out of the queue" in form
    assert "march" in form
