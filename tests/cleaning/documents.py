"""Documents of labels for the tests of cleaning: objects of every kind, drawn at random or written short, and columns of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from annotate.labels.masks import encode
from workflows.cleaning.measures.objects import measure

SCHEMA: dict[str, Any] = {
    "labels": [
        {
            "name": name,
            "kinds": ["box", "polygon", "polyline", "keypoints", "point", "mask", "span"],
            "attributes": [
                {"name": "parked", "type": "bool", "required": name == "bus"},
                {"name": "doors", "type": "number", "required": True, "when": {"parked": True}},
                {"name": "make", "type": "choice", "options": ["a", "b"], "default": "a", "required": name == "van"},
            ],
        }
        for name in ("car", "bus", "van")
    ],
    "relations": [{"name": "near", "from": [], "to": []}],
}
SIDE = 40
TEXT = "Café \U0001f468\u200d\U0001f469\u200d\U0001f467 e\u0301t 日本 \U0001f1eb\U0001f1f7\U0001f1e9\U0001f1ea 각 end"


def box(x: float, y: float, w: float, h: float, label: str = "car", **more: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "kind": "box", "label": label, "box": [x, y, w, h], **more}


def polygon(points: Any, label: str = "car", **more: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "kind": "polygon", "label": label, "points": [list(point) for point in points], **more}


def span(start: int, end: int, label: str = "car", **more: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "kind": "span", "label": label, "start": start, "end": end, **more}


def keypoints(points: Any, label: str = "car", **more: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "kind": "keypoints", "label": label, "points": [list(point) for point in points], **more}


def measured(*objects: dict[str, Any], width: float | None = 1000, height: float | None = 1000, text: str | None = None) -> NDArray[Any]:
    return measure({"objects": list(objects), "item": {}}, SCHEMA, width=width, height=height, text=text)


def columns(documents: Iterable[NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """What the loader makes of the records of items 1, 2, …"""
    found = list(documents)
    records = np.concatenate(found)
    loaded = {name: records[name] for name in records.dtype.names or ()}
    loaded["item"] = np.repeat(np.arange(1, len(found) + 1, dtype=np.int64), [len(one) for one in found])
    loaded["place"] = np.concatenate([np.arange(len(one), dtype=np.int32) for one in found])
    loaded["undefined"] = np.zeros(len(records), dtype=bool)
    return loaded


def mask_of(drawn: NDArray[Any], label: str = "car") -> dict[str, Any]:
    """A mask of a picture of zeros and ones."""
    flat = np.asarray(drawn, dtype=np.int8).flatten(order="F")
    marks = np.flatnonzero(np.diff(np.concatenate([[0], flat])))
    counts = np.diff(np.concatenate([[0], marks, [len(flat)]])).tolist()
    return {"id": str(uuid.uuid4()), "kind": "mask", "label": label, "rle": {"size": list(drawn.shape), "counts": encode(counts)}}


def voc_boxes(path: Path) -> list[dict[str, Any]]:
    """The boxes of a Pascal VOC file as they stand there, good or bad."""
    found = []
    for element in ElementTree.parse(path).getroot().iter("object"):
        left, top, right, bottom = (float(element.findtext(f"bndbox/{name}") or "nan") for name in ("xmin", "ymin", "xmax", "ymax"))
        found.append(box(left, top, right - left, bottom - top, element.findtext("name") or ""))
    return found


def _square(left: int, top: int, side: int) -> dict[str, Any]:
    drawn = np.zeros((SIDE, SIDE), dtype=bool)
    drawn[top : top + side, left : left + side] = True
    return mask_of(drawn)


places = st.integers(0, SIDE)
spots = st.tuples(places, places).map(list)
rings = st.lists(spots, min_size=3, max_size=12)
shapes = st.one_of(
    st.builds(lambda x, y, turn: box(x, y, 12, 9, rotation=turn), places, places, st.sampled_from([0, 0, 30])),
    st.builds(lambda ring, holes: polygon(ring, **({"holes": holes} if holes else {})), rings, st.lists(rings, max_size=2)),
    st.builds(_square, st.integers(0, 30), st.integers(0, 30), st.integers(1, 15)),
    st.builds(lambda spot: {"kind": "point", "points": [spot]}, spots),
    st.builds(lambda spots: {"kind": "polyline", "points": spots}, st.lists(spots, min_size=2, max_size=4)),
    st.builds(lambda spots: {"kind": "keypoints", "points": [[*spot, 2] for spot in spots]}, st.lists(spots, min_size=1, max_size=6)),
    st.builds(lambda start, length: {"kind": "span", "start": start, "end": start + length}, places, st.integers(1, 9)),
    st.just({"kind": "relation", "from": str(uuid.UUID(int=1)), "to": str(uuid.UUID(int=2))}),
)
things = st.builds(
    lambda shape, label, given: shape | {"id": str(uuid.uuid4()), "label": "near" if shape["kind"] == "relation" else label} | ({"attributes": given} if given else {}),
    shapes,
    st.sampled_from(["car", "bus", "van"]),
    st.fixed_dictionaries({}, optional={"parked": st.booleans(), "doors": st.integers(0, 5), "make": st.sampled_from("ab")}),
)
