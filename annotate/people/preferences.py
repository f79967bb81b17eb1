"""What a person set for their own pages: at present the keys of the workbench, by action, in place of its defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotate.kernel.errors import Invalid
from annotate.people.actor import Actor
from annotate.people.models import Person

ACTIONS, KEYS = 200, 4  # at most so many actions with keys of their own, and so many keys for one
_ACTION = re.compile(r"[a-z][a-z0-9_]{0,39}")
# As static/src/workbench/actions/keys.ts writes them: modifiers in this order, then a sign or the name of a key.
_CHORD = re.compile(r"(ctrl\+)?(alt\+)?(shift\+)?([^\sA-Z\x00-\x1f\x7f]|f[1-9]|f1[0-2]|[a-z]{2,12})")
_FIXED = {"escape": "always lets go", "ctrl+enter": "always sends the answer"}


def checked_keys(keys: Any) -> dict[str, list[str]]:
    """`{action: [chord, …]}`, each chord once in all; `Invalid` names the place and, of a conflict, the other action."""
    if not isinstance(keys, Mapping) or len(keys) > ACTIONS:
        raise Invalid(_("Keys are an object of lists by action."), fields={"preferences.keys": f"an object of at most {ACTIONS} actions"})
    wrong: dict[str, str] = {}
    owners: dict[str, str] = {}
    for action, chords in keys.items():
        place = f"preferences.keys.{str(action)[:40]}"
        if not isinstance(action, str) or not _ACTION.fullmatch(action):
            wrong[place] = "an action's name: letters, digits and _"
        elif not isinstance(chords, list) or len(chords) > KEYS:
            wrong[place] = f"a list of at most {KEYS} keys"
        else:
            for index, chord in enumerate(chords):
                at = f"{place}[{index}]"
                if not isinstance(chord, str) or not _CHORD.fullmatch(chord):
                    wrong[at] = "a key such as m, ctrl+m or ctrl+shift+arrowleft"
                elif chord in _FIXED:
                    wrong[at] = f"{chord} {_FIXED[chord]}"
                elif chord in owners:
                    wrong[at] = f"{chord} is given to {owners[chord]} already"
                else:
                    owners[chord] = action
    if wrong:
        first = next(iter(wrong.items()))
        raise Invalid(f"{first[0]}: {first[1]}", fields=wrong)
    return {action: list(chords) for action, chords in keys.items()}


_KNOWN = {"keys": checked_keys}


@transaction.atomic
def set_preferences(given: Any, *, by: Actor) -> dict[str, Any]:
    """Replace the named preferences of the caller, leave the others; what they all are now."""
    if not isinstance(given, Mapping):
        raise Invalid(_("Preferences are a JSON object."), fields={"preferences": "an object"})
    unknown = {f"preferences.{str(name)[:40]}": "there is no such preference" for name in given if name not in _KNOWN}
    if unknown:
        raise Invalid(_("There is no such preference."), fields=unknown)
    sound = {name: _KNOWN[name](value) for name, value in given.items()}
    person = Person.objects.select_for_update().get(pk=by.person_id)
    person.preferences = {**person.preferences, **sound}
    person.save(update_fields=["preferences"])
    return dict(person.preferences)


def key_preferences(person: Person) -> dict[str, list[str]]:
    """The person's own keys; none when what is stored is not sound."""
    try:
        return checked_keys(person.preferences.get("keys", {}))
    except (Invalid, AttributeError):
        return {}
