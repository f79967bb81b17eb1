"""What applying a run comes to, in items: counted once when it is checked, so that a page need not look through what was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Case, CharField, Count, Q, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy, pgettext

from workflows.cleaning.models import ACTIONS, Finding

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


def would(run_id: int, rules: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Items by what applying would do to them (`quarantine`, `flag`, `queue`), those `waived`, and `notes`: findings of labels and quotas."""
    acts = {action: [rule["id"] for rule in rules if rule["action"] == action] for action in ACTIONS}
    sort = Case(
        When(item=None, then=Value("notes")),
        When(state="waived", then=Value("waived")),
        *(When(rule__in=ids, then=Value(action)) for action, ids in acts.items() if ids),
        default=Value("flag"),
        output_field=CharField(),
    )
    rows = Finding.objects.filter(Q(run=run_id)).annotate(sort=sort).order_by().values("sort").annotate(items=Count("item", distinct=True), rows=Count("pk"))
    return {row["sort"]: row["rows"] if row["sort"] == "notes" else row["items"] for row in rows}


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
