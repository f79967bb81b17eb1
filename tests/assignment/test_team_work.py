"""A lead sees their team's open work, pace and questions; of others nothing."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.people.models import Team
from annotate.projects import teams
from annotate.projects.services import create, set_member
from annotate.queues.services import create_queue

pytestmark = pytest.mark.django_db
DOCUMENT: dict[str, Any] = {"objects": [], "item": {}}


@pytest.fixture
def team(world: Any) -> Team:
    return teams.create_team(
        "night", organisation_id=world.organisation.pk, project=world.project, lead=world.collector,
        members=[world.annotator], by=world.actor(world.manager),
    )  # fmt: skip


@pytest.fixture
def queue(world: Any, make_items: Any) -> Any:
    make_items(6)
    return create_queue(world.project, "label", stage="annotate", by=world.actor(world.owner))


def take(world: Any, person: Any, queue: Any) -> Any:
    return world.api(person).post(f"/queues/{queue.pk}/next").json()


def submit(world: Any, person: Any, queue: Any, seconds: float = 30) -> None:
    lease = take(world, person, queue)["lease"]["id"]
    done = world.api(person).post(f"/leases/{lease}/submit", {"annotation": DOCUMENT, "seconds": seconds})
    assert done.status_code == 201, done.content


def test_the_lead_sees_what_the_people_of_the_team_hold_and_did(world: Any, team: Team, queue: Any) -> None:
    submit(world, world.annotator, queue, 42)
    take(world, world.annotator, queue)
    submit(world, world.annotator2, queue)
    found = world.api(world.collector).get(f"/teams/{team.pk}/work").json()["results"]
    assert [row["person"]["name"] for row in found] == ["annotator"]
    row = found[0]
    assert (row["held"], row["open"], row["today"], row["week"], row["seconds_today"]) == (1, 1, 1, 1, 42)


def test_the_lead_sees_the_questions_of_the_team_only(world: Any, team: Team, queue: Any) -> None:
    for person, text in ((world.annotator, "is this a car?"), (world.annotator2, "not for you")):
        lease = take(world, person, queue)["lease"]["id"]
        assert world.api(person).post(f"/leases/{lease}/ask", {"text": text}).status_code == 201
    found = world.api(world.collector).get(f"/teams/{team.pk}/questions").json()["results"]
    assert [row["text"] for row in found] == ["is this a car?"]
    page = world.page(world.collector).get(f"/teams/{team.pk}").content.decode()
    assert "is this a car?" in page and "not for you" not in page and "annotator2" not in page
    assert world.api(world.collector).get(f"/teams/{team.pk}/work").json()["results"][0]["parked"] == 1


def test_a_manager_sees_a_team_of_the_organisation_only_in_their_projects(world: Any, queue: Any) -> None:
    """The team's lead sees all its work; a manager of one project, what is done in that one."""
    other = create("avenues", media="image", schema=world.schema, organisation_id=world.organisation.pk, by=world.actor(world.owner))
    set_member(other, world.reviewer, role="manager", by=world.actor(world.owner))
    whole = teams.create_team(
        "vendor", organisation_id=world.organisation.pk, lead=world.collector, members=[world.annotator], by=world.actor(world.admin)
    )
    submit(world, world.annotator, queue)

    def today(person: Any) -> int:
        return int(world.api(person).get(f"/teams/{whole.pk}/work").json()["results"][0]["today"])

    assert (today(world.collector), today(world.admin), today(world.manager), today(world.reviewer)) == (1, 1, 1, 0)


def test_to_others_the_work_of_a_team_is_not_there(world: Any, team: Team) -> None:
    for person in (world.annotator, world.annotator2, world.viewer, world.reviewer, world.outsider):
        assert world.api(person).get(f"/teams/{team.pk}/work").status_code == 404
        assert world.api(person).get(f"/teams/{team.pk}/questions").status_code == 404
        assert world.page(person).get(f"/teams/{team.pk}").status_code == 404


def test_a_lead_finds_the_team_in_the_frame_and_others_do_not(world: Any, team: Team) -> None:
    assert 'href="/teams"' in world.page(world.collector).get("/").content.decode()
    assert 'href="/teams"' not in world.page(world.annotator).get("/").content.decode()
    assert 'href="/teams"' in world.page(world.manager).get("/").content.decode()


def test_a_team_of_three_costs_as_many_queries_as_one_of_one(world: Any, team: Team, queue: Any, django_assert_num_queries: Any) -> None:
    api = world.api(world.collector)
    api.get(f"/teams/{team.pk}/work")
    with django_assert_num_queries(2):
        api.get(f"/teams/{team.pk}/work")
    teams.change_team(team, members=[world.annotator, world.annotator2, world.viewer], by=world.actor(world.manager))
    with django_assert_num_queries(2):
        assert len(api.get(f"/teams/{team.pk}/work").json()["results"]) == 3
