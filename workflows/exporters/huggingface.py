"""What Hugging Face's `datasets` reads of a version: typed features, names of splits, the README that declares both. Pure.

A row has `objects`, a list per column: `bbox` is [x, y, width, height] of the object's bounds in pixels and `categories` the
label's place in the schema, from 0; `segmentation` is as in COCO. Texts have `spans` instead. `annotation` is the canonical
JSON of all that was said, so that nothing is lost: turned boxes, holes, masks, keypoints, relations, attributes.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

from annotate.labels.schema import Attribute, Schema
from workflows.exporters.coco_shapes import shape
from workflows.exporters.columns import floats
from workflows.exporters.folder import Folder
from workflows.exporters.formats import About

README = "README.md"
ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff")
# `datasets` takes these words between separators, anywhere in a path, for the name of a split.
_WORDS = re.compile(r"(?<![^-._ 0-9/])(train|training|validation|valid|dev|val|test|testing|eval|evaluation)(?![^-._ 0-9/])")


def split_name(split: str) -> str:
    """The split as `datasets` calls it: `val` is its `validation`, and names are words.

    >>> split_name("val"), split_name(""), split_name("night-2.0")
    ('validation', 'train', 'night_2_0')
    """
    return "validation" if split == "val" else re.sub(r"\W", "_", split) or "train"


def plain_name(name: str) -> str:
    """A file's name in which `datasets` finds no split, with an ending that it takes for a picture's.

    >>> plain_name("val/test_1.jpg"), plain_name("vale/tests.png"), plain_name("scan")
    ('v%61l/t%65st_1.jpg', 'vale/tests.png', 'scan%.jpg')
    """
    # The second letter, since digits part words too: what is left of any of them is no word.
    made = _WORDS.sub(lambda found: f"{found[0][0]}%{ord(found[0][1]):02X}{found[0][2:]}", name)
    return made if made.lower().endswith(ENDINGS) else f"{made}%.jpg"  # no other name has a bare %


def _value(kind: str) -> dict[str, Any]:
    return {"dtype": kind, "_type": "Value"}


def _list(feature: dict[str, Any]) -> dict[str, Any]:
    return {"feature": feature, "_type": "List"}


def _classes(names: list[str]) -> dict[str, Any]:
    return {"names": names, "_type": "ClassLabel"} if names else _value("int64")


def _attribute(attribute: Attribute) -> dict[str, Any]:
    if attribute.type == "choice" and not attribute.multiple:
        return _classes(list(attribute.options))
    simple = _value({"bool": "bool", "number": "float64"}.get(attribute.type, "string"))
    return _list(simple) if attribute.multiple else simple


def features(schema: Schema, *, text: bool, picture: str = "") -> dict[str, Any]:
    """`datasets`' features of the columns in their order; `picture`: "bytes" has a column of pictures, "file" one of file names."""
    numbers, category = _list(_value("float64")), _list(_classes(list(schema.labels)))
    found: dict[str, Any] = {}
    if picture:
        found |= {"image": {"_type": "Image"}} if picture == "bytes" else {"file_name": _value("string")}
    found |= {"key": _value("string")}
    if text:
        found |= {"text": _value("string")}
        found |= {"spans": {"start": _list(_value("int32")), "end": _list(_value("int32")), "categories": category}}
    else:
        found |= {"width": _value("int32"), "height": _value("int32"), "uri": _value("string")}
        found["objects"] = {
            "id": _list(_value("string")),
            "kind": _list(_value("string")),
            "bbox": _list(numbers),
            "categories": category,
            "area": numbers,
            "segmentation": _list(_list(numbers)),
        }
    if schema.item:
        found["item"] = {name: _attribute(attribute) for name, attribute in schema.item.items()}
    return found | {"group": _value("string"), "frame": _value("int32"), "annotation": _value("string"), "leaf": _value("string")}


