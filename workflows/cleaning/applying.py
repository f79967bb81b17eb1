"""Acting on what a run found, taking it back, and restoring single items. One act each, carried out some thousand findings at a time.

What a step made (a hold, a task) stands with its finding, so that a job which was cut off goes on, and an undo ends exactly that. Where another
applied finding leans on a hold, the hold is handed on to it instead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.items.models import Item
from annotate.jobs.services import enqueue
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Stale
from annotate.people.actor import Actor
from annotate.queues import holding, sending
from workflows.cleaning import leaning, to_queues
from workflows.cleaning.models import CheckRun, Finding
from workflows.cleaning.policies import may_clean
from workflows.cleaning.running import must_be, stalled
from workflows.cleaning.states import CHECK_RUN, FINDING

JOB = "cleaning.apply"
CHUNK = 5000
AT_ONCE = 2000  # findings that a request acts on itself; more are a job's
Say = Callable[[int], object]
Place = tuple[int, int]  # of a finding: its rule and its id
START: Place = (0, 0)


def cause(name: str) -> str:
    """What a hold by a rule of this name says."""
    return f"rule:{name}"


@transaction.atomic
def apply(run: CheckRun, *, by: Actor) -> CheckRun:
    """Act on all that the run found: flag, quarantine or send to a queue, as each rule says. At once, or by a job where it is much.

    `Conflict` unless the run is checked, or undone, and while a rule caught more than it may.
    """
    require(may_clean(by, run.project))
    if run.state == "applying" and stalled(run):
        return _go_on(run, by)
    state = must_be(run, "apply")
    over = [rule["name"] for rule in run.rule_set.document if run.results.get(str(rule["id"]), {}).get("too_many")]
    if over:
        raise Conflict(
            _("“%(rule)s” catches more items than a rule may act on: narrow it, or leave it out.") % {"rule": over[0]}, code="too_many"
        )
    if not CheckRun.objects.filter(pk=run.pk, state=run.state).update(state=state, applied_by=by.person, applied_at=DatabaseNow()):
        raise Stale()
    run.refresh_from_db()
    record(by, "check_run.apply", run, organisation=run.project.organisation_id, project=run.project, data={"batch": run.batch_id})
    return _go_on(run, by)


@transaction.atomic
def undo(run: CheckRun, *, by: Actor) -> CheckRun:
    """Take back what applying it did, also where that is not at its end. What a person restored since stays restored, and work that was begun goes on."""
    require(may_clean(by, run.project))
    if run.state == "undoing" and stalled(run):
        return _go_on(run, by)
    state = must_be(run, "undo")
    if not CheckRun.objects.filter(pk=run.pk, state=run.state).update(state=state, undone_by=by.person, undone_at=DatabaseNow()):
        raise Stale()
    run.refresh_from_db()
    record(by, "check_run.undo", run, organisation=run.project.organisation_id, project=run.project, data={"batch": run.batch_id})
    return _go_on(run, by)


def _go_on(run: CheckRun, by: Actor) -> CheckRun:
    project = run.project
    if Finding.objects.filter(run=run)[: AT_ONCE + 1].count() > AT_ONCE:
        about = {"run": run.pk, "batch": run.batch_id}
        run.job = enqueue(JOB, organisation_id=project.organisation_id, project_id=project.pk, by=by, arguments=about)
        run.save(update_fields=["job"])
        return run
    return carry_out(run.pk)


def carry_out(run_id: int, say: Say = lambda done: None) -> CheckRun:
    """To the end of what is asked of the run, from where it is."""
    done, last = 0, START
    while acted := _step(run_id, last):
        number, last = acted
        done += number
        say(done)
    return CheckRun.objects.select_related("project", "batch", "rule_set").get(pk=run_id)


@transaction.atomic
def _step(run_id: int, last: Place) -> tuple[int, Place] | None:
    """How many findings were acted on, and where the next step begins to look; None when there are no more."""
    run = CheckRun.objects.select_for_update(of=("self",)).select_related("project", "rule_set", "applied_by").get(pk=run_id)
    leaning.alone(run.project_id)
    if run.state not in ("applying", "undoing"):
        return None
    forward = run.state == "applying"
    rows = list(_waiting(run, forward, last)[:CHUNK]) or list(_waiting(run, forward, START)[:CHUNK])
    if not rows:
        _over(run)
        return None
    (_forward if forward else _back)(run, rows)
    return len(rows), (rows[-1].rule, rows[-1].pk)


def _waiting(run: CheckRun, forward: bool, last: Place) -> Any:
    """In the order of their index, from where the step before ended: a search from the start goes past all that is done."""
    wanted = FINDING.origins("apply") if forward else FINDING.origins("undo")
    behind = RawSQL("(workflows_finding.rule, workflows_finding.id) > (%s, %s)", last, BooleanField())
    return Finding.objects.filter(behind, run=run, state__in=wanted).order_by("rule", "id")


def _over(run: CheckRun) -> None:
    run.state = CHECK_RUN.after(run.state, "finish" if run.state == "applying" else "restore")
    run.counts = counts(run)
    run.save(update_fields=["state", "counts"])
    from workflows.cleaning.gates import judge_after

    judge_after(run)


def counts(run: CheckRun) -> dict[str, int]:
    """Items by what became of them: flagged, quarantined, queued, and those that stayed restored."""
    acts = {rule["id"]: rule["action"] for rule in run.rule_set.document}
    items: dict[str, set[int]] = defaultdict(set)
    rows = Finding.objects.filter(run=run).exclude(item=None).values_list("rule", "state", "item_id")
    for rule, state, item in rows.iterator(chunk_size=10_000):
        if state == "applied":
            items[{"quarantine": "quarantined", "queue": "queued"}.get(acts.get(rule, ""), "flagged")].add(item)
        elif state in ("waived", "restored"):
            items["restored"].add(item)
    return {name: len(found) for name, found in sorted(items.items())}


def _forward(run: CheckRun, rows: Sequence[Finding]) -> None:
    rules = {rule["id"]: rule for rule in run.rule_set.document}
    by = Actor.of(run.applied_by) if run.applied_by else None
    rows = _without_restored(run, rows)
    for rule_id in sorted({row.rule for row in rows}):
        rule, of_rule = rules[rule_id], [row for row in rows if row.rule == rule_id and row.item_id is not None]
        items = [row.item_id for row in of_rule if row.item_id is not None]
        if rule["action"] == "quarantine":
            leaning.link(of_rule, "hold_id", holding.holds(items, cause=cause(rule["name"]), reason=rule["name"], by=by))
        elif rule["action"] == "queue":
            to_queues.send(run, rule, of_rule)
    Finding.objects.filter(pk__in=[row.pk for row in rows]).update(state="applied")


def _without_restored(run: CheckRun, rows: Sequence[Finding]) -> list[Finding]:
    """Those that nobody has restored from the rule since the run looked; the others are waived."""
    restored = Finding.objects.filter(project_id=run.project_id, state="restored", item__in={row.item_id for row in rows if row.item_id})
    spared = set(restored.values_list("name", "item_id"))
    waived = [row.pk for row in rows if (row.name, row.item_id) in spared]
    Finding.objects.filter(pk__in=waived).update(state="waived")
    return [row for row in rows if (row.name, row.item_id) not in spared]


def _back(run: CheckRun, rows: Sequence[Finding]) -> None:
    ids = [row.pk for row in rows]
    holds, tasks = {row.hold_id for row in rows} - {None}, {row.task_id for row in rows} - {None}
    holds -= leaning.hand_on(leaning.HOLDS, ids) if holds else set()
    tasks -= leaning.hand_on(leaning.TASKS, ids) if tasks else set()
    Finding.objects.filter(pk__in=ids).update(state="undone", hold=None, task=None)
    holding.end_holds(pk for pk in holds if pk is not None)
    sending.call_back(pk for pk in tasks if pk is not None)


@transaction.atomic
def restore(item: Item, *, rule: str = "", by: Actor) -> list[str]:
    """Let an item out of quarantine, and take its flags, by one rule's name or by all; the names of the rules. Further runs of these rules pass
    it over. `Conflict` when nothing of the kind is there."""
    require(may_clean(by, item.project))
    leaning.alone(item.project_id)
    rows = Finding.objects.select_for_update(of=("self",)).filter(item=item, state="applied").order_by("id")
    found = list(rows.filter(name=rule) if rule else rows)
    if not found:
        raise Conflict(_("No rule has caught this item, or somebody has restored it already."), code="nothing_to_restore")
    names = sorted({row.name for row in found})
    Finding.objects.filter(pk__in=[row.pk for row in found]).update(state=FINDING.after("applied", "restore"), task=None)
    for name in names:
        holding.unhold([item.pk], cause=cause(name))
    sending.call_back(row.task_id for row in found if row.task_id is not None)
    record(by, "item.restore", item, organisation=item.project.organisation_id, project=item.project, data={"rules": names})
    from workflows.cleaning.gates import judge

    judge(item.batch_id)
    return names
