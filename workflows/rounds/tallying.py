"""What was found of a round's sample so far: the verdicts that count, the share of mistakes with its interval, and what follows.

A verdict counts when it is on the very revision that the round took up, and was not taken back. A mistake is what was returned, or
mended in any object or attribute: a fix that changes nothing accepts.
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from django.db import connection

from annotate.labels.changes import changes
from workflows.rounds.models import Round, RoundItem
from workflows.rounds.states import ERRING
from workflows.rounds.wilson import interval

# A fix that was taken back is followed by a revision that says what the round's own said: that one is judged in its place.
_SAID = """
JOIN annotate_item i ON i.id = m.item_id
JOIN LATERAL (SELECT s.id, s.number FROM annotate_annotation s
              WHERE s.item_id = m.item_id AND (s.id = m.annotation_id OR s.source = 'undo' AND s.parent_id = m.annotation_id)
              ORDER BY s.number DESC LIMIT 1) a ON true
"""
_OVER = "(i.state = 'erased' OR EXISTS (SELECT 1 FROM annotate_annotation n WHERE n.item_id = m.item_id AND n.number > a.number))"
_COUNTS = """v.annotation_id IN (m.annotation_id, a.id)
                   AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = v.id)"""
_SAMPLE = f"""
SELECT m.id, m.item_id, a.id, r.id, r.verdict, m.person_id,
       CASE WHEN r.verdict = 'fix' THEN (SELECT d.document FROM annotate_annotation d WHERE d.id = m.annotation_id) END,
       CASE WHEN r.verdict = 'fix' THEN (SELECT d.document FROM annotate_annotation d WHERE d.id = r.fixed_id) END, {_OVER}
FROM workflows_rounditem m {_SAID}
LEFT JOIN LATERAL (SELECT v.id, v.verdict, v.fixed_id FROM annotate_review v WHERE {_COUNTS} ORDER BY v.id DESC LIMIT 1) r ON true
WHERE m.round_id = %s AND m.sampled ORDER BY m.place
"""
# One that still can be judged: asked often, so it stops at the first.
_PENDING = f"""
SELECT EXISTS (SELECT 1 FROM workflows_rounditem m {_SAID} WHERE m.round_id = %s AND m.sampled AND NOT {_OVER}
               AND NOT EXISTS (SELECT 1 FROM annotate_review v WHERE {_COUNTS}))
"""
_OUTCOMES = {"accept": "accepted", "return": "returned"}
_SLACK = 1e-9  # 1 - 0.95 is a little more than 0.05


@dataclass(frozen=True)
class Found:
    """One item of the sample; `annotation` is what a verdict is, or would be, on. `outcome` is empty while its verdict is to come, `unjudged` when none can come any more."""

    member: int
    item: int
    annotation: int
    person: int | None
    review: int | None
    outcome: str


@dataclass(frozen=True)
class Figures:
    """`rate` and its interval (95 %, Wilson) are None, 0 and 1 while nothing is judged."""

    sampled: int
    judged: int
    erring: int
    pending: int
    rate: float | None
    low: float
    high: float


def found(round_id: int) -> list[Found]:
    """The sample in the order of judging."""
    with connection.cursor() as cursor:
        cursor.execute(_SAMPLE, [round_id])
        rows = cursor.fetchall()
    return [
        Found(member, item, annotation, person, review, _outcome(verdict, before, after, over))
        for member, item, annotation, review, verdict, person, before, after, over in rows
    ]


def kept(made: Round) -> list[Found]:
    """The sample as it was when the round ended; of one that is open, as it is now."""
    if made.state in ("planning", "judging"):
        return found(made.pk)
    rows = RoundItem.objects.filter(round=made, sampled=True).order_by("place")
    return [Found(row.pk, row.item_id, row.annotation_id, row.person_id, row.review_id, row.outcome or "unjudged") for row in rows]


def _outcome(verdict: str | None, before: str | None, after: str | None, over: bool) -> str:
    if verdict is None:
        return "unjudged" if over else ""
    if verdict == "fix":
        return "fixed" if before is None or after is None or changes(orjson.loads(before), orjson.loads(after)) else "accepted"
    return _OUTCOMES[verdict]


def pending(round_id: int) -> bool:
    """Whether a verdict is still to come."""
    with connection.cursor() as cursor:
        cursor.execute(_PENDING, [round_id])
        return bool(cursor.fetchone()[0])


def figures(sample: list[Found]) -> Figures:
    judged = sum(one.review is not None for one in sample)
    erring = sum(one.outcome in ERRING for one in sample)
    low, high = interval(erring, judged)
    return Figures(len(sample), judged, erring, sum(not one.outcome for one in sample), erring / judged if judged else None, low, high)


def passes(made: Round, of: Figures) -> bool:
    """Whether the figures keep to the pass mark. When every item of the round was judged nothing is left to infer: the rate is
    what it is, and the bound asks no more than the point."""
    assert of.rate is not None
    certain = of.judged == made.items
    held = of.high if made.judged_by == "bound" and not certain else of.rate
    return held <= 1 - made.pass_mark + _SLACK
