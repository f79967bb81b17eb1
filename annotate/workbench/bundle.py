"""The bundle: all that the workbench needs for one task, in one statement. Its shape is `shapes.BundleShape`.

Annotators get no truth that they are measured against: never gold, findings, scores of people or the answers of others.
"""

from __future__ import annotations

from typing import Any

import orjson

from annotate.annotations.apart import shown as shown_number
from annotate.annotations.renaming import in_words_of
from annotate.annotations.schemas import parsed
from annotate.kernel import sql
from annotate.kernel.errors import Missing
from annotate.people.actor import Actor
from annotate.queues.claim import next_task
from annotate.queues.models import Lease
from annotate.queues.sides import lettered, sides_of

# A frame whose truth is known is asked about in runs alone, and as a picture of its own.
_PLACE = "CASE WHEN t.gold AND i.frame IS NOT NULL THEN '' ELSE i.group_key END, CASE WHEN t.gold THEN NULL ELSE i.frame END"
# A second look is at the item as it was when `first` was given: words that came then, or since, are not there.
_BUNDLE = f"""
SELECT t.id, q.id, t.round, q.stage, t.state,
       l.id, l.slot, l.expires_at, l.schema_version_id,
       i.id, i.key, i.width, i.height, {_PLACE}, i.text, i.meta, i.blob_id IS NOT NULL,
       d.revision, d.document, g.document, g.model, g.score, a.id, {shown_number("a")}, a.document,
       back.said, back.author, back.created_at,
       (SELECT json_agg(json_build_object('id', c.id, 'object', c.object, 'at', c.at, 'text', c.text, 'author', p.name,
                                          'created_at', c.created_at) ORDER BY c.id)
        FROM annotate_comment c
        LEFT JOIN annotate_person p ON p.id = c.person_id
        LEFT JOIN annotate_annotation about ON about.id = c.annotation_id
        LEFT JOIN annotate_annotation written ON written.id = about.parent_id AND about.source = 'undo'
        WHERE c.item_id = i.id AND (c.resolved_at IS NULL OR c.resolved_at >= first.created_at) AND (first.id IS NULL OR c.created_at < first.created_at)
          AND (q.stage <> 'annotate' OR c.person_id = l.person_id OR coalesce(written.person_id, about.person_id) = l.person_id
               OR c.annotation_id = l.annotation_id)),
       before.id, before.number, before.document,
       (SELECT json_agg(json_build_object('id', k.id, 'object', k.object, 'at', k.at, 'text', k.text, 'answer', k.answer,
                                          'answered_by', p.name, 'answered_at', k.answered_at) ORDER BY k.id)
        FROM annotate_question k LEFT JOIN annotate_person p ON p.id = k.answered_by_id
        WHERE k.task_id = t.id AND k.person_id = l.person_id),
       (SELECT max(u.number) FROM annotate_guideline u WHERE u.project_id = q.project_id),
       (SELECT s.number FROM annotate_guidelineseen s WHERE s.project_id = q.project_id AND s.person_id = l.person_id),
       (SELECT json_agg(json_build_object('id', c.id, 'object', c.object, 'at', c.at, 'text', c.text, 'author', p.name,
                                          'settled_by', s.name, 'created_at', c.created_at) ORDER BY c.id)
        FROM annotate_comment c
        LEFT JOIN annotate_person p ON p.id = c.person_id
        LEFT JOIN annotate_person s ON s.id = c.resolved_by_id
        WHERE c.resolved_at IS NOT NULL AND c.review_id = last.id AND (first.id IS NULL OR c.resolved_at < first.created_at)),
       q.project_id
FROM annotate_lease l
JOIN annotate_task t ON t.id = l.task_id
JOIN annotate_queue q ON q.id = l.queue_id
JOIN annotate_item i ON i.id = l.item_id
LEFT JOIN annotate_draft d ON d.task_id = t.id AND d.person_id = l.person_id
LEFT JOIN annotate_review first ON first.id = t.rejudges_id
LEFT JOIN annotate_annotation a ON a.id = l.annotation_id
LEFT JOIN LATERAL (
    SELECT document, model, score FROM annotate_prediction WHERE item_id = i.id AND q.stage = 'annotate'
    ORDER BY id DESC LIMIT 1
) g ON true
LEFT JOIN LATERAL (
    SELECT json_build_object('review', r.id, 'reason', r.reason, 'reason_key', r.reason_key, 'dispute', (
               SELECT json_build_object('state', d.state, 'text', d.text, 'answer', d.answer, 'decided_by', w.name)
               FROM annotate_dispute d LEFT JOIN annotate_person w ON w.id = d.decided_by_id
               WHERE d.review_id = r.id AND d.state <> 'withdrawn')) AS said, p.name AS author, r.created_at FROM annotate_review r LEFT JOIN annotate_person p ON p.id = r.person_id
    WHERE r.annotation_id = l.annotation_id AND r.verdict = 'return' AND q.stage = 'annotate'
      AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = r.id)
    ORDER BY r.id DESC LIMIT 1
) back ON true
LEFT JOIN LATERAL (
    SELECT r.id, r.annotation_id FROM annotate_review r
    WHERE r.item_id = i.id AND r.annotation_id < l.annotation_id AND q.stage = 'review'
      AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = r.id)
    ORDER BY r.id DESC LIMIT 1
) last ON true
LEFT JOIN annotate_annotation before ON q.stage = 'review' AND before.id = coalesce(last.annotation_id, a.parent_id)
WHERE l.id = %(lease)s::bigint
"""
# What is nearly always all there is to a fresh task: nothing came before it, and nobody has said anything.
_FRESH = f"""
SELECT t.id, q.id, t.round, q.stage, t.state, l.id, l.slot, l.expires_at, l.schema_version_id,
       i.id, i.key, i.width, i.height, {_PLACE}, i.text, i.meta, i.blob_id IS NOT NULL,
       d.revision, d.document, g.document, g.model, g.score,
       (SELECT max(u.number) FROM annotate_guideline u WHERE u.project_id = q.project_id),
       (SELECT s.number FROM annotate_guidelineseen s WHERE s.project_id = q.project_id AND s.person_id = l.person_id),
       q.project_id
FROM annotate_lease l
JOIN annotate_task t ON t.id = l.task_id
JOIN annotate_queue q ON q.id = l.queue_id
JOIN annotate_item i ON i.id = l.item_id
LEFT JOIN annotate_draft d ON d.task_id = t.id AND d.person_id = l.person_id
LEFT JOIN LATERAL (SELECT document, model, score FROM annotate_prediction WHERE item_id = i.id ORDER BY id DESC LIMIT 1) g ON true
WHERE l.id = %(lease)s::bigint AND l.annotation_id IS NULL AND q.stage = 'annotate'
  AND NOT EXISTS (SELECT 1 FROM annotate_comment c WHERE c.item_id = i.id)
  AND NOT EXISTS (SELECT 1 FROM annotate_question k WHERE k.task_id = t.id)
"""


