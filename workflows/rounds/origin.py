"""Tells versions which review round stands behind an approval: the row's provenance names its number in the batch."""

from __future__ import annotations

from workflows.releases.recording import row_origins
from workflows.rounds.models import Round

# It must be known when the approval is made, and never be otherwise after: rows that were frozen before the round was over are not read again.
_NUMBER = """CASE a.cause
    WHEN 'round' THEN (SELECT rd.number::text FROM workflows_rounditem m JOIN workflows_round rd ON rd.id = m.round_id
        WHERE m.item_id = a.item_id AND m.annotation_id = a.annotation_id AND rd.state IN ('passing', 'passed') ORDER BY m.id DESC LIMIT 1)
    WHEN 'review' THEN (SELECT rd.number::text FROM annotate_review rv JOIN annotate_task t ON t.id = rv.task_id
        JOIN workflows_round rd ON rd.queue_id = t.queue_id WHERE rv.id = a.review_id) END"""


@row_origins.register("round")
def number(project_id: int) -> tuple[str, str] | None:
    return (_NUMBER, "") if Round.objects.filter(batch__project_id=project_id).exclude(queue=None).exists() else None
