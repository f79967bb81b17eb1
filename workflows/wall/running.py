"""Carrying an act on the wall out, and taking it back, some items at a time.

What is planned stands in rows, so that a run that was cut off goes on where it was. Each step locks the act, then the items' tasks
and the items in the order of their ids, as everybody does, and asks once more what stands in the way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import transaction
from django.db.models import Count

from annotate.activity.services import record
from annotate.annotations.live import lock
from annotate.annotations.models import Annotation
from annotate.items.models import Item
from annotate.kernel import canonical
from annotate.kernel.deadlocks import carried_through
from annotate.kernel.errors import Conflict, Denied, Missing, Stale
from annotate.people.actor import Actor
from annotate.projects.queries import current_schema
from annotate.queues import sending
from annotate.queues.models import Queue, Task
from annotate.queues.states import QUEUE
from annotate.reviews import correcting, undoing
from workflows.wall.models import WallAct, WallItem
from workflows.wall.relabelling import carried, relabelled
from workflows.wall.states import WALL_ACT

CHUNK = 50
Say = Callable[[int], object]


def counts(act_id: int) -> dict[str, int]:
    """Outcome → items."""
    return dict(WallItem.objects.filter(act=act_id).order_by().values_list("outcome").annotate(n=Count("pk")))


def run(act_id: int, say: Say = lambda done: None, *, by: Actor | None = None) -> None:
    """To the end of what is planned, or of what is to be taken back; `say` is told how many items are dealt with."""
    done = 0
    while number := carried_through(lambda: _some(act_id, by)):
        done += number
        say(done)


def _some(act_id: int, by: Actor | None) -> int:
    act = WallAct.objects.select_for_update(of=("self",)).select_related("project", "queue", "created_by", "undone_by").get(pk=act_id)
    if act.state not in ("running", "undoing"):
        return 0
    forward = act.state == "running"
    person = act.created_by if forward else act.undone_by
    actor = by or (Actor.of(person) if person is not None and person.is_active else None)
    # Of each item one at a time: what comes second is asked about after the first. Taken back in the opposite order.
    waiting = act.items.filter(outcome="planned" if forward else "changed")
    rows = list(waiting.order_by("item_id", "pk" if forward else "-pk").distinct("item_id")[:CHUNK])
    if not rows:
        _over(act)
        return 0
    if actor is None:
        for row in rows:
            row.outcome = "not_reached" if forward else "left"
    else:
        if act.act != "queue":  # a queue's own lock comes before those of its tasks
            lock(row.item_id for row in rows)
        (_FORWARD if forward else _BACK)[act.act](act, rows, actor)
    WallItem.objects.bulk_update(rows, ["outcome", "made"])
    return len(rows)


def _over(act: WallAct) -> None:
    queue = act.queue if act.state == "undoing" and act.act == "queue" and act.arguments.get("new") else None
    if queue is not None and not Task.objects.filter(queue=queue).exclude(state="void").exists():  # the act made it, and nothing is left in it
        Queue.objects.filter(pk=queue.pk, state__in=QUEUE.origins("close")).update(state=QUEUE.moves["close"][1])
    act.state = WALL_ACT.after(act.state, "finish" if act.state == "running" else "restore")
    act.counts = dict(sorted(counts(act.pk).items()))
    act.save(update_fields=["state", "counts"])


def _tell(act: WallAct, verb: str, items: Sequence[int], actor: Actor) -> None:
    """One row of the activity for a chunk, which names the act as its cause."""
    if not items:
        return
    ids = sorted(items)
    data = {"count": len(ids), "first": ids[0], "last": ids[-1], "cause": "wall", "act": act.pk}
    noun = ("item", ids[0]) if len(ids) == 1 else None
    digest = canonical.digest(",".join(map(str, ids)))
    record(actor, verb, noun, organisation=act.project.organisation_id, project=act.project, after=digest, data=data)


def _fit(act: WallAct, rows: Sequence[WallItem], actor: Actor) -> list[tuple[WallItem, Annotation, list[int]]]:
    """Those that nothing stands in the way of, each with its item's newest revision and where the marked objects stand in it, as they
    were seen; the others are told why."""
    why = correcting.hindrances(act.project, [(row.item_id, row.annotation) for row in rows], returns=act.act == "return", by=actor)
    ids = {row.annotation for row in rows} | {newest for _why, newest in why.values() if newest}
    revisions = Annotation.objects.in_bulk(ids)
    fits = []
    for row in rows:
        row.outcome, newest_id = why.get((row.item_id, row.annotation), ("stale", None))
        if row.outcome or newest_id is None:
            continue
        seen, newest = revisions[row.annotation], revisions[newest_id]
        places = carried(seen.content, newest.content, row.places, act.arguments.get("attribute", ""))
        if places is None:
            row.outcome = "stale"
        else:
            fits.append((row, newest, places))
    return fits


def _relabel(act: WallAct, rows: list[WallItem], actor: Actor) -> None:
    schema = current_schema(act.project_id).pk
    items = Item.objects.in_bulk([row.item_id for row in rows])
    for row, newest, places in _fit(act, rows, actor):
        document, row.outcome = relabelled(newest.content, places, act.arguments, act.project, items[row.item_id])
        if not row.outcome:
            row.made = correcting.correct(newest, document, schema, project=act.project, by=actor)
            row.outcome = "changed"
    _tell(act, "annotation.add", [row.item_id for row in rows if row.outcome == "changed"], actor)


def _take_back(act: WallAct, rows: list[WallItem], actor: Actor) -> None:
    stands = correcting.standing([row.made for row in rows if row.made])
    made = Annotation.objects.select_related("parent").in_bulk(stands)
    for row in rows:
        row.outcome = "undone" if row.made in stands else "left"
        if row.made is not None and row.made in stands:
            correcting.take_back(made[row.made], stands[row.made], project=act.project, by=actor)
    _tell(act, "annotation.add", [row.item_id for row in rows if row.outcome == "undone"], actor)


def _return(act: WallAct, rows: list[WallItem], actor: Actor) -> None:
    for row, newest, places in _fit(act, rows, actor):
        objects = [str(newest.content["objects"][place]["id"]) for place in places]
        try:
            with transaction.atomic():
                row.made = correcting.send_back(newest, act.arguments["reason_key"], act.arguments["reason"], objects, project=act.project, by=actor).pk
            row.outcome = "changed"
        except Stale:
            row.outcome = "moved"
    _tell(act, "item.return", [row.item_id for row in rows if row.outcome == "changed"], actor)


def _fetch_back(act: WallAct, rows: list[WallItem], actor: Actor) -> None:
    for row in rows:
        try:
            with transaction.atomic():
                undoing.undo(row.made or 0, by=actor)
            row.outcome = "undone"
        except (Conflict, Denied, Missing, Stale):
            row.outcome = "left"


def _send(act: WallAct, rows: list[WallItem], actor: Actor) -> None:
    made = sending.send(act.queue, [row.item_id for row in rows]) if act.queue is not None and act.queue.state != "closed" else {}
    for row in rows:
        row.made = made.get(row.item_id)
        row.outcome = "changed" if row.made else "there"


def _call_back(act: WallAct, rows: list[WallItem], actor: Actor) -> None:
    gone = sending.call_back([row.made for row in rows if row.made])
    for row in rows:
        row.outcome = "undone" if row.made in gone else "left"


Carry = Callable[[WallAct, list[WallItem], Actor], None]
_FORWARD: dict[str, Carry] = {"relabel": _relabel, "return": _return, "queue": _send}
_BACK: dict[str, Carry] = {"relabel": _take_back, "return": _fetch_back, "queue": _call_back}
