"""People by a list: understood line by line, all or nobody, each with a link that is shown once."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from annotate.activity.models import Activity
from annotate.people.models import Invite, Person
from annotate.projects import teams
from annotate.projects.models import ProjectMember

pytestmark = pytest.mark.django_db
GOOD = "Name;email;role;project;team\nanna;anna@example.org;reviewer;streets;night\n\nbo;;;streets;\ncy;;admin;;\n"


@pytest.fixture(autouse=True)
def night(world: Any) -> Any:
    return teams.create_team("night", organisation_id=world.organisation.pk, project=world.project, by=world.actor(world.manager))


def faults(answer: Any) -> dict[int, set[str]]:
    return {row["line"]: set(row["wrong"]) for row in answer.json()["results"] if row["wrong"]}


def test_a_list_is_understood_and_nobody_is_made_by_a_preview(world: Any) -> None:
    shown = world.api(world.admin).post("/people/invite", {"csv": GOOD, "preview": True})
    assert shown.status_code == 200, shown.content
    assert [(row["line"], row["name"], row["role"]) for row in shown.json()["results"]] == [(2, "anna", "reviewer"), (4, "bo", "annotator"), (5, "cy", "admin")]
    assert faults(shown) == {} and not Person.objects.filter(name="anna").exists()


def test_everyone_is_made_with_role_team_and_a_link_that_works(world: Any, night: Any) -> None:
    made = world.api(world.admin).post("/people/invite", {"csv": GOOD})
    assert made.status_code == 201, made.content
    anna = Person.objects.get(name="anna")
    assert ProjectMember.objects.get(person=anna).role == "reviewer" and ProjectMember.objects.get(person__name="bo").role == "annotator"
    assert Person.objects.get(name="cy").memberships.get().role == "admin"
    assert list(night.places.values_list("person__name", flat=True)) == ["anna"]
    link = made.json()["results"][0]["invite"].removeprefix("http://testserver")
    assert Client().post(link, {"password": "three plain words"}).status_code == 302
    assert Activity.objects.get(verb="people.invite").data == {"people": 3}


def test_each_fault_is_told_by_line_and_column(world: Any) -> None:
    text = (
        "name,email,role,project,team\nannotator,,,,\noutsider,,,,\n,,,,night\nx,no-mail,,,\nx,,,,\ny,,boss,streets,\nz,,reviewer,,\nq,,,nowhere,night\nr,,,streets,day\n"
        "more,,,,,cells\n"
    )
    shown = world.api(world.admin).post("/people/invite", {"csv": text, "preview": True})
    assert faults(shown) == {2: {"name"}, 3: {"name"}, 4: {"name", "team"}, 5: {"email"}, 6: {"name"}, 7: {"role"}, 8: {"role"}, 9: {"project"}, 10: {"team"}, 11: {"name"}}
    refused = world.api(world.admin).post("/people/invite", {"csv": text})
    assert refused.status_code == 400 and "line 7 role" in refused.json()["fields"]
    assert not Person.objects.filter(name__in=("x", "y", "z")).exists()


@pytest.mark.parametrize("text", ["", "\n\n", "name\n", "email\na@b.c\n", "name,name\na,b\n", "name,colour\na,red\n", 'name\n"a\n', "name\n" + "a\n" * 1001, 'name,email\n"a"b,c\n'])
def test_what_is_no_list_is_refused_with_the_place(world: Any, text: str) -> None:
    answer = world.api(world.admin).post("/people/invite", {"csv": text or " ", "preview": True})
    assert answer.status_code == 400 and answer.json()["fields"]


def test_an_admin_gives_no_role_above_their_own(world: Any) -> None:
    shown = world.api(world.admin).post("/people/invite", {"csv": "name,role\nnew,owner\n", "preview": True})
    assert faults(shown) == {2: {"role"}}
    assert faults(world.api(world.owner).post("/people/invite", {"csv": "name,role\nnew,owner\n", "preview": True})) == {}


def test_only_admins_invite(world: Any) -> None:
    for person in (world.manager, world.annotator):
        assert world.api(person).post("/people/invite", {"csv": GOOD}).status_code == 403
        assert world.page(person).get("/people/invite").status_code == 403
    foreign = world.api(world.outsider).post("/people/invite", {"csv": GOOD, "preview": True})
    assert foreign.status_code == 200 and set(faults(foreign)) == {2, 4}, "projects of others are not known there"


def test_the_page_takes_a_file_shows_it_and_then_the_links_once(world: Any) -> None:
    page = world.page(world.admin)
    assert "/people/invite" in page.get("/people").content.decode()
    file = SimpleUploadedFile("people.csv", b"\xef\xbb\xbf" + GOOD.encode(), content_type="text/csv")
    shown = page.post("/people/invite", {"organisation": world.organisation.pk, "file": file}).content.decode()
    assert "Invite 3 people" in shown and not Person.objects.filter(name="anna").exists()
    made = page.post("/people/invite", {"organisation": world.organisation.pk, "text": GOOD, "do": "1"})
    body = made.content.decode()
    assert made.status_code == 200 and made["Cache-Control"] == "private, no-store" and body.count("/invite/") == 3
    held = re.search(r'href="data:text/csv;charset=utf-8;base64,([^"]+)" download', body)
    assert held is not None
    rows = base64.b64decode(held[1]).decode("utf-8-sig").splitlines()
    assert rows[0] == "name,email,role,project,team,link" and rows[1].startswith("anna,anna@example.org,reviewer,streets,night,http://testserver/invite/")
    assert Invite.objects.filter(person__name__in=("anna", "bo", "cy"), used_at=None).count() == 3
    assert "/invite/" not in page.get("/people").content.decode().replace("/people/invite", "")


def test_the_page_keeps_a_wrong_list_to_be_mended(world: Any) -> None:
    body = world.page(world.admin).post("/people/invite", {"organisation": world.organisation.pk, "text": "name\nannotator\n"}).content.decode()
    assert "1 line to mend" in body and "name\nannotator" in body and "name: is in the organisation already" in body
    empty = world.page(world.admin).post("/people/invite", {"organisation": world.organisation.pk, "text": ""}).content.decode()
    assert "Choose a file or paste the list." in empty
    latin = SimpleUploadedFile("p.csv", "name\nJosé\n".encode("latin-1"))
    assert "not UTF-8" in world.page(world.admin).post("/people/invite", {"organisation": world.organisation.pk, "file": latin}).content.decode()


def test_a_name_like_a_formula_is_harmless_in_the_file() -> None:
    from annotate.projects.invite_lists import Invited, Line, as_csv

    made = [Invited(Line(2, name="=1+1"), Person(name="=1+1"), "/invite/x")]
    assert as_csv(made, "http://s").splitlines()[1] == "'=1+1,,,,,http://s/invite/x"
