"""Teams: who makes them, who sees them, and who goes out of them."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.activity.models import Activity
from annotate.people.models import Team, TeamMember
from annotate.people.services import change_person
from annotate.projects import teams
from annotate.projects.services import remove_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(world: Any) -> Team:
    return teams.create_team(
        "night", organisation_id=world.organisation.pk, project=world.project, kind="shift", lead=world.annotator2,
        members=[world.annotator, world.annotator2], by=world.actor(world.manager),
    )  # fmt: skip


def names(team: Team) -> set[str]:
    return set(team.places.values_list("person__name", flat=True))


def test_a_manager_makes_a_team_of_the_project(world: Any) -> None:
    body = {"name": "night", "kind": "shift", "project": world.project.pk, "lead": "annotator2", "members": ["annotator", world.annotator2.pk]}
    made = world.api(world.manager).post("/teams", body)
    assert made.status_code == 201, made.content
    assert made.json()["lead"]["name"] == "annotator2" and made.json()["kind"] == "shift"
    assert [each["name"] for each in made.json()["members"]] == ["annotator", "annotator2"]
    row = Activity.objects.get(verb="team.create")
    assert row.project_id == world.project.pk and row.person_id == world.manager.pk


def test_only_admins_make_a_team_of_the_organisation(world: Any) -> None:
    assert world.api(world.manager).post("/teams", {"name": "vendor"}).status_code == 403
    assert world.api(world.admin).post("/teams", {"name": "vendor"}).status_code == 201
    assert world.api(world.annotator).post("/teams", {"name": "v", "project": world.project.pk}).status_code == 403
    assert world.api(world.outsider).post("/teams", {"name": "v", "project": world.project.pk}).status_code == 404


def test_people_who_are_not_in_the_project_are_named_and_nothing_is_made(world: Any) -> None:
    foreign = world.api(world.manager).post("/teams", {"name": "n", "project": world.project.pk, "members": ["annotator", "outsider"]})
    assert foreign.status_code == 400 and list(foreign.json()["fields"]) == ["members[1]"]
    remove_member(world.project, world.viewer, by=world.actor(world.owner))
    gone = world.api(world.manager).post("/teams", {"name": "n", "project": world.project.pk, "members": ["viewer"], "lead": "viewer"})
    assert gone.status_code == 400 and set(gone.json()["fields"]) == {"members[0]", "lead"}
    assert not Team.objects.exists()


def test_a_name_is_taken_once_in_a_project(world: Any, team: Team) -> None:
    again = world.api(world.manager).post("/teams", {"name": "night", "project": world.project.pk})
    assert again.status_code == 409 and again.json()["code"] == "name_taken"
    assert world.api(world.admin).post("/teams", {"name": "night"}).status_code == 201


def test_a_change_names_all_members_and_null_takes_the_lead_away(world: Any, team: Team) -> None:
    changed = world.api(world.manager).patch(f"/teams/{team.pk}", {"members": ["reviewer", "annotator"], "lead": None, "kind": ""})
    assert changed.status_code == 200, changed.content
    assert [each["name"] for each in changed.json()["members"]] == ["annotator", "reviewer"]
    assert changed.json()["lead"] is None
    row = Activity.objects.get(verb="team.change")
    assert row.data["added"] == [world.reviewer.pk] and row.data["removed"] == [world.annotator2.pk]


def test_a_change_of_the_name_leaves_lead_and_members(world: Any, team: Team) -> None:
    changed = world.api(world.manager).patch(f"/teams/{team.pk}", {"name": "day"}).json()
    assert (changed["name"], changed["lead"]["name"], len(changed["members"])) == ("day", "annotator2", 2)


def test_the_lead_sees_the_team_and_cannot_change_it(world: Any, team: Team) -> None:
    lead = world.api(world.annotator2)
    assert lead.get(f"/teams/{team.pk}").json()["name"] == "night"
    assert [each["id"] for each in lead.get("/teams").json()["results"]] == [team.pk]
    assert lead.patch(f"/teams/{team.pk}", {"name": "mine"}).status_code == 403
    assert lead.delete(f"/teams/{team.pk}").status_code == 403


@pytest.mark.parametrize("who", ["annotator", "reviewer", "viewer", "collector", "outsider"])
def test_to_everyone_else_the_team_is_not_there(world: Any, team: Team, who: str) -> None:
    api = world.api(getattr(world, who))
    assert api.get(f"/teams/{team.pk}").status_code == 404
    assert api.patch(f"/teams/{team.pk}", {"name": "mine"}).status_code == 404
    assert api.get("/teams").json()["results"] == []


def test_a_token_for_another_project_does_not_reach_the_team(world: Any, team: Team) -> None:
    from annotate.projects.services import create
    from tests.conftest import Api

    other = create("avenues", media="image", schema=world.schema, organisation_id=world.organisation.pk, by=world.actor(world.owner))
    bound = Api(world.token(world.owner, project_id=other.pk))
    assert bound.get(f"/teams/{team.pk}").status_code == 404
    assert bound.get("/teams").json()["results"] == []
    assert bound.post("/teams", {"name": "wide"}).status_code == 403


def test_who_leaves_the_project_goes_out_of_its_teams(world: Any, team: Team) -> None:
    whole = teams.create_team("vendor", organisation_id=world.organisation.pk, members=[world.annotator2], by=world.actor(world.admin))
    remove_member(world.project, world.annotator2, by=world.actor(world.manager))
    team.refresh_from_db()
    assert names(team) == {"annotator"} and team.lead is None
    assert names(whole) == {"annotator2"}


def test_who_is_deactivated_goes_out_of_all_teams(world: Any, team: Team) -> None:
    teams.create_team("vendor", organisation_id=world.organisation.pk, members=[world.annotator2], by=world.actor(world.admin))
    change_person(world.annotator2, organisation_id=world.organisation.pk, active=False, by=world.actor(world.admin))
    assert not TeamMember.objects.filter(person=world.annotator2).exists()
    team.refresh_from_db()
    assert team.lead is None


def test_an_ended_team_leaves_its_people(world: Any, team: Team) -> None:
    assert world.api(world.manager).delete(f"/teams/{team.pk}").status_code == 204
    assert not Team.objects.exists()
    assert world.project.members.filter(person=world.annotator).exists()


def test_a_list_of_teams_costs_the_same_for_three_as_for_one(world: Any, team: Team, django_assert_num_queries: Any) -> None:
    api = world.api(world.manager)
    api.get("/teams")
    with django_assert_num_queries(2):
        assert len(api.get("/teams").json()["results"]) == 1
    for name in ("a", "b"):
        teams.create_team(name, organisation_id=world.organisation.pk, project=world.project, members=[world.reviewer], by=world.actor(world.manager))
    with django_assert_num_queries(2):
        assert len(api.get("/teams").json()["results"]) == 3
