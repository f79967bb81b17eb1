"""/p/{project}/settings: the label schema as form and JSON, members, the name, the archive."""

from __future__ import annotations

import json
from typing import Any

import pytest

from annotate.activity.models import Activity
from annotate.people.services import create_person
from annotate.projects.models import Project, ProjectMember, SchemaVersion
from annotate.projects.queries import current_schema
from annotate.queues.models import Lease
from annotate.queues.services import create_queue

pytestmark = pytest.mark.django_db


def address(world: Any, tail: str = "") -> str:
    return f"/p/{world.project.pk}/settings{tail}"


def save(world: Any, schema: Any, person: Any = None) -> Any:
    text = schema if isinstance(schema, str) else json.dumps(schema)
    return world.page(person or world.manager).post(address(world, "/schema"), {"schema": text})


def test_the_page_shows_the_schema_as_json_and_the_words_of_the_form(world: Any) -> None:
    body = world.page(world.manager).get(address(world)).content.decode()
    assert "&quot;name&quot;: &quot;car&quot;" in body and 'id="schema-words"' in body and 'id="schema-rows"' in body
    assert "build/schema.js" in body and "Version 1" in body


def test_a_change_is_a_new_version_and_older_ones_stay(world: Any) -> None:
    wider = {**world.schema, "labels": [*world.schema["labels"], {"name": "tram", "kinds": ["box"]}]}
    assert save(world, wider).status_code == 302
    assert current_schema(world.project.pk).number == 2
    assert len(SchemaVersion.objects.get(project=world.project, number=1).content["labels"]) == 3
    assert Activity.objects.filter(project_id=world.project.pk, verb="project.schema").count() <= 2


def test_saving_what_is_there_already_makes_no_version(world: Any) -> None:
    response = save(world, current_schema(world.project.pk).content)
    assert response.status_code == 302 and current_schema(world.project.pk).number == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{not json", "typed-marker"),
        ("[1]", "This must be a JSON object"),
        ('{"labels": []}', "labels"),
        ('{"labels": [{"name": "a", "kinds": ["box"]}, {"name": "a", "kinds": ["box"]}]}', "labels[1]"),
        ('{"labels": [{"name": "a", "kinds": ["circle"]}]}', "labels[0]"),
    ],
)
def test_a_schema_that_is_not_one_is_refused_at_its_place_and_stays_typed(world: Any, text: str, says: str) -> None:
    response = save(world, text)
    body = response.content.decode()
    assert response.status_code == 200 and current_schema(world.project.pk).number == 1
    assert 'role="alert"' in body and text.replace('"', "&quot;") in body
    assert says == "typed-marker" or says in body


def test_members_are_added_given_another_role_and_removed(world: Any) -> None:
    person, _link = create_person("newcomer", organisation_id=world.organisation.pk, by=world.actor(world.owner))
    page = world.page(world.manager)
    assert "newcomer" in page.get(address(world)).content.decode()
    page.post(address(world, "/members"), {"person": person.pk, "role": "annotator"})
    page.post(address(world, f"/members/{person.pk}"), {"role": "reviewer"})
    assert ProjectMember.objects.get(project=world.project, person=person).role == "reviewer"
    page.post(address(world, f"/members/{person.pk}"), {"remove": "1"})
    assert not ProjectMember.objects.filter(project=world.project, person=person).exists()


def test_nobody_of_another_organisation_can_be_added(world: Any) -> None:
    body = world.page(world.manager).post(address(world, "/members"), {"person": world.outsider.pk, "role": "annotator"}).content.decode()
    assert 'role="alert"' in body and "outsider" not in body
    assert not ProjectMember.objects.filter(project=world.project, person=world.outsider).exists()


def test_who_leaves_the_project_leaves_what_they_held(world: Any, make_items: Any) -> None:
    make_items(1)
    queue = create_queue(world.project, "label", stage="annotate", by=world.actor(world.owner))
    world.api(world.annotator).post(f"/queues/{queue.pk}/next")
    assert Lease.objects.filter(person=world.annotator, ended_at=None).exists()
    world.page(world.manager).post(address(world, f"/members/{world.annotator.pk}"), {"remove": "1"})
    assert not Lease.objects.filter(person=world.annotator, ended_at=None).exists()
    assert world.api(world.annotator).get(f"/projects/{world.project.pk}").status_code == 404


def test_a_role_taken_away_holds_from_the_next_request(world: Any) -> None:
    page = world.page(world.manager)
    assert page.get(address(world)).status_code == 200
    world.page(world.owner).post(address(world, f"/members/{world.manager.pk}"), {"role": "viewer"})
    assert page.get(address(world)).status_code == 403
    assert page.post(address(world, "/name"), {"name": "mine"}).status_code == 403


def test_the_name_changes_and_a_taken_one_is_refused(world: Any) -> None:
    page = world.page(world.manager)
    page.post(address(world, "/name"), {"name": "avenues"})
    assert Project.objects.get(pk=world.project.pk).name == "avenues"
    page.post("/new", {"name": "second", "organisation": world.organisation.pk, "source": "files", "labels": "a", "kinds": ["box"]})
    body = page.post(address(world, "/name"), {"name": "second"}).content.decode()
    assert "A project of this name exists." in body and 'value="second"' in body


def test_an_archived_project_is_out_of_the_lists_and_comes_back(world: Any) -> None:
    page = world.page(world.manager)
    page.post(address(world, "/archive"), {"archived": "1"})
    assert f'href="/p/{world.project.pk}"' not in page.get("/").content.decode()
    assert page.get(address(world)).status_code == 200
    page.post(address(world, "/archive"), {"archived": "0"})
    assert f'href="/p/{world.project.pk}"' in page.get("/").content.decode()


def test_only_managers_change_anything(world: Any) -> None:
    for person in (world.viewer, world.reviewer, world.annotator, world.collector):
        assert save(world, world.schema, person).status_code == 403
        assert world.page(person).post(address(world, "/archive"), {"archived": "1"}).status_code == 403
    assert save(world, world.schema, world.outsider).status_code == 404
