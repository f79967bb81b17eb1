"""Why work may be returned: a project's own list of keys with their words, else the usual ones in the reader's language.

What is kept with a verdict is the key, so that it can be counted whatever language it was chosen in; a key that is in the list no
longer is still said in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.kernel.canonical import check_text
from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid
from annotate.kernel.words import FORMER, REASONS, reason_words
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.projects.policies import may_manage

MOST = 20
LONGEST = 80
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
OTHER = "other"  # says nothing by itself, so it asks for words


def usual() -> list[dict[str, str]]:
    return [{"key": key, "words": str(words)} for key, words in REASONS.items()]


def of(project: Project) -> list[dict[str, str]]:
    """What is offered in this project: each {"key", "words"}."""
    return [{"key": one["key"], "words": one["words"] or _usual_words(one["key"])} for one in project.return_reasons] or usual()


def _usual_words(key: str) -> str:
    return str(REASONS.get(key) or key.replace("_", " "))


def words(project: Project, key: str) -> str:
    """The key as people of the project say it; "" for no key."""
    if not key:
        return ""
    own = next((one["words"] for one in project.return_reasons if one["key"] == key), "")
    return own or _usual_words(key)


def said(project: Project, key: str, reason: str) -> str:
    """Key and words of a return together: "wrong label: two vans". """
    if not key:
        return reason_words(reason)
    return ": ".join(part for part in (words(project, key), reason) if part)


def key_of(key: str, reason: str) -> str:
    """What a return counts as: its key, or the one that its words began with before there were keys; else `other`."""
    return key or FORMER.get(reason.partition(":")[0], OTHER)


def checked(project: Project, key: Any, reason: str) -> str:
    """The key of a return of this project's work. `Invalid` names what is wrong: an unknown key, neither key nor words."""
    if key in (None, ""):
        if not reason:
            raise Invalid(_("Say why it goes back."), fields={"reason": "required to return, or a reason_key"})
        return ""
    known = [one["key"] for one in of(project)]
    if key not in known:
        raise Invalid(_("The project has no such reason."), fields={"reason_key": f"one of {', '.join(known)}"})
    if key == OTHER and not reason:
        raise Invalid(_("Say in words what it is."), fields={"reason": f"required with {OTHER}"})
    return str(key)


@transaction.atomic
def change(project: Project, reasons: Iterable[Any], *, by: Actor) -> Project:
    """The project's own list from now on, each a key or {"key", "words"?}; empty, or the usual ones as they are, means the usual ones."""
    require(may_manage(by, project))
    found: list[dict[str, str]] = []
    wrong: dict[str, str] = {}
    for at, given in enumerate(reasons):
        one = {"key": given} if isinstance(given, str) else dict(given) if isinstance(given, Mapping) else {}
        key, text = one.get("key"), one.get("words") or ""
        if not isinstance(key, str) or not KEY.fullmatch(key):
            wrong[f"return_reasons[{at}].key"] = "small letters, digits and _, a letter first, at most 40"
        elif key in {before["key"] for before in found}:
            wrong[f"return_reasons[{at}].key"] = "twice in the list"
        elif not isinstance(text, str) or len(text) > LONGEST:
            wrong[f"return_reasons[{at}].words"] = f"words, at most {LONGEST} characters"
        else:
            text = check_text(text).strip()
            found.append({"key": key, "words": "" if text == _usual_words(key) else text})
    if len(found) > MOST:
        wrong["return_reasons"] = f"at most {MOST}"
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    if [one["key"] for one in found] == list(REASONS) and not any(one["words"] for one in found):
        found = []
    project.return_reasons = found
    project.save(update_fields=["return_reasons"])
    record(by, "project.change", project, organisation=project.organisation_id, project=project, data={"return_reasons": len(found)})
    return project


def as_text(project: Project) -> str:
    """The list as lines to edit: "glare = reflections were marked"; a usual key alone has the usual words."""
    own = project.return_reasons or [{"key": key, "words": ""} for key in REASONS]
    return "\n".join(f"{one['key']} = {one['words'] or _usual_words(one['key'])}" for one in own)


def from_text(text: str) -> list[dict[str, str]]:
    """The lines back; a line of words alone gets a key made of them."""
    found: list[dict[str, str]] = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        key, equals, rest = (part.strip() for part in line.partition("="))
        if not equals and not KEY.fullmatch(key):
            key, rest = _key_from(key, {one["key"] for one in found}), key
        found.append({"key": key, "words": rest})
    return found


def _key_from(text: str, taken: set[str]) -> str:
    made = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:36]
    made = made if made[:1].isalpha() else f"reason_{made}".rstrip("_")
    n = 1
    name = made if made != "reason" else "reason_1"
    while name in taken:
        n += 1
        name = f"{made}_{n}"
    return name
