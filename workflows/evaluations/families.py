"""Of which things average precision is told, and under which names. Pure, and without numpy: pages list them too."""

from __future__ import annotations

from collections.abc import Sequence

from workflows.quality.evaluation import names

FAMILIES: dict[str, Sequence[str]] = {  # kinds of objects; how each is compared stands in `precise`
    "box": ("box", "polygon", "mask"),
    "segment": ("polygon", "mask"),
    "keypoints": ("keypoints",),
    "point": ("point",),
    "polyline": ("polyline",),
}
NAMES_OF: dict[str, Sequence[str]] = {"box": names.AREAS, "segment": names.AREAS, "keypoints": names.SKELETONS, "point": names.NEAR, "polyline": names.NEAR}
SIZED = ("box", "segment", "keypoints")  # whose figures are told by size too
