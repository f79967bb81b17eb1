"""Making gold of items whose truth is known, and letting it rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.annotations.apart import append_apart
from annotate.annotations.schemas import parsed
from annotate.gold import queries
from annotate.gold.models import Gold
from annotate.gold.states import GOLD
from annotate.items.models import Item
from annotate.kernel import canonical
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid
from annotate.labels.validation import check
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.projects.queries import current_schema
from annotate.queues.models import Task

MOST = 10_000  # items in one call
_ADD = """
INSERT INTO annotate_gold (project_id, item_id, annotation_id, state, created_by_id)
SELECT %(project)s, v.item, v.annotation, 'active', %(person)s FROM unnest(%(items)s::bigint[], %(annotations)s::bigint[]) AS v(item, annotation)
ON CONFLICT DO NOTHING RETURNING id, item_id
"""


@dataclass(frozen=True)
class Added:
    """`gold`: item → the gold that was made of it. `passed`: item → why none was: unknown, erased, not_approved
    or already."""

    gold: dict[int, int] = field(default_factory=dict)
    passed: dict[int, str] = field(default_factory=dict)


@transaction.atomic
def add_gold(project: Project, item_ids: Iterable[int], *, by: Actor) -> Added:
    """Make gold of items by what stands approved of them; one call is one act. `Invalid` for none or too many."""
    require(may_manage(by, project))
    wanted = _bounded(list(dict.fromkeys(item_ids)))
    judged = queries.judged(project, wanted)
    truths = {row.item: row.annotation for row in judged if not row.why and row.annotation is not None}
    passed = dict.fromkeys(wanted, "unknown") | {row.item: row.why for row in judged}
    return _add(project, truths, {item: why for item, why in passed.items() if why}, by)


@transaction.atomic
def add_truths(project: Project, truths: Iterable[Mapping[str, Any]], *, by: Actor) -> Added:
    """Make gold of items by documents handed in, {"item", "annotation"} each, which never become labels of the item.

    `Invalid` names the place of a document that does not fit the newest schema; then nothing is made.
    """
    require(may_manage(by, project))
    rows = list(truths)
    wanted = _bounded([int(row["item"]) for row in rows])
    if len(set(wanted)) != len(wanted):
        raise Invalid(_("Name each item once."), fields={"gold": "each item once"})
    judged = {row.item: row.why for row in queries.judged(project, wanted)}
    passed = {item: why for item in wanted if (why := judged.get(item, "unknown")) not in ("", "not_approved")}
    schema = parsed(current_schema(project.pk).pk)
    items = Item.objects.select_for_update(no_key=True).in_bulk([item for item in wanted if item not in passed])
    made: dict[int, int] = {}
    for place, row in enumerate(rows):
        item = items.get(int(row["item"]))
        if item is None:
            continue
        try:
            sound = check(row["annotation"], schema.schema, width=item.width, height=item.height, text=item.text)
        except Invalid as wrong:
            named = {f"gold[{place}].annotation.{name}": why for name, why in wrong.fields.items()}
            raise Invalid(wrong.detail, fields=named or {f"gold[{place}].annotation": wrong.detail}) from wrong
        made[item.pk] = append_apart(item_id=item.pk, document=sound, schema_version_id=schema.id, person_id=by.person_id)[0]
    return _add(project, made, passed, by)


def _bounded(wanted: list[int]) -> list[int]:
    if not 1 <= len(wanted) <= MOST:
        raise Invalid(_("Name 1 to %(most)d items.") % {"most": MOST}, fields={"items": f"1 to {MOST} items"})
    return wanted


def _add(project: Project, truths: Mapping[int, int], passed: dict[int, str], by: Actor) -> Added:
    values: dict[str, Any] = {"project": project.pk, "person": by.person_id, "items": list(truths), "annotations": list(truths.values())}
    with connection.cursor() as cursor:
        cursor.execute(_ADD, values)
        made = {item: gold for gold, item in cursor.fetchall()}
    passed |= {item: "already" for item in truths if item not in made}
    if made:
        about = {"count": len(made), "items": sorted(made)[:1000]}
        digest = canonical.digest(canonical.dumps([[item, truths[item]] for item in sorted(made)]))
        record(by, "gold.add", project, organisation=project.organisation_id, project=project, after=digest, data=about)
    return Added(made, dict(sorted(passed.items())))


@transaction.atomic
def retire(gold: Gold, *, by: Actor) -> Gold:
    """Hand it out no more; what it has measured stays. Who has it before them finishes. `Conflict` when it rests already."""
    require(may_manage(by, gold.project))
    moved = Gold.objects.filter(pk=gold.pk, state__in=GOLD.origins("retire")).update(state="retired", retired_at=DatabaseNow())
    if not moved:
        raise Conflict(_("this gold is retired already"), code="retired")
    record(by, "gold.retire", gold, organisation=gold.project.organisation_id, project=gold.project, data={"item": gold.item_id})
    gold.refresh_from_db()
    return gold


def forget(item: Item, _erasure: int) -> None:
    """What is erased measures nobody any more."""
    Gold.objects.filter(item=item, state="active").update(state="retired", retired_at=DatabaseNow())
    Task.objects.filter(item=item, gold=True, state__in=("open", "returned", "parked")).update(state="void", person=None, reserved_until=None)
