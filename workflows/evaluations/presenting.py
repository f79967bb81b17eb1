"""What the API says of pulls, evaluations and suspects: plain data."""

from __future__ import annotations

from typing import Any

from workflows.evaluations.models import Evaluation, Pull, Suspect
from workflows.evaluations.wording import reason


def _named(person: Any) -> dict[str, Any] | None:
    return {"id": person.pk, "name": person.name} if person else None


def present_pull(one: Pull) -> dict[str, Any]:
    return {
        "id": one.pk,
        "version": one.version_id,
        "run": one.run or None,
        "format": one.format or None,
        "split": one.split or None,
        "person": _named(one.person),
        "at": one.at,
    }


def present_evaluation(one: Evaluation) -> dict[str, Any]:
    """`measured`: the figures were measured here, of predictions."""
    return {
        "id": one.pk,
        "version": one.version_id,
        "model": one.model,
        "run": one.run or None,
        "split": one.split or None,
        "measured": one.was_measured if hasattr(one, "was_measured") else one.report is not None,
        "metrics": one.metrics,
        "created_by": _named(one.created_by),
        "created_at": one.created_at,
    }


def present_whole(one: Evaluation) -> dict[str, Any]:
    """With the `report`, null where figures were sent."""
    return present_evaluation(one) | {"report": one.report}


def present_suspect(one: Suspect) -> dict[str, Any]:
    return {
        "id": one.pk,
        "rank": one.rank,
        "kind": one.kind,
        "score": one.score,
        "reason": str(reason(one)),
        "item": one.item_id,
        "key": one.item.key,
        "object": one.drawn["id"] if one.drawn else None,
        "label": one.label or None,
        "said": one.said or None,
        "about": one.about or None,
        "drawn": one.drawn,
        "shape": one.shape,
        "task": one.task,
        "question": one.question_id,
    }
