"""Which split a row falls into: by a hash of its group, so that near copies stay together and nothing moves as data grows. Pure.

Recipes that look at other rows too (`stratifying`, what is kept together) are worked out in `placing`, which stores where a unit went.

The unit (a row's group, or its key where it has none) is placed by sha256(salt|unit), read as a number in [0, 1), on the
splits' shares laid end to end in the order of their names. It depends on nothing else: not on the other rows, nor on when.
"""

from __future__ import annotations

import hashlib
import math
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from annotate.kernel import canonical
from annotate.kernel.errors import Invalid

MOST = 10
USUAL: dict[str, float] = {"train": 0.8, "val": 0.1, "test": 0.1}
NAME = re.compile(r"\w[\w.\-]{0,59}")


def check(splits: Mapping[str, Any]) -> dict[str, float]:
    """The shares in the order of their names. `Invalid` unless names are plain and shares are above 0 and sum to 1."""
    if len(splits) > MOST:
        raise Invalid(_("A version has at most %(n)d splits.") % {"n": MOST}, fields={"splits": f"at most {MOST}"})
    faults: dict[str, str] = {}
    for name, share in splits.items():
        if not isinstance(name, str) or not NAME.fullmatch(name):
            faults[f"splits.{str(name)[:60]}"] = _("use letters, digits, dots, dashes and underscores, at most 60")
        elif isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 1:
            faults[f"splits.{name}"] = _("a share is a number above 0 and at most 1")
    if not faults and splits and abs(math.fsum(splits.values()) - 1) > 1e-9:
        faults["splits"] = _("the shares must sum to 1, and sum to %(sum)s") % {"sum": f"{math.fsum(splits.values()):g}"}
    if faults:
        path, why = next(iter(faults.items()))
        raise Invalid(f"{path}: {why}", code="splits", fields=faults)
    return {name: float(splits[name]) for name in sorted(splits)}


def position(unit: str, salt: str = "") -> float:
    """Where a unit stands in [0, 1)."""
    return int.from_bytes(hashlib.sha256(f"{salt}|{unit}".encode()).digest()[:6], "big") / 2**48


def splitter(splits: Mapping[str, float], *, by_group: bool = True, salt: str = "") -> Callable[[str, str], str]:
    """f(key, group) → the split's name, "" when there are no splits.

    >>> split = splitter({"train": 0.8, "test": 0.2})
    >>> split("a.jpg", "street 5") == split("b.jpg", "street 5")
    True
    """
    names = sorted(splits)
    if not names:
        return lambda key, group: ""
    bounds, total = [], 0.0
    for name in names[:-1]:
        total += splits[name]
        bounds.append(total)

    def place(key: str, group: str) -> str:
        return names[bisect_right(bounds, position((group if by_group else "") or key, salt))]

    return place


def unit_of(unit: str, salt: str = "") -> int:
    """A unit as the database and arrays hold it: the first 8 bytes of sha256(salt|unit) as a signed number."""
    return int.from_bytes(hashlib.sha256(f"{salt}|{unit}".encode()).digest()[:8], "big", signed=True)


def hashed(units: Any, splits: Mapping[str, float]) -> list[str]:
    """The splits of units (an array of `unit_of` numbers), each by its hash alone, as `splitter` places them."""
    import numpy as np

    names = sorted(splits)
    if not names:
        return [""] * len(units)
    bounds = np.cumsum([splits[name] for name in names[:-1]])
    at = (np.asarray(units, dtype=np.int64).view(np.uint64) >> np.uint64(16)).astype(np.float64) / 2**48
    return [names[place] for place in np.searchsorted(bounds, at, side="right").tolist()]


def scheme(recipe: Mapping[str, Any]) -> bytes:
    """Names what stored places depend on, 8 bytes: with other splits, shares, salt or wishes everything may be placed anew."""
    asked = {name: recipe.get(name) for name in ("splits", "by", "salt", "stratify", "together")}
    return hashlib.sha256(canonical.dumps(asked).encode()).digest()[:8]


def check_stratify(text: str, splits: Mapping[str, float]) -> str:
    """"label" or "meta.<field>", "" for neither. `Invalid` names the field."""
    text = text.strip()
    if text and text != "label" and not re.fullmatch(r"meta\.[^\s.]{1,100}", text):
        why = _("say label, or a field of the items such as meta.weather")
        raise Invalid(f"stratify: {why}", fields={"stratify": why})
    if text and len(splits) < 2:
        why = _("needs two splits at least")
        raise Invalid(f"stratify: {why}", fields={"stratify": why})
    return text


def check_together(names: Any, known: Iterable[str], splits: Mapping[str, float]) -> list[str]:
    """What else is kept in one split, such as same_bytes. `Invalid` names the field."""
    known = sorted(known)
    if not isinstance(names, list | tuple) or any(name not in known for name in names):
        why = _("a list of: %(names)s") % {"names": ", ".join(known)}
        raise Invalid(f"together: {why}", fields={"together": why})
    if names and len(splits) < 2:
        why = _("needs two splits at least")
        raise Invalid(f"together: {why}", fields={"together": why})
    return sorted(set(names))


def check_field(asked: Mapping[str, Any]) -> dict[str, Any]:
    """{"field": "meta.split", "values"?: {value: split}, "default"?: split} made plain; `Invalid` names the part."""
    faults: dict[str, str] = {}
    for name in set(asked) - {"field", "values", "default"}:
        faults[f"splits.{str(name)[:60]}"] = _("unknown; there are field, values and default")
    field, values, default = asked.get("field"), asked.get("values") or {}, asked.get("default") or ""
    if not isinstance(field, str) or not re.fullmatch(r"meta\.[^\s.]{1,100}", field):
        faults["splits.field"] = _("a field of the items, such as meta.split")
    if not isinstance(values, Mapping):
        faults["splits.values"] = _('an object of values and their splits, such as {"rain": "train"}')
        values = {}
    plain = _("the name of a split: use letters, digits, dots, dashes and underscores, at most 60")
    for value, name in values.items():
        if isinstance(name, list):
            faults[f"splits.values.{str(value)[:60]}"] = _turned(str(value)[:60], name)
        elif not _named(name):
            faults[f"splits.values.{str(value)[:60]}"] = plain
    if default and not _named(default):
        faults["splits.default"] = plain
    if len(set(values.values()) if not faults else ()) > MOST:
        faults["splits.values"] = _("at most %(n)d splits") % {"n": MOST}
    if faults:
        path, why = next(iter(faults.items()))
        raise Invalid(f"{path}: {why}", code="splits", fields=faults)
    return {"field": field, "values": dict(values), "default": default}


def _named(name: Any) -> bool:
    return isinstance(name, str) and NAME.fullmatch(name) is not None


def _turned(split: str, values: Sequence[Any]) -> str:
    """What to write in place of {"train": ["rain", "fog"]}, which is the other way round."""
    told = ", ".join(f'"{str(value)[:60]}": "{split}"' for value in values[:2])
    return _("one split's name, not a list: each value of the field is followed by its split, as in {%(told)s}") % {"told": told or f'"rain": "{split}"'}


def by_value(asked: Mapping[str, Any]) -> Callable[[Any], str]:
    """f(value) → the split that the value names, "" when it names none."""

    def place(value: Any) -> str:
        text = "" if value is None or isinstance(value, dict | list) else str(value)
        name = asked["values"].get(text, text)
        return name if NAME.fullmatch(name) else asked["default"]

    return place
