"""Answers to gold, measured against the truth: each once, and who asked is told."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.db import DatabaseError, connection, transaction

from annotate.activity.services import record
from annotate.annotations.models import Annotation
from annotate.annotations.renaming import in_words_of
from annotate.annotations.schemas import Parsed, parsed
from annotate.gold.models import Gold
from annotate.gold.scored import answers, means, tell
from annotate.gold.states import GOLD
from annotate.kernel.clock import DatabaseNow
from annotate.labels.mapping import unnamed
from annotate.projects.queries import current_schema
from annotate.queues.feedback import feedback
from workflows.quality import stopping
from workflows.quality.models import GoldScore

CHUNK = 100
log = logging.getLogger(__name__)
# What cannot be measured is looked at once by each process; and what lies before `floor` is done with, so that a look costs the
# same however much was measured.
_set_aside: set[int] = set()
_floor = 0
_mark = (0.0, 0)  # when a look found nothing, and the newest annotation at that time
_SETTLED = 600.0  # seconds; transactions older than this do not exist here: statements and requests have shorter limits
_NEWEST = "SELECT coalesce(max(id), 0) FROM annotate_annotation"
_WAITING = """
SELECT a.id FROM annotate_annotation a
WHERE a.source = 'gold' AND a.id > %s AND a.id <> ALL(%s) AND a.task_id IS NOT NULL AND a.person_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM workflows_goldscore s WHERE s.annotation_id = a.id)
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
_FEEDBACK = """
SELECT t.id, s.score, s.parts FROM annotate_task t JOIN workflows_goldscore s ON s.annotation_id = t.annotation_id
WHERE t.id = ANY(%s) AND t.gold AND t.state = 'answered'
"""
_LAST = """
SELECT t.id, s.score FROM annotate_task t JOIN workflows_goldscore s ON s.annotation_id = t.annotation_id
WHERE t.id = ANY(%s) AND t.gold AND t.state = 'answered'
"""


def waiting() -> list[int]:
    """Ids of the answers that nobody has measured, the oldest first, at most a chunk."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [_floor, list(_set_aside), CHUNK])
        return [row[0] for row in cursor.fetchall()]


def measure_some() -> int:
    """Measure what waits, at most a chunk; how many. Whatever is stopped in between goes on with what has no score.

    One that cannot be measured is told to the log, and holds up no other.
    """
    found = waiting()
    if not found:
        _raise_floor()
    made = 0
    for annotation_id in found:
        try:
            done = measure(annotation_id)
        except DatabaseError:
            log.exception("answer %s to gold is measured later", annotation_id)
            continue
        except Exception:
            log.exception("answer %s to gold cannot be measured", annotation_id)
            done = False
        made += done
        if not done:
            _set_aside.add(annotation_id)
    return made


def _raise_floor() -> None:
    """Nothing waits: what was there a while ago is done with for good."""
    global _floor, _mark
    now = time.monotonic()
    if not _mark[0] or now - _mark[0] > _SETTLED:
        _floor = _mark[1]
        with connection.cursor() as cursor:
            cursor.execute(_NEWEST)
            _mark = (now, int(cursor.fetchone()[0]))


@transaction.atomic
def measure(annotation_id: int) -> bool:
    """Score one answer, in the words of the newest schema, and tell who asked; False when it was scored already."""
    from workflows.quality.matching.score import score  # numpy, which idle processes do without

    answer = Annotation.objects.select_related("item", "task").get(pk=annotation_id)  # frozen: it needs no lock
    gold = Gold.objects.filter(item_id=answer.item_id).select_related("annotation", "project").order_by("state", "-pk").first()
    if gold is None or answer.person_id is None or answer.task is None:
        return False
    if GoldScore.objects.filter(annotation=answer).exists():
        return False
    item = answer.item
    schema = parsed(current_schema(item.project_id).pk)
    truth = _said(gold.annotation, schema, item.project_id)
    if unnamed(truth, schema.schema):
        _outdated(gold)
        return False
    picture = float((item.width or 0) * (item.height or 0))
    found = score(truth, _said(answer, schema, item.project_id), schema.document, picture=picture)
    queue = answer.task.queue_id
    stopping.prepare(answer.person_id, queue)
    _score, made = GoldScore.objects.get_or_create(
        annotation=answer,
        defaults={"gold": gold, "queue_id": queue, "person_id": answer.person_id, "score": found.value, "parts": found.parts},
    )
    if made:
        tell(answer.person_id, queue, found.value)
    return made


def _outdated(gold: Gold) -> None:
    """The labels have changed so that the truth cannot be said in their words: it measures nobody from now on."""
    moved = Gold.objects.filter(pk=gold.pk, state__in=GOLD.origins("retire")).update(state="retired", retired_at=DatabaseNow())
    if moved:
        data = {"item": gold.item_id, "reason": "outdated"}
        record(None, "gold.retire", gold, organisation=gold.project.organisation_id, project=gold.project, data=data)


def _said(annotation: Annotation, schema: Parsed, project_id: int) -> dict[str, object]:
    return in_words_of(schema, orjson.loads(annotation.document), project_id, annotation.schema_version_id)


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


@feedback.register("scored")
def told(task_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The score and the kinds of errors, without how many, where, or of which label: that would tell of the truth."""
    with connection.cursor() as cursor:
        cursor.execute(_FEEDBACK, [list(task_ids)])
        rows = cursor.fetchall()
    return {task: {"score": float(score), "errors": errors_in(orjson.loads(parts) if isinstance(parts, str | bytes) else parts)} for task, score, parts in rows}


def errors_in(parts: Mapping[str, Any]) -> list[str]:
    """Kinds of errors in the parts of a score: missing, extra, wrong_label, attribute (of a thing), answer (about the item)."""
    found = [name for name in ("missing", "extra", "wrong_label") if any(row[name] for row in parts["labels"].values())]
    if any(equal < of for row in parts.get("attributes", {}).values() for equal, of in row.values()):
        found.append("attribute")
    if not all(parts.get("item", {}).values()):
        found.append("answer")
    return found
