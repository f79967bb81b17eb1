"""What applied findings lean on: a hold or a task, told to the finding that it was made for, and handed on where another leans on it too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import connection

from workflows.cleaning.models import Finding

# What is taken back is handed on to another applied finding of the same rule's name on the same item that leans on it, if there is one.
_HAND_ON = """
UPDATE workflows_finding n SET {made} = o.made
FROM (SELECT DISTINCT ON (f.{made}) f.{made} AS made, x.id AS next
      FROM workflows_finding f JOIN workflows_finding x ON x.item_id = f.item_id AND x.name = f.name AND x.project_id = f.project_id
           AND x.state = 'applied' AND x.{made} IS NULL AND NOT x.id = ANY(%(ids)s::bigint[])
      JOIN workflows_checkrun r ON r.id = x.run_id JOIN workflows_ruleset s ON s.id = r.rule_set_id
           AND s.document @> jsonb_build_array(jsonb_build_object('id', x.rule, 'action', '{action}')) {also}
      WHERE f.id = ANY(%(ids)s::bigint[]) AND f.{made} IS NOT NULL ORDER BY f.{made}, x.id) AS o
WHERE n.id = o.next RETURNING n.{made}
"""
HOLDS = _HAND_ON.format(made="hold_id", action="quarantine", also="")
TASKS = _HAND_ON.format(
    made="task_id",
    action="queue",
    also="""JOIN annotate_task k ON k.id = f.task_id JOIN LATERAL (SELECT e ->> 'queue' AS queue FROM jsonb_array_elements(s.document) e
           WHERE e -> 'id' = to_jsonb(x.rule)) asked ON coalesce(asked.queue::bigint, k.queue_id) = k.queue_id""",
)


def alone(project_id: int) -> None:
    """Until the transaction ends nobody else acts on findings of the project: two runs may lean on one hold, and a run that is
    taken back must see whether another does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('findings ' || %s::text, 0))", [project_id])


def link(rows: Sequence[Finding], name: str, made: Mapping[int, int]) -> None:
    """Tell the first finding of each item what was made for it: `name` is "hold_id" or "task_id"."""
    told: dict[int, Finding] = {}
    for row in rows:
        if row.item_id is not None and row.item_id in made and row.item_id not in told:
            setattr(row, name, made[row.item_id])
            told[row.item_id] = row
    Finding.objects.bulk_update(told.values(), [name.removesuffix("_id")], batch_size=1000)


def hand_on(statement: str, finding_ids: Sequence[int]) -> set[int | None]:
    """By `HOLDS` or `TASKS`; which were handed on."""
    with connection.cursor() as cursor:
        cursor.execute(statement, {"ids": list(finding_ids)})
        return {row[0] for row in cursor.fetchall()}
