"""Work put right or returned by somebody who looks at many items at once, outside of a review task.

A correction is a revision of who made it, after the item's newest. It approves nothing, and an approval stands where it
stands: a corrected item waits for a verdict like any other, an approved one stays approved as it was until somebody approves what
follows. What answered a task alone, and what waits to be judged, goes on to the correction, so that returned work still
finds its author. A return is a verdict on the revision that was seen, as any reviewer gives it.

Callers hold the locks of the items and their tasks (`annotations.live.lock`) and ask `hindrances` with them held.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from annotate.annotations.models import Annotation
from annotate.annotations.writing import append
from annotate.items.services import move
from annotate.kernel import sql
from annotate.people.actor import Actor
from annotate.projects import return_reasons
from annotate.projects.models import Project
from annotate.queues.apart import apart
from annotate.reviews.models import Comment, Review, Undo
from annotate.reviews.returning import give_back

_SEVERAL = """EXISTS (SELECT 1 FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id AND q.stage = 'annotate'
    WHERE t.item_id = i.id AND NOT t.gold AND t.state <> 'void' GROUP BY t.queue_id, t.round HAVING count(*) > 1)"""
_OWN = """EXISTS (SELECT 1 FROM annotate_annotation o WHERE o.item_id = i.id AND o.person_id = %(person)s::bigint AND o.source <> 'undo'
    AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.annotation_id = o.id))"""
# (item, revision seen, the item's newest, why nothing can be done to it: in the order in which it is asked, '' when it can).
_WHY = """
SELECT v.item, v.annotation, n.id, CASE
    WHEN i.id IS NULL OR i.state = 'erased' THEN 'erased'
    WHEN a.id IS NULL OR n.id IS NULL THEN 'stale'
    WHEN i.state = 'withdrawn' THEN 'withdrawn'
    WHEN i.state = 'returned' OR EXISTS (
        SELECT 1 FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id AND q.stage = 'annotate'
        WHERE t.item_id = i.id AND t.annotation_id = n.id AND t.state IN ('open', 'returned', 'parked')) THEN 'returned'
    WHEN EXISTS (SELECT 1 FROM annotate_lease l JOIN annotate_queue q ON q.id = l.queue_id AND q.stage <> 'annotate'
        WHERE l.item_id = i.id AND l.ended_at IS NULL AND l.expires_at > clock_timestamp()) THEN 'in_review'
    {also}
    ELSE '' END
FROM unnest(%(items)s::bigint[], %(annotations)s::bigint[]) AS v(item, annotation)
LEFT JOIN annotate_item i ON i.id = v.item AND i.project_id = %(project)s::bigint
LEFT JOIN annotate_annotation a ON a.id = v.annotation AND a.item_id = i.id AND a.source <> 'gold'
LEFT JOIN LATERAL (SELECT m.id FROM annotate_annotation m WHERE m.item_id = i.id AND m.number > 0 ORDER BY m.number DESC LIMIT 1) n ON true
"""
_REPOINT = f"""
UPDATE annotate_task w SET annotation_id = %(new)s::bigint
FROM annotate_queue k, annotate_item i
WHERE w.annotation_id = %(old)s::bigint AND k.id = w.queue_id AND i.id = w.item_id
  AND (k.stage <> 'annotate' AND w.state = 'open' OR k.stage = 'annotate' AND w.state = 'answered' AND NOT {_SEVERAL})
"""
# A correction that nothing was built on: it is the item's newest revision, or what followed was taken back (then that one says the same).
_STANDS = """
SELECT a.id, n.id FROM annotate_annotation a JOIN annotate_item i ON i.id = a.item_id AND i.state <> 'erased'
JOIN LATERAL (SELECT m.id, m.parent_id, m.source FROM annotate_annotation m WHERE m.item_id = i.id AND m.number > 0 ORDER BY m.number DESC LIMIT 1) n ON true
WHERE a.id = ANY(%(ids)s::bigint[])
  AND (n.id = a.id OR n.source = 'undo' AND n.parent_id = a.id)
  AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.annotation_id = a.id)
  AND NOT EXISTS (SELECT 1 FROM annotate_approval p WHERE p.annotation_id = n.id AND p.ended_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM annotate_review r WHERE r.annotation_id = n.id
                  AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = r.id))
  AND NOT EXISTS (SELECT 1 FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id
                  WHERE t.item_id = i.id AND t.annotation_id = n.id AND q.stage = 'annotate' AND t.state <> 'answered')
  AND NOT EXISTS (SELECT 1 FROM annotate_lease l JOIN annotate_queue q ON q.id = l.queue_id AND q.stage <> 'annotate'
                  WHERE l.item_id = i.id AND l.ended_at IS NULL AND l.expires_at > clock_timestamp())
