"""The queue that a split label opens: the items that have the label, each begun from what it shows now."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from annotate.annotations.changes import relabellers
from annotate.annotations.previewing import namers
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.queues.models import Queue
from annotate.queues.services import create_queue
from annotate.search.writing import quoted


@relabellers.register("queue")
def open_queue(project: Project, name: str, labels: Sequence[str], by: Actor) -> int:
    """An annotate queue of all items with one of the labels; `fill` pins each task to the present annotation."""
    wanted = f"label = {quoted(labels[0])}" if len(labels) == 1 else f"label in ({', '.join(map(quoted, labels))})"
    taken, tried = name, 1
    while Queue.objects.filter(project=project, name=taken).exists():
        tried += 1
        taken = f"{name} {tried}"
    return int(create_queue(project, taken, stage="annotate", q=wanted, priority=1, by=by).pk)


@namers.register("queues")
def queues_that_name(project_id: int, names: list[str]) -> list[dict[str, Any]]:
    """Queues that are open still and say one of the names in their query."""
    said = re.compile("|".join(rf"(?<![\w-]){re.escape(name)}(?![\w-])" for name in names))
    rows = Queue.objects.filter(project_id=project_id).exclude(state="closed").exclude(q="").order_by("pk")
    return [
        {"kind": "queue", "id": pk, "name": name, "q": q} for pk, name, q in rows.values_list("pk", "name", "q") if said.search(q)
    ]
