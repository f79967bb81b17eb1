"""Labels as found into a document of the project's schema: the kind that the label allows, the attributes it knows.

Object ids come from the content, so that the same labels give the same document and a second import adds nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from annotate.kernel import canonical
from annotate.kernel.errors import Invalid
from annotate.labels.schema import Attribute, Label, Schema, fault_of
from annotate.labels.validation import sift
from workflows.collection.importers.found import Found, LabelDoc, Link
from workflows.collection.importers.shares import in_pixels
from workflows.collection.ingest.identity import stable_id
from workflows.collection.ingest.outlining import outlined

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass
class Fitted:
    """`document` is None when there is nothing to keep: every object was refused. `dropped` counts what was left out."""

    document: dict[str, Any] | None
    refusals: list[tuple[str, str, str]] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    score: float | None = None


def fit(docs: Sequence[LabelDoc], schema: Schema, *, owner: str, width: int | None, height: int | None, text: str | None = None) -> Fitted:
    """One document from all that the label files say about a picture. `owner` names the item, for the object ids."""
    fitted = Fitted(None)
    objects: dict[str, dict[str, Any]] = {}
    places: dict[str, str] = {}
    scores: list[float] = []
    item: dict[str, Any] = {}
    for doc in docs:
        if doc.relative:
            if not width or not height:
                fitted.refusals.append((doc.place, "no_size", "the picture's size is not known, and the numbers are shares of it"))
                continue
            doc = in_pixels(doc, width, height)
        item |= _item(doc, schema, fitted.dropped)
        times: Counter[str] = Counter()
        names: dict[str, str] = {}
        for problem in doc.problems:
            fitted.refusals.append((problem.place, problem.code, problem.detail))
        for found in doc.objects:
            if found.score is not None:
                scores.append(found.score)
            for shape in _shapes(found, schema, fitted.dropped):
                content = canonical.dumps(shape) if _finite(shape) else repr(shape)
                times[content] += 1
                own = found.name if _UUID.fullmatch(found.name) and found.name not in objects else ""
                shape["id"] = own or stable_id(f"{owner}\x00{content}\x00{times[content]}")
                names.setdefault(found.name, shape["id"])
                objects.setdefault(shape["id"], shape)
                places[shape["id"]] = found.place
        for link in doc.links:
            made = _relation(link, names, owner)
            if made is None:
                fitted.refusals.append((link.place or doc.place, "unknown_object", f"{link.label}: from or to names no object of the file"))
            else:
                objects.setdefault(made["id"], made)
                places[made["id"]] = link.place
    try:
        good, bad = sift({"objects": list(objects.values()), "item": item}, schema, width=width, height=height, text=text)
    except Invalid as error:  # more objects than one annotation may have
        fitted.refusals.append((docs[0].place, error.code, error.detail))
        return fitted
    for refusal in bad:
        label = f"{refusal.label}: " if refusal.label and str(refusal.label) not in refusal.detail else ""
        place = places.get(str(refusal.object_id), docs[0].place)
        fitted.refusals.append((place, refusal.code, f"{label}{refusal.detail}"))
    unheard = any(doc.tags or doc.item for doc in docs)  # something was said, and nothing of it is known here: that is no empty answer
    if good.get("objects") or good.get("item") or not (fitted.refusals or unheard):
        fitted.document = good
    fitted.score = sum(scores) / len(scores) if scores else None
    return fitted


def _relation(link: Link, names: dict[str, str], owner: str) -> dict[str, Any] | None:
    start, end = names.get(link.start), names.get(link.end)
    if start is None or end is None:
        return None
    own = link.name if _UUID.fullmatch(link.name) else stable_id(f"{owner}\x00{link.label}\x00{start}\x00{end}")
    return {"id": own, "kind": "relation", "label": link.label, "from": start, "to": end}


def _item(doc: LabelDoc, schema: Schema, dropped: Counter[str]) -> dict[str, Any]:
    """Values of the item that the schema takes. A bare tag is a value of the one choice that has it, or a flag of its name."""
    kept: dict[str, Any] = {}
    tags = list(doc.tags)
    for name, value in doc.item.items():
        attribute = schema.item.get(name) or schema.item.get(str(name).removeprefix("item_"))
        fitting = _fitting(value, attribute) if attribute is not None else None
        if fitting is not None:
            kept[attribute.name] = fitting  # type: ignore[union-attr]
        elif attribute is None and value and all(isinstance(one, str) for one in (value if isinstance(value, list) else [value])):
            tags += value if isinstance(value, list) else [value]  # under a name of its own, the words may be known
        elif value not in (None, "", []):
            dropped[f"item.{str(name)[:60]}"] += 1
    for tag in tags:
        flag = schema.item.get(tag)
        choices = [attribute for attribute in schema.item.values() if tag in attribute.options]
        if flag is not None and flag.type == "bool":
            kept[tag] = True
        elif len(choices) == 1 and choices[0].multiple:
            kept.setdefault(choices[0].name, [])
            if tag not in kept[choices[0].name]:
                kept[choices[0].name].append(tag)
        elif len(choices) == 1 and kept.get(choices[0].name, tag) == tag:
            kept[choices[0].name] = tag
        else:
            dropped[f"tag {tag[:60]}"] += 1
    return kept


def _finite(shape: Any) -> bool:
    if isinstance(shape, float):
        return shape == shape and abs(shape) != float("inf")
    if isinstance(shape, dict):
        return all(_finite(inner) for inner in shape.values())
    return all(_finite(inner) for inner in shape) if isinstance(shape, list) else True


def _shapes(found: Found, schema: Schema, dropped: Counter[str]) -> list[dict[str, Any]]:
    label = schema.labels.get(found.label)
    if label is not None and "mask" in found.shapes and not {"mask", "polygon"} & (set(label.kinds) & found.shapes.keys()) and "polygon" in label.kinds:
        found = outlined(found)
    kinds = [kind for kind in found.shapes if label is None or kind in label.kinds] or list(found.shapes)
    attributes = _attributes(found, label, dropped)
    shapes = []
    for piece in found.shapes[kinds[0]]:
        shape: dict[str, Any] = {"kind": kinds[0], "label": found.label, **piece}
        if attributes:
            shape["attributes"] = attributes
        shapes.append(shape)
    return shapes


def _attributes(found: Found, label: Label | None, dropped: Counter[str]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in found.attributes.items():
        known = label.attributes.get(name) if label is not None else None
        fitting = _fitting(value, known) if known is not None else None
        if fitting is not None:
            kept[name] = fitting
        elif value not in (False, None, "", 0):
            dropped[str(name)[:60]] += 1
    return kept


def _fitting(value: Any, attribute: Attribute) -> Any:
    """The value in the attribute's type, or None when it does not fit."""
    if attribute.type == "bool" and not isinstance(value, bool):
        value = {"0": False, "1": True, "false": False, "true": True}.get(str(value).lower())
    if attribute.type == "number" and isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if attribute.multiple and isinstance(value, str):
        value = _listed(value)
    if attribute.type == "choice" and not attribute.multiple and isinstance(value, list) and len(value) == 1:
        (value,) = value
    return None if value is None or fault_of(attribute, value) else value


def _listed(text: str) -> list[Any]:
    """Several options in one text: as JSON, which is how formats without lists keep them."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return [text]
    return found if isinstance(found, list) and all(isinstance(one, str) for one in found) else [text]