"""


def hindrances(project: Project, seen: Sequence[tuple[int, int]], *, returns: bool, by: Actor) -> dict[tuple[int, int], tuple[str, int | None]]:
    """(item, revision seen) → (why it is left out, the item's newest revision). "" for nothing; erased, stale (there is no such
    revision), withdrawn, returned (with its author), in_review, in_round, several (answers that are not brought together), own_work
    (of who would return it). Whether what was seen stands in the newest still is for the caller to compare."""
    judged_apart = " ".join(f"WHEN ({condition.format(queue=0)}) THEN 'in_round'" for _name, condition in apart)
    also = f"WHEN {_OWN} THEN 'own_work'" if returns else f"WHEN i.state <> 'approved' AND {_SEVERAL} THEN 'several'"
    values = {
        "items": [item for item, _annotation in seen],
        "annotations": [annotation for _item, annotation in seen],
        "project": project.pk,
    } | ({"person": by.person_id} if returns else {})
    rows = sql.rows(_WHY.format(also=f"{judged_apart}\n    {also}"), values)
    return {(item, annotation): (why, newest) for item, annotation, newest, why in rows}


def correct(newest: Annotation, document: dict[str, Any], schema_version_id: int, *, project: Project, by: Actor) -> int:
    """The revision that says `document` (checked under that version) in place of the item's newest."""
    made, _number, _text, _digest = append(
        item_id=newest.item_id,
        project_id=project.pk,
        document=document,
        schema_version_id=schema_version_id,
        source="fix",
        person_id=by.person_id,
        parent_id=newest.pk,
        task_id=newest.task_id,
    )
    sql.rows(_REPOINT, {"old": newest.pk, "new": made})
    return made


def standing(revisions: Sequence[int]) -> dict[int, int]:
    """Which of these corrections can still be taken back, with the item's newest revision, which says the same: nobody labelled,
    judged or approved on top of them, and nobody is about to."""
    return dict(sql.rows(_STANDS, {"ids": list(revisions)}))


def take_back(made: Annotation, newest_id: int, *, project: Project, by: Actor) -> int:
    """A revision after a correction that says again what was said before it: nobody's new work, as after a fix that is taken back."""
    before = made.parent
    assert before is not None  # `correct` names it, and revisions stay
    written = before.parent_id if before.source == "undo" and before.parent_id else before.pk
    again, _number, _text, _digest = append(
        item_id=made.item_id,
        project_id=project.pk,
        document=orjson.loads(before.document),
        schema_version_id=before.schema_version_id,
        source="undo",
        person_id=by.person_id,
        parent_id=written,
        task_id=before.task_id,
    )
    sql.rows(_REPOINT, {"old": newest_id, "new": again})
    Undo.objects.create(annotation=made, person_id=by.person_id)
    return again


def send_back(newest: Annotation, key: str, reason: str, objects: Sequence[str], *, project: Project, by: Actor) -> Review:
    """The work goes back to its author, or to whoever can do it, with the reason (a key of the
    project's, words, or both) pinned to each of the objects. `Stale` when its
    task moved on meanwhile. It is a verdict: `undoing.undo` takes it back."""
    made = Review.objects.create(item_id=newest.item_id, annotation=newest, person_id=by.person_id, verdict="return", reason=reason, reason_key=key)
    give_back(newest, project)
    move([newest.item_id], "return", only_legal=True)  # an approved item stays approved while it is labelled again
    about: Mapping[str, Any] = {"item_id": newest.item_id, "annotation": newest, "review": made, "person_id": by.person_id, "text": return_reasons.said(project, key, reason)}
    Comment.objects.bulk_create([Comment(object=each, **about) for each in (objects or (None,))])
    return made
