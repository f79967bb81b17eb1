"""Flows in words: steps, their states, why they wait, failed or were left out; the places of the picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from annotate.kernel.words import STATES, State, share

STATES |= {
    ("step", "waiting"): State("idle", "clock", pgettext_lazy("step", "Waiting")),
    ("step", "running"): State("info", "job", pgettext_lazy("step", "Under way")),
    ("step", "done"): State("good", "ok", gettext_lazy("Done")),
    ("step", "failed"): State("bad", "bad", gettext_lazy("Failed")),
    ("step", "stopped"): State("warn", "pause", pgettext_lazy("step", "Stopped")),
    ("step", "skipped"): State("idle", "right", pgettext_lazy("step", "Left out")),
}
KINDS: dict[str, Any] = {
    "checks": pgettext_lazy("step", "Checks"),
    "gate": pgettext_lazy("step", "Gate"),
    "queue": pgettext_lazy("step", "Labelling"),
    "round": pgettext_lazy("step", "Review round"),
    "version": pgettext_lazy("step", "Version"),
}
# What a step does when it is switched on.
DOES: dict[str, Any] = {
    "checks": gettext_lazy("When a batch is sealed, all rules run on it and what they find is acted on."),
    "gate": gettext_lazy("The batch gets the flow's gate, which opens when little enough is in quarantine."),
    "queue": gettext_lazy("What is to be labelled goes to the flow's queue; what another queue asks for stays there."),
    "round": gettext_lazy("When all is answered, the next review round is planned."),
    "version": gettext_lazy("When all of the batch is approved, a version is cut that names it."),
}
PLACES: dict[str, Any] = {
    "collect": gettext_lazy("Collected"),
    "gate": gettext_lazy("Checks and gate"),
    "held": gettext_lazy("In quarantine"),
    "annotate": pgettext_lazy("step", "Labelling"),
    "review": pgettext_lazy("stage", "Review"),
    "adjudicate": gettext_lazy("Adjudication"),
    "approved": gettext_lazy("Approved"),
    "version": pgettext_lazy("step", "Version"),
}
WHY: dict[str, Any] = {
    "checking": gettext_lazy("The rules are running."),
    "no_rules": gettext_lazy("The project has no rules."),
    "undone": gettext_lazy("The check was taken back."),
    "not_whole": gettext_lazy("The check did not come to an end with every rule: see its page, then try again."),
    "gone": gettext_lazy("What it stood for has gone: try again."),
    "no_gate": gettext_lazy("The batch has no gate, and the flow declares none."),
    "unchecked": gettext_lazy("The gate waits for a check of all rules."),
    "shut": gettext_lazy("The gate is shut: %(share)s are in quarantine, and at most %(bar)s may be. Restore items, move its bar, or open it by hand."),
    "gated": gettext_lazy("The batch's gate is not open."),
    "nothing_to_label": gettext_lazy("Nothing was there to be labelled."),
    "unasked": gettext_lazy("Items that no queue asks for: %(n)s. Send them to a queue, or switch labelling on."),
    "unanswered": gettext_lazy("Items that wait for an answer: %(n)s."),
    "judging": gettext_lazy("Round %(number)s is not over."),
    "came_back": gettext_lazy("The round failed and work went back to its authors: another follows when all is answered again."),
    "round_failed": gettext_lazy("The round failed, and nothing follows from it by itself. Look at it, then try again."),
    "round_withdrawn": gettext_lazy("The round was withdrawn. Plan one, or try again."),
    "nothing_judged": gettext_lazy("The whole sample had changed, or gone, before anybody judged it."),
    "not_planned": gettext_lazy("Planning it did not end well: try again."),
    "nothing_to_judge": gettext_lazy("Nothing was left to judge."),
    "no_release": gettext_lazy("The flow declares no release."),
    "in_review": gettext_lazy("Answers that are not approved yet: %(n)s."),
    "nothing_approved": gettext_lazy("Nothing of the batch was approved."),
    "cutting": gettext_lazy("The version is being cut."),
    "not_cut": gettext_lazy("The version could not be cut."),
    "off": gettext_lazy("It is switched off, and the batch went on without it."),
    "stopped": gettext_lazy("Stopped by hand."),
    "nobody": gettext_lazy("%(name)s switched it on, and may not manage this project any more. Whoever may must switch it on anew."),
    "unexpected": gettext_lazy("Something failed here. Try again; the log of the server says more."),
    "reopened": gettext_lazy("The batch was opened again."),
    "sealed_anew": gettext_lazy("The batch was sealed anew."),
    "through": gettext_lazy("It is through."),
}
_SHARES = ("share", "bar")


def why_words(reason: str, about: Mapping[str, Any]) -> str:
    """Why, for people; words of what refused as they are."""
    if reason not in WHY:
        return reason
    values = {name: share(value) if name in _SHARES else value for name, value in about.items()}
    return str(WHY[reason]) % values


def kind_words(kind: str, number: int, rounds: int) -> str:
    """ "Review round 2"; of one that is alone without its number."""
    if kind == "round" and rounds > 1:
        return _("Review round %(n)s") % {"n": number}
    return str(KINDS[kind])


def took_words(about: Mapping[str, Any]) -> str:
    """What a step that is done came to."""
    if "items" in about:
        return pgettext("step", "Items sent: %(n)s") % {"n": about["items"]}
    return pgettext("step", "Version %(n)s") % {"n": about["number"]} if about.get("number") else ""
