"""Kinds of errors by person, label or batch, counted over what `confused` has compared: things missing, extra, under a wrong label, badly
placed, or with another attribute, of all things that were compared. A thing that lies badly is one error, in place of a miss and an extra."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from annotate.kernel import sql
from annotate.projects.models import Project
from workflows.quality.confused import Count, Counts

KINDS = ("missing", "extra", "wrong_label", "badly_placed", "attribute")  # of `evaluation.errors`, which takes numpy to load
PAGE = 60
_BEHIND = """
SELECT c.item_id, sum(c.n)::bigint FROM workflows_confused c JOIN annotate_item i ON i.id = c.item_id AND i.state <> 'erased'
WHERE c.project_id = %(project)s::bigint AND c.of = %(of)s AND c.item_id > %(after)s::bigint
  AND (%(kind)s::text IS NULL OR (c.fault = %(kind)s::text AND (c.fault <> 'badly_placed' OR c.given = '')))
  AND (%(meant)s::text IS NULL OR c.meant = %(meant)s::text) AND (%(given)s::text IS NULL OR c.given = %(given)s::text) AND (%(about)s::text IS NULL OR c.about = %(about)s::text)
  AND (%(label)s::text IS NULL OR CASE WHEN c.meant = '' THEN c.given ELSE c.meant END = %(label)s::text)
  AND (%(person)s::bigint IS NULL OR c.person = %(person)s::bigint) AND (%(batch)s::bigint IS NULL OR i.batch_id = %(batch)s::bigint)
GROUP BY 1 ORDER BY 1 LIMIT %(limit)s::int
"""


def of_counts(found: Counts | None, by: str, *, batch: int | None = None, person: int | None = None, gold: bool = True) -> dict[Any, dict[str, Any]]:
    """Person, label or batch → {items, things, errors, missing, extra, wrong_label, badly_placed, attribute}. `gold`: whether answers to
    gold count; who is measured by it does not see them."""
    made: dict[Any, dict[str, Any]] = defaultdict(none)
    if found is None:
        return made
    for row in found.rows:
        if _fits(row.batch, row.person, row.gold, batch, person, gold) and (by != "label" or not row.about):
            _count(made[_key(row, by)], row)
    for of, whose, was_gold, label, items in found.spread:
        if _fits(of, whose, was_gold, batch, person, gold) and (by == "label") == (label is not None):
            key = {"person": whose, "batch": of, "label": label}[by]
            if key in made:
                made[key]["items"] += items
    return made


def none() -> dict[str, Any]:
    return {"items": 0, "things": 0, "errors": 0, **dict.fromkeys(KINDS, 0)}


def behind(
    project: Project,
    *,
    of: str = "people",
    kind: str | None = None,
    meant: str | None = None,
    given: str | None = None,
    about: str | None = None,
    label: str | None = None,
    person: int | None = None,
    batch: int | None = None,
    after: int = 0,
    limit: int = PAGE,
) -> list[tuple[int, int]]:
    """(item, how many such things), in the order of items from the one `after` on. `meant` and `given` as in `Confused`, where "" is no
    counterpart; `label` is what was meant, or where nothing was, what was given."""
    asked = {"project": project.pk, "of": of, "kind": kind, "meant": meant, "given": given, "about": about, "label": label, "person": person, "batch": batch}
    return [(item, n) for item, n in sql.rows(_BEHIND, {**asked, "after": after, "limit": limit})]


def _count(made: dict[str, Any], row: Count) -> None:
    if row.fault == "badly_placed" and not row.meant:  # its other side counts
        return
    made["things"] += row.n
    if row.fault:
        made["errors"] += row.n
        made[row.fault] += row.n


def _key(row: Count, by: str) -> Any:
    return {"person": row.person, "batch": row.batch, "label": row.meant or row.given}[by]


def _fits(of: int, whose: int | None, was_gold: bool, batch: int | None, person: int | None, gold: bool) -> bool:
    return batch in (None, of) and person in (None, whose) and (gold or not was_gold)


