"""Queues of the world's project, and answers to give in them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection


def a_box(label: str = "car", box: tuple[float, ...] = (1, 2, 10, 8), **more: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "kind": "box", "label": label, "box": list(box), **more}


def a_document(*labels: str, **item: Any) -> dict[str, Any]:
    return {"objects": [a_box(label) for label in labels or ("car",)], "item": item}


def tracked(**more: Any) -> dict[str, Any]:
    return a_box("car", (1, 2, 10, 8), track=str(uuid.uuid4()), **more)


def states(lease: Any, actor: Any) -> dict[int, str]:
    """What the strip of frames says of each frame of a lease's group."""
    from annotate.queues.frames import frames
    from annotate.queues.leases import lock

    return {one["frame"]: one["state"] for one in frames(lock(lease.pk, actor)).rows}


@pytest.fixture
def queue_of(world: Any) -> Callable[..., Any]:
    """`queue_of("annotate", overlap=2, …)`: a queue of the world's project."""

    def make(stage: str = "annotate", **settings: Any) -> Any:
        from annotate.queues.services import create_queue

        name = settings.pop("name", f"{stage} {uuid.uuid4().hex[:6]}")
        project = settings.pop("project", world.project)
        return create_queue(project, name, stage=stage, by=world.actor(world.owner), **settings)

    return make


@pytest.fixture
def answer(world: Any) -> Callable[..., Any]:
    """`answer(queue, person, *labels)`: take the next task and submit it; the `Submitted`, or None when nothing was left."""

    def give(queue: Any, person: Any, *labels: str) -> Any:
        from annotate.queues.claim import next_task
        from annotate.queues.submit import submit

        lease = next_task(queue, world.actor(person))
        return None if lease is None else submit(lease.pk, world.actor(person), a_document(*labels), 3.5)

    return give


@pytest.fixture
def planner() -> Callable[[int, int], None]:
    """`planner(-1, 0)`: the planner knows nothing of the tables, as on the first day; `planner(0, 1)`: it knows that they are
    empty, as it does for a while when much comes at once. Until the test's transaction ends, whatever tests before it left."""

    def knows(rows: int, pages: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            if not cursor.fetchone()[0]:
                pytest.skip("only a superuser of the database may tell the planner what it knows")
            cursor.execute("DELETE FROM pg_statistic WHERE starelid IN (SELECT oid FROM pg_class WHERE relname LIKE 'annotate_%%')")
            cursor.execute("UPDATE pg_class SET reltuples = %s, relpages = %s WHERE relname LIKE 'annotate_%%' AND relkind = 'r'", [rows, pages])

    return knows


@pytest.fixture
def clip(make_items: Any) -> Callable[..., list[Any]]:
    """`clip(4)`: as many frames of one group, numbered from 1, made in a mixed order and given in frame order."""

    def make(n: int, group: str = "clip") -> list[Any]:
        items = make_items(n)
        for place, item in enumerate(sorted(items, key=lambda one: (one.pk * 7919) % 97), 1):
            item.group, item.frame = group, place
            item.save()
        return sorted(items, key=lambda one: one.frame)

    return make
