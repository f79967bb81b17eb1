"""A spot of the wall: one object of one revision, or the whole item. Its name is all that pages, forms and the API send."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from django.utils.translation import gettext as _

from annotate.kernel import sql
from annotate.kernel.errors import Invalid

MOST = 2000  # spots of one act: some pages
_NAME = re.compile(r"([1-9]\d{0,17})-([1-9]\d{0,17})-(item|0|[1-9]\d{0,8})")
_LOAD = """
SELECT a.id, a.item_id, a.number, CASE WHEN a.source = 'undo' THEN p.person_id ELSE a.person_id END, a.document, c.annotation_id,
       (SELECT max(m.number) FROM annotate_annotation m WHERE m.item_id = a.item_id), x.confidence
FROM annotate_annotation a LEFT JOIN annotate_currentannotation c ON c.item_id = a.item_id
LEFT JOIN annotate_annotation p ON p.id = a.parent_id LEFT JOIN workflows_consensus x ON x.annotation_id = a.id
WHERE a.id = ANY(%(ids)s::bigint[]) AND a.source <> 'gold'
"""
_CURRENT = "SELECT annotation_id FROM annotate_currentannotation WHERE item_id = ANY(%(items)s::bigint[])"


@dataclass(frozen=True)
class Seen:
    """A revision as the wall shows it. `current`: what its item shows now; `newest`: the number of the item's newest revision."""

    id: int
    item: int
    number: int
    author: int | None
    document: dict[str, Any]
    current: int | None
    newest: int
    confidence: float | None

    @property
    def objects(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.document.get("objects", [])
        return found


@dataclass(frozen=True)
class Spot:
    """`place` of the object in its revision's document, which never changes; None: the whole item. `value`: what it is ordered by."""

    seen: Seen
    place: int | None = None
    value: float | None = None

    @property
    def name(self) -> str:
        return f"{self.seen.item}-{self.seen.id}-{'item' if self.place is None else self.place}"

    @property
    def thing(self) -> dict[str, Any] | None:
        return None if self.place is None else self.seen.objects[self.place]


def load(annotation_ids: Iterable[int]) -> dict[int, Seen]:
    """Revisions by id."""
    rows = sql.rows(_LOAD, {"ids": sorted(set(annotation_ids))})
    return {row[0]: Seen(row[0], row[1], row[2], row[3], orjson.loads(row[4]), row[5], row[6], row[7]) for row in rows}


def current(item_ids: Iterable[int]) -> dict[int, Seen]:
    """What items show now, by item."""
    ids = [found for (found,) in sql.rows(_CURRENT, {"items": sorted(set(item_ids))})]
    return {seen.item: seen for seen in load(ids).values()}


def names(given: Iterable[str], field: str = "things") -> dict[tuple[int, int], list[int]]:
    """(item, revision) → places, in order, from the names of spots; none for the whole item. `Invalid` names the one that is wrong."""
    found: dict[tuple[int, int], set[int]] = {}
    for index, name in enumerate(given):
        if index >= MOST:
            raise Invalid(_("At most %(n)d at once.") % {"n": MOST}, fields={field: f"at most {MOST}"})
        match = _NAME.fullmatch(name) if isinstance(name, str) else None
        if match is None:
            raise Invalid(_("This names nothing on the wall."), fields={f"{field}[{index}]": "item-revision-place, as the wall says it"})
        places = found.setdefault((int(match[1]), int(match[2])), set())
        if match[3] != "item":
            places.add(int(match[3]))
    return {key: sorted(places) for key, places in found.items()}