def bundle(lease: Lease | int) -> dict[str, Any]:
    """The bundle of a lease that the caller has checked to be the asker's."""
    return shown(read(lease))


def serve(queue: int, actor: Actor, *, slot: int = 0) -> dict[str, Any] | None:
    """The bundle of the actor's lease in this slot (`next_task`), read in the transaction that leased it; None when there is none."""
    rows: list[tuple[Any, ...]] = []
    lease = next_task(queue, actor, slot=slot, then=lambda found: rows.append(read(found, commits=True)))
    return None if lease is None else shown(rows[-1])


def read(lease: Lease | int, *, commits: bool = False) -> tuple[Any, ...]:
    """The row of a lease's bundle. With `commits`, that is the last of its transaction (`sql.together`)."""
    lease_id = lease if isinstance(lease, int) else int(lease.pk)
    if not isinstance(lease, int) and lease.annotation_id is None:
        row = sql.row(_FRESH, {"lease": lease_id}, commits=commits)
        if row is not None:  # widened to the columns of the whole
            return (*row[:23], *[None] * 11, *row[23:25], None, row[25])
    row = sql.row(_BUNDLE, {"lease": lease_id})
    if row is None:
        raise Missing()
    return row


def shown(row: tuple[Any, ...]) -> dict[str, Any]:
    """The bundle that a row of `read` is."""
    task, queue, round_, stage, state, lease_id, slot, expires_at, schema_id = row[:9]
    item, key, width, height, group, frame, text, meta, has_blob = row[9:18]
    draft_revision, draft, guess, model, score, seen, number, document = row[18:26]
    schema = parsed(schema_id)

    def said(text: str) -> dict[str, Any]:
        """What an answer begins from, by the names that it is given under. A reviewer sees the very revision."""
        return in_words_of(schema, _flat(text), row[37]) if stage == "annotate" else _flat(text)

    return {
        "task": {"id": task, "queue": queue, "round": round_, "stage": stage, "state": state},
        "lease": {"id": lease_id, "slot": slot, "expires_at": _time(expires_at)},
        "item": {
            "id": item,
            "key": key,
            "width": width,
            "height": height,
            "group": group or None,
            "frame": frame,
            "text": text,
            "meta": orjson.loads(meta),
        },
        "media": _media(item, width, height) if has_blob and text is None else None,
        "schema": {"id": schema.id, "number": schema.number, **schema.document},
        "draft": None if draft is None else {"revision": draft_revision, "annotation": said(draft)},
        "prediction": None
        if guess is None
        else {**said(guess), "model": model, "score": score},
        "annotation": None
        if document is None
        else {"id": seen, "revision": number, **said(document)},
        "returned": None
        if row[26] is None
        else {**_object(row[26]), "author": row[27], "created_at": _time(row[28])},
        "comments": _timed(row[29], "created_at"),
        "settled": _timed(row[36], "created_at"),
        "previous": None
        if row[32] is None
        else {"id": row[30], "revision": row[31], **_flat(row[32])},
        "answers": _answers(item) if stage == "adjudicate" else [],
        "questions": _timed(row[33], "answered_at"),
        "guidelines": None if row[34] is None else {"number": row[34], "seen": row[35] or 0},
    }


