"""Bringing the answers of overlapped items together: what is decided is approved with cause `consensus`, the rest is counted and left.

A piece of items is one transaction: the revision, its approval, what is laid aside, and why, all or nothing. What is approved is no longer there to be
decided, so a job that was cut off goes on with the rest, and no item is decided twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.annotations.concluding import conclude
from annotate.annotations.live import lock
from annotate.annotations.schemas import Parsed, parsed
from annotate.jobs.models import Job
from annotate.jobs.services import enqueue
from annotate.jobs.states import LIVE
from annotate.kernel import copying
from annotate.kernel.beside import beside
from annotate.kernel.canonical import digest, dumps
from annotate.kernel.deadlocks import carried_through
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.projects.queries import current_schema
from annotate.queues.laying_aside import Laid, lay_aside
from annotate.reviews.approving import approve_many
from annotate.search.compile import compile_query
from workflows.quality import members, parts
from workflows.quality.heard import Heard, Verdict
from workflows.quality.looking import Looking
from workflows.quality.models import ConsensusItem, ConsensusRun
from workflows.quality.overlapped import items_of, moved
from workflows.quality.states import CONSENSUS_RUN, DECIDED

JOB = "quality.consensus"
CAUSE = "consensus"
METHODS = ("majority", "wawa", "dawid_skene", "one_coin", "best")  # of `deciding`, which takes numpy to load
MANY = 2000  # items from which another process is worth its start
KEPT_DRY = 5
_COPY = "COPY workflows_consensus (id, item_id, annotation_id, job_id, method, confidence, explanation) FROM STDIN"
MOST_PEOPLE = 1000
Say = Callable[[int, int], object]


@transaction.atomic
def start(project: Project, *, q: str = "", method: str = "best", quorum: int | None = None, dry_run: bool = False, by: Actor) -> Job:
    """The job that decides the items that match `q`, with a `ConsensusRun` of its own; the same again while it is at it is that one.
    `Invalid` names what does not fit; `Conflict` for a project in the archive."""
    require(may_manage(by, project))
    if method not in METHODS:
        raise Invalid(_("There is no such method."), fields={"method": f"one of {', '.join(METHODS)}"})
    if quorum is not None and not 1 <= quorum <= MOST_PEOPLE:
        raise Invalid(_("The quorum is a number of people."), fields={"quorum": f"1 to {MOST_PEOPLE}"})
    compile_query(q, project.pk)
    if project.archived_at is not None and not dry_run:
        raise Conflict(_("the project is in the archive"), code="archived")
    about = {"project": project.pk, "q": q, "method": method, "quorum": quorum, "dry_run": dry_run}
    key = f"consensus {project.pk} {digest(dumps(about)).hex()[:24]}"
    if (live := Job.objects.filter(key=key, state__in=LIVE).first()) is not None:
        return live
    run = ConsensusRun.objects.create(project=project, q=q, method=method, quorum=quorum, dry_run=dry_run, created_by=by.person)
    job = enqueue(JOB, organisation_id=project.organisation_id, project_id=project.pk, by=by, arguments={"run": run.pk}, key=key)
    if job.arguments != {"run": run.pk}:  # somebody else asked for the same at the same moment
        run.delete()
        return job
    run.job = job
    run.save(update_fields=["job"])
    if dry_run:
        _forget_dry(run)
    else:
        record(by, "consensus.start", project, organisation=project.organisation_id, project=project, data={"q": q, "method": method, "quorum": quorum, "job": job.pk})
    return job


def _forget_dry(run: ConsensusRun) -> None:
    """What was foretold before is of little use: the last few are kept."""
    rows = ConsensusRun.objects.filter(project=run.project_id, dry_run=True, state="decided").order_by("-pk")
    ConsensusRun.objects.filter(pk__in=list(rows.values_list("pk", flat=True)[KEPT_DRY:])).delete()


def carry_out(run: ConsensusRun, *, by: Actor | None, say: Say = lambda done, total: None) -> dict[str, Any]:
    """To the end, from where it is: {items, decided, methods: {method: items}, left: {reason: items}, answers, dry_run}. `decided` counts
    what earlier attempts of the job decided too. A dry run writes nothing but what it foretells."""
    from workflows.quality.verdicts import Verdicts  # numpy, which idle processes do without

    if run.state != "deciding":
        return result_of(run)
    project = run.project
    schema = parsed(current_schema(project.pk).pk)
    items = items_of(project.pk)
    with beside(len(items) >= MANY, Verdicts, schema.document, run.method, run.quorum) as verdicts:  # it begins while the rest is looked at
        ConsensusItem.objects.filter(run=run, consensus=None).delete()  # of an earlier attempt: asked anew
        if run.method != "majority":
            # From all that was answered twice, approved or not, so that what a job decides does not hang on how far it is.
            parts.refresh(project, say)
            verdicts.tell("learn", list(parts.kept_texts(project)))
        looking = Looking(run, items)
        for rows, made in verdicts.each("decide", looking.heard(schema)):
            say(looking.seen, len(items))
            carried_through(lambda rows=rows, made=made: _write(run, made, rows, schema, by))  # type: ignore[misc]
    say(len(items), len(items))
    run.state = CONSENSUS_RUN.after(run.state, "decide")
    run.answers = looking.answers
    run.save(update_fields=["state", "answers"])
    return result_of(run)


def result_of(run: ConsensusRun) -> dict[str, Any]:
    """What the run came to, or would: see `carry_out`."""
    decided, left = members.counts(run)
    return {
        "items": sum(decided.values()) + sum(left.values()), "decided": sum(decided.values()), "methods": decided, "left": left,
        "answers": run.answers, "method": run.method, "dry_run": run.dry_run,
    }  # fmt: skip


def _write(run: ConsensusRun, made: Sequence[Verdict], rows: Sequence[Heard], schema: Parsed, by: Actor | None) -> None:
    """Approve what is still as it was when it was decided, and lay aside what waits of it; all with their reasons."""
    if run.dry_run:
        return members.write(run, [_member(one) for one in made])
    seen = {one.item: one.answers for one in rows}
    there = set(lock([one.item for one in made]))  # without what was erased meanwhile
    made = [one for one in made if one.item in there]
    wanted = [one.item for one in made if one.written is not None]
    others = moved({item: seen[item] for item in wanted})
    done = [one._replace(written=None, why="moved") if one.item in others else one for one in made]
    fit = {one.item: one for one in done if one.written is not None}
    kept, aside = _approve(run, fit, schema, by) if fit else ({}, {})
    members.write(run, [_member(one, kept.get(one.item), aside.get(one.item, ())) for one in done], locked=True)


def _approve(run: ConsensusRun, fit: dict[int, Verdict], schema: Parsed, by: Actor | None) -> tuple[dict[int, int], dict[int, list[Laid]]]:
    """(item → its row of `Consensus`, item → tasks laid aside)."""
    revisions = conclude({item: one.written for item, one in fit.items() if one.written is not None}, schema.id)
    shapes = {item: one.shape for item, one in fit.items() if one.shape is not None}
    approve_many(revisions, cause=CAUSE, person_id=by.person_id if by else None, shown=(run.project_id, shapes))
    aside = lay_aside(sorted(fit))
    kept = dict(zip(fit, copying.new_ids("workflows_consensus", len(fit)), strict=True))
    job = copying.plain(run.job_id)
    lines = (f"{kept[item]}\t{item}\t{revisions[item]}\t{job}\t{one.method}\t{one.confidence!r}\t{copying.json(one.explanation)}" for item, one in fit.items())
    with copying.references_known():  # items are locked, revisions of this transaction, and the job is what runs here
        copying.copy(_COPY, lines)
    items = sorted(fit)
    data = {"count": len(items), "first": items[0], "last": items[-1], "cause": CAUSE, "job": run.job_id}
    noun = ("item", items[0]) if len(items) == 1 else None
    record(by, "approval.add", noun, organisation=run.project.organisation_id, project=run.project, data=data)
    return kept, aside


def _member(one: Verdict, consensus: int | None = None, aside: Sequence[Laid] = ()) -> members.Member:
    if one.written is not None:
        return members.Member(one.item, DECIDED, one.method, consensus, aside=tuple(aside))
    return members.Member(one.item, one.why, explanation=one.explanation)
