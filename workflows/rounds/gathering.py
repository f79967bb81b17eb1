"""What a round of a batch may speak for now, and what it leaves out, and why: one statement, so that it is of one instant."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from annotate.items.models import Batch
from workflows.rounds.sampling import Candidate, Plan, Record, Sample, draw

META = "meta."

# Why an answered item is left out, in the order in which it is asked.
LEFT_OUT: dict[str, Any] = {
    "in_round": _("in another round that is not over"),
    "held": _("in quarantine"),
    "judged": _("judged already"),
    "unfinished": _("not finished: more answers are asked for, or somebody has a question"),
    "at_review": _("being judged just now, or waiting for an adjudicator"),
}
# Like what review queues take up (`queues.fill`), but for tasks that wait in such queues: those are taken over.
_ITEMS = """
SELECT i.id, newest.id, coalesce(newest.author, 0),
       CASE WHEN EXISTS (SELECT 1 FROM workflows_rounditem x WHERE x.item_id = i.id AND x.live) THEN 'in_round'
            WHEN EXISTS (SELECT 1 FROM annotate_hold h WHERE h.item_id = i.id AND h.ended_at IS NULL) THEN 'held'
            WHEN EXISTS (SELECT 1 FROM annotate_review r WHERE (r.annotation_id = newest.id OR r.fixed_id = newest.id)
                         AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = r.id))
              OR EXISTS (SELECT 1 FROM annotate_approval p WHERE p.annotation_id = newest.id AND p.ended_reason <> 'undone') THEN 'judged'
            WHEN EXISTS (SELECT 1 FROM annotate_task t JOIN annotate_queue k ON k.id = t.queue_id
                         WHERE t.item_id = i.id AND k.stage = 'annotate' AND k.state <> 'closed' AND NOT t.gold
                           AND (t.state IN ('returned', 'parked') OR t.state = 'open' AND t.queue_id = coalesce(
                               (SELECT own.queue_id FROM annotate_task own JOIN annotate_queue q ON q.id = own.queue_id
                                WHERE own.item_id = i.id AND own.annotation_id = newest.id AND q.stage = 'annotate' LIMIT 1),
                               t.queue_id))) THEN 'unfinished'
            WHEN EXISTS (SELECT 1 FROM annotate_task t JOIN annotate_queue k ON k.id = t.queue_id
                         WHERE t.item_id = i.id AND k.stage <> 'annotate' AND k.state <> 'closed' AND t.state IN ('open', 'returned', 'parked')
                           AND (k.stage = 'adjudicate' OR t.state <> 'open'
                                OR EXISTS (SELECT 1 FROM annotate_lease l WHERE l.task_id = t.id AND l.ended_at IS NULL
                                           AND l.expires_at > clock_timestamp()))) THEN 'at_review'
            ELSE '' END,
       {meta}, {agreement}
FROM annotate_item i
JOIN LATERAL (SELECT a.id, CASE WHEN a.source = 'undo' THEN (SELECT o.person_id FROM annotate_annotation o WHERE o.id = a.parent_id)
                                ELSE a.person_id END AS author
              FROM annotate_annotation a WHERE a.item_id = i.id AND a.number > 0 ORDER BY a.number DESC LIMIT 1) newest ON true
WHERE i.batch_id = %(batch)s AND i.state = 'labelled'
ORDER BY i.id
"""
_AGREEMENT = "(SELECT min(g.value) FROM annotate_agreement g WHERE g.item_id = i.id)"
_LABELS = """
SELECT c.item_id, c.label FROM annotate_labelcount c JOIN annotate_item i ON i.id = c.item_id
WHERE i.batch_id = %s AND i.state = 'labelled' AND c.n > 0 ORDER BY c.label
"""
# What was said of a person's work in the project: a verdict counts while it is not taken back; a fix that says the same accepts.
_RECORDS = """
SELECT a.person_id,
       count(*) FILTER (WHERE NOT (r.verdict = 'return' OR (r.verdict = 'fix' AND f.digest IS DISTINCT FROM a.digest))),
       count(*) FILTER (WHERE r.verdict = 'return' OR (r.verdict = 'fix' AND f.digest IS DISTINCT FROM a.digest))
FROM annotate_review r JOIN annotate_item i ON i.id = r.item_id JOIN annotate_annotation a ON a.id = r.annotation_id
LEFT JOIN annotate_annotation f ON f.id = r.fixed_id
WHERE i.project_id = %s AND a.person_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = r.id)
GROUP BY a.person_id
"""


@dataclass(frozen=True)
class Gathered:
    """`answers`: item → (annotation, its author). `left_out`: reason → how many."""

    answers: dict[int, tuple[int, int | None]]
    candidates: list[Candidate]
    left_out: dict[str, int]


def gather(batch: Batch, plan: Plan) -> Gathered:
    """The batch's answered items that are not approved yet, with what the plan asks of them."""
    values: dict[str, Any] = {"batch": batch.pk}
    meta = "NULL"
    if plan.by.startswith(META):
        meta, values["meta"] = "i.meta ->> %(meta)s", plan.by.removeprefix(META)
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS.format(meta=meta, agreement=_AGREEMENT if plan.kind == "disagreement" else "NULL"), values)
        rows = cursor.fetchall()
    labels = _labels(batch) if plan.by == "label" else {}
    left_out, answers, candidates = Counter(row[3] for row in rows if row[3]), {}, []
    for item, annotation, author, why, said, agreement in rows:
        if why:
            continue
        person = author or None
        answers[item] = annotation, person
        strata = labels.get(item, ()) if plan.by == "label" else (str(author) if person else "",) if plan.by == "person" else (said or "",)
        candidates.append(Candidate(item, person, tuple(strata), None if agreement is None else 1 - agreement))
    return Gathered(answers, candidates, {name: left_out[name] for name in LEFT_OUT if left_out[name]})


def _labels(batch: Batch) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_LABELS, [batch.pk])
        for item, label in cursor.fetchall():
            found[item].append(label)
    return {item: tuple(names) for item, names in found.items()}


def records(project_id: int) -> dict[int | None, Record]:
    """What was judged of each person's work in the project."""
    with connection.cursor() as cursor:
        cursor.execute(_RECORDS, [project_id])
        return {person: Record(accepted, erring) for person, accepted, erring in cursor.fetchall()}


def sample(batch: Batch, plan: Plan, pass_mark: float) -> tuple[Gathered, Sample]:
    """What there is, and what of it would be judged."""
    found = gather(batch, plan)
    known = records(batch.project_id) if plan.kind == "adaptive" else {}
    return found, draw(plan, found.candidates, records=known, tolerated=1 - pass_mark)
