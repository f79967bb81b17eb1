"""Whether a reviewer has opened an answer: from then on its author changes it no more."""

from __future__ import annotations


def opened(annotation: str, person: str) -> str:
    """The SQL of it for an answer by its id and its author, both SQL expressions: judged, standing, or leased by another."""
    return f"""(EXISTS (SELECT 1 FROM annotate_review r WHERE r.annotation_id = {annotation})
        OR EXISTS (SELECT 1 FROM annotate_approval p WHERE p.annotation_id = {annotation} AND p.ended_at IS NULL)
        OR EXISTS (SELECT 1 FROM annotate_lease l WHERE l.annotation_id = {annotation} AND l.person_id <> {person}))"""
