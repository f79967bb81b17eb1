"""Check runs: asked for, measured, checked, and checked again when a threshold moves. A run that is not applied changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Any

import orjson
from django.db import transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.items.models import Batch, Item
from annotate.jobs.models import Job
from annotate.jobs.services import Work, enqueue
from annotate.jobs.states import LIVE
from annotate.kernel import copying, sql
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid, Stale
from annotate.kernel.registry import ticks
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.search.compile import compile_query
from workflows.cleaning.models import CheckRun, Finding
from workflows.cleaning.policies import may_clean
from workflows.cleaning.scope import Scope
from workflows.cleaning.services import rule_set
from workflows.cleaning.states import CHECK_RUN
from workflows.cleaning.tallies import Would

if TYPE_CHECKING:
    from workflows.cleaning.checking import Found, Prepared

JOB = "cleaning.check"
MOST = 200_000  # items that one rule may catch and be acted on: more is a rule to be looked at
PIECE = 5000
_COPY = "COPY workflows_finding (id, run_id, project_id, rule, name, item_id, object, subject, score, partner, detail, state) FROM STDIN"

_OBJECTS = """
SELECT array_agg(a.document::json #>> ARRAY['objects', asked.place::text, 'id'] ORDER BY asked.n)
FROM unnest(%(annotations)s::bigint[], %(places)s::int[]) WITH ORDINALITY AS asked (annotation, place, n)
LEFT JOIN annotate_annotation a ON a.id = asked.annotation
"""


def scope_of(run: CheckRun) -> Scope:
    return Scope(run.project, run.batch_id, run.q, run.last_item or 2**62)


@transaction.atomic
def start(
    project: Project,
    *,
    batch: Batch | None = None,
    q: str = "",
    rules: Sequence[int] = (),
    apply_at_once: bool = False,
    by: Actor,
) -> CheckRun:
    """A run of the project's rules (or of those named) on a batch, or on all items, that match `q`; a job carries it out."""
    require(may_clean(by, project))
    compile_query(q, project.pk)
    frozen = rule_set(project, by=by)
    known = {rule["id"] for rule in frozen.document}
    if not known:
        raise Invalid(_("There are no rules yet: add one, or a pack of them."), code="no_rules", fields={"rules": _("there are none")})
    if unknown := sorted(set(rules) - known):
        raise Invalid(_("There is no such rule."), fields={"rules": _("not an active rule of the project: %(rule)s") % {"rule": unknown[0]}})
    run = CheckRun.objects.create(
        project=project, batch=batch, q=q, rule_set=frozen, chosen=sorted(set(rules)), apply_at_once=apply_at_once, created_by=by.person
    )
    _enqueue(run, by)
    record(by, "check_run.start", run, organisation=project.organisation_id, project=project, data={"batch": batch.pk if batch else None})
    return run


def _enqueue(run: CheckRun, by: Actor) -> None:
    project = run.project
    about = {"run": run.pk, "batch": run.batch_id}
    run.job = enqueue(JOB, organisation_id=project.organisation_id, project_id=project.pk, by=by, arguments=about)
    run.save(update_fields=["job"])


@transaction.atomic
def again(run: CheckRun, *, by: Actor) -> CheckRun:
    """Check anew with the rules as they are now; only a run that is not applied. What is measured already is not measured again."""
    require(may_clean(by, run.project))
    settle()
    run.refresh_from_db(fields=["state"])
    state = must_be(run, "again")
    frozen = rule_set(run.project, by=by)
    known = {rule["id"] for rule in frozen.document}
    chosen = [rule for rule in run.chosen if rule in known]
    if not CheckRun.objects.filter(pk=run.pk, state=run.state).update(state=state, rule_set=frozen, chosen=chosen, apply_at_once=False):
        raise Stale()
    run.refresh_from_db()
    _enqueue(run, by)
    return run


def carry_out(work: Work, run_id: int) -> CheckRun:
    """The job's part: measure what lacks facts, then check. It may be begun again at any point."""
    from workflows.cleaning import measuring

    run = CheckRun.objects.select_related("project", "batch", "rule_set").get(pk=run_id)
    if run.state != "checking":
        return run
    last = Item.objects.filter(project=run.project).order_by("-pk").values_list("pk", flat=True).first() or 0
    CheckRun.objects.filter(pk=run.pk).update(last_item=last)
    run.last_item = last
    scope = scope_of(run)
    prepared = _prepared(run, scope)
    if prepared.lacking:
        unmeasured = measuring.missing(scope)
        work.progress(0, unmeasured)
        measuring.measure(scope, lambda done: work.progress(min(done, unmeasured), unmeasured))
        prepared = _prepared(run, scope)
    _checked(run, prepared, work)
    return run


def _prepared(run: CheckRun, scope: Scope) -> Prepared:
    from annotate.kernel.instant import steady
    from workflows.cleaning.checking import chosen, prepare
    from workflows.cleaning.loading import Table

    with steady() as instant:
        return prepare(Table(scope, instant), chosen(run.rule_set.document, run.chosen))


def _checked(run: CheckRun, prepared: Prepared, work: Work) -> None:
    from workflows.cleaning.checking import check

    would = Would()
    with transaction.atomic():
        # The run stays, and items do for good, also erased ones; so what findings name need not be looked up one by one.
        sql.rows("SELECT 1 FROM workflows_checkrun WHERE id = %(run)s FOR KEY SHARE", {"run": run.pk})
        Finding.objects.filter(run=run)._raw_delete(using="default")
        with copying.references_known():
            checked = check(prepared, limit=MOST, keep=partial(_keep, run, would))
        work.progress(checked.items, checked.items)
        fresh = CheckRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if fresh.state != "checking" or fresh.rule_set_id != run.rule_set_id:
            transaction.set_rollback(True)
            return
        work.save_report()  # ours still
        checked.results["would"] = would.told()
        fresh.state, fresh.results, fresh.items = CHECK_RUN.after("checking", "check"), checked.results, checked.items
        fresh.save(update_fields=["state", "results", "items"])
    run.state, run.results, run.items = fresh.state, fresh.results, fresh.items


def failed(run_id: int) -> None:
    """The job ended for good without a result."""
    CheckRun.objects.filter(pk=run_id, state="checking").update(state=CHECK_RUN.after("checking", "fail"))


def stalled(run: CheckRun) -> bool:
    """Whether no job is at it any more, whatever the run says of itself."""
    return not Job.objects.filter(pk=run.job_id or 0, state__in=LIVE).exists()


def settle() -> int:
    """Runs whose job ended without a word (cancelled before it began, or tried too often) have failed; how many."""
    return CheckRun.objects.filter(state="checking").exclude(job__state__in=LIVE).update(state=CHECK_RUN.after("checking", "fail"))


ticks.add("settle check runs", (5.0, settle))


def _keep(run: CheckRun, would: Would, rule: dict[str, Any], found: Found) -> None:
    waived = set(
        Finding.objects.filter(project_id=run.project_id, state="restored", name=rule["name"]).exclude(item=None).values_list("item_id", flat=True)
    )
    would.add(rule["action"], found.items, waived)
    for start in range(0, len(found.items), PIECE):
        _copy(run, rule, found, slice(start, start + PIECE), waived)


def _copy(run: CheckRun, rule: dict[str, Any], found: Found, piece: slice, waived: set[int]) -> None:
    items = found.items[piece]
    start = f"{run.pk}\t{run.project_id}\t{rule['id']}\t{copying.text(rule['name'])}"
    named = _object_ids(found.annotations[piece], found.places[piece]) if found.places else [copying.NULL] * len(items)
    copying.copy(
        _COPY,
        map(
            "\t".join,
            zip(
                map(str, copying.new_ids("workflows_finding", len(items))),
                repeat(start),
                [str(item) if item else copying.NULL for item in items],
                named,
                map(copying.text, found.subjects[piece]),
                [copying.NULL if score is None else str(score) for score in found.scores[piece]],
                [str(partner) if partner else copying.NULL for partner in found.partners[piece]],
                [copying.json(orjson.dumps(detail).decode()) if detail else "{}" for detail in found.details[piece]],
                ["waived" if item in waived else "found" for item in items],
                strict=False,
            ),
        ),
    )


def _object_ids(annotations: list[int], places: list[int]) -> list[str]:
    """The ids of the objects at these places of what was judged; null for none."""
    found = sql.row(_OBJECTS, {"annotations": annotations, "places": places})
    return [copying.NULL if one is None else one for one in (found[0] if found else [])]


def must_be(run: CheckRun, move: str) -> str:
    """The state after the move; `Conflict` says in words why it cannot be."""
    if not CHECK_RUN.allows(run.state, move):
        words = {
            "apply": _("Only a run that has checked, or that was undone, can be applied."),
            "undo": _("Only a run that was applied can be undone."),
            "again": _("Only a run that has checked and was never applied can check again; start a new one."),
        }
        raise Conflict(words[move], code="illegal_move")
    return CHECK_RUN.after(run.state, move)
