"""A page of the wall: which spots, in which order, and where the next page begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from annotate.items import browsing
from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid
from annotate.kernel.paging import cursor_at
from annotate.kernel.paging import page as keyset
from annotate.people.actor import Actor
from annotate.projects.models import Project
from workflows.quality import confused
from workflows.wall import ordering, policies, spots
from workflows.wall.asking import Asked
from workflows.wall.models import WallOrder
from workflows.wall.spots import Seen, Spot

PER_PAGE = 300
TRIES = 4  # pages of items looked through for a page of one person's work


@dataclass(frozen=True)
class Chosen:
    """`order` is there where the wall is put into one; while it is being made there are no spots."""

    spots: list[Spot] = field(default_factory=list)
    next: str | None = None
    order: WallOrder | None = None


def choose(project: Project, asked: Asked, *, by: Actor, cursor: str | None = None, limit: int = PER_PAGE, anew: bool = False) -> Chosen:
    """Some `limit` spots. `Denied` to who does not see every item; `Invalid` for a cursor of another wall, or a bad query."""
    require(policies.may_see(by, project))
    if asked.cell:
        return _cell(project, asked, cursor, limit)
    if asked.order == "newest":
        return _newest(project, asked, by, cursor, limit)
    return _ordered(project, asked, by, cursor, limit, anew)


def _newest(project: Project, asked: Asked, by: Actor, cursor: str | None, limit: int) -> Chosen:
    """Items are found by their labels' counts, newest first; objects are read of those alone that the page shows."""
    if not asked.label and asked.answer is None:
        return Chosen()
    q, bind = asked.query(), f"wall|{project.pk}|{asked.digest}"
    rows, keys = browsing.browse(by, project, q)
    walk = browsing.walk(by, project, q)
    found: list[Spot] = []
    for _try in range(TRIES):
        shown = keyset(rows.only("id"), keys=keys, cursor=cursor or None, limit=limit, bind=bind, walk=(walk[0].only("id"), walk[1]) if walk else None)
        now = spots.current(item.pk for item in shown.rows)
        cursor = shown.next
        for index, item in enumerate(shown.rows):
            found += _of(asked, now.get(item.pk))
            if len(found) >= limit:
                rest = index + 1 < len(shown.rows) or shown.next
                return Chosen(found, cursor_at(item, keys=keys, bind=bind) if rest else None)
        if not cursor:
            break
    return Chosen(found, cursor)


def _of(asked: Asked, seen: Seen | None) -> list[Spot]:
    if seen is None or (asked.person is not None and seen.author != asked.person):
        return []
    return [Spot(seen, None if place < 0 else place) for place, _thing in ordering.things(asked, seen.document)]


def _ordered(project: Project, asked: Asked, by: Actor, cursor: str | None, limit: int, anew: bool) -> Chosen:
    bind = f"wall|{project.pk}|{asked.digest}"
    start, of_order = _unsigned(cursor, bind, 2) if cursor else (0, None)
    order = ordering.order_for(project, asked, by=by, anew=anew and not cursor)
    if order.state != "made":
        return Chosen(order=order)
    if of_order is not None and of_order != order.pk:
        raise Invalid(_("The wall was ordered anew since; begin again."), fields={"cursor": "start again without it"})
    entries = ordering.entries(order, start, limit)
    following = start + len(entries)
    more = following < (order.things or 0)
    return Chosen(_resolved(asked, entries), _signed([following, order.pk], bind) if more else None, order)


def _resolved(asked: Asked, entries: Sequence[ordering.Entry]) -> list[Spot]:
    """As items are now: an object that is still there and is still called so, in whatever revision."""
    seen = spots.load(annotation for _item, annotation, _place, _value in entries)
    changed = {one.item for one in seen.values() if one.current != one.id}
    now = spots.current(changed) if changed else {}
    found: list[Spot] = []
    for _item, annotation, place, value in entries:
        then = seen.get(annotation)
        if then is None or then.current is None:
            continue  # erased, or taken away
        at: int | None = None if place < 0 else place
        one = then if then.current == then.id else now.get(then.item)
        if one is not None and one is not then and at is not None:
            at = _again(asked, then, one, at)
            one = None if at is None else one
        if one is not None and (at is None or at < len(one.objects)):
            found.append(Spot(one, at, None if value != value else value))
    return found


def _again(asked: Asked, then: Seen, now: Seen, place: int) -> int | None:
    """The place of the same object in a later revision."""
    wanted = then.objects[place]["id"] if place < len(then.objects) else None
    return next((at for at, thing in enumerate(now.objects) if thing["id"] == wanted and thing["label"] == asked.label), None)


def _cell(project: Project, asked: Asked, cursor: str | None, limit: int) -> Chosen:
    """The things of a cell of confusion, as the measure gives them."""
    bind = f"wall|{project.pk}|{asked.digest}"
    after = tuple(_unsigned(cursor, bind, 3)) if cursor else None
    found = confused.things(project, given=asked.given, meant=asked.meant, of=asked.of, about=asked.about, batch=asked.batch, limit=limit + 1, after=after)
    more, found = len(found) > limit, found[:limit]
    seen = spots.load(thing.annotation_id for thing in found if thing.annotation_id)
    out: list[Spot] = []
    for thing in found:
        one = seen.get(thing.annotation_id)
        if one is not None:
            out.append(Spot(one, next((at for at, each in enumerate(one.objects) if each["id"] == thing.object_id), None)))
    last = found[-1] if more else None
    return Chosen(out, _signed([last.item_id, last.annotation_id, last.object_id], bind) if last else None)


def _signed(values: list[Any], bind: str) -> str:
    return signing.Signer(salt=bind).sign_object(values)


def _unsigned(cursor: str, bind: str, many: int) -> list[Any]:
    try:
        values = signing.Signer(salt=bind).unsign_object(cursor)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Invalid("this cursor does not belong to this wall", fields={"cursor": "start again without it"}) from error
    if not isinstance(values, list) or len(values) != many:
        raise Invalid("this cursor does not belong to this wall", fields={"cursor": "start again without it"})
    return values
