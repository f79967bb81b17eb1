"""The pages of teams: made, changed and ended by forms."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.people.models import Team
from annotate.projects import teams

pytestmark = pytest.mark.django_db


def test_a_manager_makes_a_team_by_a_form(world: Any) -> None:
    page = world.page(world.manager)
    assert f"/teams/new?in=p{world.project.pk}" in page.get("/teams").content.decode()
    body = {"in": f"p{world.project.pk}", "name": "night", "kind": "shift", "lead": world.annotator.pk, "members": [world.annotator.pk, world.annotator2.pk]}
    assert page.post("/teams/new", body).status_code == 302
    team = Team.objects.get()
    assert (team.project, team.lead, team.places.count()) == (world.project, world.annotator, 2)
    assert "night" in page.get("/teams").content.decode()


def test_a_refused_team_keeps_what_was_typed(world: Any) -> None:
    teams.create_team("night", organisation_id=world.organisation.pk, project=world.project, by=world.actor(world.manager))
    answer = world.page(world.manager).post("/teams/new", {"in": f"p{world.project.pk}", "name": "night", "kind": "shift-of-mine"})
    assert answer.status_code == 200 and "shift-of-mine" in answer.content.decode()
    assert Team.objects.count() == 1


@pytest.mark.parametrize("word", ["p", "x1", "o1x", "p99999999999999999999", "o999999"])
def test_a_place_that_is_none_is_missing(world: Any, word: str) -> None:
    assert world.page(world.owner).get("/teams/new", {"in": word}).status_code == 404


def test_a_member_can_neither_make_nor_change(world: Any) -> None:
    team = teams.create_team("n", organisation_id=world.organisation.pk, project=world.project, lead=world.annotator, by=world.actor(world.manager))
    page = world.page(world.annotator)
    assert page.get("/teams/new", {"in": f"p{world.project.pk}"}).status_code == 403
    assert page.get("/teams/new", {"in": f"o{world.organisation.pk}"}).status_code == 403
    assert page.post(f"/teams/{team.pk}/change", {"name": "mine"}).status_code == 403
    assert page.post(f"/teams/{team.pk}/end").status_code == 403


def test_a_team_is_changed_and_ended_by_forms(world: Any) -> None:
    team = teams.create_team("n", organisation_id=world.organisation.pk, project=world.project, members=[world.annotator], by=world.actor(world.manager))
    page = world.page(world.manager)
    assert page.post(f"/teams/{team.pk}/change", {"name": "day", "members": [world.annotator2.pk]}).status_code == 302
    team.refresh_from_db()
    assert team.name == "day" and list(team.places.values_list("person_id", flat=True)) == [world.annotator2.pk]
    assert page.post(f"/teams/{team.pk}/end").status_code == 302
    assert not Team.objects.exists()


def test_who_has_one_place_for_teams_need_not_name_it(world: Any) -> None:
    page = world.page(world.manager)
    assert page.get("/teams/new").status_code == 200
    assert page.post("/teams/new", {"name": "night", "kind": "shift"}).status_code == 302
    assert world.page(world.owner).get("/teams/new").headers["Location"] == "/teams"
    assert world.page(world.annotator).get("/teams/new").status_code == 404
