"""Items that a rule sends to a queue: at once, or, while the gate of their batch is not open, as soon as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction

from annotate.items.models import Batch
from annotate.jobs.services import enqueue
from annotate.people.actor import Actor
from annotate.queues import sending
from annotate.queues.models import Queue, Task
from annotate.queues.services import create_queue
from annotate.search.writing import quoted
from workflows.cleaning.leaning import alone, link
from workflows.cleaning.models import CheckRun, Finding, Rule

JOB = "cleaning.send"
CHUNK = 5000


def send(run: CheckRun, rule: dict[str, Any], rows: Sequence[Finding]) -> None:
    """The items of a rule's findings to its queue; each first finding is told its task. None for items whose batch is gated."""
    queue = _queue(run, rule)
    items = {row.item_id for row in rows if row.item_id is not None}
    if queue is None or not items:
        return
    made = sending.send(queue, items)
    if queue.q == _asked(rule):  # it takes up by itself what is flagged: what it took up meanwhile is of this act too
        there = Task.objects.filter(queue=queue, item__in=items - made.keys(), round=1, n=1, gold=False).exclude(state="void")
        taken = Finding.objects.filter(task__in=there.values("pk")).values("task")
        made |= dict(there.exclude(pk__in=taken).values_list("item_id", "pk"))
    link(rows, "task_id", made)


def _asked(rule: dict[str, Any]) -> str:
    """The query of a rule's own queue."""
    return f"flagged({quoted(rule['name'])})"


def _queue(run: CheckRun, rule: dict[str, Any]) -> Queue | None:
    """The rule's queue; its own is opened when it names none, for what it flags."""
    found = Queue.objects.filter(pk=rule["queue"]).first() if rule["queue"] else None
    if found is not None or run.applied_by is None:
        return found
    asked = _asked(rule)
    found = Queue.objects.filter(project_id=run.project_id, stage="annotate", q=asked).exclude(state="closed").first()
    if found is None:
        taken = Queue.objects.filter(project_id=run.project_id, name=rule["name"]).exists()
        name = f"{rule['name']} {run.pk}" if taken else rule["name"]
        found = create_queue(run.project, name, stage="annotate", q=asked, by=Actor.of(run.applied_by))
    Rule.objects.filter(pk=rule["id"], queue=None).update(queue=found)
    return found


def gate_opened(batch: Batch) -> None:
    """What waited for it is sent by a job, which takes the locks of findings before those of a batch."""
    if any(rows.exists() for _run, _rule, rows in _waiting(batch)):
        about = {"project": batch.project_id, "batch": batch.pk}
        organisation = batch.project.organisation_id
        enqueue(JOB, organisation_id=organisation, project_id=batch.project_id, by=None, arguments=about, key=f"send batch {batch.pk}")


def send_waiting(batch: Batch) -> None:
    """Those of the batch that no task was made for yet. It may be begun again at any point."""
    for run, rule, rows in _waiting(batch):
        last: int | None = 0
        while last is not None:
            last = _next(run, rule, rows, last)


@transaction.atomic
def _next(run: CheckRun, rule: dict[str, Any], rows: Any, after: int) -> int | None:
    alone(run.project_id)
    some = list(rows.filter(pk__gt=after).order_by("id")[:CHUNK])
    if not some:
        return None
    send(run, rule, some)
    return int(some[-1].pk)


def _waiting(batch: Batch) -> Iterator[tuple[CheckRun, dict[str, Any], Any]]:
    """Each rule of a run that sends to a queue, with its findings that stand in the batch and have no task."""
    runs = CheckRun.objects.filter(project=batch.project_id, state__in=("applying", "applied"), rule_set__document__contains=[{"action": "queue"}])
    for run in runs.filter(batch=batch) | runs.filter(batch=None):
        for rule in run.rule_set.document:
            if rule["action"] == "queue":
                yield run, rule, Finding.objects.filter(run=run, rule=rule["id"], state="applied", task=None, item__batch=batch)
