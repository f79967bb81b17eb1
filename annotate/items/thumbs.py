"""Thumbnails with their objects over them, for every page that names an item: `{% include "items/thumb.html" %}`.

A thumb is `Thumb`; `thumbs(items)` loads what all of them need in two queries, however many there are; what rules say of them
is given to it (`badges.badges`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from annotate.items.badges import Badges
from annotate.items.drawing import Shape, colours, shapes, summary
from annotate.items.media_api import media_url
from annotate.items.models import Item
from annotate.items.related import rows
from annotate.people.actor import Actor

SNIPPET = 160  # characters of a text


@dataclass(frozen=True)
class Thumb:
    """`src` is "" for texts and references; `said` what the objects are in words; `box` the SVG's viewBox or ""."""

    item: Item
    href: str
    name: str
    src: str = ""
    text: str = ""
    box: str = ""
    said: str = ""
    shapes: list[Shape] = field(default_factory=list)
    badges: Badges = field(default_factory=Badges)


def _shown(ids: list[int], only_of: int | None) -> dict[int, str]:
    """Item → document shown: the current annotation, or for annotators their own latest answer."""
    if only_of is None:
        found = rows("CurrentAnnotation").filter(item_id__in=ids).values_list("item_id", "annotation__document")
        return dict(found)
    own = (
        rows("Annotation").filter(item_id__in=ids, person_id=only_of).order_by("item_id", "-number").distinct("item_id")
    )
    return dict(own.values_list("item_id", "document"))


def schema_colours(project_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """Project → label → colour class, by each project's newest schema."""
    newest = rows("SchemaVersion").filter(project_id__in=set(project_ids)).order_by("project_id", "-number")
    return {version.project_id: colours(version.content) for version in newest.distinct("project_id")}


def thumbs(items: Iterable[Item], *, only_of: Actor | None = None, within: str = "", badges: Mapping[int, Badges] | None = None) -> list[Thumb]:
    """One thumb per item, in order. `only_of`: draw nobody's answers but this actor's own. `within`: the query string of
    the list they stand in, so that the item's page can lead to its neighbours there."""
    found = list(items)
    if not found:
        return []
    documents = _shown([item.pk for item in found], only_of.person_id if only_of else None)
    colour = schema_colours(item.project_id for item in found) if documents else {}
    none, marked = Badges(), badges or {}
    return [_thumb(item, documents.get(item.pk), colour.get(item.project_id, {}), within, marked.get(item.pk, none)) for item in found]


def _thumb(item: Item, document: str | None, colour: dict[str, str], within: str, badges: Badges) -> Thumb:
    sized = bool(item.width and item.height)
    drawn: list[Shape] = []
    if document and item.width and item.height:
        drawn = shapes(document, colour, width=item.width, height=item.height)
    return Thumb(
        item=item,
        href=f"/items/{item.pk}?{within}" if within else f"/items/{item.pk}",
        name=item.key.rpartition("/")[2],
        src=media_url(item.pk, "thumb") if item.blob_id and item.text is None else "",
        text=(item.text or "")[:SNIPPET],
        box=f"0 0 {item.width} {item.height}" if sized else "",
        said=summary(document) if document else "",
        shapes=drawn,
        badges=badges,
    )
