"""What happened to an item in words, as its history tells it; rooms may add theirs to `EVENTS`."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotate.items.history import Event

# what → (words, icon, kind of mark)
EVENTS: dict[str, tuple[Any, str, str]] = {
    "item.add": (gettext_lazy("brought it in"), "up", "idle"),
    "item.submit": (gettext_lazy("moved to labelled"), "pen", "info"),
    "item.return": (gettext_lazy("moved to returned"), "back", "warn"),
    "item.approve": (gettext_lazy("moved to approved"), "ok", "good"),
    "item.withdraw": (gettext_lazy("moved to withdrawn"), "x", "bad"),
    "item.erase": (gettext_lazy("erased"), "bin", "bad"),
    "item.restore": (gettext_lazy("restored it, though rules had caught it"), "ok", "good"),
    "annotation.add": (gettext_lazy("answered"), "pen", "info"),
    "annotation.restore": (gettext_lazy("put back what stood before the fix"), "undo", "idle"),
    "lease.take": (gettext_lazy("took it"), "hand", "idle"),
    "lease.end": (gettext_lazy("let go of it"), "hand", "idle"),
    "task.skip": (gettext_lazy("skipped it"), "right", "warn"),
    "review.accept": (gettext_lazy("accepted the answer"), "ok", "good"),
    "review.return": (gettext_lazy("returned the answer"), "back", "warn"),
    "review.fix": (gettext_lazy("fixed the answer"), "pen", "view"),
    "review.undo": (gettext_lazy("took the verdict back"), "undo", "warn"),
    "dispute.open": (gettext_lazy("disputed the return"), "split", "warn"),
    "dispute.uphold": (gettext_lazy("upheld the return"), "back", "idle"),
    "dispute.overturn": (gettext_lazy("overturned the return"), "undo", "good"),
    "dispute.withdraw": (gettext_lazy("withdrew the dispute"), "x", "idle"),
    "question.ask": (gettext_lazy("asked"), "ask", "view"),
    "question.answer": (gettext_lazy("answered the question"), "back", "good"),
    "comment.add": (gettext_lazy("commented"), "ask", "view"),
    "comment.resolve": (gettext_lazy("settled a comment"), "ok", "good"),
    "approval.add": (gettext_lazy("approved"), "ok", "good"),
    "approval.end": (gettext_lazy("the approval ended"), "x", "warn"),
    "hold.add": (gettext_lazy("held back"), "shut", "warn"),
    "hold.end": (gettext_lazy("let go again"), "ok", "good"),
}
SOURCES: dict[str, Any] = {
    "person": gettext_lazy("by hand"),
    "gold": gettext_lazy("by hand"),
    "import": gettext_lazy("import"),
    "fix": gettext_lazy("fixed in review"),
    "consensus": gettext_lazy("consensus"),
    "migration": gettext_lazy("schema change"),
    "undo": gettext_lazy("put back"),
}
CAUSES: dict[str, Any] = {
    "import": gettext_lazy("with an import"),
    "review": gettext_lazy("by review"),
    "release": gettext_lazy("given back"),
    "expiry": gettext_lazy("time ran out"),
    "move": gettext_lazy("taken away"),
    "erase": gettext_lazy("item erased"),
    "ask": gettext_lazy("asked about it"),
    "dispute": gettext_lazy("disputed the return"),
    "superseded": gettext_lazy("another answer was approved"),
    "undone": gettext_lazy("the verdict was taken back"),
    "withdrawn": gettext_lazy("withdrawn"),
    "erased": gettext_lazy("item erased"),
}
_DETAILS = ("queue", "batch")


def _about(data: dict[str, Any]) -> str:
    """The short facts of an event in one line."""
    told = [str(data[name]) for name in _DETAILS if data.get(name)]
    if data.get("revision"):
        told.append(_("revision %(n)s") % {"n": data["revision"]})
    if data.get("author"):
        told.append(_("written by %(name)s") % {"name": data["author"]})
    if data.get("fixed"):
        told.append(_("fixed as revision %(n)s") % {"n": data["fixed"]})
    if data.get("source") and data["source"] != "person":
        told.append(str(SOURCES.get(data["source"], data["source"])))
    for name in ("cause", "by"):
        if data.get(name):
            told.append(str(CAUSES.get(data[name], data[name])))
    return " · ".join(told)


def told(events: list[Event]) -> list[dict[str, Any]]:
    """Events as the timeline shows them: words, icon, kind, one line of facts, and what a person wrote."""
    out = []
    for event in events:
        words, icon, kind = EVENTS.get(event.what, (event.what, "dot", "idle"))
        said = str(event.data.get("text") or event.data.get("reason") or "")
        if event.what == "approval.end":
            said = str(CAUSES.get(said, said))
        out.append({"at": event.at, "person": event.person, "words": words, "icon": icon, "kind": kind,
                    "about": _about(event.data), "said": said, "seconds": event.data.get("seconds")})  # fmt: skip
    return out
