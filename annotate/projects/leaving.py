"""What a person leaves behind when they go out of a project: told before, and after it has come back.

Rooms below say what is theirs of it (`add`), since tasks and leases are not known here; what they free stands in `leavers`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import ngettext

from annotate.kernel.decisions import require
from annotate.kernel.registry import Registry
from annotate.people.actor import Actor
from annotate.people.models import Person, Team, TeamMember
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.projects.services import remove_member

# f(project_id, person_id) → {code of _words: how many}
belongings: Registry[Callable[[int, int], dict[str, int]]] = Registry("belongings")
CODES = ("held", "returned", "parked", "kept", "queues", "teams", "leads")


def leaves_behind(project: Project, person: Person, *, by: Actor) -> dict[str, int]:
    """How much of each kind would come back now, by code of CODES; nothing changes."""
    require(may_manage(by, project))
    return _counted(project.pk, person.pk)


def _counted(project_id: int, person_id: int) -> dict[str, int]:
    found = dict.fromkeys(CODES, 0)
    for _name, told in belongings:
        for code, number in told(project_id, person_id).items():
            found[code] += number
    return found


@transaction.atomic
def remove(project: Project, person: Person, *, by: Actor) -> dict[str, int]:
    """Take the person out of the project; what came back of theirs, by code of CODES."""
    require(may_manage(by, project))
    Person.objects.select_for_update().get(pk=person.pk)
    before = _counted(project.pk, person.pk)
    remove_member(project, person, by=by)
    after = _counted(project.pk, person.pk)
    return {code: before[code] - after[code] for code in CODES}


def words(found: dict[str, int]) -> list[str]:
    """Each kind of which there is something, as a sentence; the same before and after."""
    return [_words(code, found[code]) for code in CODES if found.get(code)]


def _words(code: str, n: int) -> str:
    said: dict[str, Any] = {
        "held": ngettext("%(n)d item in their hands goes back to its queue", "%(n)d items in their hands go back to their queues", n),
        "returned": ngettext("%(n)d returned answer goes to others", "%(n)d returned answers go to others", n),
        "parked": ngettext(
            "%(n)d item that waits for an answer to their question goes to others", "%(n)d items that wait for answers to their questions go to others", n
        ),
        "kept": ngettext("%(n)d item kept for them is for anybody again", "%(n)d items kept for them are for anybody again", n),
        "queues": ngettext("their place in %(n)d queue ends", "their places in %(n)d queues end", n),
        "teams": ngettext("they go out of %(n)d team", "they go out of %(n)d teams", n),
        "leads": ngettext("%(n)d team is without a lead", "%(n)d teams are without a lead", n),
    }
    return str(said[code] % {"n": n})


def _teams(project_id: int, person_id: int) -> dict[str, int]:
    return {
        "teams": TeamMember.objects.filter(team__project_id=project_id, person_id=person_id).count(),
        "leads": Team.objects.filter(project_id=project_id, lead_id=person_id).count(),
    }


belongings.add("teams", _teams)
