"""What tests of schema changes share: the world's schema with attributes enough, documents under it, and a change carried out."""

from __future__ import annotations

from typing import Any

from annotate.annotations import changes
from annotate.annotations.models import Annotation, CurrentAnnotation
from annotate.projects.queries import current_schema

RENAME = {"op": "rename_label", "from": "car", "to": "auto"}
MERGE = {"op": "merge_label", "from": ["sign"], "to": "person"}
RETIRE = {"op": "retire_label", "name": "sign"}
DROP = {"op": "retire_label", "name": "sign", "then": "drop"}


class Changing:
    """`change(RENAME)` applies and runs the job; `undo(it)` takes it back."""

    def __init__(self, world: Any, run_jobs: Any) -> None:
        self.world, self.run_jobs = world, run_jobs
        self.by = world.actor(world.manager)

    def __call__(self, *operations: dict[str, Any], run: bool = True) -> Any:
        change = changes.apply(self.world.project, list(operations), by=self.by)
        if run:
            self.run_jobs()
            change.refresh_from_db()
            assert change.state == "done", change.job.error
        return change

    def undo(self, change: Any, run: bool = True) -> Any:
        change = changes.undo(change, by=self.by)
        if run:
            self.run_jobs()
            change.refresh_from_db()
            assert change.state == "undone", change.job.error
        return change


def shown(item: Any) -> Any:
    return CurrentAnnotation.objects.select_related("annotation").get(item=item).annotation


def newest(item: Any) -> Any:
    return Annotation.objects.filter(item=item).order_by("-number").first()


def labels(annotation: Any) -> list[str]:
    return [thing["label"] for thing in annotation.content["objects"]]


def number(project: Any) -> int:
    return int(current_schema(project.pk).number)
