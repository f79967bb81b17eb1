"""Answers to gold, measured against the truth: each once, and who asked is told."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from django.db import connection, transaction

from annotate.annotations.models import Annotation
from annotate.annotations.renaming import in_words_of
from annotate.annotations.schemas import Parsed, parsed
from annotate.gold.models import Gold
from annotate.gold.scored import answers, means, tell
from annotate.projects.queries import current_schema
from workflows.quality.models import GoldScore

CHUNK = 100
_WAITING = """
SELECT a.id FROM annotate_annotation a
WHERE a.source = 'gold' AND a.task_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM workflows_goldscore s WHERE s.annotation_id = a.id)
  AND EXISTS (SELECT 1 FROM annotate_gold g WHERE g.item_id = a.item_id)
  AND NOT EXISTS (SELECT 1 FROM annotate_item i WHERE i.id = a.item_id AND i.state = 'erased')
ORDER BY a.id LIMIT %s
"""
# Of several answers of a person to one task the last one counts.
_MEANS = """
SELECT gold_id, avg(score) FROM (
    SELECT DISTINCT ON (a.task_id) s.gold_id, s.score FROM workflows_goldscore s JOIN annotate_annotation a ON a.id = s.annotation_id
    WHERE s.gold_id = ANY(%s) ORDER BY a.task_id, a.id DESC) AS last
GROUP BY gold_id
"""
_LAST = """
SELECT t.id, s.score FROM annotate_task t JOIN workflows_goldscore s ON s.annotation_id = t.annotation_id
WHERE t.id = ANY(%s) AND t.gold AND t.state = 'answered'
"""


def waiting() -> list[int]:
    """Ids of the answers that nobody has measured, the oldest first, at most a chunk."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [CHUNK])
        return [row[0] for row in cursor.fetchall()]


def measure_some() -> int:
    """Measure what waits, at most a chunk; how many. Whatever is stopped in between goes on with what has no score."""
    return sum(measure(annotation_id) for annotation_id in waiting())


@transaction.atomic
def measure(annotation_id: int) -> bool:
    """Score one answer, in the words of the newest schema, and tell who asked; False when it was scored already."""
    from workflows.quality.matching.score import score  # numpy, which idle processes do without

    answer = Annotation.objects.select_related("item", "task").get(pk=annotation_id)  # frozen: it needs no lock
    gold = Gold.objects.filter(item_id=answer.item_id).select_related("annotation").order_by("state", "-pk").first()
    if gold is None or answer.person_id is None or answer.task is None:
        return False
    item = answer.item
    schema = parsed(current_schema(item.project_id).pk)
    picture = float((item.width or 0) * (item.height or 0))
    found = score(_said(gold.annotation, schema, item.project_id), _said(answer, schema, item.project_id), schema.document, picture=picture)
    queue = answer.task.queue_id
    _score, made = GoldScore.objects.get_or_create(
        annotation=answer,
        defaults={"gold": gold, "queue_id": queue, "person_id": answer.person_id, "score": found.value, "parts": found.parts},
    )
    if made:
        tell(answer.person_id, queue, found.value)
    return made


def _said(annotation: Annotation, schema: Parsed, project_id: int) -> dict[str, object]:
    return in_words_of(schema, orjson.loads(annotation.document), project_id)


@means.register("mean")
def mean_scores(gold_ids: Sequence[int]) -> dict[int, float]:
    with connection.cursor() as cursor:
        cursor.execute(_MEANS, [list(gold_ids)])
        return {gold: float(mean) for gold, mean in cursor.fetchall()}


@answers.register("last")
def last_scores(task_ids: Sequence[int]) -> dict[int, float]:
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [list(task_ids)])
        return {task: float(score) for task, score in cursor.fetchall()}
