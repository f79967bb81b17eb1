"""Items whose objects stand on the wall, and what is marked there."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.queues.conftest import a_box, a_document, answer, queue_of
from tests.rounds.conftest import line

__all__ = ["a_box", "a_document", "answer", "line", "queue_of"]


def names(world: Any, by: Any = None, **asked: Any) -> list[str]:
    """The names of what a wall shows, in its order."""
    return [spot.name for spot in shown(world, by, **asked).spots]


def shown(world: Any, by: Any = None, *, cursor: str | None = None, limit: int = 300, **asked: Any) -> Any:
    from workflows.wall.asking import read
    from workflows.wall.choosing import choose

    words = {name: str(value) for name, value in asked.items()}
    return choose(world.project, read(world.project, words), by=world.actor(by or world.manager), cursor=cursor, limit=limit)


def do(world: Any, act: str, things: list[str], by: Any = None, **more: Any) -> Any:
    """The act, carried out."""
    from workflows.wall import acting
    from workflows.wall.asking import read

    answered = more.pop("answer", "")
    asked = read(world.project, {"answer": answered} if answered else {})
    wish = acting.Wish(act, tuple(things), asked, **more)
    return acting.act(world.project, wish, by=world.actor(by or world.reviewer))


def undo(world: Any, made: Any, by: Any = None) -> Any:
    from workflows.wall import acting

    return acting.undo(made, by=world.actor(by or world.reviewer))


def documents(items: list[Any]) -> list[str]:
    """What the items show now."""
    from annotate.annotations.models import CurrentAnnotation

    rows = CurrentAnnotation.objects.filter(item__in=items).order_by("item_id")
    return list(rows.values_list("annotation__document", flat=True))


def labels(items: list[Any]) -> list[list[str]]:
    import orjson

    return [[thing["label"] for thing in orjson.loads(text)["objects"]] for text in documents(items)]


def standing(items: list[Any]) -> Any:
    """All that an undo must bring back: labels, counts, states, whose task it is, approvals, who may judge."""
    from annotate.annotations.models import LabelCount
    from annotate.items.models import Item
    from annotate.queues.models import Task
    from annotate.reviews.models import Approval

    ids = [item.pk for item in items]
    tasks = Task.objects.filter(item__in=ids).exclude(state="void").order_by("pk").select_related("annotation")
    return (
        documents(items),
        sorted(LabelCount.objects.filter(item__in=ids).values_list("item", "label", "n")),
        list(Item.objects.filter(pk__in=ids).order_by("pk").values_list("state", flat=True)),
        [(task.pk, task.state, task.person_id, task.annotation.document if task.annotation else "") for task in tasks],
        sorted(Approval.objects.filter(item__in=ids, ended_at=None).values_list("item", "annotation")),
    )


@pytest.fixture
def imported(world: Any, make_items: Any) -> Callable[..., list[Any]]:
    """`imported([document, …], approved=True, by=person)`: as many items, whose labels came in with them."""

    def make(documents: list[Any], *, approved: bool = False, **over: Any) -> list[Any]:
        from annotate.annotations.services import ImportedAnnotation, add_imported
        from annotate.projects.queries import current_schema

        items = make_items(len(documents), **over)
        schema = current_schema(world.project.pk).pk
        rows = [ImportedAnnotation(item.pk, document, schema, approved=approved) for item, document in zip(items, documents, strict=True)]
        add_imported(rows, by=world.actor(world.owner))
        return items

    return make


def sized(label: str, side: float, **more: Any) -> dict[str, Any]:
    return {"objects": [{"id": str(uuid.uuid4()), "kind": "box", "label": label, "box": [1, 1, side, side], **more}], "item": {}}
