"""The page's words: the orders, and what its script says."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

ORDER_WORDS: dict[str, Any] = {
    "newest": gettext_lazy("newest first"),
    "smallest": gettext_lazy("smallest first"),
    "largest": gettext_lazy("largest first"),
    "score": gettext_lazy("least sure first"),
    "person": gettext_lazy("by person"),
    "disagreement": gettext_lazy("most disputed first"),
}


def script_words() -> dict[str, str]:
    """By key, for static/src/pages/wall.ts; numbers stand in curly brackets."""
    return {
        "marked": _("{n} marked"),
        "within": _("items: {items}, people: {people}"),
        "approved": _("{n} approved: what was approved stands until somebody approves what follows"),
        "nothing": _("Nothing is marked. x marks the crop under the cursor."),
        "nothing_to_undo": _("There is nothing to undo here."),
        "undo": _("Undo"),
        "working": _("A job is at it …"),
        "queue_all": _("Nothing is marked: all {n} shown here are meant."),
        "would": _("{n} of {items} items would change."),
        "left": _("Left out: {what}."),
        "failed": _("This did not work: {why}"),
        "dismiss": _("Dismiss"),
        "none": _("No label is called so."),
    }
