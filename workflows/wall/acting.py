"""One act on all that is marked: relabel it, return it to its authors, or send its items to a queue. Shown first, carried out, undone once.

Few items are dealt with at once, many by a job. What was revised since it was seen is left out and counted; nothing is overwritten.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.annotations.schemas import parsed
from annotate.items.models import Item
from annotate.jobs.services import enqueue
from annotate.jobs.states import LIVE
from annotate.kernel.canonical import check_text
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid
from annotate.people.actor import Actor
from annotate.projects import return_reasons
from annotate.projects.models import Project
from annotate.projects.queries import current_schema
from annotate.queues.models import Queue
from annotate.queues.services import create_queue
from annotate.reviews import correcting
from workflows.wall import policies, queries, spots
from workflows.wall.asking import Asked
from workflows.wall.models import WallAct, WallItem
from workflows.wall.relabelling import carried, relabelled
from workflows.wall.running import counts, run
from workflows.wall.states import ACTS, WALL_ACT

AT_ONCE = 100  # items that a request deals with itself; more are a job's
JOB = "wall.act"
LONGEST_REASON = 500


@dataclass(frozen=True)
class Wish:
    """What is to be done to which spots (their names). relabel: `label`, or of whole items the `option` of the answer that the wall
    shows; return: `reason_key` of the project's, `reason` in words, or both, which the authors read; queue: `queue`, or the `name` of a new one."""

    act: str
    things: tuple[str, ...]
    asked: Asked = field(default_factory=Asked)
    label: str = ""
    option: str = ""
    reason: str = ""
    reason_key: str = ""
    queue: Queue | None = None
    name: str = ""


@dataclass(frozen=True)
class Preview:
    """Of `things` in `items`, so many items would `change`; `left_out` says why others would not. `approved`: items among those that
    would change whose approval stays as it is. `people`: authors whose work it is."""

    things: int
    items: int
    changes: int
    approved: int
    people: int
    left_out: dict[str, int]


def checked(project: Project, wish: Wish) -> dict[str, Any]:
    """The act's arguments; `Invalid` names what is missing or wrong."""
    if wish.act not in ACTS:
        raise Invalid(_("There is no such act."), fields={"act": f"one of {', '.join(ACTS)}"})
    if not wish.things:
        raise Invalid(_("Nothing is marked."), fields={"things": "name one at least"})
    schema = parsed(current_schema(project.pk).pk).schema
    if wish.act == "relabel" and wish.asked.answered is not None:
        name = wish.asked.answered[0]
        if name not in schema.item or wish.option not in schema.item[name].options:
            raise Invalid(_("Choose what it is."), fields={"option": _("an option of %(name)s") % {"name": name}})
        return {"attribute": name, "was": wish.asked.answered[1], "option": wish.option}
    if wish.act == "relabel":
        if wish.label not in schema.labels:
            raise Invalid(_("Choose a label."), fields={"label": _("a label of the schema")})
        return {"label": wish.label}
    if wish.act == "return":
        reason = check_text(wish.reason).strip()
        if len(reason) > LONGEST_REASON:
            raise Invalid(_("The reason is too long."), fields={"reason": f"words, at most {LONGEST_REASON} characters"})
        return {"reason_key": return_reasons.checked(project, wish.reason_key, reason), "reason": reason}
    if wish.queue is not None and not queries.queues(project).filter(pk=wish.queue.pk).exists():
        raise Invalid(_("Choose a queue of this project in which people label."), fields={"queue": "an annotate queue that is not closed"})
    if wish.queue is None and not wish.name.strip():
        raise Invalid(_("Choose a queue, or name a new one."), fields={"queue": "or name: required"})
    return {"new": wish.queue is None}


