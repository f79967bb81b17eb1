"""What applied findings lean on: a hold or a task, told to the finding that it was made for, and handed on where another leans on it too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import connection

from workflows.cleaning.models import Finding

# What is taken back is handed on to another applied finding of the same rule's name on the same item that leans on it, if there is one. It is looked
# for item by item: the planner, which does not know how many of a run are taken back already, would at times compare all with all.
_HAND_ON = """
WITH f AS MATERIALIZED (
    SELECT f.* FROM unnest(%(ids)s::bigint[]) AS given(id) JOIN workflows_finding f ON f.id = given.id WHERE f.{made} IS NOT NULL)
UPDATE workflows_finding n SET {made} = o.made
FROM (SELECT DISTINCT ON (f.{made}) f.{made} AS made, other.id AS next
      FROM f {of} CROSS JOIN LATERAL (
          SELECT x.id FROM workflows_finding x JOIN workflows_checkrun r ON r.id = x.run_id JOIN workflows_ruleset s ON s.id = r.rule_set_id {also}
          WHERE x.item_id = f.item_id AND x.name = f.name AND x.project_id = f.project_id AND x.state = 'applied' AND x.{made} IS NULL
            AND NOT x.id = ANY(%(ids)s::bigint[]) AND s.document @> jsonb_build_array(jsonb_build_object('id', x.rule, 'action', '{action}'))
          ORDER BY x.id LIMIT 1) AS other
      ORDER BY f.{made}, other.id) AS o
WHERE n.id = o.next RETURNING n.{made}
"""
_LINK = """
UPDATE workflows_finding f SET {made} = m.made FROM unnest(%(ids)s::bigint[], %(made)s::bigint[]) AS m(id, made) WHERE f.id = m.id
"""
HOLDS = _HAND_ON.format(made="hold_id", action="quarantine", of="", also="")
TASKS = _HAND_ON.format(
    made="task_id",
    action="queue",
    of="JOIN annotate_task k ON k.id = f.task_id",
    also="""JOIN LATERAL (SELECT e ->> 'queue' AS queue FROM jsonb_array_elements(s.document) e
                WHERE e -> 'id' = to_jsonb(x.rule)) asked ON coalesce(asked.queue::bigint, k.queue_id) = k.queue_id""",
)


def alone(project_id: int) -> None:
    """Until the transaction ends nobody else acts on findings of the project: two runs may lean on one hold, and a run that is
    taken back must see whether another does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('findings ' || %s::text, 0))", [project_id])


def link(rows: Sequence[Finding], name: str, made: Mapping[int, int]) -> None:
    """Tell the first finding of each item what was made for it: `name` is "hold_id" or "task_id"."""
    told: dict[int, int] = {}
    for row in rows:
        if row.item_id is not None and row.item_id in made:
            told.setdefault(row.item_id, row.pk)
    with connection.cursor() as cursor:
        cursor.execute(_LINK.format(made=name), {"ids": list(told.values()), "made": [made[item] for item in told]})


def hand_on(statement: str, finding_ids: Sequence[int]) -> set[int | None]:
    """By `HOLDS` or `TASKS`; which were handed on."""
    with connection.cursor() as cursor:
        cursor.execute(statement, {"ids": list(finding_ids)})
        return {row[0] for row in cursor.fetchall()}
