"""Whether a reviewer has opened an answer: from then on its author changes it no more."""

from __future__ import annotations

from annotate.items.likeness import opened_like


def opened(annotation: str, person: str) -> str:
    """The SQL of it for an answer by its id and its author, both SQL expressions: judged, standing, or leased by another."""
    return f"""(EXISTS (SELECT 1 FROM annotate_review r WHERE r.annotation_id = {annotation})
        OR EXISTS (SELECT 1 FROM annotate_approval p WHERE p.annotation_id = {annotation} AND p.ended_at IS NULL)
        OR EXISTS (SELECT 1 FROM annotate_lease l WHERE l.annotation_id = {annotation} AND l.person_id <> {person}))"""


def answer_opened(task: str) -> str:
    """The SQL of it for what answers the task `task` now, an alias; an answer to gold, which nobody reviews, goes with the work
    beside it."""
    return f"CASE WHEN {task}.gold THEN {opened_like(task)} ELSE {opened(f'{task}.annotation_id', f'{task}.person_id')} END"
