"""Tells versions by which method several answers became one, and how good the work was on the day of a cut."""

from __future__ import annotations

from typing import Any

from django.db import connection

from annotate.projects.models import Project
from annotate.reviews.models import Approval
from workflows.quality.models import Consensus
from workflows.quality.standings import mean_of, share
from workflows.releases.recording import records, row_origins

_METHOD = """CASE WHEN a.cause = 'adjudication' THEN 'adjudication'
    ELSE (SELECT c.method FROM workflows_consensus c WHERE c.annotation_id = a.annotation_id) END"""


@row_origins.register("method")
def method(project_id: int) -> tuple[str, str] | None:
    """How a consensus chose, or "adjudication"."""
    decided = Approval.objects.filter(item__project_id=project_id, cause="adjudication")
    return (_METHOD, "") if Consensus.objects.filter(item__project_id=project_id).exists() or decided.exists() else None


# Of several answers of a person to one gold task the last counts; verdicts that were taken back do not.
_STATEMENTS = {
    "agreement": "SELECT avg(g.value), coalesce(stddev_samp(g.value), 0), count(*) FROM annotate_agreement g JOIN annotate_item i ON i.id = g.item_id WHERE i.project_id = %(project)s",
    "gold_accuracy": """SELECT sum(score), count(*) FROM (SELECT DISTINCT ON (n.task_id) g.score FROM workflows_goldscore g JOIN annotate_annotation n ON n.id = g.annotation_id
        JOIN annotate_queue q ON q.id = g.queue_id WHERE q.project_id = %(project)s ORDER BY n.task_id, n.id DESC) last""",
    "returned_rate": """SELECT count(*) FILTER (WHERE r.verdict = 'return'), count(*) FROM annotate_review r JOIN annotate_item i ON i.id = r.item_id
        WHERE i.project_id = %(project)s AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = r.id)""",
}


@records.register("quality")
def quality(project: Project) -> dict[str, Any]:
    """{"agreement", "gold_accuracy", "returned_rate"}: each {"value", "low", "high", …} with how many things it is of; `value` null where
    that is too few, as on the quality page."""
    found = {}
    with connection.cursor() as cursor:
        for name, statement in _STATEMENTS.items():
            cursor.execute(statement, {"project": project.pk})
            row = cursor.fetchone()
            found[name] = (
                mean_of(float(row[0] or 0), float(row[1] or 0), int(row[2]))
                if name == "agreement"
                else share(float(row[0] or 0), int(row[1]))
            )
    return found
