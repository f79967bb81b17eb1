"""What differs between two revisions of an item's labels, object by object. Pure.

Objects are the same when their ids are. Where an object came from (source, model, score) and its track are no labels and
make no change; nor does the order of objects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ADDED, REMOVED, RELABELLED, MOVED, ATTRIBUTES = KINDS = ("added", "removed", "relabelled", "moved", "attributes")
_SHAPE = ("kind", "box", "points", "holes", "rle", "start", "end", "from", "to")


@dataclass(frozen=True)
class Change:
    """`id` is the object's, empty for attributes of the item itself; `label` what it has now (had, when removed).

    `before` and `after`: the object (added, removed), labels (relabelled), shapes (moved), or values by name of those
    attributes that differ, None where there is none (attributes). `iou`: of two upright boxes that moved, 0 to 1.
    """

    id: str
    kind: str
    label: str
    before: Any = None
    after: Any = None
    iou: float | None = None

    def document(self) -> dict[str, Any]:
        """As JSON: what does not apply is left out."""
        made = {"id": self.id, "change": self.kind, "label": self.label, "before": self.before, "after": self.after, "iou": self.iou}
        return {name: value for name, value in made.items() if value not in (None, "")}


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The changes that lead from one document to the other; empty when they say the same.

    What was there comes first, in its order, then what was added, then the item's own attributes. One object may be
    relabelled, moved and have other attributes at once: three changes.
    """
    old = {str(thing["id"]): thing for thing in before.get("objects") or []}
    new = {str(thing["id"]): thing for thing in after.get("objects") or []}
    found: list[Change] = []
    for key, thing in old.items():
        if key in new:
            found += _between(key, thing, new[key])
        else:
            found.append(Change(key, REMOVED, thing.get("label", ""), before=thing))
    found += [Change(key, ADDED, thing.get("label", ""), after=thing) for key, thing in new.items() if key not in old]
    found += _attributes("", "", before.get("item") or {}, after.get("item") or {})
    return found


def _between(key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    label = new.get("label", "")
    found: list[Change] = []
    if old.get("label") != label:
        found.append(Change(key, RELABELLED, label, old.get("label"), label))
    was, now = _shape(old), _shape(new)
    if was != now:
        found.append(Change(key, MOVED, label, was, now, _iou(was, now)))
    return found + _attributes(key, label, old.get("attributes") or {}, new.get("attributes") or {})


def _shape(thing: Mapping[str, Any]) -> dict[str, Any]:
    """What says where an object is. A rotation by whole turns is none, and so are no holes."""
    made = {name: thing[name] for name in _SHAPE if thing.get(name) not in (None, [])}
    if thing.get("rotation") and thing["rotation"] % 360:
        made["rotation"] = thing["rotation"]
    return made


def _attributes(key: str, label: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    names = [name for name in sorted(old.keys() | new.keys()) if not _same(old.get(name), new.get(name))]
    if not names:
        return []
    return [Change(key, ATTRIBUTES, label, {name: old.get(name) for name in names}, {name: new.get(name) for name in names})]


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON is: true is not 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _iou(was: Mapping[str, Any], now: Mapping[str, Any]) -> float | None:
    """Intersection over union of two upright boxes; None of other shapes."""
    if "box" not in was or "box" not in now or "rotation" in was or "rotation" in now:
        return None
    return box_iou(was["box"], now["box"])


def box_iou(one: list[float], other: list[float]) -> float:
    """Intersection over union of boxes [x, y, width, height]: 0 apart, 1 the same."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return min(1.0, shared / (one[2] * one[3] + other[2] * other[3] - shared))
