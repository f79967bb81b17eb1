"""Readers of other tools' label files, one per format: pure, from bytes to `LabelDoc`. `FORMATS` names what exists."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO

from workflows.collection.importers import (
    coco,
    coco_panoptic,
    conll,
    cvat,
    doccano,
    kitti,
    label_studio,
    labelme,
    voc,
    voc_pictures,
    yolo,
)
from workflows.collection.importers.found import LabelDoc, Problem
from workflows.collection.importers.gathering import Gathering

Reader = Callable[[IO[bytes], str], Iterator[LabelDoc | Problem]]
_PLAIN = ("", ".conll", ".txt", ".tsv", ".bio", ".bioes", ".iob", ".iob2", ".annotated")  # what files of tagged tokens are called
FORMATS: dict[str, tuple[tuple[str, ...], Reader]] = {
    "coco": ((".json", ".png"), coco.read),
    "voc": ((".xml", ".png", ".txt"), voc.read),
    "cvat": ((".xml",), cvat.read),
    "label_studio": ((".json",), label_studio.read),
    "labelme": ((".json", ".xml"), labelme.read),
    "conll": (_PLAIN, conll.read),
    "doccano": ((".jsonl", ".json", ".txt"), doccano.read),
    "yolo": (yolo.SUFFIXES, yolo.read),
    "kitti": (kitti.SUFFIXES, kitti.read),
}
# Formats that need several files of an upload: these are read by what is made here, not file by file.
GATHERED: dict[str, Callable[[], Gathering]] = {
    "yolo": yolo.YoloUpload,
    "kitti": kitti.KittiUpload,
    "coco": coco_panoptic.CocoUpload,
    "voc": voc_pictures.VocUpload,
}
TEXTS = frozenset(("conll", "doccano"))  # formats whose files hold texts
EITHER = frozenset(("label_studio",))  # formats whose files hold texts or are about pictures; all others are about pictures
LATER: tuple[str, ...] = ()  # named by the API, with no reader yet
