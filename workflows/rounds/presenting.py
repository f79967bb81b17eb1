"""Rounds as the API shows them."""

from __future__ import annotations

from typing import Any

from workflows.rounds import breaking_down, tallying
from workflows.rounds.breaking_down import Part
from workflows.rounds.models import Round, RoundItem
from workflows.rounds.planning import Preview


def present_round(made: Round) -> dict[str, Any]:
    """Of one that is being judged the figures are those of now: nothing is decided by them yet."""
    of = tallying.figures(tallying.found(made.pk)) if made.state == "judging" else None
    following = getattr(made, "next", None)
    return {
        "id": made.pk,
        "batch": made.batch_id,
        "number": made.number,
        "after": made.after_id,
        "next": following.pk if following is not None else None,
        "state": made.state,
        "sample": {"kind": made.kind, "value": made.value, "seed": made.seed, "by": made.by or None},
        "pass_mark": made.pass_mark,
        "judged_by": made.judged_by,
        "escalation": made.escalation,
        "reviewers": made.reviewers,
        "queue": made.queue_id,
        "items": made.items,
        "sampled": made.sampled,
        "pending": of.pending if of else 0,
        "judged": of.judged if of else made.judged or 0,
        "erring": of.erring if of else made.erring or 0,
        "rate": of.rate if of else made.rate,
        "low": (of.low if of.judged else None) if of else made.low,
        "high": (of.high if of.judged else None) if of else made.high,
        "left_out": made.left_out,
        "counts": made.counts,
        "reason": made.reason or None,
        "job": made.job_id,
        "created_by": made.created_by_id,
        "created_at": made.created_at,
        "decided_by": made.decided_by_id,
        "decided_at": made.decided_at,
    }


def present_whole_round(made: Round) -> dict[str, Any]:
    """With what was found by person, label and reason."""
    sample = tallying.kept(made)
    return present_round(made) | {
        "by_person": [{"person": int(part.key) or None} | _part(part) for part in breaking_down.by_person(sample)],
        "by_label": [{"label": part.key} | _part(part) for part in breaking_down.by_label(made, sample)],
        "reasons": breaking_down.reasons(sample),
    }


def _part(part: Part) -> dict[str, Any]:
    seen = part.judged > 0
    return {
        "name": part.name, "sampled": part.sampled, "judged": part.judged, "erring": part.erring, "rate": part.rate,
        "low": part.low if seen else None, "high": part.high if seen else None,
    }  # fmt: skip


def present_preview(found: Preview) -> dict[str, Any]:
    return {
        "items": found.items,
        "sampled": found.sampled,
        "left_out": found.left_out,
        "strata": [{"name": name, "items": of, "sampled": taken} for name, (of, taken) in found.sample.strata.items()],
        "rates": [{"person": person, "percent": percent} for person, percent in sorted(found.sample.rates.items(), key=lambda pair: pair[0] or 0)],
        "least": found.least,
    }


def present_member(row: RoundItem) -> dict[str, Any]:
    return {
        "item": row.item_id,
        "key": row.item.key,
        "annotation_id": row.annotation_id,
        "revision": row.annotation.number,
        "person": row.person_id,
        "sampled": row.sampled,
        "place": row.place,
        "outcome": row.outcome or None,
        "review": row.review_id,
    }
