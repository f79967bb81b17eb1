"""One's own account by page: password, tokens."""

from __future__ import annotations

import re
from typing import Any

from annotate.people.models import Token

PASSWORD = "harbour lights 1"


def test_the_password_changes_for_who_knows_the_old_one(world: Any) -> None:
    world.annotator.set_password(PASSWORD)
    world.annotator.save()
    page, other = world.page(world.annotator), world.page(world.annotator)
    wrong = page.post("/account/password", {"old": "not it at all", "new": "ten thousand sails"})
    assert wrong.status_code == 200 and 'aria-invalid="true"' in wrong.content.decode()
    weak = page.post("/account/password", {"old": PASSWORD, "new": "short"})
    assert weak.status_code == 200
    assert page.post("/account/password", {"old": PASSWORD, "new": "ten thousand sails"}).status_code == 302
    world.annotator.refresh_from_db()
    assert world.annotator.check_password("ten thousand sails")
    assert page.get("/account").status_code == 200 and other.get("/account").status_code == 302


def test_a_token_is_shown_once_and_works(world: Any) -> None:
    page = world.page(world.annotator)
    body = page.post("/account/tokens", {"name": "cluster", "scopes": ["read"], "expires": "30", "project": ""}).content.decode()
    secret = re.search(r"slc_[\w-]{20,}", body)
    assert secret and secret[0] not in page.get("/account").content.decode()
    from tests.conftest import Api

    assert Api(secret[0]).get("/me").status_code == 200
    token = Token.objects.get(person=world.annotator)
    assert token.scopes == ["read"] and token.expires_at is not None
    page.post(f"/account/tokens/{token.pk}/revoke")
    assert Api(secret[0]).get("/me").status_code == 401


def test_a_token_needs_a_scope_and_a_project_of_mine(world: Any) -> None:
    page = world.page(world.annotator)
    page.post("/account/tokens", {"name": "none", "expires": "30"})
    page.post("/account/tokens", {"name": "foreign", "scopes": ["read"], "project": world.other_project.pk})
    assert not Token.objects.filter(person=world.annotator).exists()
    page.post("/account/tokens", {"name": "bound", "scopes": ["read"], "project": world.project.pk, "expires": ""})
    token = Token.objects.get(person=world.annotator)
    assert (token.project_id, token.expires_at) == (world.project.pk, None)


def test_nobody_revokes_the_token_of_another(world: Any) -> None:
    world.token(world.viewer)
    token = Token.objects.get(person=world.viewer)
    assert world.page(world.annotator).post(f"/account/tokens/{token.pk}/revoke").status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None
