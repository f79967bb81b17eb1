"""The formats an export can have. A writer is pure: rows in key order go in, files of a folder come out.

A writer is made once per export (`start`), gets every row of the version (`take`, with `chosen` false for rows of another
split, so that numbers stay the same whichever split is pulled) and closes its files (`finish`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Any, Protocol

from annotate.kernel.errors import Invalid
from annotate.labels.schema import Schema
from workflows.exporters.flat import FlatNames
from workflows.exporters.folder import Folder
from workflows.exporters.names import Names

# api.md's names, in its order.
NAMED = (
    "coco", "coco_keypoints", "coco_panoptic", "yolo", "yolo_segment", "yolo_pose", "yolo_obb", "yolo_classify", "voc",
    "kitti", "cvat", "label_studio", "labelme", "masks", "conll", "spacy", "huggingface_imagefolder",
    "huggingface_parquet", "webdataset", "jsonl", "csv", "parquet",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Picture:
    """Stored bytes to hand out beside the labels: their place in storage, size in bytes, sha256 in hex; `open` reads them."""

    stored: str
    size: int
    sha256: str
    open: Callable[[], IO[bytes]] | None = None


@dataclass(frozen=True)
class About:
    """What a writer may know besides the rows."""

    dataset: str
    number: int
    root: str  # hex
    created_at: str
    schema: Schema
    split: str = ""
    media: str = "reference"  # or "include": pictures that are stored here come with their rows
    items: int = 0  # of the whole version
    notes: Counter[str] = field(default_factory=Counter)  # what the format could not say: word → how many


class Writer(Protocol):
    def take(self, row: Any, name: str, chosen: bool, picture: Picture | None) -> None:
        """One row (`workflows.releases.rows.Row`), the safe name of its key, and its picture where it was asked for and is stored here."""

    def finish(self) -> None: ...


class Namer(Protocol):
    """Gives each key's picture its name in the export; keys come in the order of their bytes."""

    def name(self, key: str) -> str: ...


PICTURED = ("media_sha256", "width", "height", "uri", "document")  # what is drawn on pictures, without who did it and what was known before


def below_images(row: Any, name: str) -> str:
    """Where most formats have a row's picture."""
    return f"images/{name}"


@dataclass(frozen=True)
class Format:
    """`media`: what kinds of project it can hold; `title` is shown to people.

    `place(row, name)`: the path of a row's picture in the export, or None where the writer takes its bytes into its own files.
    A writer with a `place` of its own is asked instead; it answers None for a picture that does not belong to the export.
    `columns` are those of the rows that the writer looks at, beside key, item, split and leaf; () for all.
    `names` makes `name`: nested like the keys, or flat with a stem of its own for readers that go by that.
    """

    name: str
    title: str
    media: tuple[str, ...]
    start: Callable[[About, Folder], Writer]
    place: Callable[[Any, str], str] | None = below_images
    names: Callable[[], Namer] = Names
    columns: tuple[str, ...] = ()


def _formats() -> dict[str, Format]:
    from workflows.exporters import huggingface_imagefolder as imagefolder
    from workflows.exporters.coco import CocoWriter
    from workflows.exporters.coco_keypoints import CocoKeypointsWriter
    from workflows.exporters.coco_panoptic import CocoPanopticWriter
    from workflows.exporters.conll import ConllWriter
    from workflows.exporters.cvat import CvatWriter
    from workflows.exporters.huggingface_parquet import HuggingfaceParquetWriter
    from workflows.exporters.jsonl import JsonlWriter
    from workflows.exporters.kitti import KittiWriter, kitti_place
    from workflows.exporters.label_studio import LabelStudioWriter
    from workflows.exporters.labelme import LabelmeWriter
    from workflows.exporters.masks import MasksWriter
    from workflows.exporters.parquet import ParquetWriter
    from workflows.exporters.report import CsvWriter
    from workflows.exporters.spacy import SpacyWriter
    from workflows.exporters.voc import VocWriter, voc_place
    from workflows.exporters.webdataset import WebDatasetWriter
    from workflows.exporters.yolo import YoloWriter
    from workflows.exporters.yolo_classify import ClassifyWriter
    from workflows.exporters.yolo_lines import YOLO

    return {
        "coco": Format("coco", "COCO", ("image",), CocoWriter, columns=PICTURED),
        "coco_keypoints": Format("coco_keypoints", "COCO keypoints", ("image",), CocoKeypointsWriter, columns=PICTURED),
        "coco_panoptic": Format("coco_panoptic", "COCO panoptic", ("image",), CocoPanopticWriter, names=FlatNames, columns=PICTURED),
        **{name: Format(name, title, ("image",), partial(YoloWriter, lines), names=FlatNames, columns=PICTURED) for name, (title, lines) in YOLO.items()},
        "yolo_classify": Format("yolo_classify", "YOLO classes", ("image",), ClassifyWriter, names=FlatNames, columns=PICTURED),
        "voc": Format("voc", "Pascal VOC", ("image",), VocWriter, voc_place, FlatNames, PICTURED),
        "kitti": Format("kitti", "KITTI", ("image",), KittiWriter, kitti_place, FlatNames, PICTURED),
        "masks": Format("masks", "Class and instance pictures", ("image",), MasksWriter, names=FlatNames, columns=PICTURED),
        "cvat": Format("cvat", "CVAT for images", ("image",), CvatWriter),
        "label_studio": Format("label_studio", "Label Studio", ("image", "text"), LabelStudioWriter),
        "labelme": Format("labelme", "labelme", ("image",), LabelmeWriter),
        "conll": Format("conll", "CoNLL", ("text",), ConllWriter),
        "spacy": Format("spacy", "spaCy", ("text",), SpacyWriter),
        "huggingface_imagefolder": Format("huggingface_imagefolder", "Hugging Face image folder", ("image",), imagefolder.ImagefolderWriter, imagefolder.place),
        "huggingface_parquet": Format("huggingface_parquet", "Hugging Face Parquet", ("image", "text"), HuggingfaceParquetWriter, None),
        "webdataset": Format("webdataset", "WebDataset", ("image", "text"), WebDatasetWriter, None),
        "jsonl": Format("jsonl", "JSON lines", ("image", "text"), JsonlWriter),
        "csv": Format("csv", "CSV report", ("image", "text"), CsvWriter),
        "parquet": Format("parquet", "Parquet", ("image", "text"), ParquetWriter),
    }


def available() -> list[Format]:
    return list(_formats().values())


def find(name: str) -> Format:
    """The format, or `Invalid`: `format_unavailable` for a name that is promised and not built, else `unknown_format`."""
    known = _formats()
    if name in known:
        return known[name]
    listed = ", ".join(known)
    if name in NAMED:
        why = f"the format {name} is not available yet; there are {listed}"
        raise Invalid(why, code="format_unavailable", fields={"format": why})
    why = f"there is no format {name[:60]!r}; there are {listed}"
    raise Invalid(why, code="unknown_format", fields={"format": why})
