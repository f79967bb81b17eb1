"""Batches and the state of items: made, changed, sealed; moved from state to state by compare-and-set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.items.adding import AddResult, NewItem, add_items
from annotate.items.erasure import erase, erasures
from annotate.items.keys import check_key
from annotate.items.models import Batch
from annotate.items.states import BATCH, ITEM
from annotate.kernel import canonical, sql
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid, Stale
from annotate.people.actor import Actor
from annotate.people.services import clean_name
from annotate.projects.models import Project
from annotate.projects.policies import may_collect, may_manage
from annotate.search.compile import compile_query

__all__ = [
    "AddResult",
    "NewItem",
    "add_items",
    "change_batch",
    "check_key",
    "create_batch",
    "erase",
    "erasures",
    "move",
    "reopen",
    "seal",
]
_PLAN = {"target", "quotas", "due", "note"}
_QUOTA = {"q", "at_least", "name"}


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10**9


def clean_plan(plan: Mapping[str, Any] | None, project_id: int) -> dict[str, Any]:
    """`{"target": n, "quotas": [{"q", "at_least"}], "due": "2026-04-01"}`, all optional; `Invalid` names the path."""
    plan = dict(plan or {})
    wrong = {f"plan.{name}": "there is no such field" for name in set(plan) - _PLAN}
    if "target" in plan and plan["target"] is not None and not _whole(plan["target"]):
        wrong["plan.target"] = "a whole number"
    if plan.get("due") is not None:
        try:
            dt.datetime.fromisoformat(str(plan["due"]).replace("Z", "+00:00"))
        except ValueError:
            wrong["plan.due"] = "a date such as 2026-04-01"
    quotas = [] if plan.get("quotas") is None else plan["quotas"]
    if not isinstance(quotas, list) or len(quotas) > 100:
        wrong["plan.quotas"] = "a list of at most 100"
        quotas = []
    for index, quota in enumerate(quotas):
        place = f"plan.quotas[{index}]"
        if not isinstance(quota, dict):
            wrong[place] = 'an object such as {"q": "…", "at_least": 300}'
            continue
        wrong |= {f"{place}.{name}": "there is no such field" for name in set(quota) - _QUOTA}
        if not isinstance(quota.get("q"), str) or not quota["q"].strip():
            wrong[f"{place}.q"] = "a query"
        else:
            try:
                compile_query(quota["q"], project_id)
            except Invalid as error:
                wrong[f"{place}.q"] = str(error.detail)
        if not _whole(quota.get("at_least")):
            wrong[f"{place}.at_least"] = "a whole number"
    if wrong:
        raise Invalid(_("The plan is not valid."), fields=wrong)
    canonical.dumps(plan)
    return {name: value for name, value in plan.items() if value not in (None, [], "")}


def _named(error: IntegrityError) -> Conflict:
    return Conflict(_("A batch of this name exists."), code="name_taken", fields={"name": "taken"})


@transaction.atomic
def create_batch(
    project: Project, name: str, *, source: str = "", plan: Mapping[str, Any] | None = None, by: Actor
) -> Batch:
    """An open batch; `Conflict` when the name is taken in the project."""
    require(may_collect(by, project))
    planned = clean_plan(plan, project.pk)
    try:
        with transaction.atomic():
            batch = Batch.objects.create(
                project=project,
                name=clean_name(name, longest=200),
                source=canonical.check_text(source)[:500],
                plan=planned,
                created_by=by.person,
            )
    except IntegrityError as error:
        raise _named(error) from error
    record(by, "batch.create", batch, organisation=project.organisation_id, project=project)
    return batch


@transaction.atomic
def change_batch(
    batch: Batch,
    *,
    name: str | None = None,
    source: str | None = None,
    plan: Mapping[str, Any] | None = None,
    by: Actor,
) -> Batch:
    """Rename, or say anew where it comes from and what is planned."""
    require(may_manage(by, batch.project))
    if name is not None:
        batch.name = clean_name(name, longest=200)
    if source is not None:
        batch.source = canonical.check_text(source)[:500]
    if plan is not None:
        batch.plan = clean_plan(plan, batch.project_id)
    try:
        with transaction.atomic():
            batch.save(update_fields=["name", "source", "plan"])
    except IntegrityError as error:
        raise _named(error) from error
    record(by, "batch.change", batch, organisation=batch.project.organisation_id, project=batch.project)
    return batch


def _move_batch(batch: Batch, move: str, by: Actor) -> Batch:
    require(may_manage(by, batch.project))
    state = BATCH.after(batch.state, move)
    with transaction.atomic():
        moved = Batch.objects.filter(pk=batch.pk, state__in=BATCH.origins(move)).update(state=state)
        if not moved:
            raise Stale()
        batch.state = state
        record(by, f"batch.{move}", batch, organisation=batch.project.organisation_id, project=batch.project)
    return batch


def seal(batch: Batch, *, by: Actor) -> Batch:
    """Collection is finished: nothing more comes in."""
    return _move_batch(batch, "seal", by)


def reopen(batch: Batch, *, by: Actor) -> Batch:
    return _move_batch(batch, "reopen", by)


_MOVE = """
UPDATE annotate_item SET state = %(state)s::text WHERE id = ANY(%(items)s::bigint[]) AND state = ANY(%(origins)s::text[])
RETURNING id, project_id
"""


@transaction.atomic
def move(
    item_ids: Sequence[int],
    move: str,
    *,
    by: Actor | None = None,
    data: Mapping[str, Any] | None = None,
    only_legal: bool = False,
) -> list[int]:
    """Move items by the table of `ITEM`, in one compare-and-set; returns the ids that moved.

    `Stale` when one of them is in no state that the move may start from, unless `only_legal`, which leaves such items be.
    With `by`, the move is recorded as an act of its own; without, it is part of the caller's act.
    """
    state = ITEM.moves[move][1]
    wanted = sorted(set(item_ids))
    moved = sql.rows(_MOVE, {"state": state, "items": wanted, "origins": sorted(ITEM.origins(move))})
    if len(moved) < len(wanted) and not only_legal:
        raise Stale(_("%(n)s of the items cannot do this from their present state.") % {"n": len(wanted) - len(moved)})
    ids = sorted(row[0] for row in moved)
    if by is not None and moved:
        by_project: dict[int, list[int]] = {}
        for pk, project_id in moved:
            by_project.setdefault(project_id, []).append(pk)
        whose = dict(Project.objects.filter(pk__in=by_project).values_list("pk", "organisation_id"))
        for project_id, chunk in by_project.items():
            chunk.sort()
            record(
                by,
                f"item.{move}",
                ("item", chunk[0]) if len(chunk) == 1 else None,
                organisation=whose[project_id],
                project=project_id,
                after=canonical.digest(",".join(map(str, chunk))),
                data={"count": len(chunk), "first": chunk[0], "last": chunk[-1], **(data or {})},
            )
    return ids
