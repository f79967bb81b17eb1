"""CVAT XML 1.1 for images: one `annotations.xml`, pictures below `images/`, an image's split as its subset. Pure.

The head names the subsets (a project with a task for each; one task where there are no splits), so images wait in a side file.

Numbers are exact, where CVAT itself writes two digits. Values of the item are a tag named `item`. Ids, tracks, holes of polygons and
relations have no place in this form: they are counted in the export's notes.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from annotate.kernel import canonical
from annotate.labels.schema import Attribute, Label
from workflows.exporters.folder import CHUNK, Folder
from workflows.exporters.formats import About
from workflows.exporters.markup import number, tag, total, words
from workflows.exporters.rectangles import runs_of, tight

FILE = "annotations.xml"
ITEM = "item"
_SOURCES = {"person": "manual", "prediction": "auto", "import": "file", "interpolated": "manual"}
_TYPES = {"box": "rectangle", "polygon": "polygon", "polyline": "polyline", "point": "points", "keypoints": "skeleton", "mask": "mask"}


def item_label(labels: Any) -> str:
    """What the tag with the item's values is called: `item`, or more underscores where a label is called so."""
    name = ITEM
    while name in labels:
        name += "_"
    return name


def said(value: Any) -> str:
    """An attribute's value as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return number(value) if isinstance(value, int | float) else canonical.dumps(value)


def _points(points: Any) -> str:
    return ";".join(f"{number(point[0])},{number(point[1])}" for point in points)


class CvatWriter:
    def __init__(self, about: About, folder: Folder) -> None:
        self._about, self._folder = about, folder
        self._item = item_label(about.schema.labels)
        self._images = tempfile.TemporaryFile(buffering=CHUNK)  # noqa: SIM115  closed in `finish`
        self._splits: Counter[str] = Counter()
        self._place = 0

    def _head(self) -> Iterator[str]:
        about = self._about
        yield '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n<version>1.1</version>\n'
        name = f"<name>{words(about.dataset)} v{about.number}</name>"
        kind = "project" if any(self._splits) else "task"
        if kind == "task":
            yield f"<meta><task>{name}<size>{self._splits.total()}</size><mode>annotation</mode>"
        else:
            splits = {split: words(split) for split in self._splits}
            yield f"<meta><project>{name}<tasks>\n"
            for split, said in splits.items():
                yield f"<task><name>{said}</name><size>{self._splits[split]}</size><mode>annotation</mode><subset>{said}</subset></task>\n"
            yield f"</tasks><subsets>{chr(10).join(splits.values())}</subsets>"
        yield "<labels>\n"
        for label in about.schema.labels.values():
            yield from _label(label)
        if about.schema.item:
            yield f"<label><name>{words(self._item)}</name><type>tag</type>{_attributes(about.schema.item.values())}</label>\n"
        yield f"</labels></{kind}><dumped>{about.created_at}</dumped></meta>\n"

    def take(self, row: Any, name: str, chosen: bool, picture: Any = None) -> None:
        place, self._place = self._place, self._place + 1
        if row.erased or not chosen:
            return
        if not row.width or not row.height:
            self._about.notes["images_without_size"] += 1
        self._splits[row.split] += 1
        document = orjson.loads(row.document) if row.document else {}
        values = {"id": place, "name": name, "subset": row.split or None, "width": row.width or 0, "height": row.height or 0}
        parts = [tag("image", values), "\n"]
        if document.get("item"):
            parts.append(f"{tag('tag', {'label': self._item, 'source': 'manual'})}{_values(document['item'])}</tag>\n")
        for thing in document.get("objects", ()):
            maker = _SHAPES.get(thing["kind"])
            if maker is None or thing["label"] not in self._about.schema.labels:
                self._about.notes[f"left_out_{thing['kind']}"] += 1
                continue
            self._note(thing)
            parts.append(maker(thing, self._about.schema.labels[thing["label"]]))
        parts.append("</image>\n")
        self._images.write("".join(parts).encode())

    def _note(self, thing: dict[str, Any]) -> None:
        if thing.get("holes"):
            self._about.notes["holes_left_out"] += 1
        if thing.get("track"):
            self._about.notes["tracks_left_out"] += 1

    def finish(self) -> None:
        with self._folder.new(FILE) as file, self._images:
            file.write("".join(self._head()).encode())
            file.copy(self._images)
            file.write(b"</annotations>\n")


def _label(label: Label) -> Iterator[str]:
    kind = _TYPES.get(label.kinds[0], "any") if len(label.kinds) == 1 else "any"
    edges = "".join(tag("line", {"data-type": "edge", "data-node-from": a + 1, "data-node-to": b + 1}, "/>") for a, b in label.edges)
    svg = f"<svg>{words(edges)}</svg>" if label.points else ""
    yield f"<label><name>{words(label.name)}</name><color>{label.color}</color><type>{kind}</type>{_attributes(label.attributes.values())}{svg}</label>\n"
    for point in label.points:
        yield f"<label><name>{words(point)}</name><type>points</type><attributes></attributes><parent>{words(label.name)}</parent></label>\n"


def _attributes(attributes: Any) -> str:
    return f"<attributes>{''.join(map(_attribute, attributes))}</attributes>"


def _attribute(attribute: Attribute) -> str:
    kind, values = "text", ""
    if attribute.type == "bool":
        kind, values = "checkbox", "false\ntrue"
    elif attribute.type == "choice" and not attribute.multiple:
        kind, values = "select", "\n".join(attribute.options)
    elif attribute.type == "number" and attribute.min is not None and attribute.max is not None:
        kind, values = "number", f"{number(attribute.min)};{number(attribute.max)};1"
    default = said(attribute.default) if attribute.default is not None else ""
    return (
        f"<attribute><name>{words(attribute.name)}</name><mutable>False</mutable><input_type>{kind}</input_type>"
        f"<default_value>{words(default)}</default_value><values>{words(values)}</values></attribute>"
    )


def _values(attributes: dict[str, Any]) -> str:
    return "".join(f"{tag('attribute', {'name': name})}{words(said(value))}</attribute>" for name, value in attributes.items())


def _open(element: str, thing: dict[str, Any], more: dict[str, Any]) -> str:
    occluded = int((thing.get("attributes") or {}).get("occluded") is True)
    values = {"label": thing["label"], "source": _SOURCES.get(thing.get("source", "person"), "manual"), "occluded": occluded}
    return tag(element, values | more | {"z_order": 0})


def _shape(element: str, thing: dict[str, Any], more: dict[str, Any], inner: str = "") -> str:
    return f"{_open(element, thing, more)}{_values(thing.get('attributes') or {})}{inner}</{element}>\n"


def _box(thing: dict[str, Any], label: Label) -> str:
    x, y, w, h = thing["box"]
    turned = number(thing["rotation"]) if thing.get("rotation") else None
    return _shape("box", thing, {"xtl": number(x), "ytl": number(y), "xbr": total(x, w), "ybr": total(y, h), "rotation": turned})


def _line(element: str) -> Callable[[dict[str, Any], Label], str]:
    return lambda thing, label: _shape(element, thing, {"points": _points(thing["points"])})


def _mask(thing: dict[str, Any], label: Label) -> str:
    left, top, pixels = tight(thing["rle"])
    height, width = pixels.shape
    runs = ", ".join(map(str, runs_of(pixels)))
    return _shape("mask", thing, {"rle": runs, "left": left, "top": top, "width": width, "height": height})


def _skeleton(thing: dict[str, Any], label: Label) -> str:
    names = label.points or [str(place) for place in range(1, len(thing["points"]) + 1)]
    inner = ""
    for name, (x, y, seen) in zip(names, thing["points"], strict=False):
        values = {"label": name, "source": "manual", "outside": int(seen == 0), "occluded": int(seen == 1), "points": f"{number(x)},{number(y)}"}
        inner += f"\n{tag('points', values)}</points>"
    return _shape("skeleton", thing, {}, inner + "\n")


_SHAPES: dict[str, Callable[[dict[str, Any], Label], str]] = {
    "box": _box,
    "polygon": _line("polygon"),
    "polyline": _line("polyline"),
    "point": _line("points"),
    "keypoints": _skeleton,
    "mask": _mask,
}
