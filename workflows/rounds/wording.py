"""Rounds in words: states, plans, outcomes, reasons; and shares of mistakes, which are never rounded down."""

from __future__ import annotations

import math
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from annotate.kernel.words import STATES, State, share
from annotate.projects import return_reasons
from annotate.projects.models import Project
from workflows.rounds.breaking_down import OTHER
from workflows.rounds.gathering import META
from workflows.rounds.models import Round

STATES |= {
    ("round", "planning"): State("info", "job", gettext_lazy("Being planned")),
    ("round", "judging"): State("view", "eye", gettext_lazy("Being judged")),
    ("round", "passing"): State("info", "job", gettext_lazy("Passed, approving")),
    ("round", "passed"): State("good", "ok", pgettext_lazy("round", "Passed")),
    ("round", "failing"): State("info", "job", gettext_lazy("Failed, carrying on")),
    ("round", "failed"): State("bad", "bad", pgettext_lazy("round", "Failed")),
    ("round", "withdrawn"): State("idle", "x", pgettext_lazy("round", "Withdrawn")),
    ("outcome", ""): State("idle", "clock", gettext_lazy("Waits")),
    ("outcome", "accepted"): State("good", "ok", gettext_lazy("Accepted")),
    ("outcome", "fixed"): State("view", "pen", gettext_lazy("Fixed")),
    ("outcome", "returned"): State("warn", "back", gettext_lazy("Returned")),
    ("outcome", "unjudged"): State("idle", "dot", gettext_lazy("Not judged")),
    ("outcome", "approved"): State("good", "ok", gettext_lazy("Approved by the round")),
    ("outcome", "sent_back"): State("warn", "back", gettext_lazy("Sent back by the round")),
    ("outcome", "stays"): State("idle", "dot", gettext_lazy("Left as it was")),
    ("outcome", "changed"): State("idle", "redo", gettext_lazy("Left out: changed since")),
    ("outcome", "held"): State("idle", "shut", gettext_lazy("Left out: in quarantine")),
    ("outcome", "elsewhere"): State("idle", "x", gettext_lazy("Left out: judged otherwise, or erased")),
}
KINDS: dict[str, Any] = {
    "percent": gettext_lazy("A share, at random"),
    "count": gettext_lazy("A number, at random"),
    "all": gettext_lazy("All of them"),
    "stratified": gettext_lazy("A share of each kind"),
    "disagreement": gettext_lazy("Where answers agree least"),
    "adaptive": gettext_lazy("More of whose work came back"),
}
ESCALATIONS: dict[str, Any] = {
    "larger": gettext_lazy("a new round with a sample twice as large"),
    "return": gettext_lazy("all of the batch goes back to its authors"),
    "none": gettext_lazy("nothing: somebody decides"),
}
JUDGED_BY: dict[str, Any] = {
    "point": gettext_lazy("the share of mistakes"),
    "bound": gettext_lazy("the upper end of its interval"),
}
# Why a round ended as it did: keys; whatever else stands there was written by a person.
ENDS: dict[str, Any] = {
    "nothing_to_judge": gettext_lazy("Nothing was there to be judged."),
    "nothing_judged": gettext_lazy("The whole sample had changed, or gone, before anybody judged it."),
    "not_planned": gettext_lazy("Planning it did not end well: plan it again."),
    "nothing_left": gettext_lazy("No larger sample follows: nothing of the batch is left to judge."),
    "nobody_to_ask": gettext_lazy("No larger sample follows: who planned this round may not plan one any more. Plan one yourself."),
}
CHANGES: dict[str, Any] = {
    "added": gettext_lazy("an object was missing and was added"),
    "removed": gettext_lazy("an object was taken out"),
    "relabelled": gettext_lazy("another label"),
    "moved": gettext_lazy("another place or shape"),
    "attributes": gettext_lazy("other attributes"),
    OTHER: gettext_lazy("in words"),
}


def mistakes(value: float | None) -> str:
    """A share of mistakes in percent, rounded up at its first decimal: it never looks better than it is. "—" for none."""
    return "—" if value is None else f"{math.ceil(value * 1000 - 1e-6) / 10:g} %"


def between(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{share(low)} – {mistakes(high)}"


def reason_key(project: Project, key: str) -> str:
    return str(CHANGES.get(key) or return_reasons.words(project, key))


def plan_words(made: Round) -> str:
    """ "10 %, at random" """
    value = f"{made.value:g}" if made.value is not None else ""
    if made.kind == "all":
        return _("all answers")
    if made.kind == "count":
        return ngettext("%(n)s answer, at random", "%(n)s answers, at random", int(made.value or 0)) % {"n": value}
    if made.kind == "stratified":
        of = {"label": _("each label"), "person": _("each person's work")}.get(made.by) or _("each value of %(name)s") % {"name": made.by.removeprefix(META)}
        return _("%(n)s %% of %(of)s") % {"n": value, "of": of}
    words = {
        "percent": _("%(n)s %%, at random"),
        "disagreement": _("%(n)s %%, where answers agree least"),
        "adaptive": _("%(n)s %%, more of whose work came back"),
    }
    return words[made.kind] % {"n": value}


def end_words(reason: str) -> str:
    return str(ENDS.get(reason, reason))
