"""Spots as a page shows them: a square of the picture with its outline, or words of a text with what stands around; whose, and how it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format

from annotate.items.drawing import colours, shapes
from annotate.items.models import Item
from annotate.kernel.words import share
from annotate.media.crops import SIDE, Square
from annotate.people.models import Person
from annotate.projects.models import Project
from annotate.projects.queries import current_schema
from workflows.wall.framing import bounds, mask_path, square
from workflows.wall.spots import Spot

COLUMNS, ROWS = 6, 4  # crops of a sheet
AROUND = 60  # characters on either side of a span


@dataclass
class Card:
    """`sheet` (which of the page's, from 1; 0 without a picture) and (`x`, `y`) say where its square lies on a sheet; `view` is the square in the picture's own
    pixels, `d` and `turn` the outline there. `before`, `text`, `after`: of a span. `said`: what it is ordered by, in words."""

    spot: Spot
    item: Item
    label: str
    css: str
    author: str
    said: str
    state: str
    waiting: bool
    square: Square | None = None
    sheet: int = 0
    x: int = 0
    y: int = 0
    view: str = ""
    d: str = ""
    turn: str = ""
    before: str = ""
    text: str = ""
    after: str = ""

    @property
    def name(self) -> str:
        return self.spot.name


def cards(project: Project, found: Sequence[Spot]) -> list[Card]:
    """One per spot, in order; without those whose item was erased a moment ago. Loads what all need in four queries."""
    items = Item.objects.defer("meta", "uri").in_bulk({spot.seen.item for spot in found})
    people = Person.objects.only("name").in_bulk({spot.seen.author for spot in found if spot.seen.author})
    colour = colours(current_schema(project.pk).content) if found else {}
    made = []
    for spot in found:
        item = items.get(spot.seen.item)
        if item is None or item.state == "erased":
            continue
        author = people.get(spot.seen.author or 0)
        made.append(_card(spot, item, author.name if author else "", colour))
    return made


def _card(spot: Spot, item: Item, author: str, colour: Mapping[str, str]) -> Card:
    thing = spot.thing
    label = str(thing.get("label", "")) if thing else ""
    waiting = spot.seen.newest > spot.seen.number and spot.seen.current == spot.seen.id
    card = Card(spot, item, label, colour.get(label, "l12"), author, _said(spot), item.state, waiting)
    if item.text is not None:
        _words(card, item.text, thing)
    elif item.width and item.height:
        _picture(card, item.width, item.height, thing)
    return card


def _said(spot: Spot) -> str:
    """The model's score or how sure a consensus was; else what it is ordered by."""
    score = spot.thing.get("score") if spot.thing else None
    score = spot.seen.confidence if score is None else score
    if score is not None:
        return share(float(score), "%")
    if spot.value is None:
        return ""
    return share(spot.value, "%") if 0 <= spot.value <= 1 else number_format(round(spot.value), use_l10n=True, force_grouping=True)


def _words(card: Card, text: str, thing: Mapping[str, Any] | None) -> None:
    if thing is None or "start" not in thing:
        card.text = text[: 3 * AROUND]
        return
    start, end = thing["start"], thing["end"]
    card.before, card.text, card.after = text[max(0, start - AROUND) : start], text[start:end][: 3 * AROUND], text[end : end + AROUND]


def _picture(card: Card, width: int, height: int, thing: Mapping[str, Any] | None) -> None:
    place = bounds(thing) if thing else (0.0, 0.0, float(width), float(height))
    if place is None:
        return
    card.square = Square(*square(place, width, height))
    x, y, side = card.square
    card.view = f"{x:g} {y:g} {side:g} {side:g}"
    if thing is None:
        return
    if thing.get("kind") == "mask":
        card.d = mask_path(thing["rle"], x, y, side)
        return
    found = shapes({"objects": [thing]}, {}, width=round(side) or 1, height=round(side) or 1, detail=SIDE)
    if found:
        card.d, card.turn = found[0].d, found[0].turn


def sheets(project: Project, made: Sequence[Card]) -> list[str]:
    """Lays crops of pictures out on sheets, in the order of the page: one request for some two dozen of them. The sheets' addresses."""
    pictures = [card for card in made if card.square is not None and card.item.blob_id is not None]
    found = []
    for start in range(0, len(pictures), COLUMNS * ROWS):
        some = pictures[start : start + COLUMNS * ROWS]
        found.append(sheet_url(project.pk, [card.name for card in some]))
        for place, card in enumerate(some):
            card.sheet, card.x, card.y = len(found), -SIDE * (place % COLUMNS), -SIDE * (place // COLUMNS)
    return found


def sheet_url(project_id: int, names: Sequence[str]) -> str:
    return f"/api/v1/projects/{project_id}/wall/sheet?of={','.join(names)}"


def squares(found: Sequence[Spot], items: Mapping[int, Item]) -> list[Square | None]:
    """Of each spot, as `cards` frames it."""
    out: list[Square | None] = []
    for spot in found:
        item = items.get(spot.seen.item)
        thing = spot.thing
        if item is None or not item.width or not item.height:
            out.append(None)
            continue
        place = bounds(thing) if thing else (0.0, 0.0, float(item.width), float(item.height))
        out.append(Square(*square(place, item.width, item.height)) if place else None)
    return out
