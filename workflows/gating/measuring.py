"""The figures that gates ask for, of several batches in one statement each, or of what a query finds. Only reads.

Shares have Wilson's interval, and below `standings.LEAST` things no value; what is counted in full is its own interval.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from annotate.annotations.schemas import parsed
from annotate.items.models import Item
from annotate.projects.models import Project
from annotate.projects.queries import current_schema
from workflows.gating.logic import Figure
from workflows.quality import agreeing, parts
from workflows.quality.overlapped import items_of
from workflows.quality.standings import mean_of, share

Asked = tuple[str, str | None]  # a measure and its label
ALL = 0  # the key of what is no batch

_SAID = "JOIN annotate_annotation a ON a.item_id = s.id AND a.source = 'person' AND a.person_id IS NOT NULL"
# Of several answers of a person to one gold task the last counts. Gold stands for the queues among whose work it was mixed.
_GOLD = """, who AS (
    SELECT DISTINCT s.k, t.person_id, t.queue_id FROM s JOIN annotate_task t ON t.item_id = s.id AND NOT t.gold AND t.annotation_id IS NOT NULL
    JOIN annotate_queue q ON q.id = t.queue_id AND q.stage = 'annotate' WHERE t.person_id IS NOT NULL
), last AS (
    SELECT DISTINCT ON (a.task_id) g.person_id, g.queue_id, g.score
    FROM workflows_goldscore g JOIN annotate_annotation a ON a.id = g.annotation_id
    WHERE g.queue_id IN (SELECT queue_id FROM who) ORDER BY a.task_id, a.id DESC
) SELECT w.k, sum(l.score), count(*) FROM who w JOIN last l USING (person_id, queue_id) GROUP BY 1"""
_STATEMENTS: dict[str, str] = {
    "items": "SELECT s.k, count(*) FROM s GROUP BY 1",
    "answers": f"SELECT s.k, count(*) FROM s {_SAID} GROUP BY 1",
    "people": f"SELECT s.k, count(DISTINCT a.person_id) FROM s {_SAID} GROUP BY 1",
    "agreement": "SELECT s.k, avg(g.value), coalesce(stddev_samp(g.value), 0), count(*) FROM s JOIN annotate_agreement g ON g.item_id = s.id GROUP BY 1",
    "returned_rate": """SELECT s.k, count(*) FILTER (WHERE r.verdict = 'return'), count(*) FROM s JOIN annotate_review r ON r.item_id = s.id
        WHERE NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = r.id) GROUP BY 1""",
    "round_error_rate": """SELECT s.k, count(*) FILTER (WHERE m.outcome IN ('fixed', 'returned')), count(*) FROM s JOIN workflows_rounditem m ON m.item_id = s.id
        WHERE m.sampled AND m.outcome IN ('accepted', 'fixed', 'returned') GROUP BY 1""",
    "reviewed_share": """SELECT s.k, count(*) FILTER (WHERE EXISTS (SELECT 1 FROM annotate_review r WHERE r.item_id = s.id
        AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = r.id))), count(*) FROM s GROUP BY 1""",
    "approved_share": """SELECT s.k, count(*) FILTER (WHERE EXISTS (SELECT 1 FROM annotate_approval p WHERE p.item_id = s.id AND p.ended_at IS NULL)), count(*)
        FROM s GROUP BY 1""",
    "quarantined_share": """SELECT s.k, count(*) FILTER (WHERE EXISTS (SELECT 1 FROM annotate_hold h WHERE h.item_id = s.id AND h.ended_at IS NULL)), count(*)
        FROM s GROUP BY 1""",
    "gold_accuracy": _GOLD,
    "gold_answers": _GOLD,
}
_COUNTED = ("items", "answers", "people")
_WHOLE = ("reviewed_share", "approved_share", "quarantined_share")
_BY_LABEL = {"agreement": "percent", "alpha": "alpha"}


@dataclass
class Scope:
    """Which items: of some batches, each by itself, or those of a query together. `at_once`: somebody waits for it, so that what takes
    long is left to the cut of a version."""

    project: Project
    batches: Sequence[int] | None = None
    items: QuerySet[Item] | None = None
    at_once: bool = True
    _measured: dict[tuple[int, str], dict[str, Figure]] = field(default_factory=dict)

    @property
    def keys(self) -> Sequence[int]:
        return [ALL] if self.batches is None else self.batches

    def select(self) -> tuple[str, list[Any]]:
        """`s(id, k)`: the items and what each is counted for."""
        if self.batches is not None:
            where = "i.batch_id = ANY(%s::bigint[])"
            return f"WITH s AS (SELECT i.id, i.batch_id AS k FROM annotate_item i WHERE i.project_id = %s AND i.state <> 'erased' AND {where})", [
                self.project.pk,
                list(self.batches),
            ]
        assert self.items is not None
        inner, values = self.items.exclude(state="erased").order_by().values("pk").query.sql_with_params()
        return f"WITH s AS (SELECT f.id, {ALL}::bigint AS k FROM ({inner}) AS f(id))", list(values)


def figures(scope: Scope, asked: Iterable[Asked]) -> dict[int, dict[Asked, Figure]]:
    """By batch (or `ALL`): what was asked. Whatever there is nothing of is not enough; a count of nothing is 0."""
    found: dict[int, dict[Asked, Figure]] = {key: {} for key in scope.keys}
    for name, label in sorted(set(asked), key=str):
        if name in _BY_LABEL and label is not None:
            for key, figure in _of_label(scope, _BY_LABEL[name], label).items():
                found[key][name, label] = figure
            continue
        rows = {row[0]: row[1:] for row in _rows(scope, _STATEMENTS[name])}
        for key in scope.keys:
            found[key][name, label] = _figure(name, rows.get(key))
    return found


def _figure(name: str, row: tuple[Any, ...] | None) -> Figure:
    if name in _COUNTED or name == "gold_answers":
        n = int(row[-1]) if row else 0
        return Figure(n, n, n, n, "")
    if row is None:
        return Figure()
    if name == "agreement":
        return _told(mean_of(float(row[0]), float(row[1]), row[2]))
    if name in _WHOLE:
        value = row[0] / row[1]
        return Figure(value, value, value, row[1], "")
    return _told(share(float(row[0]), row[1]))


def _as_figure(row: dict[str, Any]) -> Figure:
    return Figure(row["value"], row["low"], row["high"], row["items"], row["why"])


def _told(one: dict[str, Any]) -> Figure:
    return Figure(one["value"], one["low"], one["high"], one["of"], one["why"])


def _rows(scope: Scope, statement: str) -> list[tuple[Any, ...]]:
    select, values = scope.select()
    with connection.cursor() as cursor:
        cursor.execute(f"{select} {statement}", values)
        return list(cursor.fetchall())


def _of_label(scope: Scope, measure: str, label: str) -> dict[int, Figure]:
    """Each batch's figures of all labels are measured once."""
    missing = [key for key in scope.keys if (key, measure) not in scope._measured]
    if missing:
        scope._measured |= {(key, measure): found for key, found in _by_label(scope, measure).items()}
    return {key: scope._measured[key, measure].get(label, Figure(why="no_label")) for key in scope.keys}


class _Large(dict[str, Figure]):
    """Too much to look at while somebody waits, whatever the label."""

    def get(self, key: str, default: Any = None) -> Any:
        return Figure(why="large")


def _by_label(scope: Scope, measure: str) -> dict[int, dict[str, Figure]]:
    select, values = scope.select()
    with connection.cursor() as cursor:
        cursor.execute(f"{select} SELECT s.k, s.id FROM s WHERE s.id = ANY(%s::bigint[]) ORDER BY 1, 2", [*values, items_of(scope.project.pk)])
        by_key: dict[int, list[int]] = {key: [] for key in scope.keys}
        for key, item in cursor.fetchall():
            by_key[key].append(item)
    labels = [one["name"] for one in parsed(current_schema(scope.project.pk).pk).document.get("labels") or ()]
    found: dict[int, dict[str, Figure]] = {}
    for key, items in by_key.items():
        if scope.at_once and len(items) > agreeing.AT_ONCE and len(parts.changed(scope.project, items)) > agreeing.AT_ONCE:
            found[key] = _Large()
            continue
        some = parts.current_parts(scope.project, items)
        found[key] = {label: _as_figure(agreeing.of_parts(some, measure=measure, label=label)) for label in labels}
    return found
