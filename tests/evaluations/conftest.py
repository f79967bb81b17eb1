"""A frozen version of chosen rows, and predictions measured on it through the API."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import Any

import orjson
import pytest

from tests.exporters.conftest import exported, freeze  # noqa: F401  fixtures

Rows = Iterable[tuple[str, dict[str, Any]]]


def object_id(*parts: Any) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, repr(parts)))


def lines(rows: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def box(key: str, x: float, y: float, w: float = 40, h: float = 30, label: str = "car", **more: Any) -> dict[str, Any]:
    return {"id": object_id(key, x, y, label), "kind": "box", "label": label, "box": [x, y, w, h], **more}


def said(thing: dict[str, Any], score: float = 0.9, **over: Any) -> dict[str, Any]:
    return {name: value for name, value in (thing | over).items() if name != "id"} | {"score": score}


@pytest.fixture
def streets() -> dict[str, Any]:
    """24 pictures of two cars and a person, in rain and in clear weather."""
    made = {}
    for place in range(24):
        key = f"street/{place:02d}.jpg"
        made[key] = {"objects": [box(key, 10, 10), box(key, 300, 200), box(key, 100, 300, 30, 80, "person")], "item": {"weather": "rain" if place % 2 else "clear"}}
    return made


@pytest.fixture
def cut(world: Any, run_jobs: Callable[[], int]) -> Callable[..., Any]:
    """`cut({key: document}, width=640, height=480, schema=None, meta={key: {…}}, **cut)`: approved references in a frozen version."""

    def run(documents: dict[str, Any], *, width: int = 640, height: int = 480, meta: dict[str, Any] | None = None, project: Any = None, **cut: Any) -> Any:
        from annotate.annotations.services import ImportedAnnotation, add_imported
        from annotate.items import services
        from annotate.items.models import Batch, Item
        from annotate.projects.queries import current_schema
        from workflows.releases.models import Dataset
        from workflows.releases.services import create_dataset
        from workflows.releases.services import cut as cut_version

        owner, project = world.actor(world.owner), project or world.project
        batch = Batch.objects.filter(project=project).first() or services.create_batch(project, "march", by=owner)
        shape = {"width": width, "height": height} if project.media == "image" else {}
        new = [
            services.NewItem(key=key, meta=(meta or {}).get(key, {}), **(shape | ({"uri": f"https://pictures.example/{key}"} if shape else {"text": documents[key].pop("text")})))
            for key in documents
        ]
        added = services.add_items(batch, new, by=owner).accepted
        schema = current_schema(project.pk).pk
        add_imported([ImportedAnnotation(added[key], document, schema, approved=True) for key, document in documents.items()], by=owner)
        dataset = Dataset.objects.filter(project=project, name="scenes").first() or create_dataset(project, "scenes", by=owner)
        made = cut_version(dataset, by=owner, **({"message": "first"} | cut))
        run_jobs()
        made.refresh_from_db()
        assert made.state == "frozen", made.job and made.job.error
        assert Item.objects.filter(project=project).count() >= len(documents)
        return made

    return run


@pytest.fixture
def measure(world: Any, run_jobs: Callable[[], int]) -> Callable[..., dict[str, Any]]:
    """`measure(version, predictions, **body)`: the evaluation with its report; with `format`, or bytes, the body is streamed."""

    def run(version: Any, predictions: Any, *, model: str = "detector", person: Any = None, format: str = "", **more: Any) -> dict[str, Any]:
        api = world.api(person or world.manager)
        if format or isinstance(predictions, bytes):
            from urllib.parse import urlencode

            query = urlencode({"model": model, **more} | ({"format": format} if format else {}))
            raw = predictions if isinstance(predictions, bytes) else orjson.dumps(predictions)
            kind = "application/json" if format else "application/x-ndjson"
            asked = api.client.post(f"/api/v1/versions/{version.pk}/evaluations?{query}", data=raw, content_type=kind)
        else:
            asked = api.post(f"/versions/{version.pk}/evaluations", {"model": model, "predictions": predictions, **more})
        assert asked.status_code == 202, asked.content
        run_jobs()
        job = api.get(f"/jobs/{asked.json()['id']}").json()
        if job["state"] != "done":
            return dict(job)
        return dict(api.get(f"/evaluations/{job['result']['evaluation']}").json())

    return run
