"""What must hold of a queue in the database at any moment, as statements that give rows only where it does not."""

from __future__ import annotations

WRONG = {
    "a task with two live leases": """
        SELECT task_id FROM annotate_lease WHERE queue_id = %(queue)s AND ended_at IS NULL AND expires_at > clock_timestamp()
        GROUP BY task_id HAVING count(*) > 1""",
    "an item with more leases and answers than asked for": """
        SELECT item_id FROM annotate_task t WHERE queue_id = %(queue)s AND (state = 'answered' OR EXISTS (
            SELECT 1 FROM annotate_lease l WHERE l.task_id = t.id AND l.ended_at IS NULL AND l.expires_at > clock_timestamp()))
        GROUP BY item_id, round HAVING count(*) > %(most)s""",
    "a person with more than one lease and one ahead": """
        SELECT person_id FROM annotate_lease WHERE queue_id = %(queue)s AND ended_at IS NULL AND expires_at > clock_timestamp()
        GROUP BY person_id HAVING count(*) > 2 OR count(*) <> count(DISTINCT slot)""",
    "an item that one person has twice": """
        SELECT item_id, person_id FROM (
            SELECT t.item_id, t.round, t.id, coalesce(l.person_id, t.person_id) AS person_id FROM annotate_task t
            LEFT JOIN annotate_lease l ON l.task_id = t.id AND l.ended_at IS NULL AND l.expires_at > clock_timestamp()
            WHERE t.queue_id = %(queue)s AND t.state <> 'void') AS whose
        WHERE person_id IS NOT NULL GROUP BY item_id, round, person_id HAVING count(*) > 1""",
    "an answered task without its answer": """
        SELECT t.id FROM annotate_task t LEFT JOIN annotate_annotation a ON a.id = t.annotation_id AND a.task_id = t.id AND a.person_id = t.person_id
        WHERE t.queue_id = %(queue)s AND t.state = 'answered' AND a.id IS NULL""",
    "a live lease on a task that asks for nothing": """
        SELECT l.id FROM annotate_lease l JOIN annotate_task t ON t.id = l.task_id
        WHERE l.queue_id = %(queue)s AND l.ended_at IS NULL AND l.expires_at > clock_timestamp() AND t.state NOT IN ('open', 'returned')""",
    "revisions with a gap": """
        SELECT a.item_id FROM annotate_annotation a WHERE a.item_id IN (SELECT item_id FROM annotate_task WHERE queue_id = %(queue)s)
        GROUP BY a.item_id HAVING count(*) <> max(number) OR min(number) <> 1""",
    "an answer under a lease that did not end by it": """
        SELECT l.id FROM annotate_annotation a JOIN annotate_lease l ON l.id = a.lease_id
        WHERE l.queue_id = %(queue)s AND l.ended_by <> 'submit'""",
}
# The words of each that is broken, in one round trip; `queue` and `most`, the most answers it ever asked of an item.
ALL_WRONG = " UNION ALL ".join(f"SELECT '{words}' WHERE EXISTS ({statement})" for words, statement in WRONG.items())
