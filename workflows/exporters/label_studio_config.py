"""The labelling interface that goes with exported tasks, as Label Studio's XML. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from annotate.labels.schema import Attribute, Schema
from workflows.exporters.label_studio_regions import CONTROLS, NAMES
from workflows.exporters.markup import tag


def control_of(attribute: Attribute) -> str:
    """The kind of control: choices, number or textarea."""
    return {"bool": "choices", "choice": "choices", "number": "number"}.get(attribute.type, "textarea")


def item_name(name: str, schema: Schema) -> str:
    """The control's name of a value of the item: its own, unless objects have an attribute called so."""
    taken = {known for label in schema.labels.values() for known in label.attributes} | set(NAMES.values()) | {"image", "text"}
    while name in taken:
        name = f"item_{name}"
    return name


def config(schema: Schema, *, text: bool) -> str:
    return "\n".join(_lines(schema, "text" if text else "image")) + "\n"


def _lines(schema: Schema, target: str) -> Iterator[str]:
    yield "<View>"
    yield "  " + tag(target.capitalize(), {"name": target, "value": f"${target}"}, "/>")
    controls: dict[str, dict[str, str]] = {}
    for label in schema.labels.values():
        for kind in label.kinds:
            if (kind == "span") == (target == "text") and kind in CONTROLS:
                controls.setdefault(kind if kind != "keypoints" else "box", {})[label.name] = label.color
                if kind == "keypoints":
                    controls.setdefault("point", {}).update(dict.fromkeys(label.points, label.color))
    for kind, labels in controls.items():
        yield "  " + tag(CONTROLS[kind], {"name": NAMES[kind], "toName": target})
        for name, colour in labels.items():
            yield "    " + tag("Label", {"value": name, "background": colour}, "/>")
        yield f"  </{CONTROLS[kind]}>"
    yield from _attributes(schema, target)
    if schema.relations:
        yield "  <Relations>"
        yield from ("    " + tag("Relation", {"value": name}, "/>") for name in schema.relations)
        yield "  </Relations>"
    yield "</View>"


def _attributes(schema: Schema, target: str) -> Iterator[str]:
    by_name: dict[str, list[Attribute]] = {}
    for label in schema.labels.values():
        for attribute in label.attributes.values():
            by_name.setdefault(attribute.name, []).append(attribute)
    for name, same in by_name.items():
        yield from _control(name, same, target, {"perRegion": "true"})
    for attribute in schema.item.values():
        yield from _control(item_name(attribute.name, schema), [attribute], target, {})


def _control(name: str, same: list[Attribute], target: str, more: dict[str, str]) -> Iterator[str]:
    kind = control_of(same[0])
    values = {"name": name, "toName": target} | more
    if kind != "choices":
        yield "  " + tag("Number" if kind == "number" else "TextArea", values, "/>")
        return
    options = list(dict.fromkeys(option for one in same for option in (one.options or ("true", "false"))))
    yield "  " + tag("Choices", values | {"choice": "multiple" if same[0].multiple else "single"})
    yield from ("    " + tag("Choice", {"value": option}, "/>") for option in options)
    yield "  </Choices>"
