"""The work of schema changes: the jobs that make annotations follow, or restore them, and the look that is taken again
and again at answers that come late, under a version that was pinned before the change.

The place a job has reached is written with each chunk's rows, so that a job that died goes on there and adds nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F

from annotate.annotations import touching
from annotate.annotations.changes import FOLLOW, RESTORE
from annotate.annotations.following import Following
from annotate.annotations.models import MappedRevision, SchemaChange
from annotate.annotations.restoring import Restoring
from annotate.annotations.states import CHANGE
from annotate.annotations.steps import Step, number_of
from annotate.jobs.models import Job
from annotate.jobs.services import Work, handler, links
from annotate.jobs.states import LIVE
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.deadlocks import carried_through
from annotate.kernel.errors import Invalid
from annotate.kernel.registry import ticks
from annotate.labels.mapping import interest

CHUNK = 200
SECONDS = 5.0
TRIES, PAUSE = 20, 0.05  # people lock the same rows in another order
GRACE = "2 minutes"  # a submit that began in time may still be on its way


def _change(work: Work) -> SchemaChange:
    found = SchemaChange.objects.select_related("project", "before", "after", "restored").filter(pk=work.arguments["change"]).first()
    if found is None:
        raise Invalid("this change has gone")
    return found


def step(change: SchemaChange) -> Step:
    """What takes items along the newest step of the change, and before it along those that are not settled."""

    def made(one: SchemaChange, earlier: Sequence[Step] = ()) -> Step:
        return Restoring(one, earlier) if one.restored_id else Following(one, earlier)

    rows = SchemaChange.objects.filter(project=change.project_id, settled_at=None, state__in=("done", "undone")).exclude(pk=change.pk)
    before = [one for one in rows.select_related("after", "restored") if number_of(one) < number_of(change)]
    return made(change, [made(one) for one in sorted(before, key=number_of)])


def _chunks(work: Work, change: SchemaChange, following: Callable[[int], list[int]], step: Step) -> None:
    """All items that `following(cursor)` gives, each chunk in one transaction with the place it leaves."""

    def chunk(items: list[int]) -> None:
        work.save_report()
        step.follow(items)
        SchemaChange.objects.filter(pk=change.pk).update(cursor=items[-1], done=F("done") + len(items))

    while items := following(change.cursor):
        carried_through(lambda items=items: chunk(items), tries=TRIES, pause=PAUSE)  # type: ignore[misc]
        change.refresh_from_db(fields=["cursor", "done"])
        work.progress(change.done, max(change.total or 0, change.done))


@handler(FOLLOW, resumes=True)
def follow(work: Work) -> dict[str, Any]:
    change = _change(work)
    if change.state == "running":
        doing = step(change)
        wanted = interest(doing.operations)
        if change.total is None:
            change.total = touching.how_many(change, wanted, number=change.after.number)
            SchemaChange.objects.filter(pk=change.pk).update(total=change.total)

        def following(cursor: int) -> list[int]:
            return touching.candidates(change, wanted, after=cursor, number=change.after.number, limit=CHUNK)

        _chunks(work, change, following, doing)
        _end(work, change, "finish")
        look(change)
    return outcomes(change)


@handler(RESTORE, resumes=True)
def restore_all(work: Work) -> dict[str, Any]:
    change = _change(work)
    if change.state == "undoing":
        if change.total is None:
            change.total = touching.how_many_since(change)
            SchemaChange.objects.filter(pk=change.pk).update(total=change.total)
        _chunks(work, change, lambda cursor: touching.since(change, after=cursor, limit=CHUNK), step(change))
        _end(work, change, "restore")
        look(change)
    return outcomes(change)


def _end(work: Work, change: SchemaChange, move: str) -> None:
    with transaction.atomic():
        work.save_report()
        rows = SchemaChange.objects.filter(pk=change.pk, state__in=CHANGE.origins(move))
        rows.update(state=CHANGE.moves[move][1])
    change.refresh_from_db()


def outcomes(change: SchemaChange) -> dict[str, int]:
    """How many items there are of each outcome, by its name; those that are none are left out."""
    counts: dict[str, set[int]] = {}
    for outcome, item in MappedRevision.objects.filter(change=change).values_list("outcome", "item_id").distinct():
        counts.setdefault(outcome, set()).add(item)
    return {name: len(items) for name, items in counts.items()}


def look(change: SchemaChange) -> int:
    """Take up what waited and what came late; how many items changed. Settles the change when nothing more can come."""
    undone = change.state == "undone"
    # Answers that are met: under versions from `least` up to `number`, that one left out.
    least, number = (change.after.number, number_of(change)) if undone else (0, change.after.number)
    expected = touching.pinned(change.project_id, least=least, number=number, grace=GRACE) > 0
    expected = expected or Job.objects.filter(project=change.project_id, state__in=LIVE, kind__startswith="collection.").exists()
    mark, moved, doing = touching.watermark(), 0, step(change)
    waiting = MappedRevision.objects.filter(change=change, outcome__in=("mapped", "waiting") if undone else ("waiting",))
    held = list(waiting.order_by("item_id").values_list("item_id", flat=True).distinct())
    for start in range(0, len(held), CHUNK):
        moved += _moved(doing, held[start : start + CHUNK])
    after = 0
    while items := touching.late(change, least=least, number=number, after=after, limit=CHUNK):
        moved += _moved(doing, items)
        after = items[-1]
    settled = not expected and not moved and not waiting.all().exists()
    now = {"settled_at": DatabaseNow()} if settled else {}
    SchemaChange.objects.filter(pk=change.pk, state=change.state).update(watermark=max(mark, change.watermark), **now)
    return moved


def _moved(doing: Step, items: Sequence[int]) -> int:
    counts = carried_through(lambda: doing.follow(items), tries=TRIES, pause=PAUSE)
    return counts["mapped"] + counts["restored"] + counts["left"]


def look_at_all() -> int:
    """Every change that somebody may still answer an older version of, in the order of their steps; the clock asks."""
    open_ = SchemaChange.objects.filter(settled_at=None, state__in=("done", "undone")).select_related("project", "after", "restored")
    return sum(look(change) for change in sorted(open_, key=number_of))


def _link(job: Any) -> dict[str, str]:
    return {"schema_change": f"/api/v1/schema-changes/{job.arguments.get('change')}"}


for _kind in (FOLLOW, RESTORE):
    links.add(_kind, _link)
ticks.add("schema changes", (SECONDS, look_at_all))
