"""The consensus in words: methods, why items are left or stay, how a shape and a tie were come by, states."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from annotate.kernel.words import STATES, State

STATES |= {
    ("consensus_run", "deciding"): State("info", "job", _("Being decided")),
    ("consensus_run", "decided"): State("good", "ok", pgettext_lazy("consensus", "Decided")),
    ("consensus_run", "foretold"): State("idle", "eye", _("Preview")),
    ("consensus_run", "stopped"): State("warn", "pause", _("Stopped")),
    ("consensus_run", "undoing"): State("info", "undo", _("Being undone")),
    ("consensus_run", "undone"): State("idle", "undo", _("Undone")),
}
METHOD_WORDS: dict[str, Any] = {
    "unanimous": _("All said the same"),
    "best": _("What the answers can carry"),
    "majority": _("Majority"),
    "wawa": _("Weighed votes (Wawa)"),
    "one_coin": _("One-coin"),
    "dawid_skene": _("Dawid–Skene"),
}
METHODS_MEAN: dict[str, Any] = {
    "best": _("Chosen by how many answers each person gave: with few, simple votes; with many, a model of who errs how."),
    "majority": _("Everybody's vote counts the same. More than half decide."),
    "wawa": _("Whoever agrees with the majority more often counts for more."),
    "one_coin": _("Learns how often each person is right, and weighs votes by it."),
    "dawid_skene": _("Learns for each person what they take for what. Needs many answers of each."),
}
LEFT_WORDS: dict[str, Any] = {
    "unfinished": _("not all answers are in"),
    "withdrawn": _("withdrawn"),
    "held": _("in quarantine"),
    "in_round": _("in a review round that is not over"),
    "at_review": _("being judged just now"),
    "changed": _("something newer than the answers is there"),
    "tie": _("a vote has no winner"),
    "below_quorum": _("too few say the same"),
    "invalid": _("what they agree on does not fit the label schema"),
    "moved": _("changed while it was decided"),
}
UNDONE_WORDS: dict[str, Any] = {
    "undone": _("as they were before"),
    "erased": _("erased since"),
    "withdrawn": _("the approval ended or was superseded since"),
    "labelled": _("labelled again since"),
    "judged": _("judged since"),
    "at_review": _("being judged just now"),
    "in_round": _("in a review round that is not over"),
    "gold": _("gold is made of it"),
    "in_version": _("in a version since, or one is being cut"),
}
SHAPES: dict[str, Any] = {"same": _("all drew the same"), "median": _("the median of theirs"), "medoid": _("the one most like all others")}
RULES: dict[str, Any] = {"none": _("left open"), "first": _("the first in the order of the schema"), "left out": _("options with exactly half are left out")}
