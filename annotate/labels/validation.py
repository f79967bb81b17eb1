"""Is a document an annotation under a schema: whole (a submit), object by object (an import), or half done (a draft). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from annotate.kernel.errors import Invalid
from annotate.labels.objects import Fault, Frame, checked, values
from annotate.labels.schema import Schema

MOST_OBJECTS = 20_000
_PARTS = frozenset(("objects", "item"))


@dataclass(frozen=True)
class Refusal:
    """One object that an import leaves out. `index` is its place in the document; `code` is stable, `detail` for a person."""

    object_id: str | None
    index: int
    label: str | None
    code: str
    detail: str


def _parts(document: Any) -> tuple[list[Any], Any]:
    if not isinstance(document, dict):
        raise Invalid("an annotation is a JSON object", fields={"annotation": "must be an object with objects and item"})
    if not _PARTS.issuperset(document):
        unknown = sorted(str(name) for name in document.keys() - _PARTS)
        raise Invalid(f"there is no field {unknown[0]!r} in an annotation", fields=dict.fromkeys(unknown, "there is no such field"))
    objects = document.get("objects", [])
    if not isinstance(objects, list):
        raise Invalid("objects must be a list", fields={"objects": "must be a list"})
    if len(objects) > MOST_OBJECTS:
        raise Invalid(f"more than {MOST_OBJECTS} objects", fields={"objects": f"at most {MOST_OBJECTS}"})
    return objects, document.get("item")


def _name(source: Any, index: int) -> str:
    known = source.get("id") if isinstance(source, dict) else None
    return f"objects.{known}" if isinstance(known, str) and known else f"objects[{index}]"


def _relation_fault(made: dict[str, Any], by_id: dict[str, dict[str, Any]], schema: Schema) -> Fault | None:
    relation = schema.relations[made["label"]]
    for side, allowed in (("from", relation.origins), ("to", relation.targets)):
        end = by_id.get(made[side])
        if end is None or end["kind"] == "relation":
            return Fault(side, "unknown_object", "names no object of this annotation")
        if allowed and end["label"] not in allowed:
            return Fault(side, "label_not_allowed", f"must be a {' or '.join(allowed)}")
    return None


def _read(objects: list[Any], schema: Schema, frame: Frame, *, demand: bool) -> tuple[list[dict[str, Any]], list[tuple[int, Fault]]]:
    """(sound objects in their order, faults by place). Every object is looked at."""
    sound: list[dict[str, Any]] = []
    places: list[int] = []
    faults: list[tuple[int, Fault]] = []
    by_id: dict[str, dict[str, Any]] = {}
    relations = False
    for index, source in enumerate(objects):
        try:
            made = checked(source, schema, frame, demand=demand)
        except Fault as fault:
            faults.append((index, fault))
            continue
        if made["id"] in by_id:
            faults.append((index, Fault("id", "duplicate_id", "stands twice in this annotation")))
            continue
        by_id[made["id"]] = made
        relations = relations or made["kind"] == "relation"
        sound.append(made)
        places.append(index)
    if relations:
        kept = []
        for index, made in zip(places, sound, strict=True):
            wrong = _relation_fault(made, by_id, schema) if made["kind"] == "relation" else None
            if wrong is None:
                kept.append(made)
            else:
                faults.append((index, wrong))
        sound = kept
    return sound, faults


def check(
    document: Any, schema: Schema, *, width: float | None, height: float | None, text: str | None = None, partial: bool = False
) -> dict[str, Any]:
    """The normalised document, or `Invalid` whose `fields` name every fault ("objects.<id>.box", "item.weather").

    `width` and `height` are pixels of the upright picture, None when not known. `partial` (a draft): anything half done is
    kept as it is, only the outer form is looked at.
    """
    objects, item = _parts(document)
    if partial:
        if not all(isinstance(source, dict) for source in objects) or not isinstance(item, dict | None):
            raise Invalid("a draft holds objects", fields={"objects": "must be a list of objects"})
        return {"objects": objects, "item": item or {}}
    sound, faults = _read(objects, schema, Frame(width, height, text), demand=True)
    kept, wrong = values(item, schema.item, demand=True)
    if faults or wrong:
        fields = {}
        for index, fault in faults:
            name = _name(objects[index], index)
            fields[f"{name}.{fault.at}" if fault.at else name] = fault.why
        fields |= {f"item.{name}" if name else "item": why for name, why in wrong.items()}
        path, why = next(iter(fields.items()))
        raise Invalid(f"{path}: {why}", code="annotation", fields=fields)
    return {"objects": sound, "item": kept}


def sift(
    document: Any, schema: Schema, *, width: float | None, height: float | None, text: str | None = None
) -> tuple[dict[str, Any], list[Refusal]]:
    """(the document without its bad objects and item values, what was left out and why). For imports: required
    attributes may be missing, since a person will look at it. `Invalid` only when the outer form is wrong."""
    objects, item = _parts(document)
    sound, faults = _read(objects, schema, Frame(width, height, text), demand=False)
    refusals = []
    for index, fault in sorted(faults, key=lambda entry: entry[0]):
        source = objects[index] if isinstance(objects[index], dict) else {}
        known, label = source.get("id"), source.get("label")
        detail = f"{fault.at} {fault.why}" if fault.at else fault.why
        refusals.append(Refusal(known if isinstance(known, str) else None, index, label if isinstance(label, str) else None, fault.code, detail))
    kept, wrong = values(item, schema.item, demand=False)
    refusals += [Refusal(None, -1, None, "bad_attribute", f"item.{name} {why}") for name, why in wrong.items()]
    return {"objects": sound, "item": kept}, refusals
