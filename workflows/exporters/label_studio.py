"""Label Studio: `tasks.json`, a task per item with its one approved answer, and `config.xml`, the interface for it. Pure.

An item without objects has an answer without regions, so that it is not taken for one that nobody looked at. Object ids are region
ids. Lines, holes of polygons and tracks have no place there: they are counted in the export's notes; of a skeleton the points
that were labelled come as regions below a rectangle.
"""

from __future__ import annotations

from typing import Any

import orjson

from annotate.labels.schema import Attribute
from workflows.exporters.folder import Folder
from workflows.exporters.formats import About, below_images
from workflows.exporters.label_studio_config import config, control_of, item_name
from workflows.exporters.label_studio_regions import Units, keypoints, region, span

FILE, CONFIG = "tasks.json", "config.xml"
FLUSH = 200


def said(value: Any, attribute: Attribute) -> dict[str, Any]:
    """The value of an attribute's result."""
    control = control_of(attribute)
    if control == "number":
        return {"number": value}
    if isinstance(value, bool):
        value = "true" if value else "false"
    values = value if isinstance(value, list) else [value]
    return {"choices" if control == "choices" else "text": values}


class LabelStudioWriter:
    def __init__(self, about: About, folder: Folder) -> None:
        self._about, self._folder, self._file = about, folder, folder.open(FILE)
        self._buffer: list[bytes] = []
        self._place, self._first = 0, True
        self._text: bool | None = None

    def take(self, row: Any, name: str, chosen: bool, picture: Any = None) -> None:
        self._place += 1
        if row.erased or not chosen:
            return
        text = row.text is not None
        self._text = text if self._text is None else self._text
        document = orjson.loads(row.document) if row.document else {}
        data: dict[str, Any] = {"text": row.text} if text else {"image": below_images(row, name) if picture is not None else row.uri or name}
        data |= {"key": row.key} | {name: value for name, value in (("split", row.split), ("group", row.group)) if value}
        answer: dict[str, Any] = {"id": self._place, "result": self._results(row, document), "was_cancelled": False, "ground_truth": False}
        task: dict[str, Any] = {"id": self._place, "data": data, "annotations": [answer], "predictions": []}
        if row.meta:
            task["meta"] = row.meta
        self._buffer.append(orjson.dumps(task))
        if len(self._buffer) >= FLUSH:
            self._flush()

    def _results(self, row: Any, document: dict[str, Any]) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = []
        target = "text" if row.text is not None else "image"
        written: set[str] = set()
        units = Units(row.text) if row.text is not None else None
        links = []
        for thing in document.get("objects", ()):
            if thing["kind"] == "relation":
                links.append(thing)
            elif found := self._regions(row, thing, units):
                written.add(thing["id"])
                made += found
                made += self._attributes(thing, found[0], target)
        for link in links:
            if {link["from"], link["to"]} <= written:
                made.append({"type": "relation", "from_id": link["from"], "to_id": link["to"], "direction": "right", "labels": [link["label"]]})
            else:
                self._about.notes["relations_without_their_ends"] += 1
        for name, value in (document.get("item") or {}).items():
            if (attribute := self._about.schema.item.get(name)) is not None:
                called = item_name(name, self._about.schema)
                made.append({"id": f"item-{name}", "type": control_of(attribute), "from_name": called, "to_name": target, "value": said(value, attribute)})
        return made

    def _regions(self, row: Any, thing: dict[str, Any], units: Units | None) -> list[dict[str, Any]]:
        """The object's region and those below it; none where it cannot be said."""
        notes, kind = self._about.notes, thing["kind"]
        if units is not None:
            found = [span(thing, row.text, units)] if kind == "span" else []
        elif not row.width or not row.height:
            notes["objects_in_pictures_without_size"] += 1
            return []
        else:
            one = region(thing, row.width, row.height)
            found = [one] if one is not None else []
            if one is not None and kind == "keypoints":
                label = self._about.schema.labels.get(thing["label"])
                found += keypoints(thing, label.points if label is not None else (), row.width, row.height)
                notes["keypoints_as_single_points"] += 1
        if not found:
            notes[f"left_out_{kind}"] += 1
            return []
        if thing.get("holes"):
            notes["holes_left_out"] += 1
        if thing.get("track"):
            notes["tracks_left_out"] += 1
        return found

    def _attributes(self, thing: dict[str, Any], region: dict[str, Any], target: str) -> list[dict[str, Any]]:
        label = self._about.schema.labels.get(thing["label"])
        made = []
        for name, value in (thing.get("attributes") or {}).items():
            attribute = label.attributes.get(name) if label is not None else None
            if attribute is not None:
                kept = {key: inner for key, inner in region["value"].items() if key not in (region["type"], "rle", "format")}
                made.append(region | {"type": control_of(attribute), "from_name": name, "to_name": target, "value": kept | said(value, attribute)})
        return made

    def _flush(self) -> None:
        if self._buffer:
            self._file.write((b"[\n" if self._first else b",\n") + b",\n".join(self._buffer))
            self._buffer, self._first = [], False

    def finish(self) -> None:
        self._flush()
        self._file.write(b"[]\n" if self._first else b"\n]\n")
        self._folder.close(self._file)
        with self._folder.new(CONFIG) as file:
            file.write(config(self._about.schema, text=bool(self._text)).encode())