def _answers(item: int) -> list[dict[str, Any]]:
    """The different answers to an item side by side, as "A", "B", …: who gave which is not for the adjudicator."""
    sides = sides_of(item)
    return [
        {"label": letter, "annotation": {"id": id_, "revision": number, **_flat(document)}}
        for letter, (id_, number, document) in zip(lettered(len(sides)), sides, strict=True)
    ]


def _flat(document: str) -> dict[str, Any]:
    """Both halves of a document, present even where an old or foreign one left out a half that is empty."""
    content: dict[str, Any] = orjson.loads(document)
    return {"objects": content.get("objects", []), "item": content.get("item", {})}


def _object(raw: Any) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(raw) if isinstance(raw, str | bytes) else raw
    return found


def _time(moment: Any) -> str:
    return str(moment.isoformat().replace("+00:00", "Z"))


def _media(item: int, width: int | None, height: int | None) -> dict[str, Any]:
    where = f"/api/v1/items/{item}/media?size="
    return {
        "url": f"{where}full",
        "display": f"{where}display",
        "thumb": f"{where}thumb",
        "width": width or 0,
        "height": height or 0,
    }


def _timed(raw: Any, moment: str) -> list[dict[str, Any]]:
    """Rows that the database made into JSON, their time written as everywhere else."""
    if raw is None:
        return []
    found: list[dict[str, Any]] = orjson.loads(raw) if isinstance(raw, str | bytes) else raw
    for row in found:
        row[moment] = str(row[moment]).replace("+00:00", "Z") if row[moment] is not None else None
    return found
