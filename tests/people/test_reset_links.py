"""A reset link without e-mail: works once, for a day, ends the person's sessions, and leaves a trace."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from annotate.activity.models import Activity
from annotate.people.models import Invite

pytestmark = pytest.mark.django_db
NEW = "three plain words"


def link(world: Any) -> str:
    made = world.api(world.admin).post(f"/people/{world.annotator.pk}/reset")
    assert made.status_code == 201, made.content
    return str(made.json()["invite"]).removeprefix("http://testserver")


def test_it_works_once(world: Any) -> None:
    path = link(world)
    assert Client().post(path, {"password": NEW}).status_code == 302
    assert Client().get(path).status_code == 410
    assert Client().post("/sign-in", {"name": "annotator", "password": NEW}).status_code == 302


def test_it_is_good_for_a_day(world: Any) -> None:
    path = link(world)
    invite = Invite.objects.get(person=world.annotator)
    assert dt.timedelta(hours=23, minutes=59) < invite.expires_at - timezone.now() <= dt.timedelta(hours=24)
    Invite.objects.update(expires_at=timezone.now())
    assert Client().get(path).status_code == 410


def test_a_newer_link_ends_the_older(world: Any) -> None:
    first, second = link(world), link(world)
    assert Client().get(first).status_code == 410 and Client().get(second).status_code == 200


def test_using_it_ends_the_persons_sessions_and_making_it_does_not(world: Any) -> None:
    before = world.page(world.annotator)
    path = link(world)
    assert before.get("/account").status_code == 200
    entering = Client()
    entering.post(path, {"password": NEW})
    assert before.get("/account").status_code == 302
    assert entering.get("/account").status_code == 200


def test_both_ends_are_recorded(world: Any) -> None:
    Client().post(link(world), {"password": NEW})
    rows = Activity.objects.filter(verb__in=("person.reset", "person.enter")).order_by("id")
    assert [(row.verb, row.person_id, row.noun_id) for row in rows] == [
        ("person.reset", world.admin.pk, world.annotator.pk),
        ("person.enter", world.annotator.pk, world.annotator.pk),
    ]


def test_only_admins_make_one(world: Any) -> None:
    for person, status in ((world.manager, 404), (world.annotator, 403), (world.outsider, 404)):
        assert world.api(person).post(f"/people/{world.annotator.pk}/reset").status_code == status
    assert world.api(world.admin).post(f"/people/{world.owner.pk}/reset").status_code == 403
