"""Fixtures shared by all rooms: a small world of people and one project, clients that speak as them, pictures, real data."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import hypothesis
import orjson
import pytest
from django.conf import settings
from django.test import Client

from tests import database, flush
from tests.buckets import bucket, object_store  # noqa: F401  fixtures

flush.install()
database.use_template()
# Examples are judged by what they show, not by how long a busy machine takes for them.
hypothesis.settings.register_profile("sluice", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("sluice")
# Each test's client is a server of its own, which would look through all static files first.
settings.WHITENOISE_AUTOREFRESH = True
ROOT = Path(__file__).resolve().parents[1]
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


def make_world() -> World:
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


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def run_jobs(db: None) -> Callable[[], int]:
    """Runs queued background work in this process until none is left; returns how many ran."""

    def run() -> int:
        from annotate.jobs.models import Job
        from annotate.jobs.services import execute

        done = 0
        while (job := Job.objects.filter(state="queued").order_by("id").first()) is not None:
            execute(job.pk)
            done += 1
            assert done < 1000, "background work does not come to an end"
        return done

    return run


def draw_picture(
    width: int = 64,
    height: int = 48,
    *,
    color: tuple[int, int, int] = (90, 120, 150),
    format: str = "JPEG",
    **save: Any,
) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (width, height), color).save(out, format, **save)
    return out.getvalue()


@pytest.fixture
def picture() -> Callable[..., bytes]:
    return draw_picture


@pytest.fixture
def make_items(world: World) -> Callable[..., list[Any]]:
    """`make_items(n, batch=None, **over)`: n items of `world.project`, each with its own small picture in storage."""

    def make(n: int, batch: Any = None, **over: Any) -> list[Any]:
        from annotate.items import services
        from annotate.items.models import Batch, Item
        from annotate.media.services import store_file

        by = world.actor(world.owner)
        project = batch.project if batch is not None else world.project
        batch = batch or Batch.objects.filter(project=project).first() or services.create_batch(project, "march", by=by)
        start = Item.objects.filter(project=project).count()
        rows = []
        for index in range(start, start + n):
            content = draw_picture(color=(index % 256, index // 256 % 256, 77))
            blob = store_file(io.BytesIO(content), organisation_id=project.organisation_id)
            fields: dict[str, Any] = {
                "key": f"picture-{index:04d}.jpg",
                "blob_id": blob.pk,
                "sha256": bytes(blob.sha256),
                "width": 64,
                "height": 48,
            }
            rows.append(services.NewItem(**(fields | over)))
        added = services.add_items(batch, rows, by=by)
        return list(Item.objects.filter(pk__in=added.accepted.values()).order_by("id"))

    return make


@pytest.fixture
def data() -> Callable[[str], Path]:
    """A folder of real data; the test is skipped, saying so, where it is not there."""

    def find(name: str) -> Path:
        folder = Path(os.environ.get("SLUICE_TEST_DATA") or ROOT.parent / "shared" / "data") / name
        if not folder.exists():
            pytest.skip(f"no test data {name!r}: set SLUICE_TEST_DATA to the folder that holds it")
        return folder

    return find


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first: a run over several processes does not wait for the last one alone."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
