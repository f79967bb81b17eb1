"""Words and icons of cleaning on pages: states, severities, actions, what rules are about, packs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from annotate.kernel.words import STATES, State

STATES |= {
    ("check_run", "checking"): State("info", "job", _("Checking")),
    ("check_run", "checked"): State("view", "eye", _("Dry run")),
    ("check_run", "applying"): State("info", "job", _("Being applied")),
    ("check_run", "applied"): State("good", "ok", _("Applied")),
    ("check_run", "undoing"): State("info", "undo", _("Being undone")),
    ("check_run", "undone"): State("idle", "undo", _("Undone")),
    ("check_run", "failed"): State("bad", "bad", _("Failed")),
    ("finding", "found"): State("idle", "dot", pgettext_lazy("finding", "Found")),
    ("finding", "waived"): State("idle", "back", _("Passed over")),
    ("finding", "applied"): State("warn", "flag", pgettext_lazy("finding", "Flagged")),
    ("finding", "quarantined"): State("bad", "shut", _("In quarantine")),
    ("finding", "queued"): State("info", "queue", _("Sent to a queue")),
    ("finding", "restored"): State("good", "back", _("Restored")),
    ("finding", "undone"): State("idle", "undo", _("Undone")),
    ("gate", "waiting"): State("warn", "clock", _("Waits for checks")),
    ("gate", "shut"): State("bad", "shut", pgettext_lazy("gate", "Shut")),
    ("gate", "open"): State("good", "ok", pgettext_lazy("gate", "Open")),
    ("severity", "info"): State("idle", "dot", pgettext_lazy("severity", "Info")),
    ("severity", "warning"): State("warn", "warn", pgettext_lazy("severity", "Warning")),
    ("severity", "error"): State("bad", "bad", pgettext_lazy("severity", "Error")),
    ("action", "flag"): State("idle", "flag", pgettext_lazy("action", "Flag")),
    ("action", "quarantine"): State("idle", "shut", pgettext_lazy("action", "Quarantine")),
    ("action", "queue"): State("idle", "queue", pgettext_lazy("action", "Send to a queue")),
}

# What a rule is about → (icon, heading, what it looks at, why an item was not checked by it).
ABOUT: dict[str, tuple[str, Any, Any, Any]] = {
    "picture": ("items", _("Pictures"), _("Of files and what they show, before anybody has labelled them."), _("no picture that could be measured")),
    "text": ("file", _("Texts"), _("Of the text itself, before anybody has labelled it."), _("no text that could be measured")),
    "object": ("box", _("Objects"), _("Of what people, or a model, have marked."), _("nothing of this kind is marked there")),
    "set": ("data", _("Sets and metadata"), _("Of items as a whole: their data, their answers, what they have in common."), _("nothing there to judge by")),
    "prediction": ("model", _("Predictions"), _("Of answers, held against what a model says."), _("no answer with a prediction that has probabilities")),
}
SUITS = {"image": ("picture", "object", "set", "prediction", "text"), "text": ("text", "object", "set", "prediction", "picture")}

# Pack → (icon, name, one sentence, the media it is for).
PACKS: dict[str, tuple[str, Any, Any, str]] = {
    "pictures": ("items", _("Pictures"), _("Files that cannot be read, pictures that are dark, blurred or there twice, and boxes that cannot be right."), "image"),
    "driving": ("line", _("Driving"), _("For recordings of a road: frames that show the same are thinned, and night is shown to you, not taken out."), "image"),
    "text": ("file", _("Texts"), _("Empty, broken or repeated texts, personal data, other languages, and marks that do not fit their text."), "text"),
}
PICKED = {
    "flag": _("Flag: the item is marked and can be found; nothing else changes"),
    "quarantine": _("Quarantine: nobody is handed the item, and no version takes it, until it is restored"),
    "queue": _("Send to a queue: people look at the item"),
}
WEIGHS = {
    "info": _("Info: good to know"),
    "warning": _("Warning: likely dirt"),
    "error": _("Error: cannot be used like this"),
}
