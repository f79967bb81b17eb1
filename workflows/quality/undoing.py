"""Undoing a consensus run: what it approved stands no longer, and each item is where it was. Where something newer stands, it stays.

Revisions are only added to, so each item gets one that says what its newest answer said: put there by who undid the run, as a child of
the author's own. Tasks that were laid aside wait again. Some hundred items at a time, each step one transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.annotations.concluding import take_back
from annotate.annotations.live import lock
from annotate.annotations.projection import refresh
from annotate.items.services import move
from annotate.jobs.models import Job
from annotate.jobs.services import enqueue
from annotate.jobs.states import LIVE
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.deadlocks import carried_through
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict
from annotate.people.actor import Actor
from annotate.projects.policies import may_manage
from annotate.queues.apart import apart
from annotate.queues.laying_aside import follow, take_up
from annotate.reviews.models import Approval
from annotate.reviews.undoing import UNDONE
from workflows.quality.models import ConsensusItem, ConsensusRun
from workflows.quality.states import CONSENSUS_RUN, DECIDED
from workflows.releases.holding import in_versions

JOB = "quality.consensus_undo"
CHUNK = 500
Say = Callable[[int, int], object]

# Why a consensus stays; asked with the items and their tasks locked.
_WHY = """
SELECT m.id, m.item_id, c.annotation_id, p.id,
       CASE WHEN i.state = 'erased' THEN 'erased'
            WHEN p.id IS NULL THEN 'withdrawn'
            WHEN EXISTS (SELECT 1 FROM annotate_annotation n JOIN annotate_annotation a ON a.id = c.annotation_id
                         WHERE n.item_id = m.item_id AND n.number > a.number) THEN 'labelled'
            WHEN EXISTS (SELECT 1 FROM annotate_review v WHERE v.item_id = m.item_id AND v.created_at >= p.created_at
                         AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = v.id)) THEN 'judged'
            WHEN EXISTS (SELECT 1 FROM annotate_lease l JOIN annotate_queue k ON k.id = l.queue_id
                         WHERE l.item_id = m.item_id AND l.ended_at IS NULL AND l.expires_at > clock_timestamp() AND k.stage <> 'annotate') THEN 'at_review'
            WHEN {apart} THEN 'in_round'
            WHEN EXISTS (SELECT 1 FROM annotate_gold g WHERE g.annotation_id = c.annotation_id AND g.state = 'active') THEN 'gold'
            ELSE '' END
