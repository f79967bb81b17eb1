"""Check runs: asked for, measured, checked, and checked again when a threshold moves. A run that is not applied changes nothing."""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson
from django.db import transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.annotations.models import CurrentAnnotation
from annotate.items.models import Batch, Item
from annotate.jobs.models import Job
from annotate.jobs.services import Work, enqueue
from annotate.jobs.states import LIVE
from annotate.kernel import copying
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
from workflows.cleaning.tallies import would

JOB = "cleaning.check"
MOST = 200_000  # items that one rule may catch and be acted on: more is a rule to be looked at
PIECE = 5000
_COPY = "COPY workflows_finding (id, run_id, project_id, rule, name, item_id, object, subject, score, partner, detail, state) FROM STDIN"


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
    unmeasured = measuring.missing(scope)
    work.progress(0, unmeasured)
    if unmeasured:
        measuring.measure(scope, lambda done: work.progress(min(done, unmeasured), unmeasured))
    _checked(run, scope, work)
    return run


def _checked(run: CheckRun, scope: Scope, work: Work) -> None:
    from workflows.cleaning.checking import check, chosen
    from workflows.cleaning.loading import Table
    from workflows.cleaning.snapshot import steady

    rules = chosen(run.rule_set.document, run.chosen)
    with steady() as instant:
        checked = check(Table(scope, instant), rules, limit=MOST)
    work.progress(checked.items, checked.items)
    with transaction.atomic():
        fresh = CheckRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if fresh.state != "checking" or fresh.rule_set_id != run.rule_set_id:
            return
        work.save_report()  # ours still
        Finding.objects.filter(run=run)._raw_delete(using="default")
        for rule in rules:
            rows = checked.found.get(rule["id"])
            if rows is not None:
                _keep(run, rule, rows())
        checked.results["would"] = would(run.pk, rules)
        for rule in rules:
            result = checked.results[str(rule["id"])]
            if "near" in result:  # what no other is like did not only just pass
                result["near"] = [sample for sample in result["near"] if sample[1] is not None and math.isfinite(sample[1])]
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


def _keep(run: CheckRun, rule: dict[str, Any], rows: Iterator[Any]) -> None:
    waived = set(
        Finding.objects.filter(project_id=run.project_id, state="restored", name=rule["name"]).exclude(item=None).values_list("item_id", flat=True)
    )
    piece: list[Any] = []
    for row in rows:
        piece.append(row)
        if len(piece) == PIECE:
            _copy(run, rule, piece, waived)
            piece = []
    if piece:
        _copy(run, rule, piece, waived)


def _copy(run: CheckRun, rule: dict[str, Any], piece: list[Any], waived: set[int]) -> None:
    ids = copying.new_ids("workflows_finding", len(piece))
    named = _object_ids(piece)
    text, plain = copying.text, copying.plain
    start = f"{run.pk}\t{run.project_id}\t{rule['id']}\t{text(rule['name'])}"
    copying.copy(
        _COPY,
        (
            f"{pk}\t{start}\t{plain(row.item or None)}\t{plain(named.get((row.item, row.place)))}\t{text(row.subject)}\t{plain(row.score)}"
            f"\t{plain(row.partner or None)}\t{copying.json(orjson.dumps(row.detail).decode())}\t{'waived' if row.item in waived else 'found'}"
            for pk, row in zip(ids, piece, strict=True)
        ),
    )


def _object_ids(piece: Iterable[Any]) -> dict[tuple[int, int], uuid.UUID]:
    """The ids of objects by item and place in its current labels."""
    wanted = {row.item for row in piece if row.place >= 0}
    if not wanted:
        return {}
    found = {}
    rows = CurrentAnnotation.objects.filter(item__in=wanted).values_list("item_id", "annotation__document")
    for item, document in rows:
        for place, one in enumerate(orjson.loads(document)["objects"]):
            found[item, place] = uuid.UUID(one["id"])
    return found


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
