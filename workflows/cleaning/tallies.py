"""What applying a run comes to, in items: counted once when it is checked, so that a page need not look through what was found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy, pgettext

# What `CheckRun.counts` calls what became of items, by what was to become of them.
DONE = {"quarantine": "quarantined", "flag": "flagged", "queue": "queued", "waived": "restored"}

_SHORT: dict[str, tuple[str, Any]] = {
    "quarantine": ("shut", ngettext_lazy("%(shown)s in quarantine", "%(shown)s in quarantine", "n")),
    "flag": ("flag", ngettext_lazy("%(shown)s flagged", "%(shown)s flagged", "n")),
    "queue": ("queue", ngettext_lazy("%(shown)s sent to a queue", "%(shown)s sent to a queue", "n")),
    "notes": ("ask", ngettext_lazy("%(shown)s remark", "%(shown)s remarks", "n")),
}
_ACTS: dict[str, Any] = {
    "quarantine": ngettext_lazy("put %(shown)s item in quarantine", "put %(shown)s items in quarantine", "n"),
    "flag": ngettext_lazy("flag %(shown)s item", "flag %(shown)s items", "n"),
    "queue": ngettext_lazy("send %(shown)s item to a queue", "send %(shown)s items to a queue", "n"),
}


def _count(words: Any, n: int) -> str:
    return str(words % {"n": n, "shown": f"{n:,}"})


class Would:
    """Items by what applying would do to them (`quarantine`, `flag`, `queue`), those `waived`, and `notes`: findings of labels and quotas. It is
    told of what each rule found as that is kept, since to count it afterwards would keep everybody waiting."""

    def __init__(self) -> None:
        self._items: dict[str, set[int]] = defaultdict(set)
        self._notes = 0

    def add(self, action: str, items: Sequence[int], waived: Set[int]) -> None:
        """`items` of a rule's findings, 0 for none; those of them that a person has restored from it are `waived`."""
        there = set(items) - {0}
        self._notes += items.count(0)
        self._items["waived"] |= there & waived
        self._items[action] |= there - waived

    def told(self) -> dict[str, int]:
        return {name: n for name, n in [*((name, len(items)) for name, items in self._items.items()), ("notes", self._notes)] if n}


def tally(run: Any, asked: Mapping[str, int] | None) -> dict[str, int]:
    """The same by the names of `would`: what was done where the run is applied, else what would be."""
    if run.state in ("applied", "undoing"):
        done = {name: run.counts[key] for name, key in DONE.items() if run.counts.get(key)}
        return done | ({"notes": asked["notes"]} if asked and asked.get("notes") else {})
    return dict(asked or {})


def short(tallied: Mapping[str, int]) -> list[tuple[str, str]]:
    """(icon, "12 in quarantine") of each thing that is not nothing."""
    return [(icon, _count(words, tallied[name])) for name, (icon, words) in _SHORT.items() if tallied.get(name)]


def acts(tallied: Mapping[str, int]) -> str:
    """What applying would do, as the end of a sentence; empty for nothing."""
    parts = [_count(words, tallied[name]) for name, words in _ACTS.items() if tallied.get(name)]
    if len(parts) < 2:
        return "".join(parts)
    return pgettext("list", ", ").join(parts[:-1]) + pgettext("list", " and ") + parts[-1]


def sentence(tallied: Mapping[str, int]) -> str:
    """What applying the run would do, in one sentence."""
    done = acts(tallied)
    return _("Applying would %(acts)s.") % {"acts": done} if done else _("Applying would change nothing.")
