"""A small version with pictures of its own, and what any reader must find in it."""

from __future__ import annotations

import hashlib
import shutil
from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

from tests.exporters.rows import box, export_of, row
from workflows.exporters.building import read_pictures
from workflows.exporters.formats import Picture
from workflows.releases.rows import Row

# Two pictures of one file name, one without objects, one that is no square, and every split.
BOXES: dict[str, tuple[str, tuple[int, int], list[tuple[str, float, float, float, float]]]] = {
    "day/1.jpg": ("train", (64, 48), [("car", 1, 2, 30, 20), ("sign", 40, 8, 10, 12)]),
    "day/2.png": ("val", (100, 40), [("car", 10, 4, 60.5, 30.25)]),
    "night/1.jpg": ("train", (48, 64), []),
    "night/3.jpg": ("test", (80, 60), [("sign", 3, 3, 7, 9), ("car", 20, 10, 50, 40), ("car", 2, 20, 16, 8)]),
}
Found = list[list[tuple[str, float, float, float, float]]]


def rows() -> list[Row]:
    made = []
    for number, (key, (split, (width, height), boxes)) in enumerate(sorted(BOXES.items()), start=1):
        objects = [box(x, y, w, h, label) for label, x, y, w, h in boxes]
        made.append(row(key, objects, split=split, item_id=number, width=width, height=height))
    return made


def pictures(place: Path) -> dict[str, Picture]:
    made = {}
    for number, (key, (_split, size, _boxes)) in enumerate(sorted(BOXES.items())):
        path = place / str(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size, (40 * number, 90, 160)).save(path, "PNG" if key.endswith("png") else "JPEG")
        content = path.read_bytes()
        made[key] = Picture(str(path), len(content), hashlib.sha256(content).hexdigest(), partial(path.open, "rb"))
    return made


def exported(place: Path, format: str, *, split: str = "", media: bool = True, of: list[Row] | None = None, there: dict[str, Picture] | None = None, **more: Any) -> Path:
    """The folder of the small version's export as somebody has pulled it, pictures too."""
    there = there or (pictures(place / "bytes") if media else {})
    folder = export_of(of or rows(), place, format, split=split, pictures=there, **more)[0]
    for path, _item, picture in read_pictures(place):
        target = folder.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture.stored, target)
    return folder.root


def expected(split: str = "", *, empty: bool = True) -> Found:
    """The boxes of each picture in the order of their numbers; `empty`: pictures without objects count."""
    chosen = [boxes for of, _size, boxes in BOXES.values() if not split or of == split]
    return sorted(sorted(boxes) for boxes in chosen if boxes or empty)


def grouped(boxes: Iterable[list[Any]], images: int, digits: int = 2) -> Found:
    """A reader's boxes by picture as `expected` has them: readers name files in their own ways, so names only tell pictures apart."""
    found: dict[str, list[tuple[str, float, float, float, float]]] = defaultdict(list)
    for file, label, *numbers in boxes:
        x, y, w, h = (round(number, digits) for number in numbers)
        found[file].append((label, x, y, w, h))
    return sorted([*map(sorted, found.values()), *([[]] * (images - len(found)))])
