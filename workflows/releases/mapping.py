"""Labels changed on their way into a version: called otherwise, left out, in another order. The annotations stay as they are. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

import orjson
from django.utils.translation import gettext as _

from annotate.kernel import canonical
from annotate.kernel.errors import Invalid

MOST = 1000


def check(labels: Any, order: Any, known: list[str], once: Set[str]) -> dict[str, Any]:
    """{"labels": {old: new or None}, "order": [names first in line]} made plain, {} when nothing is asked. `Invalid` names the part.

    A new name must be one of the schema (`known`), an old one need not be any more: `once` are those of all its versions.
    """
    faults: dict[str, str] = {}
    if labels is not None and (not isinstance(labels, Mapping) or len(labels) > MOST):
        raise Invalid("labels: an object of old and new names", fields={"labels": _("an object of old and new names")})
    for old, new in (labels or {}).items():
        if old not in once:
            faults[f"labels.{str(old)[:60]}"] = _("no version of the schema has had this label")
        elif new is not None and new not in known:
            faults[f"labels.{str(old)[:60]}"] = _("the schema has no label %(name)s") % {"name": str(new)[:60]}
    if order is not None and (not isinstance(order, list) or any(not isinstance(name, str) or name not in known for name in order)):
        faults["order"] = _("a list of labels of the schema")
    elif order and len(set(order)) != len(order):
        faults["order"] = _("a label stands there twice")
    if faults:
        path, why = next(iter(faults.items()))
        raise Invalid(f"{path}: {why}", code="labels", fields=faults)
    kept = {old: new for old, new in sorted((labels or {}).items()) if old != new}
    return ({"labels": kept} if kept else {}) | ({"order": list(order)} if order else {})


def mapped(document: str, names: Mapping[str, str | None]) -> str:
    """The canonical text with labels called as `names` say and those left out that map to None, with relations that hung on them."""
    content = orjson.loads(document)
    things = content.get("objects") or []
    if not any(thing.get("label") in names for thing in things):
        return document
    gone = {thing["id"] for thing in things if thing.get("label") in names and names[thing["label"]] is None}
    while True:  # a relation may hang on a relation
        hanging = {thing["id"] for thing in things if thing["id"] not in gone and (thing.get("from") in gone or thing.get("to") in gone)}
        if not hanging:
            break
        gone |= hanging
    kept = [thing | {"label": names.get(thing["label"], thing["label"])} for thing in things if thing["id"] not in gone]
    return canonical.dumps(content | {"objects": kept})


def schema_of(content: Mapping[str, Any], recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The label schema as a version with this recipe has it: without labels that were left out or renamed, in the order asked for."""
    names, order = recipe.get("labels") or {}, recipe.get("order") or []
    labels = [label for label in content.get("labels") or [] if label["name"] not in names]
    place = {name: n for n, name in enumerate(order)}
    made = dict(content) | {"labels": sorted(labels, key=lambda label: place.get(label["name"], len(place)))}
    if made.get("relations"):
        left = {label["name"] for label in labels}
        relations = [dict(one) | {end: [name for name in one.get(end) or [] if name in left] for end in ("from", "to")} for one in made["relations"]]
        made["relations"] = [one for one in relations if one["name"] not in names and one["from"] and one["to"]]
    return made
