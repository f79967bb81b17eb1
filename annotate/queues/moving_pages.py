"""The button of the queue page that moves a person's open work."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid, Missing
from annotate.kernel.pages import PageRequest, page, posted
from annotate.people.models import Person
from annotate.projects.policies import may_manage
from annotate.queues import queries
from annotate.queues.bulk_words import passed_words
from annotate.queues.moving import Moved, move_work


def moved_words(found: Moved, to: Person | None) -> str:
    """What happened, for the message after it."""
    if not found.count and not found.passed:
        return _("Nothing was open any more.")
    whom = to.name if to is not None else _("everybody")
    said = ngettext("%(n)d task moved to %(name)s.", "%(n)d tasks moved to %(name)s.", found.count) % {"n": found.count, "name": whom}
    stay = [
        ngettext("%(n)d stays: %(why)s.", "%(n)d stay: %(why)s.", number) % {"n": number, "why": words}
        for number, words, _code in passed_words(found.passed)
    ]
    return " ".join([said, *stay])


@page
@posted("/queues/{queue}")
def move(request: PageRequest, queue: int, person: int) -> HttpResponse:
    """All that the person has open in the queue goes to another, or to everybody."""
    found = queries.get(request.actor, queue)
    require(may_manage(request.actor, found.project))
    who = Person.objects.filter(pk=person).filter(tasks__queue=found).first() or Person.objects.filter(pk=person, leases__queue=found).first()
    if who is None:
        raise Missing()
    wanted = request.POST.get("to", "")
    to = queries.able(found.project, found).get(int(wanted)) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 19 else None
    if wanted and to is None:
        messages.error(request, _("Choose somebody who may work in this queue."))
        return HttpResponseRedirect(f"/queues/{queue}")
    try:
        moved = move_work(found.project, who, to=to, queue=found, by=request.actor)
    except Invalid as error:
        messages.error(request, str(error.detail))
    else:
        messages.success(request, moved_words(moved, to))
    return HttpResponseRedirect(f"/queues/{queue}")


moving_routes = [path("queues/<id:queue>/people/<id:person>/move", move)]
