"""COCO keypoints: `annotations/person_keypoints_<split>.json`, with the labels that have a skeleton as categories. Pure.

All is as in `coco`, ids too; an object's box is the one around its labelled points, its area that box's.
"""

from __future__ import annotations

from annotate.labels.schema import Label
from workflows.exporters.coco import CocoWriter


class CocoKeypointsWriter(CocoWriter):
    FILE = "person_keypoints"
    KINDS = frozenset(("keypoints",))
    LEFT = "left_out"

    def _holds(self, label: Label) -> bool:
        return bool(label.points)
