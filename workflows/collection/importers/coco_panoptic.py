"""COCO with its panoptic pictures: the JSON files of an upload, and the PNG files that say which pixels are whose. Pure.

A pixel of such a PNG is red + 256 green + 65,536 blue = the id of a segment, 0 where there is nothing. A segment comes in as a
mask where its PNG is in the upload (in the folder that is called as the JSON file, or the only one of its name), else as its box.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import IO

from workflows.collection.importers import coco, painted
from workflows.collection.importers.found import Found, LabelDoc, Problem
from workflows.collection.importers.spool import Kept, Spool

CODE = "bad_label_picture"


class CocoUpload:
    def __init__(self) -> None:
        self.ignored = 0
        self._spool = Spool()
        self._pictures: dict[str, list[Kept]] = defaultdict(list)  # by file name
        self._found: list[tuple[LabelDoc | Problem, str]] = []

    def take(self, file: IO[bytes], place: str, path: str) -> None:
        if path.lower().endswith(".json"):
            self._found += [(found, path) for found in coco.read(file, place)]
            return
        content = file.read(painted.LARGEST_FILE + 1)
        self._pictures[path.rpartition("/")[2]].append(self._spool.keep(content, place, path))

    def finish(self, pictures: Sequence[str]) -> Iterator[tuple[LabelDoc | Problem, str]]:
        used: set[str] = set()
        for found, path in self._found:
            kept = self._picture(found.painted, path) if isinstance(found, LabelDoc) and found.painted else None
            if kept is None:
                yield _boxed(found) if isinstance(found, LabelDoc) else found, path
            else:
                assert isinstance(found, LabelDoc)
                used.add(kept.path)
                yield _filled(found, kept, self._spool.read(kept)), path
        self.ignored += sum(kept.path not in used for some in self._pictures.values() for kept in some)

    def _picture(self, name: str, path: str) -> Kept | None:
        """The PNG that an annotation of this JSON file names."""
        named = self._pictures.get(name.rpartition("/")[2]) or []
        folder = str(PurePosixPath(path).with_suffix(""))
        beside = [kept for kept in named if kept.path.rpartition("/")[0] == folder]
        fitting = beside or [kept for kept in named if kept.path == name or kept.path.endswith("/" + name)] or named
        return fitting[0] if len(fitting) == 1 else None


def _boxed(doc: LabelDoc) -> LabelDoc:
    """The labels without pixels: a segment that has no box either says nothing."""
    if all(one.shapes for one in doc.objects):
        return doc
    told = [Problem(one.place, "no_shape", f"{one.label}: no bbox, and the picture {doc.painted or 'of its pixels'} did not come along", whole=False) for one in doc.objects if not one.shapes]
    return replace(doc, objects=tuple(one for one in doc.objects if one.shapes), problems=(*doc.problems, *told))


def _filled(doc: LabelDoc, kept: Kept, content: bytes) -> LabelDoc:
    """The labels with their pixels. A picture that cannot be read costs all of its segments: their boxes would say less than was meant."""
    try:
        picture = painted.decoded(content)
        if not picture.colours:
            raise ValueError("its pixels are no RGB colours, which panoptic ids are written in")
        if doc.width and doc.height and (picture.width, picture.height) != (doc.width, doc.height):
            raise ValueError(f"it has {picture.width} × {picture.height} pixels, the image {doc.width} × {doc.height}")
        seen = {_id(part.value): part for part in painted.parts(picture.values)}
    except ValueError as error:
        told = Problem(kept.place, CODE, f"{kept.path.rpartition('/')[2]}: {error}", whole=False)
        return replace(doc, objects=tuple(one for one in doc.objects if not one.name), problems=(*doc.problems, told))
    objects: list[Found] = []
    problems = list(doc.problems)
    for one in doc.objects:
        part = seen.pop(int(one.name), None) if one.name else None
        if part is not None:
            objects.append(replace(one, shapes={"mask": ({"rle": part.rle()},), **(one.shapes or {"box": ({"box": part.box()},)})}))
        elif one.name:
            problems.append(Problem(one.place, "no_pixels", f"{one.label}: no pixel of {kept.path.rpartition('/')[2]} bears the id {one.name}", whole=False))
        else:
            objects.append(one)
    if seen:
        some = ", ".join(str(name) for name in sorted(seen)[:3])
        problems.append(Problem(kept.place, "unknown_segment", f"{len(seen)} ids of pixels are in no segments_info of the image, such as {some}", whole=False))
    return replace(doc, objects=tuple(objects), problems=tuple(problems), width=doc.width or picture.width, height=doc.height or picture.height)


def _id(colour: int) -> int:
    return colour >> 16 | colour & 0xFF00 | (colour & 255) << 16
