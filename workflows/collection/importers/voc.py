"""Pascal VOC: one XML file per picture. A box is x, y, w, h = xmin, ymin, xmax - xmin, ymax - ymin, with no off-by-one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree as safe
from defusedxml import DefusedXmlException

from workflows.collection.importers.found import Found, LabelDoc, Problem, clean_file_name, side

FLAGS = ("truncated", "difficult", "occluded")


def read(file: IO[bytes], place: str) -> Iterator[LabelDoc | Problem]:
    """The labels of the picture that the file is about, or a `Problem` when it is no VOC file."""
    try:
        root = safe.parse(file, forbid_dtd=True).getroot()
    except DefusedXmlException as error:
        yield Problem(
            place, "unsafe_xml", f"XML with a document type or entities is not taken ({type(error).__name__})"
        )
        return
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        yield Problem(place, "not_xml", f"not XML: {str(error)[:150]}")
        return
    if root is None or root.tag != "annotation":
        yield Problem(place, "not_voc", "the root element is not <annotation>")
        return
    stem = PurePosixPath(place.rpartition("!")[2]).stem
    file_name = clean_file_name(_text(root, "filename")) or stem
    size = root.find("size")
    objects: list[Found] = []
    problems: list[Problem] = []
    for index, element in enumerate(root.findall("object")):
        where = f"{place} object {index + 1}"
        found = _object(element, where)
        (objects if isinstance(found, Found) else problems).append(found)  # type: ignore[arg-type]
    yield LabelDoc(
        file=file_name,
        place=place,
        width=_side(size, "width"),
        height=_side(size, "height"),
        objects=tuple(objects),
        problems=tuple(problems),
        other_name=stem,
    )


def _text(element: Element | None, name: str) -> str:
    if element is None:
        return ""
    child = element.find(name)
    return (child.text or "").strip() if child is not None else ""


def _number(element: Element | None, name: str) -> float:
    try:
        return float(_text(element, name))
    except ValueError:
        return math.nan


def _side(size: Element | None, name: str) -> int | None:
    number = _number(size, name)
    return side(number) if math.isfinite(number) else None


def _object(element: Element, place: str) -> Found | Problem:
    label = _text(element, "name")
    if not label:
        return Problem(place, "no_label", "the object has no name", whole=False)
    box = element.find("bndbox")
    corners = [_number(box, name) for name in ("xmin", "ymin", "xmax", "ymax")]
    if not all(math.isfinite(number) for number in corners):
        return Problem(place, "bad_box", f"{label}: bndbox needs the numbers xmin, ymin, xmax, ymax", whole=False)
    left, top, right, bottom = corners
    attributes: dict[str, Any] = {
        name: _text(element, name) not in ("0", "false", "False") for name in FLAGS if _text(element, name)
    }
    pose = _text(element, "pose")
    if pose and pose != "Unspecified":
        attributes["pose"] = pose
    attributes |= _more(element)
    shapes = {"box": ({"box": [left, top, right - left, bottom - top]},)}
    return Found(label=label, shapes=shapes, attributes=attributes, place=place)


def _more(element: Element) -> dict[str, Any]:
    """What tools add below `attributes`: texts, true and false as such; a name that stands several times is a list."""
    found: dict[str, Any] = {}
    for attribute in element.iterfind("attributes/attribute"):
        name, value = _text(attribute, "name"), _text(attribute, "value")
        if name and name not in FLAGS:
            meant = {"true": True, "false": False}.get(value.lower(), value)
            found[name] = [*(found[name] if isinstance(found[name], list) else [found[name]]), meant] if name in found else meant
    return found
