"""The moves of a task, each a compare-and-set by the table in `states.TASK`; what reviews build on.

Callers hold the task's lock (`leases.lock` of its lease) or are satisfied with `Stale` when somebody was faster.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Case, F, QuerySet, When

from annotate.kernel.clock import DatabaseNow
from annotate.kernel.errors import Stale
from annotate.queues.models import Task
from annotate.queues.states import TASK


def answer(task_id: int, *, person_id: int, annotation_id: int | None = None) -> None:
    """open or returned → answered by this person. Give `annotation_id` for an annotate task: the answer itself."""
    changes = {"annotation_id": annotation_id} if annotation_id is not None else {}
    moved = Task.objects.filter(pk=task_id, state__in=TASK.origins("answer")).update(
        state="answered", person_id=person_id, answered_at=DatabaseNow(), reserved_until=None, **changes
    )
    if not moved:
        raise Stale()


def send_back(annotation_id: int) -> Task | None:
    """The annotate task that this revision answered goes back to its person; None when no task asked for it (an import).

    `Stale` when the task has moved on since.
    """
    task = Task.objects.filter(annotation_id=annotation_id, queue__stage="annotate").exclude(state="open").order_by("-id").first()
    if task is None:
        return None
    if not Task.objects.filter(pk=task.pk, annotation_id=annotation_id, state="answered").update(state="returned"):
        raise Stale()
    task.state = TASK.after("answered", "return")
    return task


def free(task_ids: Iterable[int]) -> int:
    """returned or parked → open, for anybody: whose work it was will not do it. What is gold is nobody else's, and void."""
    rows = Task.objects.filter(pk__in=list(task_ids), state__in=TASK.origins("free"))
    drop_gold(rows)
    return rows.update(state="open", person=None)


def drop_gold(tasks: QuerySet[Task]) -> int:
    """Gold among these tasks that waits for its person is void: nobody else is given it."""
    rows = tasks.filter(gold=True, state__in=TASK.origins("void"))
    return rows.update(state="void", person=None, reserved_until=None)


def void(task_ids: Iterable[int]) -> int:
    """open, returned or parked → void: nobody is asked any more."""
    kept = Case(When(state="open", then=None), When(gold=True, then=None), default=F("person_id"))  # nothing is kept for anybody any more
    rows = Task.objects.filter(pk__in=list(task_ids), state__in=TASK.origins("void"))
    return rows.update(state="void", person=kept, reserved_until=None)


def park(task_id: int, *, person_id: int) -> None:
    """open or returned → parked: nobody is served it until the person's question is answered."""
    moved = Task.objects.filter(pk=task_id, state__in=TASK.origins("park")).update(
        state="parked", person_id=person_id, reserved_until=None
    )
    if not moved:
        raise Stale()


def resume(task_id: int) -> bool:
    """parked → returned: it comes back to who asked. False when it moved on meanwhile (freed, voided)."""
    return bool(Task.objects.filter(pk=task_id, state="parked").update(state="returned"))
