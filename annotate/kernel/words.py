"""Words of states, stages and roles as pages show them, in one place; rooms may add theirs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class State:
    """`kind` is the colour's meaning: idle, info, good, warn, bad or view."""

    kind: str
    icon: str
    word: Any


STATES: dict[tuple[str, str], State] = {
    ("batch", "open"): State("info", "up", pgettext_lazy("batch", "Open")),
    ("batch", "sealed"): State("good", "ok", _("Sealed")),
    ("item", "new"): State("idle", "dot", pgettext_lazy("item", "New")),
    ("item", "labelled"): State("info", "pen", _("Labelled")),
    ("item", "returned"): State("warn", "back", _("Returned")),
    ("item", "approved"): State("good", "ok", _("Approved")),
    ("item", "withdrawn"): State("bad", "x", _("Withdrawn")),
    ("item", "erased"): State("idle", "bin", _("Erased")),
    ("stage", "collect"): State("idle", "up", _("Collect")),
    ("stage", "label"): State("info", "pen", pgettext_lazy("stage", "Label")),
    ("stage", "annotate"): State("info", "pen", pgettext_lazy("stage", "Label")),
    ("stage", "review"): State("view", "eye", _("Review")),
    ("stage", "adjudicate"): State("view", "split", _("Adjudicate")),
    ("stage", "approved"): State("good", "ok", _("Approved")),
    ("stage", "release"): State("good", "ok", _("Release")),
    ("stage", "released"): State("good", "tag", _("Released")),
    ("queue", "open"): State("good", "ok", pgettext_lazy("queue", "Open")),
    ("queue", "paused"): State("warn", "pause", _("Paused")),
    ("queue", "closed"): State("idle", "shut", _("Closed")),
    ("task", "open"): State("idle", "dot", pgettext_lazy("task", "Waiting")),
    ("task", "answered"): State("good", "ok", _("Answered")),
    ("task", "returned"): State("warn", "back", _("Returned")),
    ("task", "parked"): State("warn", "help", _("Waits for an answer")),
    ("task", "void"): State("idle", "x", _("Void")),
    ("change", "running"): State("info", "job", _("Annotations follow")),
    ("change", "done"): State("good", "ok", _("Carried out")),
    ("change", "undoing"): State("info", "undo", _("Being undone")),
    ("change", "undone"): State("idle", "undo", _("Undone")),
    ("job", "queued"): State("idle", "clock", pgettext_lazy("job", "Waiting")),
    ("job", "running"): State("info", "job", _("Running")),
    ("job", "done"): State("good", "ok", _("Done")),
    ("job", "failed"): State("bad", "bad", _("Failed")),
    ("job", "cancelled"): State("idle", "x", _("Cancelled")),
    ("version", "cutting"): State("info", "job", _("Being cut")),
    ("version", "frozen"): State("good", "ok", _("Frozen")),
    ("version", "failed"): State("bad", "bad", _("Failed")),
    ("version", "withdrawn"): State("bad", "x", _("Withdrawn")),
    ("export", "making"): State("info", "job", _("Being made")),
    ("export", "ready"): State("good", "ok", _("Ready")),
    ("export", "failed"): State("bad", "bad", _("Failed")),
    ("verdict", "accept"): State("good", "ok", _("Accepted")),
    ("verdict", "return"): State("warn", "back", _("Returned")),
    ("verdict", "fix"): State("view", "pen", _("Fixed")),
    ("dispute", "open"): State("warn", "split", pgettext_lazy("dispute", "Open")),
    ("dispute", "upheld"): State("idle", "back", _("Upheld")),
    ("dispute", "overturned"): State("good", "undo", _("Overturned")),
    ("dispute", "withdrawn"): State("idle", "x", pgettext_lazy("dispute", "Withdrawn")),
    ("person", "active"): State("good", "ok", pgettext_lazy("person", "Active")),
    ("person", "inactive"): State("idle", "pause", _("Deactivated")),
    ("person", "invited"): State("warn", "mail", _("Invited")),
    ("project", "active"): State("good", "ok", pgettext_lazy("project", "Active")),
    ("project", "archived"): State("idle", "archive", _("Archived")),
}

# Why work is returned: keys that projects have unless they have their own.
REASONS: dict[str, Any] = {
    "missed_object": _("missing objects"),
    "extra_object": _("should not be marked"),
    "wrong_label": _("wrong label"),
    "badly_placed": _("badly placed"),
    "attribute": _("wrong attribute"),
    "guideline": _("against the guidelines"),
    "other": _("something else"),
}
# What was written before reasons had a field of their own: a key, alone or before the reviewer's words ("missing: two cars").
FORMER = {"missing": "missed_object", "extra": "extra_object"} | {key: key for key in REASONS}


def reason_words(reason: str) -> str:
    """A reason for people; what is no key stays as it was written.

    >>> reason_words("too dark: at the left")
    'too dark: at the left'
    """
    key, colon, rest = reason.partition(":")
    return f"{REASONS[FORMER[key]]}{colon}{rest}" if key in FORMER else reason


ROLES: dict[str, Any] = {
    "owner": _("Owner"),
    "admin": _("Admin"),
    "member": _("Member"),
    "viewer": _("Viewer"),
    "collector": _("Collector"),
    "annotator": _("Annotator"),
    "reviewer": _("Reviewer"),
    "manager": _("Manager"),
}
SCOPES: dict[str, Any] = {
    "read": _("Read: see projects, items and reports"),
    "label": _("Label: take and submit tasks"),
    "review": _("Review: judge answers"),
    "manage": _("Manage: collect, plan, assign and release"),
    "export": _("Export: pull versions and exports"),
}


def share(value: float, unit: str = " %") -> str:
    """A share (0 to 1) in percent, "79.9 %": never rounded up, so that what misses a mark does not look as if it met it."""
    return f"{math.floor(value * 1000 + 1e-6) / 10:g}{unit}"
