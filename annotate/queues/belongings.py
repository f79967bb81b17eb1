"""What of the queues' work is a person's: what `leavers` would free if they went out of the project now."""

from __future__ import annotations

from django.db import connection

from annotate.projects.leaving import belongings

_FOUND = """
SELECT
    (SELECT count(*) FROM annotate_lease l JOIN annotate_queue q ON q.id = l.queue_id WHERE q.project_id = %(project)s
       AND l.person_id = %(person)s AND l.ended_at IS NULL AND l.expires_at > clock_timestamp()),
    (SELECT count(*) FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id
     WHERE q.project_id = %(project)s AND t.person_id = %(person)s AND t.state = 'returned' AND NOT t.gold),
    (SELECT count(*) FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id
     WHERE q.project_id = %(project)s AND t.person_id = %(person)s AND t.state = 'parked' AND NOT t.gold),
    (SELECT count(*) FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id
     WHERE q.project_id = %(project)s AND t.person_id = %(person)s AND t.state = 'open' AND NOT t.gold),
    (SELECT count(*) FROM annotate_assignment x JOIN annotate_queue q ON q.id = x.queue_id
     WHERE q.project_id = %(project)s AND x.person_id = %(person)s)
"""


def of_project(project_id: int, person_id: int) -> dict[str, int]:
    """Live leases, tasks that wait for this person alone, and places in queues, counted in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, {"project": project_id, "person": person_id})
        row = cursor.fetchone()
    return dict(zip(("held", "returned", "parked", "kept", "queues"), row, strict=True))


belongings.add("queues", of_project)
