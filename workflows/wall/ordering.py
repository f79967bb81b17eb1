"""Walls in an order that no index knows: the things are put into it once, as they are at that instant, and kept packed.

A page is then a slice of it, as quick at the end as at the beginning; and while people mark and relabel nothing moves under their
hands. Few items are ordered at once, many by a job. Only ids and numbers are kept: what a page shows is read when it is shown.
"""

from __future__ import annotations

import datetime as dt
import math
import struct
from collections.abc import Callable, Iterator
from typing import Any

import orjson
from django.db import IntegrityError, connection, transaction

from annotate.items.models import Item
from annotate.jobs.services import enqueue
from annotate.jobs.states import LIVE
from annotate.kernel import sql
from annotate.kernel.clock import DatabaseNow
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.projects.models import Project
from annotate.search.compile import compile_query
from workflows.wall.asking import Asked, read
from workflows.wall.framing import area
from workflows.wall.models import WallOrder, WallOrderPart

JOB = "wall.order"
AT_ONCE = 3000  # items that a request orders itself
CHUNK, PART = 5000, 3000  # items read at once; entries of one row
KEPT = dt.timedelta(days=1)
ENTRY = struct.Struct("<qqid")  # item, revision, place (-1: the whole item), value (NaN: none)
Entry = tuple[int, int, int, float]

_READ = """
SELECT c.item_id, a.id, CASE WHEN a.source = 'undo' THEN p.person_id ELSE a.person_id END, a.document, x.confidence,
       (SELECT min(g.value) FROM annotate_agreement g WHERE g.item_id = c.item_id)
FROM annotate_currentannotation c JOIN annotate_annotation a ON a.id = c.annotation_id
LEFT JOIN annotate_annotation p ON p.id = a.parent_id LEFT JOIN workflows_consensus x ON x.annotation_id = a.id
WHERE c.item_id = ANY(%(items)s::bigint[])
"""


def items(project: Project, asked: Asked) -> Any:
    """The items that a wall asks for, in no order."""
    return Item.objects.filter(compile_query(asked.query(), project.pk), project=project).exclude(state="erased").order_by()


def order_for(project: Project, asked: Asked, *, by: Actor, anew: bool = False) -> WallOrder:
    """The order of this wall; made now, being made by a job, or there already. `anew`: as things are now."""
    found = WallOrder.objects.filter(project=project, digest=asked.digest).select_related("job").first()
    if found is not None:
        ended = found.state == "making" and (found.job is None or found.job.state not in LIVE)
        if not ended and not anew:
            return found
        found.delete()
    return _begin(project, asked, by)


def _begin(project: Project, asked: Asked, by: Actor) -> WallOrder:
    WallOrder.objects.filter(project=project, created_at__lt=DatabaseNow() - KEPT).delete()
    try:
        with transaction.atomic():
            made = WallOrder.objects.create(project=project, digest=asked.digest, order=asked.order)
            few = list(items(project, asked).values_list("pk", flat=True)[: AT_ONCE + 1])
            if len(few) <= AT_ONCE:
                build(made, asked, few)
            else:
                about = {"order": made.pk, "asked": asked.words()}
                made.job = enqueue(JOB, organisation_id=project.organisation_id, project_id=project.pk, by=by, arguments=about, key=f"wall order {made.pk}")
                made.save(update_fields=["job"])
            return made
    except IntegrityError:  # somebody asked for the same at the same time
        return WallOrder.objects.select_related("job").get(project=project, digest=asked.digest)


def carry_out(order_id: int, asked: dict[str, str], say: Callable[[int, int], object]) -> WallOrder | None:
    """The job, which tells how many of all items are read; None when the order has gone meanwhile."""
    made = WallOrder.objects.filter(pk=order_id, state="making").select_related("project").first()
    if made is None:
        return None
    wanted = read(made.project, asked)
    found = sorted(items(made.project, wanted).values_list("pk", flat=True))
    entries: list[tuple[Any, Entry]] = []
    for start in range(0, len(found), CHUNK):  # not in one long transaction: progress is told in between
        entries += _entries(wanted, found[start : start + CHUNK])
        say(min(len(found), start + CHUNK), len(found))
    return _keep(made, entries)


def build(made: WallOrder, asked: Asked, found: list[int]) -> WallOrder:
    """The same within a request."""
    return _keep(made, [entry for start in range(0, len(found), CHUNK) for entry in _entries(asked, found[start : start + CHUNK])])


@transaction.atomic
def _keep(made: WallOrder, entries: list[tuple[Any, Entry]]) -> WallOrder:
    entries.sort()
    packed = [ENTRY.pack(*entry) for _key, entry in entries]
    made.parts.all().delete()
    WallOrderPart.objects.bulk_create(
        WallOrderPart(order=made, number=number, entries=b"".join(packed[start : start + PART]))
        for number, start in enumerate(range(0, len(packed), PART))
    )
    made.state, made.things = "made", len(packed)
    made.save(update_fields=["state", "things"])
    return made


def _entries(asked: Asked, found: list[int]) -> Iterator[tuple[Any, Entry]]:
    """(what it is sorted by, the entry) of each thing of some items. What has no value, or nobody's name, comes last."""
    rows = sql.rows(_READ, {"items": found})
    named = {row[2] for row in rows if row[2] is not None} if asked.order == "person" else set()
    people = dict(Person.objects.filter(pk__in=named).values_list("pk", "name"))
    for item, annotation, author, text, confidence, agree in rows:
        if asked.person is not None and author != asked.person:
            continue
        name = people.get(author, "")
        for place, thing in things(asked, orjson.loads(text)):
            value = _value(asked.order, thing, confidence, agree)
            without = math.isnan(value)
            rank = 0.0 if without else -value if asked.order == "largest" else value
            yield (not name, name, without, rank, -item, place), (item, annotation, place, value)


def things(asked: Asked, document: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """(place, object) of what a wall shows of a document; (-1, None) for the whole item."""
    if asked.answer is not None:
        yield -1, None
        return
    for place, thing in enumerate(document.get("objects", ())):
        if thing.get("label") == asked.label and thing.get("kind") != "relation":
            yield place, thing


def _value(order: str, thing: dict[str, Any] | None, confidence: float | None, agree: float | None) -> float:
    if order in ("smallest", "largest"):
        return area(thing) if thing is not None else math.nan
    if order == "score":
        score = thing.get("score") if thing is not None else None
        return float(score if score is not None else confidence if confidence is not None else math.nan)
    if order == "disagreement":
        return math.nan if agree is None else float(agree)
    return math.nan


def entries(order: WallOrder, start: int, limit: int) -> list[Entry]:
    """Some of its entries, from one place on."""
    first, last = start // PART, (start + limit - 1) // PART
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT entries FROM workflows_wallorderpart WHERE order_id = %s AND number BETWEEN %s AND %s ORDER BY number", [order.pk, first, last]
        )
        data = b"".join(bytes(row[0]) for row in cursor.fetchall())
    begin = (start - first * PART) * ENTRY.size
    return list(ENTRY.iter_unpack(data[begin : begin + limit * ENTRY.size]))
