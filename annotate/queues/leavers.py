"""What a person holds is freed the moment they leave: a project, an organisation, or a queue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from annotate.people.services import departures
from annotate.projects.services import leavers
from annotate.queues.models import Assignment, GroupClaim, Lease, Queue, Task
from annotate.queues.states import TASK
from annotate.queues.tasks import drop_gold, free

_END = "UPDATE annotate_lease SET ended_at = clock_timestamp(), ended_by = %s WHERE id = ANY(%s) AND ended_at IS NULL"


@transaction.atomic
def end_leases(
    why: str,
    *,
    queue: Queue | None = None,
    project_id: int | None = None,
    organisation_id: int | None = None,
    person_id: int | None = None,
    slot: int | None = None,
    but: Sequence[int] = (),
) -> int:
    """End the live leases of a queue, a project or an organisation, of one person or of all, of one slot or both; how many. Drafts stay."""
    about: dict[str, Any] = {
        "queue": queue,
        "queue__project_id": project_id,
        "queue__project__organisation_id": organisation_id,
        "person_id": person_id,
        "slot": slot,
    }
    rows = Lease.objects.filter(ended_at=None, **{name: value for name, value in about.items() if value is not None})
    if but:
        rows = rows.exclude(person_id__in=but)
    found = dict(rows.values_list("pk", "task_id"))
    if not found:
        return 0
    list(Task.objects.filter(pk__in=found.values()).order_by("pk").select_for_update().values_list("pk"))
    with connection.cursor() as cursor:
        cursor.execute(_END, [why, list(found)])
        return cursor.rowcount


def keep_nothing(tasks: QuerySet[Task]) -> int:
    """What waits among these tasks is kept for nobody any more; how many were kept. Gold of theirs is void."""
    drop_gold(tasks.filter(state="open"))
    return tasks.filter(state="open", person__isnull=False).update(person=None, reserved_until=None)


def leave_project(project_id: int, person_id: int) -> None:
    """Leases end, returned work and what was kept goes to others, and assignments to the project's queues go."""
    end_leases("move", project_id=project_id, person_id=person_id)
    GroupClaim.objects.filter(queue__project_id=project_id, person_id=person_id).delete()
    returned = Task.objects.filter(queue__project_id=project_id, person_id=person_id, state__in=TASK.origins("free"))
    free(returned.values_list("pk", flat=True))
    keep_nothing(Task.objects.filter(queue__project_id=project_id, person_id=person_id))
    Assignment.objects.filter(queue__project_id=project_id, person_id=person_id).delete()


def leave_organisation(organisation_id: int, person_id: int) -> None:
    """The same for a person who may no longer sign in; they keep their places should they come back."""
    end_leases("move", organisation_id=organisation_id, person_id=person_id)
    GroupClaim.objects.filter(queue__project__organisation_id=organisation_id, person_id=person_id).delete()
    returned = Task.objects.filter(
        queue__project__organisation_id=organisation_id, person_id=person_id, state__in=TASK.origins("free")
    )
    free(returned.values_list("pk", flat=True))
    keep_nothing(Task.objects.filter(queue__project__organisation_id=organisation_id, person_id=person_id))


leavers.add("queues", leave_project)
departures.add("queues", leave_organisation)
