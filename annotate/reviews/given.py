"""Verdicts as the work of those who gave them: second looks are work as any, and told from the others by nobody who counts it."""

from __future__ import annotations

# SQL of the verdicts `r` with id, task_id, person_id, created_at, seconds, verdict and whether they count (were not taken back). Conditions
# on them reach both tables, and their indexes.
GIVEN = """(
    SELECT v.id, v.item_id, v.task_id, v.person_id, v.created_at, v.seconds, v.verdict,
           NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = v.id) AS counts
    FROM annotate_review v
    UNION ALL
    SELECT k.id, k.item_id, k.task_id, k.person_id, k.created_at, k.seconds, k.verdict, k.undone_at IS NULL FROM annotate_recheck k)"""
