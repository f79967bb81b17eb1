"""The demo's people: one for each role, three annotators and two newcomers, with passwords made for this install and kept beside its secrets."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from annotate.people.actor import Actor
from annotate.people.models import Organisation, Person, Token
from annotate.people.services import begin_server, create_person, create_token
from annotate.people.states import SCOPES

ORGANISATION = "Harbour Mobility"
# (role, name); the first three annotators differ in skill, see crew.HANDS; the other two are new, see newcomers.
PEOPLE = (
    ("owner", "olive"),
    ("admin", "adam"),
    ("manager", "mira"),
    ("reviewer", "rosa"),
    ("annotator", "anna"),
    ("annotator", "ben"),
    ("annotator", "chen"),
    ("annotator", "noah"),
    ("annotator", "nora"),
    ("collector", "cora"),
    ("viewer", "victor"),
)
PROJECT_ROLES = {name: role for role, name in PEOPLE if role not in ("owner", "admin")}


def _file() -> Path:
    return Path(settings.DATA) / "secrets" / "demo.json"


def remembered() -> dict[str, Any] | None:
    """What was kept at the first load, or None when there was none in this data folder."""
    try:
        kept: dict[str, Any] = json.loads(_file().read_text())
    except FileNotFoundError:
        return None
    return kept


def _remember(kept: dict[str, Any]) -> None:
    path = _file()
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(kept, file, indent=1)
    os.replace(beside, path)


def make() -> None:
    """Organisation, people and the owner's token, at once. The secrets are on disk before the database has them."""
    kept: dict[str, Any] = {"passwords": {name: secrets.token_urlsafe(9) for _role, name in PEOPLE}, "token": "", "hashes": {}}
    _remember(kept)
    with transaction.atomic():
        organisation, owner = begin_server(organisation=ORGANISATION, name=PEOPLE[0][1], password=kept["passwords"]["olive"])
        by = Actor.of(owner)
        for role, name in PEOPLE[1:]:
            given = "admin" if role == "admin" else "member"
            create_person(name, organisation_id=organisation.pk, role=given, password=kept["passwords"][name], by=by)
        kept["token"] = create_token("demo", scopes=SCOPES, organisation_id=organisation.pk, by=by)[1]
        kept["hashes"] = dict(Person.objects.values_list("name", "password"))
        _remember(kept)


def finished() -> None:
    """Note that everything is in, so that later starts do not look."""
    _remember({**(remembered() or {}), "loaded": True})


def person(name: str) -> Person:
    return Person.objects.get(name=name)


def organisation() -> Organisation:
    return Organisation.objects.get(name=ORGANISATION)


def actor(name: str) -> Actor:
    return Actor.of(person(name))


def lines() -> list[str]:
    """What `up` prints of the accounts; a password that somebody has changed since is not shown."""
    kept = remembered() or {"passwords": {}, "hashes": {}, "token": ""}
    present = dict(Person.objects.values_list("name", "password"))
    shown = []
    for role, name in PEOPLE:
        same = name in present and present[name] == kept["hashes"].get(name)
        shown.append(f"sign in: {role} {name} {kept['passwords'].get(name, '') if same else '(changed)'}")
    if Token.objects.filter(name="demo", revoked_at=None).exists():
        shown.append(f"token: {kept['token']}")
    return shown
