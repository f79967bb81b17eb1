"""The role of an actor: asked once by a request that reads, anew each time by whoever writes or goes on for long."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from annotate.people.actor import Actor
from annotate.people.auth import actor_or_none
from annotate.projects.models import ProjectMember
from annotate.projects.queries import role

pytestmark = pytest.mark.django_db


def asked(world: Any, path: str, person: Any) -> int:
    page = world.page(person)
    page.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert page.get(path).status_code == 200
    return sum(one["sql"].startswith('SELECT "annotate_projectmember"."role"') for one in seen)


@pytest.mark.parametrize("place", ["/p/{}", "/p/{}/queues", "/p/{}/people"])
def test_a_page_asks_once(world: Any, place: str) -> None:
    assert asked(world, place.format(world.project.pk), world.manager) == 1


def _actor(world: Any, method: str) -> Actor:
    request = RequestFactory().generic(method, "/")
    request.user = world.annotator
    found = actor_or_none(request)
    assert found is not None
    return found


def test_who_writes_asks_anew_so_that_a_change_counts_at_once(world: Any) -> None:
    mine = ProjectMember.objects.filter(project=world.project, person=world.annotator)
    for actor in (_actor(world, "POST"), Actor.of(world.annotator)):
        mine.update(role="annotator")
        assert role(actor, world.project) == "annotator"
        mine.update(role="reviewer")
        assert role(actor, world.project) == "reviewer"


def test_the_next_request_knows_nothing_of_the_last(world: Any) -> None:
    assert role(_actor(world, "GET"), world.project) == "annotator"
    ProjectMember.objects.filter(project=world.project, person=world.annotator).delete()
    assert role(_actor(world, "GET"), world.project) is None
