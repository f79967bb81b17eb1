"""Pascal VOC with its pictures of classes and objects: XML files, `SegmentationClass/`, `SegmentationObject/`, `labelmap.txt`. Pure.

An object of `SegmentationObject` is of the class that most of its pixels bear in `SegmentationClass`; without object pictures all of a
class is one mask. What a class is called follows from its colour and `labelmap.txt`, or, where that is missing, VOC's own
colours; a grey is the place in that list. Index 255 and VOC's cream are no object's (the ignored edge), black is background. An XML object of the same name
around the same pixels gives the mask its attributes; what no pixels are of stays a box.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import PurePosixPath
from typing import IO, Any

from workflows.collection.importers import painted, voc
from workflows.collection.importers.found import Found, LabelDoc, Problem
from workflows.collection.importers.spool import Kept, Spool
from workflows.exporters.colours import voc_colours

NAMES = (
    "background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog", "horse",
    "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
)  # fmt: skip
IGNORED, CREAM = 255, 0xE0E0C0
CODE = "bad_label_picture"
LABELMAP = "labelmap.txt"
APART = 0.5  # 1 - IoU from which on a box is not that of the pixels
_FOLDERS = {"segmentationclass": 0, "segmentationclassraw": 1, "segmentationclassaug": 1, "segmentationobject": 2}
_ROLES = frozenset((*_FOLDERS, "annotations", "jpegimages"))


@dataclass
class _Picture:
    """What an upload says of one picture."""

    docs: list[tuple[LabelDoc, str]] = field(default_factory=list)
    kept: dict[int, Kept] = field(default_factory=dict)  # by what its folder is for

    @property
    def classes(self) -> Kept | None:
        return self.kept.get(0) or self.kept.get(1)


class VocUpload:
    def __init__(self) -> None:
        self.ignored = 0
        self._spool = Spool()
        self._pictures: dict[tuple[str, ...], _Picture] = defaultdict(_Picture)
        self._problems: list[tuple[Problem, str]] = []
        self._colours: dict[int, str] = {}
        self._order: list[str] = []

    def take(self, file: IO[bytes], place: str, path: str) -> None:
        name = path.rpartition("/")[2].lower()
        if name.endswith(".xml"):
            for found in voc.read(file, place):
                if isinstance(found, Problem):
                    self._problems.append((found, path))
                else:
                    self._pictures[_meaning(path)].docs.append((found, path))
        elif name == LABELMAP:
            self._mapped(file.read(1024**2), place, path)
        elif name.endswith(".png"):
            folder = PurePosixPath(path).parent.name.lower()
            there = self._pictures[_meaning(path)].kept
            if folder in _FOLDERS and _FOLDERS[folder] not in there:
                there[_FOLDERS[folder]] = self._spool.keep(file.read(painted.LARGEST_FILE + 1), place, path)
            else:
                self.ignored += 1
        else:
            self.ignored += 1

    def _mapped(self, content: bytes, place: str, path: str) -> None:
        """`name:red,green,blue:parts:actions` a line; the first name of a colour counts."""
        for number, line in enumerate(content.decode("utf-8-sig", "replace").splitlines(), 1):
            name, _mark, rest = line.strip().partition(":")
            if not name or name.startswith("#"):
                continue
            try:
                red, green, blue = (int(part) for part in rest.partition(":")[0].split(","))
                if not all(0 <= part < 256 for part in (red, green, blue)):
                    raise ValueError
            except ValueError:
                self._problems.append((Problem(f"{place} line {number}", "bad_labelmap", "a line is name:red,green,blue:parts:actions", whole=False), path))
                continue
            self._colours.setdefault(red << 16 | green << 8 | blue, name)
            self._order.append(name)

    def finish(self, pictures: Sequence[str]) -> Iterator[tuple[LabelDoc | Problem, str]]:
        yield from self._problems
        for _meaning_of, one in sorted(self._pictures.items()):
            first = one.classes or one.kept.get(2)
            if first is None:
                yield from one.docs
                continue
            stem = first.stem
            (doc, path), *more = one.docs or [(LabelDoc(f"{stem}.jpg", first.place, other_name=stem), first.path)]
            yield self._filled(doc, one), path
            yield from more

    def _filled(self, doc: LabelDoc, one: _Picture) -> LabelDoc:
        classes, objects = one.classes, one.kept.get(2)
        if classes is None:
            assert objects is not None
            told = Problem(objects.place, "no_class_picture", "a picture of objects says no names: send SegmentationClass along", whole=False)
            return replace(doc, problems=(*doc.problems, told))
        read = classes
        try:
            kinds = self._read(classes, doc)
            numbers = None
            if objects is not None:
                read, numbers = objects, self._read(objects, doc)
                if numbers.values.shape != kinds.values.shape:
                    raise ValueError("it is not of the size of its picture of classes")
            read = classes
            made, unnamed = self._masks(kinds, numbers, _spelled(doc), classes)
        except ValueError as error:
            wrong = Problem(read.place, CODE, f"{read.path.rpartition('/')[2]}: {error}", whole=False)
            return replace(doc, problems=(*doc.problems, wrong))
        width, height = doc.width or kinds.width, doc.height or kinds.height
        return replace(doc, objects=_joined(doc.objects, made), problems=(*doc.problems, *unnamed), width=width, height=height)

    def _read(self, kept: Kept, doc: LabelDoc) -> painted.Painted:
        found = painted.decoded(self._spool.read(kept))
        if doc.width and doc.height and (found.width, found.height) != (doc.width, doc.height):
            raise ValueError(f"it has {found.width} × {found.height} pixels, the picture {doc.width} × {doc.height}")
        return found

    def _label(self, kinds: painted.Painted, value: int) -> str | None:
        """What a number of the picture of classes is called: "" for background and the ignored edge, None for what nothing names."""
        colour = kinds.colour(value)
        if colour is None:  # a grey is the place in the list
            order = self._order or NAMES
            named = order[value] if value < len(order) else "background" if value == IGNORED else None
        else:
            named = (self._colours or _standard()).get(colour)
        if named in ("background", "ignored", "void") or (named is None and (colour in (0, CREAM) or (kinds.palette is not None and value in (0, IGNORED)))):
            return ""
        return named

    def _masks(self, kinds: painted.Painted, numbers: painted.Painted | None, spelled: Mapping[str, str], kept: Kept) -> tuple[list[Found], list[Problem]]:
        """The masks in the order of their numbers, and what of the pixels nobody can name."""
        import numpy as np

        unknown: set[str] = set()
        best: dict[int, tuple[int, str]] = {}  # object → (its most frequent class's pixels, the class)
        whole: dict[int, painted.Part] = {}
        if numbers is None:
            whole = {part.value: part for part in painted.parts(kinds.values)}
            best = {value: (part.area, _or(unknown, self._label(kinds, value), kinds, value)) for value, part in whole.items()}
        else:
            both = numbers.values.astype(np.uint64) << np.uint64(32) | kinds.values
            tally: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
            for part in painted.parts(both):
                number, kind = part.value >> 32, part.value & 0xFFFFFFFF
                label = _or(unknown, self._label(kinds, kind), kinds, kind)
                if number and label:
                    tally[number][label] += part.area
            best = {number: max((area, label) for label, area in counts.items()) for number, counts in tally.items()}
            whole = {part.value: part for part in painted.parts(numbers.values) if part.value in best}
        problems = [Problem(kept.place, "unknown_class", f"pixels of {name} are named by no labelmap.txt", whole=False) for name in sorted(unknown)]
        found = [
            Found(spelled.get(label, label), {"mask": ({"rle": whole[number].rle()},), "box": ({"box": whole[number].box()},)}, place=f"{kept.place} object {number}")
            for number, (_area, label) in sorted(best.items())
            if label
        ]
        return found, problems




@cache
def _standard() -> dict[int, str]:
    return {red << 16 | green << 8 | blue: name for (red, green, blue), name in zip(voc_colours(), NAMES, strict=False)}


def _meaning(path: str) -> tuple[str, ...]:
    pure = PurePosixPath(path)
    return (*(step for step in pure.parent.parts if step.lower() not in _ROLES), pure.stem)


def _or(unknown: set[str], label: str | None, kinds: painted.Painted, value: int) -> str:
    if label is None:
        colour = kinds.colour(value)
        unknown.add(f"the number {value}" if colour is None else f"the colour {colour >> 16},{colour >> 8 & 255},{colour & 255}")
    return label or ""


def _spelled(doc: LabelDoc) -> dict[str, str]:
    """Names as a labelmap can write them, without colons, → as the XML has them."""
    return {one.label.replace(":", "_"): one.label for one in doc.objects}


def _joined(boxes: tuple[Found, ...], masks: list[Found]) -> tuple[Found, ...]:
    """Masks in the places of the boxes that are theirs, nearest first; the others after them."""
    pairs = []
    for at, box in enumerate(boxes):
        for number, mask in enumerate(masks):
            if box.label == mask.label:
                apart = painted.outside(mask.shapes["box"][0]["box"], box.shapes["box"][0]["box"])
                if apart < APART:
                    pairs.append((apart, at, number))
    taken: dict[int, int] = {}
    used: set[int] = set()
    for _apart, at, number in sorted(pairs):
        if at not in taken and number not in used:
            taken[at] = number
            used.add(number)
    made: list[Any] = [replace(box, shapes={"mask": masks[taken[at]].shapes["mask"], **box.shapes}) if at in taken else box for at, box in enumerate(boxes)]
    return (*made, *(mask for number, mask in enumerate(masks) if number not in used))
