"""Readers of other tools' label files, one per format: pure, from bytes to `LabelDoc`. `FORMATS` names what exists."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO

from workflows.collection.importers import coco, voc
from workflows.collection.importers.found import LabelDoc, Problem

Reader = Callable[[IO[bytes], str], Iterator[LabelDoc | Problem]]
FORMATS: dict[str, tuple[str, Reader]] = {"coco": (".json", coco.read), "voc": (".xml", voc.read)}
LATER = ("yolo", "kitti", "cvat", "label_studio", "labelme", "conll", "doccano")  # named by the API, with no reader yet
