"""What a thumbnail says of rules: that something holds the item back, or has flagged it, and which. Asked once for all items of a page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from annotate.items.models import Item
from annotate.items.queries import sees_all
from annotate.items.related import rows
from annotate.kernel.registry import Registry
from annotate.people.actor import Actor
from annotate.projects.models import Project

NAMED = 5  # of a badge's words: the item's page says them all

# name → f(actor, project, item ids): by item, the names of the rules whose flag stands; nothing for who may not know.
flaggers: Registry[Callable[[Actor, Project, Collection[int]], Mapping[int, Iterable[str]]]] = Registry("flaggers")


@dataclass(frozen=True)
class Badges:
    """In words, with the names of the rules: "In quarantine: dark"; "" when nothing of the kind stands."""

    held: str = ""
    flagged: str = ""


def badges(actor: Actor, project: Project, items: Iterable[Item]) -> dict[int, Badges]:
    """Item → badges of those that have any; a query for the holds and one for each flagger, however many the items are."""
    ids = [item.pk for item in items]
    if not ids or not sees_all(actor, project):
        return {}
    held, flagged = defaultdict[int, set[str]](set), defaultdict[int, set[str]](set)
    for item, cause, reason in rows("Hold").filter(item__in=ids, ended_at=None).values_list("item", "cause", "reason"):
        held[item].add(reason or cause)
    for _name, flagger in flaggers:
        for item, names in flagger(actor, project, ids).items():
            flagged[item] |= set(names) - held[item]  # what a rule holds back is not said twice
    found = {}
    for item in ids:
        if held[item] or flagged[item]:
            found[item] = Badges(_words(_("In quarantine: %(rules)s"), held[item]), _words(_("Flagged: %(rules)s"), flagged[item]))
    return found


def _words(sentence: str, names: set[str]) -> str:
    told = sorted(names)
    return sentence % {"rules": ", ".join(told[:NAMED]) + (" …" if len(told) > NAMED else "")} if told else ""
