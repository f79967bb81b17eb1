"""Who is calling: a bearer token, else the signed-in session. Read anew on every request, so a revoked token is dead at once."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.request import Request

from annotate.kernel import sql
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.errors import Denied, Unauthenticated
from annotate.people.actor import Actor, roles_of
from annotate.people.models import Person, Token

TOKEN_PREFIX = "slc_"
_TOKEN = """
SELECT t.id, t.scopes, t.organisation_id, t.project_id, t.dataset_id, m.role, p.id, p.name, p.language,
       p.is_server_owner, p.email, p.preferences, t.last_used_at IS NULL OR t.last_used_at < now() - interval '1 minute'
FROM annotate_token t
JOIN annotate_person p ON p.id = t.person_id AND p.is_active
JOIN annotate_membership m ON m.person_id = p.id AND m.organisation_id = t.organisation_id
WHERE t.digest = %(digest)s::bytea AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > clock_timestamp())
"""
_USED = "UPDATE annotate_token SET last_used_at = now() WHERE id = %(token)s::bigint"


def token_digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def address_of(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR") or "")[:45]


def _memory(request: HttpRequest) -> dict[int, str | None] | None:
    """Where the actor may remember roles: in a request that only reads."""
    return {} if request.method in ("GET", "HEAD") else None


def _by_token(request: HttpRequest, header: str) -> Actor:
    kind, _, secret = header.partition(" ")
    if kind.lower() != "bearer" or not secret.startswith(TOKEN_PREFIX) or len(secret) > 200:
        raise Unauthenticated("the Authorization header must be: Bearer slc_…", code="bad_token")
    row = sql.row(_TOKEN, {"digest": token_digest(secret)})
    if row is None:
        raise Unauthenticated("this token is unknown, expired or revoked", code="bad_token")
    if row[12]:
        sql.rows(_USED, {"token": row[0]})
    person = Person(
        id=row[6],
        name=row[7],
        language=row[8],
        is_server_owner=row[9],
        email=row[10],
        preferences=json.loads(row[11]),  # a cursor of Django gives jsonb as text
        is_active=True,
    )
    person._state.adding = False
    return Actor(
        person=person,
        organisations={row[2]: row[5]},
        token_id=row[0],
        scopes=frozenset(row[1]),
        project_id=row[3],
        dataset_id=row[4],
        address=address_of(request),
        request_id=getattr(request, "request_id", ""),
        held=_memory(request),
    )


def _by_session(request: HttpRequest) -> Actor | None:
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated or not person.is_active:
        return None
    return Actor(
        person=person,
        organisations=roles_of(person.pk),
        address=address_of(request),
        request_id=getattr(request, "request_id", ""),
        held=_memory(request),
    )


def actor_behind(person_id: int, *, token_id: int | None, organisation_id: int) -> Actor | None:
    """Who stands behind a signed link, with the rights that they have now; None when token, membership or account is no more."""
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    if person is None:
        return None
    if token_id is None:
        held = roles_of(person_id)
        return Actor(person=person, organisations=held) if organisation_id in held else None
    alive = Q(expires_at=None) | Q(expires_at__gt=DatabaseNow())
    token = Token.objects.filter(alive, pk=token_id, person_id=person_id, revoked_at=None).first()
    role = roles_of(person_id).get(token.organisation_id) if token is not None else None
    if token is None or role is None:
        return None
    return Actor(
        person=person,
        organisations={token.organisation_id: role},
        token_id=token.pk,
        scopes=frozenset(token.scopes),
        project_id=token.project_id,
        dataset_id=token.dataset_id,
    )


def actor_or_none(request: HttpRequest) -> Actor | None:
    """The caller by header or session; None when nobody. A bad token is an error, never nobody."""
    known: Actor | None = getattr(request, "_sluice_actor", None)
    if known is None:
        header = request.META.get("HTTP_AUTHORIZATION")
        known = _by_token(request, header) if header is not None else _by_session(request)
        request._sluice_actor = known  # type: ignore[attr-defined]
    return known


class _Csrf(SessionAuthentication):
    """Gives `enforce_csrf`; sign-in itself is ours."""


def enforce_csrf(request: HttpRequest) -> None:
    """For requests by session that change something: the CSRF token must be there, else `Denied`."""
    from rest_framework.exceptions import PermissionDenied

    try:
        _Csrf().enforce_csrf(request)  # type: ignore[arg-type]
    except PermissionDenied as error:
        raise Denied(str(error.detail), code="csrf") from error


def actor_of(request: HttpRequest) -> Actor:
    """The caller, for plain Django views of the API: `Unauthenticated` when nobody, CSRF enforced for sessions."""
    actor = actor_or_none(request)
    if actor is None:
        raise Unauthenticated()
    if actor.token_id is None and request.method not in ("GET", "HEAD", "OPTIONS"):
        enforce_csrf(request)
    return actor


class SluiceAuthentication(BaseAuthentication):
    """DRF's view of the same: `request.user` the person, `request.auth` the actor."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        raw = request._request
        actor = actor_or_none(raw)
        if actor is None:
            return None
        if actor.token_id is None and raw.method not in ("GET", "HEAD", "OPTIONS"):
            enforce_csrf(raw)
        return actor.person, actor

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
