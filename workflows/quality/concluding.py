"""Bringing the answers of overlapped items together: what is decided is approved with cause `consensus`, the rest is counted and left.

A piece of items is one transaction: the revision, its approval, and why, all or nothing. What is approved is no longer there to be
decided, so a job that was cut off goes on with the rest, and no item is decided twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.annotations.concluding import conclude
from annotate.annotations.live import lock
from annotate.annotations.schemas import Parsed, parsed
from annotate.items.models import Item
from annotate.jobs.models import Job
from annotate.jobs.services import enqueue
from annotate.kernel.canonical import digest, dumps
from annotate.kernel.deadlocks import carried_through
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid
from annotate.labels.validation import check
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.projects.queries import current_schema
from annotate.reviews.approving import approve_many
from annotate.search.compile import compile_query
from workflows.quality.models import Consensus
from workflows.quality.overlapped import Overlapped, documents, items_of, look

if TYPE_CHECKING:
    from workflows.quality.deciding import Decision, Panel, Row

JOB = "quality.consensus"
CAUSE = "consensus"
METHODS = ("majority", "wawa", "dawid_skene", "one_coin", "best")  # of `deciding`, which takes numpy to load
CHUNK = 500
MOST_PEOPLE = 1000
Say = Callable[[int, int], object]


@transaction.atomic
def start(project: Project, *, q: str = "", method: str = "best", quorum: int | None = None, dry_run: bool = False, by: Actor) -> Job:
    """The job that decides the items that match `q`. `Invalid` names what does not fit; `Conflict` for a project in the archive."""
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
    job = enqueue(JOB, organisation_id=project.organisation_id, project_id=project.pk, by=by, arguments=about, key=key)
    if not dry_run:
        record(by, "consensus.start", project, organisation=project.organisation_id, project=project, data={"q": q, "method": method, "quorum": quorum, "job": job.pk})
    return job


def carry_out(
    project: Project, *, q: str = "", method: str = "best", quorum: int | None = None, dry_run: bool = False, job: int | None = None, by: Actor | None, say: Say = lambda done, total: None
) -> dict[str, Any]:
    """To the end, from where it is: {items, decided, methods: {method: items}, left: {reason: items}, answers, dry_run}. `decided` counts
    what earlier attempts of the job decided too. A dry run writes nothing."""
    from workflows.quality.deciding import Panel  # numpy, which idle processes do without

    schema = parsed(current_schema(project.pk).pk)
    panel = Panel(schema.document, method, quorum)
    everything = list(look(items_of(project.pk)))
    if panel.learns:
        _learn(panel, everything, schema, project.pk, say)
    ready, left = _asked(project, everything, q)
    methods: Counter[str] = Counter()
    before = Consensus.objects.filter(job=job) if job is not None and not dry_run else Consensus.objects.none()
    methods.update(before.values_list("method", flat=True))
    for done, some in enumerate(pieces(ready, CHUNK)):
        say(done * CHUNK, len(ready))
        made = list(_decide(panel, some, schema, project.pk))
        if not dry_run:
            made = _in_turn(project, made, some, schema, job, by)
        for one in made:
            (left if one.why else methods).update([one.why or one.method])
    say(len(ready), len(ready))
    decided = sum(methods.values())
    counts = {"methods": dict(sorted(methods.items())), "left": {name: n for name, n in sorted(left.items()) if n}}
    return {"items": decided + sum(left.values()), "decided": decided, **counts, "answers": sum(len(one.answers) for one in everything), "method": method, "dry_run": dry_run}


def pieces(found: Sequence[Overlapped], size: int) -> Iterator[Sequence[Overlapped]]:
    for start in range(0, len(found), size):
        yield found[start : start + size]


def _rows(some: Sequence[Overlapped], schema: Parsed, project_id: int) -> Iterator[Row]:
    said = documents(some, schema, project_id)
    for one in some:
        yield one.item, said[one.item], one.width * one.height


def _learn(panel: Panel, everything: Sequence[Overlapped], schema: Parsed, project_id: int, say: Say) -> None:
    """From all that was answered twice in the project, approved or not, so that what a job decides does not hang on how far it is."""
    evidence = [one for one in everything if len(one.answers) > 1]
    rows = (row for some in pieces(evidence, CHUNK) for row in _rows(some, schema, project_id))
    say(0, len(evidence))
    panel.learn(rows)


def _asked(project: Project, everything: Sequence[Overlapped], q: str) -> tuple[list[Overlapped], Counter[str]]:
    """(what is ready of the items that match, why others are left)."""
    open_ones = [one for one in everything if not one.approved]
    if q.strip():
        wanted = set(Item.objects.filter(compile_query(q, project.pk), project=project).order_by().values_list("pk", flat=True))
        open_ones = [one for one in open_ones if one.item in wanted]
    return [one for one in open_ones if not one.why], Counter(one.why for one in open_ones if one.why)


def _decide(panel: Panel, some: Sequence[Overlapped], schema: Parsed, project_id: int) -> Iterator[Decision]:
    known = {one.item: one for one in some}
    for made in panel.decide(list(_rows(some, schema, project_id))):
        if made.document is None:
            yield made
            continue
        about = known[made.item]
        try:
            sound = check(made.document, schema.schema, width=about.width or None, height=about.height or None, text=about.text)
        except Invalid as error:
            yield replace(made, document=None, why="invalid", explanation=made.explanation | {"invalid": dict(error.fields)})
        else:
            yield replace(made, document=sound)


def _in_turn(project: Project, made: Sequence[Decision], some: Sequence[Overlapped], schema: Parsed, job: int | None, by: Actor | None) -> list[Decision]:
    return carried_through(lambda: _write(project, made, some, schema, job, by))


def _write(project: Project, made: Sequence[Decision], some: Sequence[Overlapped], schema: Parsed, job: int | None, by: Actor | None) -> list[Decision]:
    """Approve what is still as it was when it was decided; all with their reasons."""
    seen = {one.item: one.answers for one in some}
    wanted = [one.item for one in made if one.document is not None]
    lock(wanted)
    same = {one.item for one in look(wanted) if not one.why and not one.approved and one.answers == seen[one.item]}
    done = [one if one.document is None or one.item in same else replace(one, document=None, why="moved") for one in made]
    fit = {one.item: one for one in done if one.document is not None}
    if not fit:
        return done
    revisions = conclude({item: one.document for item, one in fit.items() if one.document is not None}, schema.id)
    approve_many(revisions, cause=CAUSE, person_id=by.person_id if by else None)
    Consensus.objects.bulk_create(
        [Consensus(item_id=item, annotation_id=revisions[item], job_id=job, method=one.method, confidence=one.confidence, explanation=one.explanation) for item, one in fit.items()]
    )
    items = sorted(fit)
    data = {"count": len(items), "first": items[0], "last": items[-1], "cause": CAUSE, "job": job}
    noun = ("item", items[0]) if len(items) == 1 else None
    record(by, "approval.add", noun, organisation=project.organisation_id, project=project, data=data)
    return done
