"""What differs between two versions, to look at: numbers, and the items one by one with both drawings over one picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from annotate.items.drawing import Shape, colours, shapes
from annotate.items.media_api import media_url
from annotate.items.models import Item
from annotate.kernel.decisions import require
from annotate.kernel.errors import Missing
from annotate.kernel.pages import PageRequest, page, render_page
from workflows.releases import differing, meaning, policies, queries
from workflows.releases.differing import Difference
from workflows.releases.models import Version
from workflows.releases.rows import Row

SHOWN = 24
LOOKED = 20_000  # items that one page looks through for a change or a label
CHANGES: dict[str, Any] = {
    "": _("all changes"),
    "added": _("added items"),
    "removed": _("removed items"),
    "relabelled": _("relabelled objects"),
    "moved": _("moved objects"),
    "attributes": _("other attributes"),
    "object_added": _("added objects"),
    "object_removed": _("removed objects"),
    "split": _("moved to another split"),
}
_KINDS = {"object_added": "added", "object_removed": "removed", "relabelled": "relabelled", "moved": "moved", "attributes": "attributes"}
WORDS: dict[str, Any] = {"added": _("added"), "removed": _("removed"), "relabelled": _("relabelled"), "moved": _("moved"), "attributes": _("attributes")}


@dataclass
class Shown:
    """An item of the list: `old` and `new` drawings in pixels of the picture, and every change in words."""

    key: str
    name: str
    change: str
    href: str = ""
    src: str = ""
    text: str = ""
    box: str = ""
    splits: tuple[str, str] | None = None
    fields: list[str] = field(default_factory=list)
    old: list[Shape] = field(default_factory=list)
    new: list[Shape] = field(default_factory=list)
    said: list[dict[str, Any]] = field(default_factory=list)
    more: int = 0


def chosen(found: Iterator[Difference], change: str, label: str) -> Iterator[tuple[Difference, list[dict[str, Any]]]]:
    """Those with this change, and with this label in it, beside their changes of objects."""
    for each in found:
        objects = each.objects()
        if change in ("added", "removed") and each.change != change:
            continue
        if change == "split" and not (each.before and each.after and each.before.split != each.after.split):
            continue
        kind = _KINDS.get(change)
        if (kind or label) and not any(
            (kind is None or one["change"] == kind) and (not label or label in (one.get("label"), one.get("before"))) for one in objects
        ):
            continue
        yield each, objects


def _shown(each: Difference, objects: list[dict[str, Any]], css: dict[str, str], items: dict[int, Item]) -> Shown:
    row = each.row
    item = items.get(row.item_id)
    made = Shown(row.key, row.key.rpartition("/")[2], each.change, fields=each.fields())
    if each.before and each.after and each.before.split != each.after.split:
        made.splits = (each.before.split, each.after.split)
    if item is not None and not row.erased:
        made.href = f"/items/{item.pk}"
        made.src = media_url(item.pk, "thumb") if item.blob_id and row.text is None else ""
        made.text = (row.text or "")[:160]
        made.old, made.new = _drawn(each.before, css), _drawn(each.after, css)
        made.box = f"0 0 {row.width} {row.height}" if row.width and row.height else ""
    for one in objects[:12]:
        words = {"label": one.get("label") or "", "word": WORDS[one["change"]], "iou": one.get("iou")}
        if one["change"] == "relabelled":
            words["from"] = one.get("before")
        if one["change"] == "attributes":
            words["names"] = ", ".join(sorted((one.get("after") or {}).keys()))
        made.said.append(words)
    made.more = max(0, len(objects) - 12)
    return made


def _drawn(row: Row | None, css: dict[str, str]) -> list[Shape]:
    return shapes(row.document, css, width=row.width, height=row.height) if row is not None and not row.erased and row.width and row.height else []


@page
def diff(request: PageRequest, dataset: int) -> HttpResponse:
    """Two versions of a dataset side by side: `from` 0 stands for nothing. `change` and `label` narrow the list, `after` goes on in it."""
    found = queries.get_dataset(request.actor, dataset)
    rows = list(queries.versions(found).order_by("-number"))
    if not rows:
        raise Missing()
    after = _number(request.GET.get("to"), rows, rows[0].number or 0)
    before = _number(request.GET.get("from"), rows, (queries.numbered(found, after).number or 1) - 1)
    new = queries.numbered(found, after)
    old = queries.numbered(found, before) if before else None
    require(policies.may_pull(request.actor, new))
    change, label, beyond = (request.GET.get(name, "") for name in ("change", "label", "after"))
    change = change if change in CHANGES else ""
    summary = differing.summary(old, new)
    part, following = _page(old, new, change, label, beyond)
    css = colours(new.schema_version.content) if new.schema_version else {}
    items = Item.objects.exclude(state="erased").in_bulk([each.row.item_id for each, _objects in part])
    asked = {"from": before, "to": after, "change": change, "label": label}
    labels = sorted({*(new.counts.get("labels") or {}), *((old.counts.get("labels") or {}) if old else {})})
    context = {
        "dataset": found,
        "versions": rows,
        "before": old,
        "after": new,
        "meaning": meaning.of(new),
        "summary": summary,
        "moved_splits": summary["fields"].get("split", 0),
        "changes": list(CHANGES.items()),
        "change": change,
        "labels": labels,
        "label": label,
        "part": [_shown(each, objects, css, items) for each, objects in part],
        "first": urlencode(asked) if beyond else "",
        "next": urlencode(asked | {"after": following}) if following else "",
        "address": f"/api/v1/datasets/{found.pk}/diff?from={before}&to={after}",
    }
    return render_page(request, "releases/diff.html", context, project=found.project, section="versions")


def _page(old: Version | None, new: Version, change: str, label: str, beyond: str) -> tuple[list[tuple[Difference, list[dict[str, Any]]]], str]:
    """(what is shown, the key after which the next page begins or ""); a page that looks through many without a hit ends there."""
    looked, last = 0, ""

    def counted() -> Iterator[Difference]:
        nonlocal looked, last
        for each in differing.differences(old, new, beyond=beyond):
            if old is None and each.row.key <= beyond:
                continue
            looked, last = looked + 1, each.row.key
            yield each
            if looked >= LOOKED:
                return

    part: list[tuple[Difference, list[dict[str, Any]]]] = []
    for each in chosen(counted(), change, label):
        if len(part) == SHOWN:
            return part, part[-1][0].row.key
        part.append(each)
    return part, last if looked >= LOOKED else ""


def _number(text: str | None, rows: list[Any], usual: int) -> int:
    if text is None:
        return max(usual, 0)
    if text.isascii() and text.isdigit() and len(text) < 10 and (text == "0" or any(row.number == int(text) for row in rows)):
        return int(text)
    raise Missing()


page_routes = [path("datasets/<id:dataset>/diff", diff)]
