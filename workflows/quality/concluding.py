"""Bringing the answers of overlapped items together: what is decided is approved with cause `consensus`, the rest is counted and left.

A piece of items is one transaction: the revision, its approval, what is laid aside, and why, all or nothing. What is approved is no longer there to be
decided, so a job that was cut off goes on with the rest, and no item is decided twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
from django.db import transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.annotations.concluding import conclude
from annotate.annotations.live import lock
from annotate.annotations.schemas import Parsed, parsed
from annotate.items.models import Item
from annotate.jobs.models import Job
from annotate.jobs.services import enqueue
from annotate.jobs.states import LIVE
from annotate.kernel import copying
from annotate.kernel.canonical import digest, dumps
from annotate.kernel.deadlocks import carried_through
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid
from annotate.labels.validation import check
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.projects.queries import current_schema
from annotate.queues.laying_aside import Laid, lay_aside
from annotate.reviews.approving import approve_many
from annotate.search.compile import compile_query
from workflows.quality import members, parts
from workflows.quality.models import ConsensusItem, ConsensusRun
from workflows.quality.overlapped import Overlapped, documents, items_of, look
from workflows.quality.states import CONSENSUS_RUN, DECIDED

if TYPE_CHECKING:
    from workflows.quality.deciding import Decision, Panel, Row

JOB = "quality.consensus"
CAUSE = "consensus"
METHODS = ("majority", "wawa", "dawid_skene", "one_coin", "best")  # of `deciding`, which takes numpy to load
CHUNK = 500
PIECE = 5000
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
    from workflows.quality.deciding import Panel  # numpy, which idle processes do without

    if run.state != "deciding":
        return result_of(run)
    project = run.project
    schema = parsed(current_schema(project.pk).pk)
    panel = Panel(schema.document, run.method, run.quorum)
    everything = list(look(items_of(project.pk)))
    if panel.learns:
        # From all that was answered twice, approved or not, so that what a job decides does not hang on how far it is.
        parts.refresh(project, say)
        panel.learn(parts.kept_parts(project))
    ConsensusItem.objects.filter(run=run, consensus=None).delete()  # of an earlier attempt: asked anew
    ready, left = _asked(project, everything, run.q)
    for some in pieces(left, PIECE):
        carried_through(lambda some=some: members.write(run, [members.Member(one.item, one.why) for one in some]))  # type: ignore[misc]
    for done, some in enumerate(pieces(ready, CHUNK)):
        say(done * CHUNK, len(ready))
        made = list(_decide(panel, some, schema, project.pk))
        carried_through(lambda made=made, some=some: _write(run, made, some, schema, by))  # type: ignore[misc]
    say(len(ready), len(ready))
    run.state = CONSENSUS_RUN.after(run.state, "decide")
    run.answers = sum(len(one.answers) for one in everything)
    run.save(update_fields=["state", "answers"])
    return result_of(run)


def result_of(run: ConsensusRun) -> dict[str, Any]:
    """What the run came to, or would: see `carry_out`."""
    decided, left = members.counts(run)
    return {
        "items": sum(decided.values()) + sum(left.values()), "decided": sum(decided.values()), "methods": decided, "left": left,
        "answers": run.answers, "method": run.method, "dry_run": run.dry_run,
    }  # fmt: skip


def pieces(found: Sequence[Overlapped], size: int) -> Iterator[Sequence[Overlapped]]:
    for start in range(0, len(found), size):
        yield found[start : start + size]


def _rows(some: Sequence[Overlapped], schema: Parsed, project_id: int) -> Iterator[Row]:
    said = documents(some, schema, project_id)
    for one in some:
        yield one.item, said[one.item], one.width * one.height


def _asked(project: Project, everything: Sequence[Overlapped], q: str) -> tuple[list[Overlapped], list[Overlapped]]:
    """(what is ready of the items that match, what is left)."""
    open_ones = [one for one in everything if not one.approved]
    if q.strip():
        wanted = set(Item.objects.filter(compile_query(q, project.pk), project=project).order_by().values_list("pk", flat=True))
        open_ones = [one for one in open_ones if one.item in wanted]
    return [one for one in open_ones if not one.why], [one for one in open_ones if one.why]


def _decide(panel: Panel, some: Sequence[Overlapped], schema: Parsed, project_id: int) -> Iterator[Decision]:
    known = {one.item: one for one in some}
    for found in panel.decide(list(_rows(some, schema, project_id))):
        about = known[found.item]
        made = replace(found, explanation=found.explanation | {"answers": list(about.answers)})
        if made.document is None:
            yield made
            continue
        try:
            sound = check(made.document, schema.schema, width=about.width or None, height=about.height or None, text=about.text)
        except Invalid as error:
            yield replace(made, document=None, why="invalid", explanation=made.explanation | {"invalid": dict(error.fields)})
        else:
            yield replace(made, document=sound)


def _write(run: ConsensusRun, made: Sequence[Decision], some: Sequence[Overlapped], schema: Parsed, by: Actor | None) -> None:
    """Approve what is still as it was when it was decided, and lay aside what waits of it; all with their reasons."""
    if run.dry_run:
        return members.write(run, [_member(one) for one in made])
    seen = {one.item: one.answers for one in some}
    wanted = [one.item for one in made if one.document is not None]
    lock(wanted)
    same = {one.item for one in look(wanted) if not one.why and not one.approved and one.answers == seen[one.item]}
    done = [one if one.document is None or one.item in same else replace(one, document=None, why="moved") for one in made]
    fit = {one.item: one for one in done if one.document is not None}
    rows, aside = _approve(run, fit, schema, by) if fit else ({}, {})
    members.write(run, [_member(one, rows.get(one.item), aside.get(one.item, ())) for one in done])


def _approve(run: ConsensusRun, fit: dict[int, Decision], schema: Parsed, by: Actor | None) -> tuple[dict[int, int], dict[int, list[Laid]]]:
    """(item → its row of `Consensus`, item → tasks laid aside)."""
    documents = {item: one.document for item, one in fit.items() if one.document is not None}
    revisions = conclude(documents, schema.id)
    approve_many(revisions, cause=CAUSE, person_id=by.person_id if by else None, shown=(run.project_id, documents))
    aside = lay_aside(sorted(fit))
    rows = dict(zip(fit, copying.new_ids("workflows_consensus", len(fit)), strict=True))
    told = ((item, one, orjson.dumps(one.explanation, option=orjson.OPT_NON_STR_KEYS).decode()) for item, one in fit.items())
    lines = (f"{rows[item]}\t{item}\t{revisions[item]}\t{copying.plain(run.job_id)}\t{one.method}\t{one.confidence!r}\t{copying.json(why)}" for item, one, why in told)
    with copying.references_known():  # items are locked, revisions of this transaction, and the job is what runs here
        copying.copy(_COPY, lines)
    items = sorted(fit)
    data = {"count": len(items), "first": items[0], "last": items[-1], "cause": CAUSE, "job": run.job_id}
    noun = ("item", items[0]) if len(items) == 1 else None
    record(by, "approval.add", noun, organisation=run.project.organisation_id, project=run.project, data=data)
    return rows, aside


def _member(one: Decision, consensus: int | None = None, aside: Sequence[Laid] = ()) -> members.Member:
    if one.document is not None:
        return members.Member(one.item, DECIDED, one.method, consensus, aside=tuple(aside))
    return members.Member(one.item, one.why, explanation=one.explanation)
