"""Fixtures shared by all rooms: a small world of people and one project, clients that speak as them, pictures, real data."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings

from tests import database, flush
from tests.buckets import bucket, object_store  # noqa: F401  fixtures
from tests.laying import make_world
from tests.world import SCHEMA, Api, World

__all__ = ["SCHEMA", "Api", "World", "make_world"]
flush.install()
database.use_template()
# Examples are judged by what they show, not by how long a busy machine takes for them.
hypothesis.settings.register_profile("sluice", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("sluice")
# Each test's client is a server of its own, which would look through all static files first.
settings.WHITENOISE_AUTOREFRESH = True
ROOT = Path(__file__).resolve().parents[1]


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
