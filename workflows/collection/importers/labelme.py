"""labelme: a JSON file per picture; and the XML of the old web LabelMe, told apart by its first character."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, Any
from xml.etree.ElementTree import Element

from workflows.collection.importers.documents import fault, load
from workflows.collection.importers.found import Found, LabelDoc, Problem, clean_file_name, finite, minus, side
from workflows.collection.importers.labelme_shapes import shape_of
from workflows.collection.importers.markup import elements, said


def read(file: IO[bytes], place: str) -> Iterator[LabelDoc | Problem]:
    """The labels of the picture that the file is about."""
    raw = file.read().removeprefix(b"\xef\xbb\xbf")
    if raw.lstrip()[:1] == b"<":
        yield _web(raw, place)
        return
    data = load(raw, place)
    if isinstance(data, Problem):
        yield data
        return
    if not isinstance(data, dict) or not isinstance(data.get("shapes"), list):
        yield Problem(place, "not_labelme", "there is no list of shapes")
        return
    if wrong := fault(data["shapes"]) or fault(data.get("item")):
        yield Problem(place, "bad_text", wrong)
        return
    yield _picture(data, place)


def _stem(place: str) -> str:
    return PurePosixPath(place.rpartition("!")[2]).stem


def _picture(data: dict[str, Any], place: str) -> LabelDoc:
    width, height = side(data.get("imageWidth")), side(data.get("imageHeight"))
    objects: list[Found] = []
    problems: list[Problem] = []
    for index, shape in enumerate(data["shapes"]):
        found = _shape(shape, f"{place} shapes[{index}]", width, height)
        (objects if isinstance(found, Found) else problems).append(found)  # type: ignore[arg-type]
    flags = data.get("flags")
    item = {name: True for name, value in flags.items() if value is True} if isinstance(flags, dict) else {}
    named = data.get("imagePath")
    file = clean_file_name(named) if isinstance(named, str) else ""
    return LabelDoc(
        file=file or _stem(place), place=place, width=width, height=height, objects=tuple(objects), problems=tuple(problems),
        other_name=_stem(place), item=item | (data["item"] if isinstance(data.get("item"), dict) else {}),
    )  # fmt: skip


def _shape(shape: Any, place: str, width: int | None, height: int | None) -> Found | Problem:
    if not isinstance(shape, dict):
        return Problem(place, "bad_shape", "a shape is an object", whole=False)
    label = shape["label"].strip() if isinstance(shape.get("label"), str) else ""
    if not label:
        return Problem(place, "no_label", "the shape has no label", whole=False)
    try:
        shapes = shape_of(shape, width, height)
    except (ValueError, OverflowError, MemoryError) as error:
        return Problem(place, "bad_shape", f"{label}: {str(error)[:200]}", whole=False)
    flags = shape.get("flags")
    attributes = {name: True for name, value in flags.items() if value is True} if isinstance(flags, dict) else {}
    attributes |= shape["attributes"] if isinstance(shape.get("attributes"), dict) else {}
    return Found(label, shapes, attributes, place, name=shape["id"] if isinstance(shape.get("id"), str) else "")


def _web(raw: bytes, place: str) -> LabelDoc | Problem:
    root: Element | None = None
    for event in elements(io.BytesIO(raw), place):
        if isinstance(event, Problem):
            return event
        root = event[1] if root is None else root
    if root is None or root.tag != "annotation" or all(root.find(name) is None for name in ("imagesize", "object/polygon", "object/segm")):
        return Problem(place, "not_labelme", "the root element is no <annotation> with objects of LabelMe")
    size = root.find("imagesize")
    objects: list[Found] = []
    problems: list[Problem] = []
    for index, element in enumerate(root.findall("object"), start=1):
        if said(element, "deleted") == "1":
            continue
        found = _web_object(element, f"{place} object {index}")
        (objects if isinstance(found, Found) else problems).append(found)  # type: ignore[arg-type]
    return LabelDoc(
        file=clean_file_name(said(root, "filename")) or _stem(place), place=place, width=_web_side(size, "ncols"), height=_web_side(size, "nrows"),
        objects=tuple(objects), problems=tuple(problems), other_name=_stem(place),
    )  # fmt: skip


def _web_side(size: Element | None, name: str) -> int | None:
    try:
        return side(float(said(size, name)))
    except ValueError:
        return None


def _number(element: Element, name: str) -> float:
    try:
        return finite(float(said(element, name)))
    except ValueError:
        raise ValueError(f"{name} must be a finite number") from None


def _web_object(element: Element, place: str) -> Found | Problem:
    label = said(element, "name")
    if not label:
        return Problem(place, "no_label", "the object has no name", whole=False)
    try:
        shapes = _web_shapes(element)
    except ValueError as error:
        return Problem(place, "bad_shape", f"{label}: {error}", whole=False)
    attributes: dict[str, Any] = {}
    if said(element, "occluded") in ("yes", "no"):
        attributes["occluded"] = said(element, "occluded") == "yes"
    for part in filter(None, map(str.strip, said(element, "attributes").split(","))):
        name, equals, value = part.partition("=")
        attributes[name.strip()] = {"true": True, "false": False}.get(value.strip().lower(), value.strip()) if equals else True
    return Found(label, shapes, attributes, place)


def _web_shapes(element: Element) -> dict[str, tuple[dict[str, Any], ...]]:
    polygon, box = element.find("polygon"), element.find("segm/box")
    if polygon is not None:
        points = [[_number(point, "x"), _number(point, "y")] for point in polygon.findall("pt")]
        if said(element, "type") == "bounding_box" and len(points) == 4:
            (left, right), (top, bottom) = ((min(axis), max(axis)) for axis in zip(*points, strict=True))
            return {"box": ({"box": [left, top, minus(right, left), minus(bottom, top)]},)}
        if len(points) < 3:
            raise ValueError("a polygon needs at least 3 points")
        return {"polygon": ({"points": points},)}
    if box is None:
        raise ValueError("neither polygon nor segm")
    left, top, right, bottom = (_number(box, name) for name in ("xmin", "ymin", "xmax", "ymax"))
    return {"box": ({"box": [left, top, minus(right, left), minus(bottom, top)]},)}  # its mask is a file of its own