def record(row: Any, schema: Schema, about: About) -> dict[str, Any]:
    """The row's columns, but for its picture."""
    document = orjson.loads(row.document) if row.document else {}
    places = {name: place for place, name in enumerate(schema.labels)}
    made: dict[str, Any] = {"key": row.key, "group": row.group or None, "frame": row.frame, "annotation": row.document, "leaf": row.leaf.hex()}
    things = [thing for thing in document.get("objects") or () if thing["label"] in places and thing["kind"] != "relation"]
    if row.text is not None:
        spans = [thing for thing in things if thing["kind"] == "span"]
        columns = {name: [thing[name] for thing in spans] for name in ("start", "end")}
        made |= {"text": row.text, "spans": columns | {"categories": [places[thing["label"]] for thing in spans]}}
    else:
        made |= {"width": row.width, "height": row.height, "uri": row.uri, "objects": _objects(things, places)}
    if schema.item:
        said = document.get("item") or {}
        made["item"] = {name: _said(said.get(name), attribute) for name, attribute in schema.item.items()}
    left = len(document.get("objects") or ()) - len(things)
    if left:
        about.notes["relations_in_annotation_only"] += left
    return made


def _said(value: Any, attribute: Attribute) -> Any:
    if attribute.type == "choice" and not attribute.multiple and attribute.options:
        return attribute.options.index(value) if value in attribute.options else None
    return float(value) if attribute.type == "number" and value is not None else value


def _objects(things: list[dict[str, Any]], places: dict[str, int]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {name: [] for name in ("id", "kind", "bbox", "categories", "area", "segmentation")}
    for thing in things:
        made = shape(thing) or _bounds(thing)
        rings = made["segmentation"] if isinstance(made["segmentation"], list) else []
        values = (thing["id"], thing["kind"], floats(list(made["bbox"])), places[thing["label"]], float(made["area"]), floats(rings))
        for name, value in zip(columns, values, strict=True):
            columns[name].append(value)
    return columns


def _bounds(thing: dict[str, Any]) -> dict[str, Any]:
    """Lines and points, which COCO has no word for."""
    points = thing.get("points") or [[0, 0]]
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    return {"bbox": [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)], "area": 0, "segmentation": []}


def arrow_schema(found: dict[str, Any]) -> Any:
    """The columns as Parquet has them, with the features beside them as `datasets` writes and reads them."""
    import pyarrow as pa

    told = orjson.dumps({"info": {"features": found}})
    return pa.schema([(name, _arrow(feature)) for name, feature in found.items()], metadata={"huggingface": told})


def _arrow(feature: dict[str, Any]) -> Any:
    import pyarrow as pa

    kind = feature.get("_type")
    if kind == "Image":
        return pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    if kind == "ClassLabel":
        return pa.int64()
    if kind == "List":
        return pa.list_(_arrow(feature["feature"]))
    if kind == "Value":
        return {"string": pa.string(), "float64": pa.float64(), "int64": pa.int64(), "int32": pa.int32(), "bool": pa.bool_()}[feature["dtype"]]
    return pa.struct([(name, _arrow(inner)) for name, inner in feature.items()])


def _listed(feature: dict[str, Any]) -> dict[str, Any]:
    """A feature as a README's head says it."""
    kind = feature.get("_type")
    if kind in ("Image", "Json"):
        return {"dtype": kind.lower()}
    if kind == "ClassLabel":
        return {"dtype": {"class_label": {"names": {str(place): name for place, name in enumerate(feature["names"])}}}}
    if kind == "List":
        inner = _listed(feature["feature"])
        return {"list": inner["dtype"] if set(inner) == {"dtype"} else inner}
    if kind == "Value":
        return {"dtype": feature["dtype"]}
    return {"struct": [{"name": name, **_listed(inner)} for name, inner in feature.items()]}


def write_readme(about: About, folder: Folder, found: dict[str, Any] | None, files: dict[str, str], counts: dict[str, int]) -> None:
    """The dataset's card: `files` maps each split to the pattern of its files, `counts` to its rows."""
    head: dict[str, Any] = {"configs": [{"config_name": "default", "data_files": [{"split": name, "path": path} for name, path in files.items()]}]}
    if found is not None:
        head["dataset_info"] = {"features": [{"name": name, **_listed(feature)} for name, feature in found.items()]}
    lines = [f"{name}: {orjson.dumps(value).decode()}" for name, value in head.items()]  # JSON is YAML too
    rows = [f"- `{name}`: {count}" for name, count in counts.items()]
    title = re.sub(r"[^\w .-]", "_", about.dataset)
    text = ["---", *lines, "---", f"# {title} v{about.number}", "", f"Root `{about.root}`, frozen {about.created_at}. Rows:", "", *rows, ""]
    with folder.new(README) as file:
        file.write("\n".join(text).encode())
