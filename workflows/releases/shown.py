"""How pages show versions: the timeline of a dataset, bars of splits and labels, frozen pictures."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from annotate.items.drawing import colours, shapes, summary
from annotate.items.media_api import media_url
from annotate.items.models import Item
from annotate.items.thumbs import Thumb
from annotate.jobs.states import LIVE
from workflows.releases import queries, reading
from workflows.releases.forms import in_order
from workflows.releases.mapping import schema_of
from workflows.releases.models import Dataset, Tag, Version

WIDTH = 200  # of bars, in units of the drawing
FILLS = ("f-water", "f-view", "f-warn", "f-good", "f-info", "f-idle")
UNFINISHED = 3


@dataclass
class Timeline:
    """A dataset's versions, newest first, with what each tag means now, and the cuts that are no version yet."""

    dataset: Dataset
    versions: list[Version]
    tags: dict[int, list[Tag]]
    attempts: list[Version] = field(default_factory=list)
    more: bool = False

    @property
    def busy(self) -> bool:
        return any(each.job is not None and each.job.state in LIVE for each in self.attempts)


def timeline(dataset: Dataset, most: int = 20) -> Timeline:
    versions = list(queries.versions(dataset).order_by("-number")[: most + 1])
    tags: dict[int, list[Tag]] = defaultdict(list)
    for tag in queries.tags(dataset):
        tags[tag.version_id].append(tag)
    newest = versions[0].created_at if versions else None
    attempts = [
        each
        for each in queries.attempts(dataset).order_by("-pk")[:UNFINISHED]
        if (each.job is not None and each.job.state in LIVE) or newest is None or each.created_at > newest
    ]
    return Timeline(dataset, versions[:most], dict(tags), attempts, len(versions) > most)


@dataclass(frozen=True)
class Bar:
    name: str
    n: int
    percent: float
    x: float
    width: float
    css: str


def split_bars(counts: dict[str, Any]) -> list[Bar]:
    """Splits laid end to end over the width of the drawing."""
    found = counts.get("splits") or {}
    whole = sum(found.values()) or 1
    bars, x = [], 0.0
    for place, name in enumerate(in_order(found)):
        width = WIDTH * found[name] / whole
        bars.append(Bar(name, found[name], 100 * found[name] / whole, round(x, 2), round(width, 2), FILLS[place % len(FILLS)]))
        x += width
    return bars


def label_bars(version: Version) -> list[dict[str, Any]]:
    """Each label of the schema as the version has it and every other one that was frozen, most frequent first, with its count in each split."""
    counts = version.counts.get("labels") or {}
    by_split = version.counts.get("split_labels") or {}
    css = colours(schema_of(version.schema_version.content, version.recipe)) if version.schema_version else {}
    most = max(counts.values(), default=0) or 1
    whole = sum(counts.values()) or 1
    splits = in_order(by_split)
    rows = []
    for name in sorted({*counts, *css}, key=lambda name: (-counts.get(name, 0), name)):
        n = counts.get(name, 0)
        rows.append({
            "name": name,
            "css": css.get(name, ""),
            "n": n,
            "percent": 100 * n / whole,
            "width": round(WIDTH * n / most, 1),
            "splits": [by_split[split].get(name, 0) for split in splits],
        })  # fmt: skip
    return rows


def frozen_thumbs(version: Version, most: int = 12) -> list[Thumb]:
    """The first items with the labels that were frozen, whatever has become of them since."""
    rows = list(islice((row for row in reading.rows(version) if not row.erased), most))
    items = Item.objects.exclude(state="erased").in_bulk([row.item_id for row in rows])
    css = colours(version.schema_version.content) if version.schema_version else {}
    found = []
    for row in rows:
        item = items.get(row.item_id)
        if item is None:
            continue
        drawn = shapes(row.document, css, width=row.width, height=row.height) if row.width and row.height else []
        found.append(Thumb(
            item=item,
            href=f"/items/{item.pk}",
            name=row.key.rpartition("/")[2],
            src=media_url(item.pk, "thumb") if item.blob_id and row.text is None else "",
            text=(row.text or "")[:160],
            box=f"0 0 {row.width} {row.height}" if row.width and row.height else "",
            said=summary(row.document),
            shapes=drawn,
        ))  # fmt: skip
    return found
