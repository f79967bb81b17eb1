"""Schema changes in the words of pages: an operation as a sentence, what becomes of what it meets, how a change stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotate.annotations.models import SchemaChange
from annotate.jobs.words import KINDS, MADE
from annotate.labels.reshaping import name_of

FATES: dict[str, Any] = {
    "renamed": gettext_lazy("say the same by the new name"),
    "dropped": gettext_lazy("are taken out"),
    "kept": gettext_lazy("stay as they are under their version, until labelled again"),
    "relabel": gettext_lazy("are told apart in a queue of their own"),
    "nothing": gettext_lazy("nothing is touched"),
}
OUTCOMES: dict[str, Any] = {
    "mapped": gettext_lazy("follow, as a new revision"),
    "kept": gettext_lazy("stay as they are: what they say has no place in the new version"),
    "waiting": gettext_lazy("wait, since a reviewer looks at them just now"),
    "restored": gettext_lazy("are in the old words again"),
    "left": gettext_lazy("are left as they are: what they say has no place in the old version"),
}
KINDS["annotations.follow"] = gettext_lazy("Labels changed")
KINDS["annotations.restore"] = gettext_lazy("Labels changed back")
MADE["schema_change"] = gettext_lazy("Change of labels")


def operation_words(operation: Mapping[str, Any]) -> str:
    """One operation in a sentence."""
    act, _sign, _thing = str(operation.get("op", "")).partition("_")
    whose = " · ".join(str(operation[name]) for name in ("label", "attribute") if operation.get(name))
    told = {"whose": f"{whose} · " if whose else "", **_named(operation)}
    if act == "rename":
        return _("%(whose)s%(from)s is called %(to)s") % told
    if act == "merge":
        return _("%(whose)s%(from)s becomes part of %(to)s") % told
    if act == "split":
        return _("%(from)s is split into %(into)s") % told
    if act == "retire":
        return _("%(whose)s%(name)s goes") % told
    return _("%(whose)s%(name)s is new") % told


def _named(operation: Mapping[str, Any]) -> dict[str, str]:
    def listed(value: Any) -> str:
        return ", ".join(str(name_of(one)) for one in value) if isinstance(value, list) else str(name_of(value) or "")

    name = operation.get("name") or operation.get("entry")
    return {"from": listed(operation.get("from")), "to": listed(operation.get("to")), "into": listed(operation.get("into")), "name": listed(name)}


def summary(change: SchemaChange) -> str:
    """The operations of a change, the first few."""
    told = [operation_words(one) for one in change.operations[:3]]
    more = len(change.operations) - len(told)
    return "; ".join(told) + (_("; and %(n)d more") % {"n": more} if more > 0 else "")


def outcome_rows(counts: Mapping[str, int]) -> Sequence[tuple[str, int, str]]:
    """(outcome, items, words) in a fixed order."""
    return [(name, counts[name], str(words)) for name, words in OUTCOMES.items() if counts.get(name)]
