"""In whose name a command of the server's own machine acts: which organisation, which person; on an empty server, the first."""

from __future__ import annotations

import secrets
from typing import Any

from annotate.kernel.errors import Invalid
from annotate.people.actor import Actor
from annotate.people.models import Membership, Organisation, Person
from annotate.people.services import begin_server
from annotate.projects.models import Project

FIRST_ORGANISATION, FIRST_OWNER = "Sluice", "owner"


def begin_if_empty() -> str:
    """On a server without people: makes the first organisation and its owner, and returns the password; else ""."""
    if Person.objects.exists():
        return ""
    password = secrets.token_urlsafe(12)
    begin_server(organisation=FIRST_ORGANISATION, name=FIRST_OWNER, password=password)
    return password


def find_organisation(wanted: str | None, project: str) -> Organisation:
    """By id or name; without either the only one, or the only one with a project of this name. `Invalid` names them all."""
    rows = Organisation.objects.order_by("id")
    if wanted:
        named = rows.filter(name=wanted).first() or (rows.filter(pk=int(wanted)).first() if _is_id(wanted) else None)
        if named is None:
            raise Invalid(f"there is no organisation {wanted!r}; there are: {_names(rows)}")
        return named
    found = list(rows[:2])
    if len(found) != 1:
        found = list(rows.filter(pk__in=Project.objects.filter(name=project).values("organisation"))[:2])
    if len(found) != 1:
        raise Invalid(f"there are several organisations: say which with --organisation ({_names(rows)})")
    return found[0]


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


def _names(rows: Any) -> str:
    return ", ".join(repr(name) for name in rows.values_list("name", flat=True)[:20])


def find_actor(organisation: Organisation, name: str | None) -> Actor:
    """The person of this name, else the organisation's first owner. `Invalid` when there is none."""
    members = Membership.objects.filter(organisation=organisation, person__is_active=True).select_related("person")
    members = members.filter(person__name=name) if name else members.filter(role="owner")
    found = members.order_by("id").first()
    if found is None:
        if name:
            raise Invalid(f"{name!r} is not a person of the organisation {organisation.name!r}")
        raise Invalid(f"{organisation.name!r} has no active owner: say who acts with --by")
    return Actor.of(found.person)
