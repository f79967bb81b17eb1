"""Acts of the wall in words, and why an item was left out; the codes are those of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from annotate.kernel.words import STATES, State
from workflows.wall.models import WallAct

ACT_WORDS: dict[str, Any] = {
    "relabel": gettext_lazy("Relabel"),
    "return": gettext_lazy("Return to the authors"),
    "queue": gettext_lazy("Send to a queue"),
}
LEFT_WORDS: dict[str, Any] = {
    "erased": gettext_lazy("are erased"),
    "stale": gettext_lazy("say something else by now: revised since"),
    "withdrawn": gettext_lazy("are withdrawn"),
    "returned": gettext_lazy("are with their authors again"),
    "in_review": gettext_lazy("are being judged now"),
    "in_round": gettext_lazy("belong to a review round that is not over"),
    "several": gettext_lazy("have several answers that are not brought together yet"),
    "own_work": gettext_lazy("are your own work: somebody else returns that"),
    "same": gettext_lazy("are called so already"),
    "unfit": gettext_lazy("cannot be called so: their shape or attributes do not fit"),
    "moved": gettext_lazy("were being changed at that moment"),
    "there": gettext_lazy("are in that queue already, or their batch is behind a gate"),
    "not_reached": gettext_lazy("were not reached"),
    "left": gettext_lazy("were changed by something else since"),
}
STATES.update(
    {
        ("wall", "running"): State("info", "job", gettext_lazy("Being carried out")),
        ("wall", "done"): State("good", "ok", gettext_lazy("Done")),
        ("wall", "undoing"): State("info", "job", gettext_lazy("Being undone")),
        ("wall", "undone"): State("idle", "undo", gettext_lazy("Undone")),
    }
)


def left_words(left_out: Mapping[str, int]) -> list[tuple[int, Any]]:
    """(items, why) for each reason, the most frequent first."""
    found = [(n, LEFT_WORDS[code]) for code, n in left_out.items() if n and code in LEFT_WORDS]
    return sorted(found, key=lambda one: -one[0])


def told(made: WallAct) -> str:
    """What came of an act, in a sentence or two."""
    n = made.touched
    if made.state == "undone":
        said = ngettext("%(n)d item is as it was.", "%(n)d items are as they were.", n) % {"n": n}
    elif made.state in ("running", "undoing"):
        return _("A job is at it.")
    elif made.act == "relabel":
        said = ngettext("%(n)d item relabelled: %(label)s.", "%(n)d items relabelled: %(label)s.", n) % {"n": n, "label": made.given}
    elif made.act == "return":
        said = ngettext("%(n)d item returned.", "%(n)d items returned.", n) % {"n": n}
    else:
        name = made.queue.name if made.queue is not None else ""
        said = ngettext("%(n)d item sent to %(queue)s.", "%(n)d items sent to %(queue)s.", n) % {"n": n, "queue": name}
    out = [f"{number} {why}" for number, why in left_words({code: n for code, n in made.counts.items() if code not in ("changed", "undone")})]
    return f"{said} {_('Left out: %(what)s.') % {'what': '; '.join(out)}}" if out else said
