"""Rows made up for writers, with the leaf that their content gives, and the export built from them in a folder."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from annotate.kernel import canonical
from annotate.labels.schema import parse
from tests.conftest import SCHEMA
from workflows.exporters.building import Picture, build
from workflows.exporters.folder import Folder
from workflows.exporters.formats import About, find
from workflows.exporters.manifest import tombstone
from workflows.releases.merkle import ends_range, leaf, root
from workflows.releases.rows import Leaf, Row

POSE = {
    "name": "pose", "kinds": ["keypoints", "polygon", "polyline", "mask", "box"], "color": "#329270", "hotkey": "4",
    "skeleton": {"points": ["head", "neck", "foot"], "edges": [[0, 1], [1, 2]]},
}  # fmt: skip
WIDE: dict[str, Any] = SCHEMA | {"labels": [*SCHEMA["labels"], POSE]}


def thing(label: str = "car", **shape: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{label}{shape}")), "kind": next(iter(shape)) if "kind" not in shape else shape["kind"], "label": label} | shape


def box(x: float, y: float, w: float, h: float, label: str = "car", **more: Any) -> dict[str, Any]:
    return thing(label, kind="box", box=[x, y, w, h], **more)


def row(key: str, objects: Iterable[dict[str, Any]] = (), *, split: str = "", item: dict[str, Any] | None = None, item_id: int = 1, erased: bool = False, **over: Any) -> Row:
    document = canonical.dumps({"objects": list(objects)} | ({"item": item} if item is not None else {}))
    fields: dict[str, Any] = {"width": 64, "height": 48, "media_sha256": canonical.digest(key), "uri": None, "text": None, "group": "", "frame": None, "meta": {}} | over
    text = fields["text"]
    made = leaf(
        key=key, media=fields["media_sha256"], uri=fields["uri"], text=canonical.digest(text) if text is not None else None,
        width=fields["width"], height=fields["height"], group=fields["group"], frame=fields["frame"], split=split,
        meta=fields["meta"], labels=canonical.digest(document),
    )  # fmt: skip
    if erased:
        return Row(key=tombstone(item_id), item_id=item_id, split=split, leaf=made, erased=True)
    return Row(key=key, item_id=item_id, split=split, leaf=made, document=document, label_digest=canonical.digest(document), revision=1, annotation_id=item_id, schema_number=1, **fields)


def leaves_of(rows: Iterable[Row], keys: dict[int, str] | None = None) -> Iterator[Leaf]:
    for each in rows:
        key = (keys or {}).get(each.item_id, each.key)
        yield Leaf(key=each.key, item_id=each.item_id, split=each.split, leaf=each.leaf, erased=each.erased, ends=ends_range(key))


def export_of(rows: list[Row], place: Path, format: str = "coco", *, split: str = "", schema: Any = WIDE, pictures: dict[str, Picture] | None = None, media: str = "") -> tuple[Folder, Counter[str]]:
    """The export's folder (`.root`) and what the format could not say."""
    leaves = list(leaves_of(rows))
    about = About("streets", 3, root((each.leaf, each.ends) for each in leaves).hex(), "2026-03-01T00:00:00Z", parse(schema), split, media or ("include" if pictures else "reference"))
    pairs = ((each, (pictures or {}).get(each.key)) for each in rows)
    facts = {"format": format, "split": split or None, "media": about.media}
    place.mkdir(parents=True, exist_ok=True)
    return build(about, find(format), pairs, lambda: leaves, place, schema=1, export=facts), about.notes
