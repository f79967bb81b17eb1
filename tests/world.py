"""The small world that most tests begin with: two organisations, a person of each role, a project in each."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson
from django.test import Client

SCHEMA: dict[str, Any] = {
    "labels": [
        {
            "name": "car",
            "kinds": ["box", "polygon"],
            "color": "#de5308",
            "hotkey": "1",
            "attributes": [{"name": "occluded", "type": "bool"}],
        },
        {"name": "person", "kinds": ["box"], "color": "#0080ff", "hotkey": "2"},
        {"name": "sign", "kinds": ["box"], "color": "#329270", "hotkey": "3"},
    ],
    "item": [{"name": "weather", "type": "choice", "options": ["clear", "rain", "fog", "night"]}],
}


class Api:
    """Calls `/api/v1` as one person by a bearer token; answers are Django's test responses."""

    def __init__(self, token: str) -> None:
        self.client = Client(headers={"Authorization": f"Bearer {token}"})
        self.token = token

    def call(self, method: str, path: str, body: Any = None, **extra: Any) -> Any:
        options: dict[str, Any] = {"headers": extra.pop("headers", {}), **extra}
        if body is not None:
            options |= {"data": orjson.dumps(body), "content_type": "application/json"}
        return self.client.generic(method, f"/api/v1{path}", **options)

    def get(self, path: str, **extra: Any) -> Any:
        return self.call("GET", path, **extra)

    def post(self, path: str, body: Any = None, **extra: Any) -> Any:
        return self.call("POST", path, body if body is not None else {}, **extra)

    def patch(self, path: str, body: Any, **extra: Any) -> Any:
        return self.call("PATCH", path, body, **extra)

    def put(self, path: str, body: Any, **extra: Any) -> Any:
        return self.call("PUT", path, body, **extra)

    def delete(self, path: str, body: Any = None, **extra: Any) -> Any:
        return self.call("DELETE", path, body, **extra)

    def upload(self, path: str, files: dict[str, bytes], **extra: Any) -> Any:
        """A multipart POST, each file in the field `files` under its name."""
        handles = []
        for name, content in files.items():
            handle = io.BytesIO(content)
            handle.name = name
            handles.append(handle)
        return self.client.post(f"/api/v1{path}", {"files": handles}, **extra)


@dataclass
class World:
    organisation: Any
    other_organisation: Any
    owner: Any
    admin: Any
    manager: Any
    reviewer: Any
    annotator: Any
    annotator2: Any
    viewer: Any
    collector: Any
    outsider: Any
    project: Any
    other_project: Any
    _apis: dict[int, Api] = field(default_factory=dict)

    def actor(self, person: Any) -> Any:
        from annotate.people.actor import Actor

        return Actor.of(person)

    def token(self, person: Any, *scopes: str, **bound: Any) -> str:
        """A fresh token's secret, with all scopes unless some are named."""
        from annotate.people.services import create_token
        from annotate.people.states import SCOPES

        organisation = self.other_organisation if person == self.outsider else self.organisation
        return create_token(
            "test", scopes=scopes or SCOPES, organisation_id=organisation.pk, by=self.actor(person), **bound
        )[1]

    def api(self, person: Any) -> Api:
        if person.pk not in self._apis:
            self._apis[person.pk] = Api(self.token(person))
        return self._apis[person.pk]

    def page(self, person: Any) -> Client:
        client = Client()
        client.force_login(person)
        return client

    @cached_property
    def schema(self) -> dict[str, Any]:
        return SCHEMA


def _person(name: str, organisation: Any, role: str = "member") -> Any:
    from annotate.people.models import Membership, Person

    person = Person(name=name)
    person.set_unusable_password()
    person.save()
    Membership.objects.create(organisation=organisation, person=person, role=role)
    return person


def found() -> World:
    """Made by the services, as anybody would; tests take it from `tests.laying`, which is quicker."""
    from annotate.people.actor import Actor
    from annotate.people.models import Organisation
    from annotate.projects.services import create, set_member

    organisation = Organisation.objects.create(name="Lighthouse")
    other = Organisation.objects.create(name="Elsewhere")
    owner = _person("owner", organisation, "owner")
    owner.is_server_owner = True
    owner.save()
    people = {
        name: _person(name, organisation)
        for name in ("manager", "reviewer", "annotator", "annotator2", "viewer", "collector")
    }
    admin = _person("admin", organisation, "admin")
    outsider = _person("outsider", other, "owner")
    project = create("streets", media="image", schema=SCHEMA, organisation_id=organisation.pk, by=Actor.of(owner))
    foreign = create("elsewhere", media="image", schema=SCHEMA, organisation_id=other.pk, by=Actor.of(outsider))
    for name, person in people.items():
        set_member(project, person, role="annotator" if name == "annotator2" else name, by=Actor.of(owner))
    return World(
        organisation=organisation,
        other_organisation=other,
        owner=owner,
        admin=admin,
        outsider=outsider,
        project=project,
        other_project=foreign,
        **people,
    )
