"""A document with some objects called otherwise, or with another answer about the whole item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotate.annotations.schemas import parsed
from annotate.items.models import Item
from annotate.kernel.errors import Invalid
from annotate.labels.schema import Schema
from annotate.labels.validation import check, sift
from annotate.projects.models import Project
from annotate.projects.queries import current_schema

_OF_A_MODEL = ("source", "model", "score")  # said of the label that it had


def relabelled(
    document: Mapping[str, Any], places: Sequence[int], arguments: Mapping[str, Any], project: Project, item: Item
) -> tuple[dict[str, Any], str]:
    """(the document, why it cannot be: "" for nothing, `same` when nothing would change, `unfit` when the schema does not allow it).

    Attributes that the new label has too stay; what the model had said of it goes.
    """
    schema = parsed(current_schema(project.pk).pk).schema
    made, why = _changed(document, places, arguments, schema)
    if why:
        return made, why
    size: dict[str, Any] = {"width": item.width, "height": item.height, "text": item.text}
    try:
        return check(made, schema, **size), ""
    except Invalid as error:
        return _as_it_came(made, places, schema, size, error)


def carried(seen: Mapping[str, Any], newest: Mapping[str, Any], places: Sequence[int], attribute: str = "") -> list[int] | None:
    """Where the marked objects of one revision stand in another that came after it; None when one of them is gone, or not as it was.
    So it is of an `attribute` of the whole item."""
    if attribute and (seen.get("item") or {}).get(attribute) != (newest.get("item") or {}).get(attribute):
        return None
    if seen is newest:
        return list(places)
    now = {thing.get("id"): (place, thing) for place, thing in enumerate(newest.get("objects", []))}
    objects, found = seen.get("objects", []), []
    for place in places:
        thing = objects[place] if place < len(objects) else {}
        there, same = now.get(thing.get("id"), (0, None))
        if same is None or same != thing:
            return None
        found.append(there)
    return found


def _changed(document: Mapping[str, Any], places: Sequence[int], arguments: Mapping[str, Any], schema: Schema) -> tuple[dict[str, Any], str]:
    objects, whole = [dict(thing) for thing in document.get("objects", [])], dict(document.get("item") or {})
    made = {**document, "objects": objects, "item": whole}
    if "attribute" in arguments:
        name, was, option = arguments["attribute"], arguments["was"], arguments["option"]
        said = whole.get(name)
        whole[name] = sorted({option if one == was else one for one in said}) if isinstance(said, list) else option
        return made, "same" if whole[name] == said else ""
    label = schema.labels[arguments["label"]]
    changed = False
    for place in places:
        if place >= len(objects):
            return made, "stale"
        thing = objects[place]
        if thing.get("label") == label.name:
            continue
        changed = True
        thing["label"] = label.name
        for name in _OF_A_MODEL:
            thing.pop(name, None)
        kept = {name: value for name, value in (thing.get("attributes") or {}).items() if name in label.attributes}
        thing.pop("attributes", None)
        if kept:
            thing["attributes"] = kept
    if not places:
        return made, "unfit"
    return made, "" if changed else "same"


def _as_it_came(
    made: dict[str, Any], places: Sequence[int], schema: Schema, size: Mapping[str, Any], error: Invalid
) -> tuple[dict[str, Any], str]:
    """Work that came in with gaps (an import may) keeps them: only what is called otherwise must be whole."""
    sound, refusals = sift(made, schema, **size)
    touched = {str(made["objects"][place]["id"]) for place in places}
    wrong = any(each in path for path in error.fields for each in touched)
    return (made, "unfit") if refusals or wrong else (sound, "")
