"""Calls of the services as lines of a history, and what stands in the database at the end of one."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from annotate.annotations.models import Annotation
from annotate.items.models import Item
from annotate.kernel import canonical
from annotate.kernel.errors import SluiceError
from annotate.people.actor import Actor
from annotate.queues import drafts, leases
from annotate.queues.claim import next_task
from annotate.queues.models import Draft, Lease, Queue, Task
from annotate.queues.stepping import step
from annotate.queues.submit import Submitted, submit
from tests.concurrency.history import Call, History, Kept, Stored


def marked(mark: str, label: str = "car") -> dict[str, Any]:
    """A document that can be told from all others by the id of its one object."""
    return {"objects": [{"id": mark, "kind": "box", "label": label, "box": [1, 2, 30, 40]}], "item": {}}


def mark() -> str:
    return str(uuid.uuid4())


def mark_of(document: str) -> str:
    found = canonical.loads_strict(document.encode())
    return str(found["objects"][0]["id"]) if found["objects"] else ""


def grant(lease: Lease) -> dict[str, Any]:
    return {
        "status": 200, "lease": lease.pk, "task": lease.task_id, "item": lease.item_id, "round": lease.round, "queue": lease.queue_id,
        "slot": lease.slot, "expires": lease.expires_at.timestamp(), "schema": lease.schema_version_id,
    }  # fmt: skip


class Recorder:
    """Calls services as anybody and notes each call; a refusal is noted and raised again, a break-down is noted as no answer."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def tell(self, name: str, person: int, about: Mapping[str, Any], work: Callable[[], Any], say: Callable[[Any], Mapping[str, Any]]) -> Any:
        start = time.time()
        answer: Mapping[str, Any] | None = None
        try:
            found = work()
            answer = say(found)
            return found
        except SluiceError as error:
            answer = {"status": error.status, "code": error.code}
            raise
        finally:
            self.calls.append(Call(name, person, start, time.time(), about, answer))

    def next(self, queue: int, actor: Actor, slot: int = 0) -> Lease | None:
        about = {"queue": queue, "slot": slot}
        found: Lease | None = self.tell(
            "next", actor.person_id, about, lambda: next_task(queue, actor, slot=slot), lambda lease: {"status": 204} if lease is None else grant(lease)
        )
        return found

    def step(self, lease: Lease, actor: Actor, item: int) -> Lease:
        about = {"lease": lease.pk, "item": item}
        found: Lease = self.tell("step", actor.person_id, about, lambda: step(lease.pk, actor, item_id=item), grant)
        return found

    def submit(self, lease: Lease, actor: Actor, body: str, *, key: str | None = None, label: str = "car", draft: int | None = None) -> Submitted:
        document = marked(body, label)
        about = {"lease": lease.pk, "task": lease.task_id, "key": key, "mark": body}
        digest = canonical.digest(canonical.dumps(document)) if key is not None else None
        found: Submitted = self.tell(
            "submit", actor.person_id, about,
            lambda: submit(lease.pk, actor, document, 1.0, draft=draft, request_key=key, request_digest=digest),
            lambda done: {"status": 201, "annotation": done.annotation_id, "revision": done.revision},
        )  # fmt: skip
        return found

    def save(self, lease: Lease, actor: Actor, revision: int, body: str) -> int:
        about = {"lease": lease.pk, "task": lease.task_id, "revision": revision, "mark": body}
        found: int = self.tell(
            "save", actor.person_id, about, lambda: drafts.save(lease.pk, actor, revision=revision, document=marked(body)), lambda now: {"status": 200, "revision": now}
        )
        return found

    def renew(self, lease: Lease, actor: Actor) -> None:
        self.tell("renew", actor.person_id, {"lease": lease.pk}, lambda: leases.renew(lease.pk, actor), lambda until: {"status": 200, "expires": until.timestamp()})

    def release(self, lease: Lease, actor: Actor) -> None:
        self.tell("release", actor.person_id, {"lease": lease.pk}, lambda: leases.release(lease.pk, actor), lambda _none: {"status": 204})

    def skip(self, lease: Lease, actor: Actor) -> None:
        self.tell("skip", actor.person_id, {"lease": lease.pk}, lambda: leases.skip(lease.pk, actor), lambda _none: {"status": 204})

    def act(self, name: str, by: Actor, about: Mapping[str, Any], work: Callable[[], Any]) -> Any:
        """What a manager or reviewer does: take_back, return, hold, unhold, assign, void, pause, resume, overlap."""
        return self.tell(name, by.person_id, about, work, lambda _found: {"status": 200})


def finished(calls: list[Call], *queues: Queue, overlaps: Mapping[int, int] | None = None) -> History:
    """The history with what stands now. `overlaps`: as they were at the begin, when they changed."""
    project = queues[0].project_id
    items = list(Item.objects.filter(project_id=project).order_by("id").values_list("pk", flat=True))
    answers = Annotation.objects.filter(item__project_id=project, source="person").order_by("id")
    rows = [
        Stored(one.pk, one.item_id, one.number, mark_of(one.document), one.task_id, one.lease_id, one.person_id, one.schema_version_id)
        for one in answers
    ]
    standing = Draft.objects.filter(task__queue__in=queues)
    return History(
        calls,
        {queue.pk: (overlaps or {}).get(queue.pk, queue.overlap) for queue in queues},
        {queue.pk: items for queue in queues},
        rows,
        [Kept(one.task_id, one.person_id, one.revision, mark_of(one.document)) for one in standing],
        frozenset(Item.objects.filter(project_id=project, frame__isnull=False).values_list("pk", flat=True)),
    )


def task_of(lease: Lease) -> Task:
    return Task.objects.get(pk=lease.task_id)