def preview(project: Project, wish: Wish, *, by: Actor) -> Preview:
    """What the act would come to now; nothing changes."""
    require(policies.may_act(by, project, wish.act))
    arguments = checked(project, wish)
    marked = spots.names(wish.things)
    items = _items_here(project, marked)
    left_out: Counter[str] = Counter()
    if wish.act == "queue":
        why: dict[tuple[int, int], tuple[str, int | None]] = {key: ("", key[1]) for key in marked}
    else:
        why = correcting.hindrances(project, list(marked), returns=wish.act == "return", by=by)
    seen = spots.load({annotation for _item, annotation in marked} | {newest for _why, newest in why.values() if newest})
    fits = []
    for (item, annotation), (reason, newest) in why.items():
        if not reason and wish.act != "queue" and newest is not None:
            places = carried(seen[annotation].document, seen[newest].document, marked[item, annotation], arguments.get("attribute", ""))
            if places is None:
                reason = "stale"
            elif wish.act == "relabel":
                reason = relabelled(seen[newest].document, places, arguments, project, items[item])[1]
        if reason:
            left_out[reason] += 1
        else:
            fits.append((item, annotation))
    return Preview(
        things=sum(len(places) or 1 for places in marked.values()),
        items=len(items),
        changes=len(fits),
        approved=len({item for item, _annotation in fits if items[item].state == "approved"}),
        people=len({seen[annotation].author for _item, annotation in fits if annotation in seen} - {None}),
        left_out=dict(sorted(left_out.items())),
    )


@transaction.atomic
def act(project: Project, wish: Wish, *, by: Actor) -> WallAct:
    """Carry it out: at once (`done`), or as a job (`running`, see its `job`) when there is much."""
    require(policies.may_act(by, project, wish.act))
    arguments = checked(project, wish)
    marked = spots.names(wish.things)
    made = WallAct.objects.create(
        project=project, act=wish.act, asked=wish.asked.words(), arguments=arguments, queue=wish.queue, created_by=by.person,
        things=sum(len(places) or 1 for places in marked.values()),
    )  # fmt: skip
    if wish.act == "queue" and wish.queue is None:
        made.queue = create_queue(project, wish.name, stage="annotate", q=f"wall = {made.pk}", by=by)
        made.save(update_fields=["queue"])
    here = _items_here(project, marked)
    WallItem.objects.bulk_create(
        WallItem(act=made, item_id=item, annotation=annotation, places=places) for (item, annotation), places in marked.items()
    )
    about = {"things": made.things, "items": len(here), "queue": made.queue_id, **arguments}
    record(by, f"wall.{wish.act}", made, organisation=project.organisation_id, project=project, data=about)
    _go(made, len(here), by)
    return made


def _items_here(project: Project, marked: Iterable[tuple[int, int]]) -> dict[int, Item]:
    """The items that are named; `Invalid` for one of another project, as if there were no such thing."""
    wanted = {item for item, _annotation in marked}
    here = Item.objects.filter(pk__in=wanted, project=project).in_bulk()
    if here.keys() != wanted:
        raise Invalid(_("This names nothing on the wall."), fields={"things": "not of this project"})
    return here


def _go(made: WallAct, items: int, by: Actor) -> None:
    if items <= AT_ONCE:
        run(made.pk, by=by)
        made.refresh_from_db()
        return
    about = {"act": made.pk, "undo": made.state == "undoing"}
    made.job = enqueue(JOB, organisation_id=made.project.organisation_id, project_id=made.project_id, by=by, arguments=about, key=f"wall act {made.pk}")
    made.save(update_fields=["job"])


@transaction.atomic
def undo(made: WallAct, *, by: Actor) -> WallAct:
    """Put back what the act changed, once; what something else changed since, or somebody works on now, is left.

    `Conflict` when it is undone already or still being carried out. A job that was ended midway leaves an act that can be undone
    as far as it went.
    """
    require(policies.may_act(by, made.project, made.act))
    made = WallAct.objects.select_for_update(of=("self",)).select_related("project", "job", "queue", "created_by").get(pk=made.pk)
    if made.created_by_id != by.person_id:  # others' acts are a manager's to take back
        require(policies.may_act(by, made.project, "queue"))
    live = made.job is not None and made.job.state in LIVE
    if made.state == "running" and not live:
        made.items.filter(outcome="planned").update(outcome="not_reached")
        made.state = WALL_ACT.after("running", "finish")
    if made.state == "undone" or (made.state == "undoing" and live):
        raise Conflict(_("This is undone already."), code="undone")
    if made.state == "running":
        raise Conflict(_("This is still being carried out."), code="running")
    if made.state == "done":
        made.state = WALL_ACT.after("done", "undo")
    changed = counts(made.pk).get("changed", 0)
    made.undone_by = by.person
    WallAct.objects.filter(pk=made.pk).update(state=made.state, undone_by=by.person, undone_at=DatabaseNow())
    record(by, "wall.undo", made, organisation=made.project.organisation_id, project=made.project, data={"act": made.act, "items": changed})
    _go(made, changed, by)
    made.refresh_from_db()
    return made
