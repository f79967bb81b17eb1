"""Labels as found into a document of the project's schema: the kind that the label allows, the attributes it knows.

Object ids come from the content, so that the same labels give the same document and a second import adds nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from annotate.kernel import canonical
from annotate.kernel.errors import Invalid
from annotate.labels.schema import Attribute, Label, Schema, fault_of
from annotate.labels.validation import sift
from workflows.collection.importers.found import Found, LabelDoc
from workflows.collection.importers.shares import in_pixels
from workflows.collection.ingest.identity import stable_id


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
        for problem in doc.problems:
            fitted.refusals.append((problem.place, problem.code, problem.detail))
        for found in doc.objects:
            if found.score is not None:
                scores.append(found.score)
            for shape in _shapes(found, schema, fitted.dropped):
                content = canonical.dumps(shape) if _finite(shape) else repr(shape)
                times[content] += 1
                shape["id"] = stable_id(f"{owner}\x00{content}\x00{times[content]}")
                objects.setdefault(shape["id"], shape)
                places[shape["id"]] = found.place
    try:
        good, bad = sift({"objects": list(objects.values()), "item": item}, schema, width=width, height=height, text=text)
    except Invalid as error:  # more objects than one annotation may have
        fitted.refusals.append((docs[0].place, error.code, error.detail))
        return fitted
    for refusal in bad:
        label = f"{refusal.label}: " if refusal.label and str(refusal.label) not in refusal.detail else ""
        place = places.get(str(refusal.object_id), docs[0].place)
        fitted.refusals.append((place, refusal.code, f"{label}{refusal.detail}"))
    unheard = any(doc.tags for doc in docs)  # something was said, and nothing of it is known here: that is no empty answer
    if good.get("objects") or good.get("item") or not (fitted.refusals or unheard):
        fitted.document = good
    fitted.score = sum(scores) / len(scores) if scores else None
    return fitted


def _item(doc: LabelDoc, schema: Schema, dropped: Counter[str]) -> dict[str, Any]:
    """Values of the item that the schema takes: a tag is a value of the one choice that has it."""
    kept: dict[str, Any] = {}
    for tag in doc.tags:
        choices = [attribute for attribute in schema.item.values() if tag in attribute.options]
        if len(choices) == 1:
            kept[choices[0].name] = [tag] if choices[0].multiple else tag
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
    if attribute.multiple and isinstance(value, str):
        value = [value]
    return None if value is None or fault_of(attribute, value) else value
