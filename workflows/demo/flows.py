"""The way that the demo's batches take, declared, with nothing of it running by itself: a visitor switches on what they want to see."""

from __future__ import annotations

from annotate.projects.models import Project
from annotate.queues.models import Queue
from workflows.automation.flows import declare as declare_flow
from workflows.automation.flows import of_project
from workflows.demo import accounts
from workflows.releases.models import Dataset


def declare(project: Project) -> None:
    """Once; goes on from what stands."""
    if of_project(project.pk) is not None:
        return
    boxes = Queue.objects.get(project=project, stage="annotate", qualification=None)
    dataset = Dataset.objects.get(project=project)
    rounds = [{"sample": {"kind": "percent", "value": 20, "seed": 3}, "pass_mark": 0.9}, {"sample": {"kind": "all"}, "pass_mark": 0.95}]
    splits = {"train": 0.7, "val": 0.15, "test": 0.15}
    document = {
        "gate": {"bar": 0.1}, "annotate": {"queue": boxes.pk}, "review": rounds, "adjudicate": None,
        "release": {"dataset": dataset.pk, "q": "item.usable = true", "splits": splits, "by": "group"},
    }  # fmt: skip
    declare_flow(project, document, by=accounts.actor("mira"))
