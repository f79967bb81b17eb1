"""Acts on many tasks in words, and why a task was passed over; the codes are those of the API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

ACT_WORDS: dict[str, Any] = {
    "assign": _("Keep for a person"),
    "release": _("Keep for nobody"),
    "prioritise": _("Put in another place"),
    "send_back": _("Send back to the author"),
    "void": _("Take out of the queue"),
}
HINTS: dict[str, Any] = {
    "assign": _("Only that person is served these tasks, before anything else that waits. Of an item with several tasks one is kept."),
    "release": _("What is kept for somebody is for everybody again."),
    "prioritise": _("Waiting tasks come sooner or later; among themselves they stay in their order."),
    "send_back": _("Answers that are not approved go back to who gave them, to be done anew from there."),
    "void": _("Nobody is asked about these any more; answers stay. Tasks to judge come and go with the answers and stay too."),
}
PASSED_WORDS: dict[str, Any] = {
    "not_waiting": _("do not wait for an answer"),
    "held": _("are being worked on now"),
    "same": _("are so already"),
    "reserved": _("are kept for somebody else"),
    "not_theirs": _("stand in a queue where this person may not work"),
    "not_qualified": _("stand in a queue that asks for a qualification which this person has not"),
    "has_one": _("are of items that this person has another task of"),
    "skipped": _("were skipped by this person"),
    "own_work": _("would have this person judge their own work"),
    "not_reserved": _("are kept for nobody"),
    "other_order": _("stand in a queue that is not ordered by priority"),
    "judging": _("are tasks to judge: those come and go with the answers"),
    "not_answered": _("are not answered"),
    "approved": _("are approved: withdraw that first"),
    "item_state": _("are of items that were withdrawn or changed since"),
    "in_review": _("are being judged now"),
    "author_gone": _("are of authors who no longer work here"),
    "busy": _("were being changed at that moment"),
    "no_task": _("are not in the queue"),
    "not_reached": _("were not reached"),
    "left": _("were changed by something else since"),
}


def passed_words(passed: dict[str, int]) -> list[tuple[int, Any, str]]:
    """(number, words, code) for each reason, the most frequent first."""
    found = [(number, PASSED_WORDS.get(code, code), code) for code, number in passed.items() if number]
    return sorted(found, key=lambda one: (-one[0], one[2]))
