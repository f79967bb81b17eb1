"""Which split a row falls into: by a hash of its group, so that near copies stay together and nothing moves as data grows. Pure.

The unit (a row's group, or its key where it has none) is placed by sha256(salt|unit), read as a number in [0, 1), on the
splits' shares laid end to end in the order of their names. It depends on nothing else: not on the other rows, nor on when.
"""

from __future__ import annotations

import hashlib
import math
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

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


class Leakage:
    """Counts what stands in more than one split: groups (only possible when rows were split one by one) and same bytes.

    `repeated` are the digests that more than one item has: only those can leak, and only those are kept in memory.
    """

    def __init__(self, *, by_group: bool, repeated: set[bytes]) -> None:
        self._groups: dict[bytes, str] | None = None if by_group else {}
        self._repeated = repeated
        self._bytes: dict[bytes, str] = {}
        self._leaked: tuple[set[bytes], set[bytes]] = (set(), set())

    def see(self, split: str, group: str, media: bytes | None) -> None:
        if group and self._groups is not None:
            short = hashlib.sha256(group.encode()).digest()[:12]
            if self._groups.setdefault(short, split) != split:
                self._leaked[0].add(short)
        if media is not None and media in self._repeated and self._bytes.setdefault(media, split) != split:
            self._leaked[1].add(media)

    def counts(self) -> dict[str, int]:
        """{"groups", "same_bytes"}: how many are in more than one split."""
        return {"groups": len(self._leaked[0]), "same_bytes": len(self._leaked[1])}
