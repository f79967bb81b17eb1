"""Sign-in, one-time links, language, people: what a browser without script gets."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from annotate.people.models import Invite, Membership, Organisation, Person, SignInFailure
from annotate.people.services import create_person, first_run_link

PASSWORD = "harbour lights 1"


@pytest.fixture
def known(world: Any) -> Any:
    world.annotator.set_password(PASSWORD)
    world.annotator.save()
    return world


def sign_in(client: Client, name: str = "annotator", password: str = PASSWORD, **more: str) -> Any:
    return client.post("/sign-in", {"name": name, "password": password, **more})


def test_a_page_sends_who_is_not_signed_in_to_sign_in_and_back(known: Any) -> None:
    client = Client()
    response = client.get("/account?tab=1")
    assert (response.status_code, response["Location"]) == (302, "/sign-in?next=%2Faccount%3Ftab%3D1")
    assert sign_in(client, next="/account?tab=1")["Location"] == "/account?tab=1"
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/x", "javascript:alert(1)", "/\\evil.example"])
def test_sign_in_leads_nowhere_else(known: Any, elsewhere: str) -> None:
    assert sign_in(Client(), next=elsewhere)["Location"] == "/"


def test_a_wrong_password_keeps_the_name_and_says_no_more_than_wrong(known: Any) -> None:
    response = sign_in(Client(), password="wrong wrong wrong")
    body = response.content.decode()
    assert response.status_code == 200 and 'value="annotator"' in body and "wrong wrong" not in body
    unknown = sign_in(Client(), name="nobody at all").content.decode()
    words = re.search(r'role="alert".*?<div>(.*?)</div>', body, re.S)
    assert words and words[1] in unknown


def test_after_many_failures_the_right_password_waits_too(known: Any) -> None:
    for _ in range(10):
        SignInFailure.objects.create(name="annotator", address="10.0.0.9")
    response = sign_in(Client())
    assert response.status_code == 429 and "sluice_session" not in response.cookies


def test_a_form_without_its_csrf_token_changes_nothing(known: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(known.annotator)
    assert client.post("/sign-out").status_code == 403
    assert client.get("/account").status_code == 200


def test_signing_out_takes_a_post(known: Any) -> None:
    client = known.page(known.annotator)
    assert client.get("/sign-out")["Location"] == "/" and client.get("/account").status_code == 200
    client.post("/sign-out")
    assert client.get("/account").status_code == 302


def test_a_token_opens_no_page(world: Any) -> None:
    client = Client(headers={"Authorization": f"Bearer {world.token(world.owner)}"})
    assert client.get("/people").status_code == 403


def test_an_invite_sets_the_password_once_and_signs_in(world: Any) -> None:
    _person, link = create_person("newcomer", organisation_id=world.organisation.pk, by=world.actor(world.owner))
    client = Client()
    assert "newcomer" in client.get(link).content.decode()
    weak = client.post(link, {"password": "short"})
    assert weak.status_code == 200 and Invite.objects.filter(used_at=None).count() == 1
    client.cookies["sluice_language"] = "zh-hans"
    told = client.post(link, {"password": "kurz3x"}).content.decode()
    assert "至少 10 个字符" in told and "too short" not in told
    client.cookies["sluice_language"] = "en"
    assert client.post(link, {"password": PASSWORD})["Location"] == "/"
    assert client.get("/account").status_code == 200
    again = Client().post(link, {"password": "another password"})
    assert again.status_code == 410 and Person.objects.get(name="newcomer").check_password(PASSWORD)


def test_a_made_up_link_is_not_there(world: Any) -> None:
    assert Client().get("/invite/made-up").status_code == 404
    assert Client().get("/first-run/made-up").status_code == 404


def test_the_first_run_makes_organisation_and_owner_once(db: None) -> None:
    link = first_run_link()
    client = Client()
    assert "Open the one-time link" in client.get("/sign-in").content.decode()
    assert client.get(link).status_code == 200
    assert client.post(link, {"organisation": "Harbour", "name": "ada", "password": PASSWORD})["Location"] == "/"
    assert Organisation.objects.get().name == "Harbour"
    assert Person.objects.get().is_server_owner and Membership.objects.get().role == "owner"
    assert "/new" in client.get("/").content.decode()
    assert Client().get(link).status_code == 410


def test_an_invite_of_a_person_does_not_open_the_first_run_page(world: Any) -> None:
    _person, link = create_person("newcomer", organisation_id=world.organisation.pk, by=world.actor(world.owner))
    assert link and Client().get(link.replace("invite", "first-run")).status_code == 404


def test_the_language_switches_by_one_post_and_is_remembered(world: Any) -> None:
    client = world.page(world.annotator)
    response = client.post("/language", {"language": "zh-hans", "next": "/help"})
    assert response["Location"] == "/help" and response.cookies["sluice_language"].value == "zh-hans"
    assert '<html lang="zh-hans">' in client.get("/help").content.decode()
    world.annotator.refresh_from_db()
    assert world.annotator.language == "zh-hans"
    assert client.post("/language", {"language": "xx", "next": "/"}).status_code == 400
    assert client.post("/language", {"language": "en", "next": "//evil.example"})["Location"] == "/"


def test_only_admins_see_people(world: Any) -> None:
    for person in (world.manager, world.reviewer, world.annotator, world.viewer, world.collector):
        assert world.page(person).get("/people").status_code == 403
        assert world.page(person).get(f"/people/{world.owner.pk}").status_code == 404
    assert world.page(world.admin).get("/people").status_code == 200


def test_people_of_another_organisation_are_not_there(world: Any) -> None:
    page = world.page(world.admin)
    assert "outsider" not in page.get("/people").content.decode()
    assert page.get(f"/people/{world.outsider.pk}").status_code == 404
    assert page.post(f"/people/{world.outsider.pk}/active", {"active": "0"}).status_code == 404
    assert page.post(f"/people/{world.outsider.pk}/reset").status_code == 404


def test_adding_a_person_shows_the_link_this_once(world: Any) -> None:
    page = world.page(world.admin)
    given = {"name": "newcomer", "email": "", "role": "member", "organisation": world.organisation.pk}
    body = page.post("/people", given).content.decode()
    link = re.search(r"http://testserver(/invite/[\w-]+)", body)
    assert link and Client().get(link[1]).status_code == 200
    assert "/invite/" not in page.get("/people").content.decode()


def test_a_taken_name_keeps_what_was_typed(world: Any) -> None:
    given = {"name": "viewer", "email": "v@example.org", "role": "admin", "organisation": world.organisation.pk}
    body = world.page(world.admin).post("/people", given).content.decode()
    assert 'value="v@example.org"' in body and 'aria-invalid="true"' in body


def test_an_admin_cannot_make_an_owner_by_form(world: Any) -> None:
    given = {"name": "usurper", "role": "owner", "organisation": world.organisation.pk}
    world.page(world.admin).post("/people", given)
    assert not Person.objects.filter(name="usurper").exists()
    body = world.page(world.admin).post(f"/people/{world.viewer.pk}", {"role": "owner", "email": ""}).content.decode()
    assert "role" in body and Membership.objects.get(person=world.viewer).role == "member"


def test_an_admin_resets_no_owner(world: Any) -> None:
    assert world.page(world.admin).post(f"/people/{world.owner.pk}/reset").status_code == 403


def test_deactivating_ends_the_session_and_activating_brings_it_back(world: Any) -> None:
    theirs = world.page(world.viewer)
    page = world.page(world.admin)
    assert page.post(f"/people/{world.viewer.pk}/active", {"active": "0"}).status_code == 302
    assert theirs.get("/account").status_code == 302
    page.post(f"/people/{world.viewer.pk}/active", {"active": "1"})
    world.viewer.refresh_from_db()
    assert world.viewer.is_active


def test_the_last_owner_cannot_deactivate_themselves(world: Any) -> None:
    assert world.page(world.owner).post(f"/people/{world.owner.pk}/active", {"active": "0"}).status_code == 409


def test_the_frame_costs_a_fixed_number_of_queries(world: Any, django_assert_num_queries: Any) -> None:
    page = world.page(world.owner)
    page.get("/people")
    with django_assert_num_queries(6):  # session, person, roles; the page's two lists; the switcher's projects
        page.get("/people")


def test_errors_are_pages_with_a_way_on(world: Any) -> None:
    response = world.page(world.owner).get("/there-is-no-such-page")
    body = response.content.decode()
    assert response.status_code == 404 and 'href="/"' in body and "<h1>" in body
    assert "script-src 'self'" in response["Content-Security-Policy"]