FROM workflows_consensusitem m JOIN annotate_item i ON i.id = m.item_id
LEFT JOIN workflows_consensus c ON c.id = m.consensus_id
LEFT JOIN annotate_approval p ON p.annotation_id = c.annotation_id AND p.ended_at IS NULL
WHERE m.id = ANY(%s) ORDER BY m.item_id
"""
_OUTCOMES = "UPDATE workflows_consensusitem m SET undone = v.undone FROM unnest(%s::bigint[], %s::text[]) AS v(id, undone) WHERE m.id = v.id"


@transaction.atomic
def start(run: ConsensusRun, *, by: Actor) -> Job:
    """The job that undoes the run. `Conflict` for a dry one, one that is still at it, and one that is undone or being so."""
    require(may_manage(by, run.project))
    made = ConsensusRun.objects.select_for_update(of=("self",)).select_related("project", "job").get(pk=run.pk)
    if made.dry_run:
        raise Conflict(_("a dry run changed nothing"), code="dry_run")
    if made.job is not None and made.job.state in LIVE and made.state == "deciding":
        raise Conflict(_("the run is still at work; cancel it first"), code="at_work")
    if made.project.archived_at is not None:
        raise Conflict(_("the project is in the archive"), code="archived")
    made.state = CONSENSUS_RUN.after(made.state, "undo")
    made.undone_by = by.person
    about = {"run": made.pk}
    made.job = enqueue(JOB, organisation_id=made.project.organisation_id, project_id=made.project_id, by=by, arguments=about, key=f"consensus undo {made.pk}")
    made.save(update_fields=["state", "undone_by", "job"])
    ConsensusRun.objects.filter(pk=made.pk).update(undone_at=DatabaseNow())
    record(by, "consensus.undo", made.project, organisation=made.project.organisation_id, project=made.project, data={"run": made.pk, "job": made.job.pk})
    return made.job


def preview(run: ConsensusRun) -> dict[str, int]:
    """{undone: items that would go back, why: items that would stay}, as it is now."""
    found: Counter[str] = Counter()
    rows = ConsensusItem.objects.filter(run=run, outcome=DECIDED, undone="").order_by("pk")
    after = 0
    while some := list(rows.filter(pk__gt=after)[:CHUNK]):
        found.update(why or UNDONE for _member, _item, _annotation, _approval, why in _judged(run, some))
        after = some[-1].pk
    return dict(found)


def carry_out(run_id: int, *, by: Actor | None, say: Say = lambda done, total: None) -> dict[str, Any]:
    """To the end, from where it is: {undone: items, left: {why: items}}."""
    rows = ConsensusItem.objects.filter(run=run_id, outcome=DECIDED)
    total = rows.count()
    say(rows.exclude(undone="").count(), total)
    while carried_through(lambda: _some(run_id, by)):
        say(rows.exclude(undone="").count(), total)
    return counts(run_id)


def counts(run_id: int) -> dict[str, Any]:
    found = Counter(ConsensusItem.objects.filter(run=run_id, outcome=DECIDED).exclude(undone="").order_by().values_list("undone", flat=True))
    return {"undone": found.pop(UNDONE, 0), "left": dict(sorted(found.items()))}


def _some(run_id: int, by: Actor | None) -> int:
    run = ConsensusRun.objects.select_for_update(of=("self",)).select_related("project").get(pk=run_id)
    if run.state != "undoing":
        return 0
    rows = list(ConsensusItem.objects.filter(run=run, outcome=DECIDED, undone="").order_by("pk")[:CHUNK])
    if not rows:
        run.state = CONSENSUS_RUN.after(run.state, "restore")
        run.save(update_fields=["state"])
        return 0
    lock(row.item_id for row in rows)
    judged = _judged(run, rows)
    fit = {item: (annotation, approval) for _member, item, annotation, approval, why in judged if not why}
    if fit:
        _put_back(run, fit, {row.item_id: row.aside for row in rows}, by)
    with connection.cursor() as cursor:
        cursor.execute(_OUTCOMES, [[member for member, *_rest in judged], [why or UNDONE for *_rest, why in judged]])
    return len(rows)


def _judged(run: ConsensusRun, rows: Sequence[ConsensusItem]) -> list[tuple[int, int, int, int, str]]:
    """(member, item, the consensus's revision, its approval, why it stays or "")."""
    conditions = " OR ".join(f"({condition.format(queue=0)})" for _name, condition in apart) or "false"
    with connection.cursor() as cursor:
        cursor.execute(_WHY.format(apart=f"({conditions})"), [[row.pk for row in rows]])
        found = cursor.fetchall()
    items = [item for _member, item, _annotation, _approval, why in found if not why]
    held = in_versions(run.project_id, items, run.created_at) if items else set()
    return [(member, item, annotation, approval, why or ("in_version" if item in held else "")) for member, item, annotation, approval, why in found]


def _put_back(run: ConsensusRun, fit: Mapping[int, tuple[int, int]], aside: Mapping[int, list[Any]], by: Actor | None) -> None:
    items = sorted(fit)
    Approval.objects.filter(pk__in=[approval for _annotation, approval in fit.values()]).update(ended_at=DatabaseNow(), ended_reason=UNDONE)
    said = take_back([annotation for annotation, _approval in fit.values()], person_id=by.person_id if by else None)
    take_up([laid for item in items for laid in aside[item]])
    follow(said)
    move(items, "unapprove")
    refresh(items)
    data = {"count": len(items), "first": items[0], "last": items[-1], "cause": "undo", "run": run.pk}
    noun = ("item", items[0]) if len(items) == 1 else None
    record(by, "approval.end", noun, organisation=run.project.organisation_id, project=run.project, data=data)
