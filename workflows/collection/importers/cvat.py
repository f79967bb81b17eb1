"""CVAT XML 1.1, for images and for video. Images are read one by one; tracks are gathered by frame and come at the end.

A frame of a video is known as CVAT calls its picture, `frame_000010`. What a track shows there is an object with the track's id;
frames that nobody drew are marked as interpolated, and where a track is outside there is none. A tag is a word about the
picture; the attributes of a tag are values of the item.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import IO, Any
from xml.etree.ElementTree import Element

from workflows.collection.importers.cvat_shapes import SHAPES
from workflows.collection.importers.found import Found, LabelDoc, Problem, clean_file_name, side
from workflows.collection.importers.markup import elements, said

_ITEM = re.compile(r"item_*")
_OTHER = ("cuboid",)  # shapes that have no kind here


def read(file: IO[bytes], place: str) -> Iterator[LabelDoc | Problem]:
    """The file's images in their order, then the frames of its tracks."""
    reader = _Reader(place)
    depth, root = 0, None
    for event in elements(file, place):
        if isinstance(event, Problem):
            yield event
            break
        kind, element = event
        depth += 1 if kind == "start" else -1
        if root is None:
            root = element
            if element.tag != "annotations":
                yield Problem(place, "not_cvat", "the root element is not <annotations>")
                return
        if kind == "end" and depth == 1:
            if element.tag == "meta":
                reader.meta(element)
            elif element.tag == "image":
                yield reader.image(element)
            elif element.tag == "track":
                reader.track(element)
            root.clear()
    if reader.empty:
        yield Problem(place, "no_images", "there is no image and no track in the file")
    yield from reader.frames()


def _side(text: str | None) -> int | None:
    try:
        return side(float(text or ""))
    except (ValueError, OverflowError):
        return None


class _Reader:
    def __init__(self, place: str) -> None:
        self._place = place
        self._types: dict[tuple[str, str], str] = {}
        self._skeletons: dict[str, dict[str, Any]] = {}
        self._size: tuple[int | None, int | None] = (None, None)
        self._frames: dict[int, tuple[list[Found], list[Problem]]] = {}
        self._lost: list[Problem] = []
        self._images = self._tracks = 0

    @property
    def empty(self) -> bool:
        return not self._images and not self._tracks

    def meta(self, element: Element) -> None:
        parents: dict[str, list[str]] = {}
        for label in element.iter("label"):
            name = said(label, "name")
            if parent := said(label, "parent"):
                parents.setdefault(parent, []).append(name)
            for attribute in label.iter("attribute"):
                self._types[name, said(attribute, "name")] = said(attribute, "input_type")
        self._skeletons = {name: {"points": points, "edges": []} for name, points in parents.items() if all(points) and len(set(points)) == len(points)}
        size = next(element.iter("original_size"), None)
        self._size = _side(said(size, "width")), _side(said(size, "height"))

    def image(self, element: Element) -> LabelDoc | Problem:
        place = f"{self._place} image {element.get('id') or self._images + 1}"
        self._images += 1
        file = clean_file_name(element.get("name") or "")
        if not file:
            return Problem(place, "bad_image", "the image has no name")
        width, height = _side(element.get("width")), _side(element.get("height"))
        objects: list[Found] = []
        problems: list[Problem] = []
        item: dict[str, Any] = {}
        tags: list[str] = []
        for number, child in enumerate(element, start=1):
            where = f"{place} {child.tag} {number}"
            if child.tag == "tag":
                label = child.get("label") or ""
                item |= self._attributes(child, label)
                if label and not _ITEM.fullmatch(label):
                    tags.append(label)
            elif child.tag in SHAPES or child.tag in _OTHER:
                found = self._object(child, child.get("label") or "", where, width, height)
                (objects if isinstance(found, Found) else problems).append(found)  # type: ignore[arg-type]
        return LabelDoc(
            file=file, place=place, width=width, height=height, objects=tuple(objects), problems=tuple(problems),
            skeletons=self._skeletons, item=item, tags=tuple(tags),
        )  # fmt: skip

    def _attributes(self, element: Element, label: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for child in element.findall("attribute"):
            name, text = child.get("name") or "", child.text or ""
            kind = self._types.get((label, name))
            if kind == "checkbox" and text in ("true", "false"):
                found[name] = text == "true"
            elif name and text:
                found[name] = text
        return found

    def _object(self, element: Element, label: str, place: str, width: int | None, height: int | None, more: dict[str, Any] | None = None) -> Found | Problem:
        if not label.strip():
            return Problem(place, "no_label", f"the {element.tag} has no label", whole=False)
        if element.tag not in SHAPES:
            return Problem(place, "bad_shape", f"{label}: a {element.tag} has no place here", whole=False)
        try:
            shapes = SHAPES[element.tag](element, width, height)
        except (ValueError, OverflowError, MemoryError) as error:
            return Problem(place, "bad_shape", f"{label}: {error}", whole=False)
        attributes = self._attributes(element, label)
        if element.get("occluded") == "1":
            attributes.setdefault("occluded", True)
        pieces = {kind: tuple(piece | (more or {}) for piece in found) for kind, found in shapes.items()}
        return Found(label=label.strip(), shapes=pieces, attributes=attributes, place=place)

    def track(self, element: Element) -> None:
        self._tracks += 1
        name = element.get("id") or str(self._tracks)
        track = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self._place} track {name} {self._tracks}"))
        for number, child in enumerate(element, start=1):
            if child.tag not in SHAPES and child.tag not in _OTHER:
                continue
            where = f"{self._place} track {name} {child.tag} {number}"
            frame = child.get("frame") or ""
            if not (frame.isascii() and frame.isdigit() and len(frame) < 10):
                self._lost.append(Problem(where, "bad_frame", "frame must be a whole number", whole=False))
                continue
            objects, problems = self._frames.setdefault(int(frame), ([], []))
            if child.get("outside") == "1":
                continue
            more = {"track": track} | ({"source": "interpolated"} if child.get("keyframe") == "0" else {})
            found = self._object(child, element.get("label") or "", where, *self._size, more)
            (objects if isinstance(found, Found) else problems).append(found)  # type: ignore[arg-type]

    def frames(self) -> Iterator[LabelDoc | Problem]:
        yield from self._lost
        for frame, (objects, problems) in sorted(self._frames.items()):
            yield LabelDoc(
                file=f"frame_{frame:06d}", place=f"{self._place} frame {frame}", width=self._size[0], height=self._size[1],
                objects=tuple(objects), problems=tuple(problems), skeletons=self._skeletons,
            )  # fmt: skip
