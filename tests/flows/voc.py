"""What VOC files say, read without any of the product's code."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree


def boxes_of(folder: Path) -> dict[str, list[tuple[str, float, float, float, float]]]:
    """File stem → sorted (label, x, y, w, h) of every box with an area."""
    found: dict[str, list[tuple[str, float, float, float, float]]] = {}
    for path in sorted(folder.rglob("*.xml")):
        boxes = []
        for one in ElementTree.parse(path).getroot().iter("object"):
            left, top, right, bottom = (float(one.findtext(f"bndbox/{name}") or "nan") for name in ("xmin", "ymin", "xmax", "ymax"))
            if right > left and bottom > top:
                boxes.append((one.findtext("name") or "", left, top, right - left, bottom - top))
        found[path.stem] = sorted(boxes)
    return found
