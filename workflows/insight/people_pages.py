"""/p/{project}/people: who does what today, holds what, is paused; one person's queues; the timesheet. For managers.

The list and the progress page ask themselves again every ten seconds (`watching` says at what cost). Everything works without
script: sorting and paging are links, a pause is a form.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid, Missing, SluiceError
from annotate.kernel.pages import PageRequest, fragment, page, posted, render_page
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.projects import queries as projects
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.qualifications import further
from annotate.qualifications import queries as qualifications
from annotate.qualifications.everyone import of_everyone
from annotate.queues import pausing
from annotate.queues.models import Queue
from workflows.insight import holding, output, queue_pace, watching
from workflows.insight.stuck import stuck
from workflows.insight.timesheet import read_range
from workflows.insight.timesheet_api import as_file

A_PAGE = 100
HEADS = (
    ("name", gettext_lazy("Person"), ""),
    ("active", gettext_lazy("Active today"), gettext_lazy("Active time as the workbench measured it, since midnight UTC")),
    ("today", gettext_lazy("Today"), gettext_lazy("Answers and verdicts sent since midnight UTC")),
    ("week", gettext_lazy("7 days"), gettext_lazy("Answers and verdicts sent within 7 days")),
    ("pace", gettext_lazy("An item"), gettext_lazy("Median active time of an answer within 7 days")),
    ("sent_back", gettext_lazy("Sent back"), gettext_lazy("Of their answers, returned within 7 days")),
    ("held", gettext_lazy("Holds now"), ""),
    ("returned", gettext_lazy("To do again"), gettext_lazy("Returned work that waits at them")),
    ("reserved", gettext_lazy("Kept for them"), gettext_lazy("Open work that only they are served")),
    ("lacking", gettext_lazy("Qualifications"), gettext_lazy("What they have, and what they lack for which queues")),
)

# offered while one types; any name of the zone database will do
ZONES = ("UTC", "Asia/Shanghai", "Asia/Kolkata", "Asia/Manila", "Africa/Nairobi", "Europe/Berlin", "America/New_York", "America/Bogota")


def _managed(request: PageRequest, project: int) -> Project:
    found = projects.get(request.actor, project)
    require(may_manage(request.actor, found))
    return found


def _heads(sort: str, q: str, *, qualifying: bool) -> list[dict[str, Any]]:
    """Columns with the link that sorts by them: figures the most first, then the other way round."""
    out = []
    for name, word, title in HEADS:
        if name == "lacking" and not qualifying:
            continue
        here = sort.removeprefix("-") == name
        other = sort.removeprefix("-") if sort.startswith("-") else f"-{sort}"
        wanted = other if here else name if name == "name" else f"-{name}"
        order = "" if not here else "descending" if sort.startswith("-") else "ascending"
        out.append({"name": name, "word": word, "title": title, "sort": wanted, "order": order, "q": q})
    return out


def _number(text: str) -> int:
    return min(int(text), 10_000) if text.isascii() and text.isdecimal() and 0 < len(text) < 9 else 1


def _answered(request: PageRequest, mark: str, whole: str, part: str, context: dict[str, Any], project: Project, section: str) -> HttpResponse:
    """The page, or for htmx the part that lives; 304 for a part that was seen."""
    tag = watching.etag(request, mark)
    context |= {"tag": tag, "address": request.get_full_path()}
    if not fragment(request):
        return render_page(request, whole, context, project=project, section=section)
    response = watching.unchanged(request, tag)
    if response is None:
        made = watching.part(part.split("/")[1].removesuffix("_live.html"), project, tag, lambda: render_page(request, part, context, project=project, section=section).content)
        response = HttpResponse(made, headers={"ETag": tag})
    return response


@page
def people(request: PageRequest, project: int) -> HttpResponse:
    """Everyone who works here, sorted by a column; `q` finds names."""
    found = _managed(request, project)
    rows, mark = watching.watched("people", found, lambda: output.people(found, now=watching.clock()), fresh=not fragment(request))
    sort = request.GET.get("sort", "name")
    sort = sort if sort.removeprefix("-") in output.COLUMNS else "name"
    q = request.GET.get("q", "").strip()[:100]
    shown = output.ordered([row for row in rows if q.lower() in row.name.lower()] if q else rows, sort)
    number = max(1, min(_number(request.GET.get("page", "")), -(-len(shown) // A_PAGE)))
    qualifying = any(row.stood for row in rows)
    context = {
        "qualifying": qualifying,
        "rows": shown[(number - 1) * A_PAGE : number * A_PAGE],
        "heads": _heads(sort, q, qualifying=qualifying),
        "sort": sort,
        "q": q,
        "total": output.Total.of(shown),
        "everyone": len(rows),
        "number": number,
        "before": number - 1,
        "after": number + 1 if number * A_PAGE < len(shown) else 0,
    }
    return _answered(request, mark, "insight/people.html", "insight/people_live.html", context, found, "people")


def _somebody(project: Project, person: int) -> Person:
    """Somebody who has or had to do with the project; `Missing` for all others."""
    found = Person.objects.filter(pk=person).first()
    if found is None or not holding.known(project, found):
        raise Missing()
    return found


@page
def person(request: PageRequest, project: int, person: int) -> HttpResponse:
    """What one person holds, has back and did, by queue; where they are paused."""
    found = _managed(request, project)
    who = _somebody(found, person)
    now = watching.clock()
    held, returned = holding.held(found, who), holding.returned(found, who)
    context = {
        "who": who,
        "held": held,
        "returned": returned,
        "movable": {row.queue_id for row in (*held, *returned)} | holding.keeping(found, who),
        "reserved": holding.reserved(found, who),
        "places": holding.places(found, who),
        "whole": holding.paused_everywhere(found, who),
        "stood": of_everyone(found, {who.pk: projects.role(Actor.of(who), found) or ""}).get(who.pk, []),
        "shares": queue_pace.shares(found, now=now, person_id=who.pk),
    }
    return render_page(request, "insight/person.html", context, project=found, section="people")


@page
@posted("/p/{project}/people/{person}")
def pause(request: PageRequest, project: int, person: int) -> HttpResponse:
    """Pause a person or let them go on, in one queue or in all of the project."""
    found = _managed(request, project)
    who = _somebody(found, person)
    queue, act = _queue(found, request.POST.get("queue", "")), request.POST.get("act", "")
    if act == "pause":
        pausing.pause(found, who, queue=queue, by=request.actor)
        messages.success(request, _("%(name)s is paused. What they held is free for others; their drafts stay.") % {"name": who.name})
    elif act == "go":
        pausing.let_on(found, who, queue=queue, by=request.actor)
        messages.success(request, _("%(name)s may go on.") % {"name": who.name})
    else:
        raise Missing()
    watching.forget(found)
    return _back(request, found, who)


def _back(request: PageRequest, project: Project, who: Person) -> HttpResponse:
    return HttpResponseRedirect(f"/p/{project.pk}/people" if request.POST.get("back") == "list" else f"/p/{project.pk}/people/{who.pk}")


@page
@posted("/p/{project}/people/{person}")
def attempt(request: PageRequest, project: int, person: int) -> HttpResponse:
    """Grant one more attempt at the run of a qualification (`grant`: its id), or take it back (`revoke`)."""
    found = _managed(request, project)
    who = _somebody(found, person)
    act = "grant" if "grant" in request.POST else "revoke"
    one = request.POST.get(act, "")
    if not (one.isascii() and one.isdecimal() and len(one) < 19):
        raise Missing()
    qualification = qualifications.managed(request.actor, int(one))
    if qualification.project_id != found.pk:
        raise Missing()
    about = {"name": who.name, "qualification": qualification.name}
    try:
        done = (further.grant if act == "grant" else further.revoke)(qualification, who, by=request.actor)
    except SluiceError as error:
        messages.error(request, error.detail)
    else:
        if act == "grant":
            words = _("%(name)s may try %(qualification)s once more.") if done else _("%(name)s has an attempt at %(qualification)s left.")
        else:
            words = _("The attempt of %(name)s at %(qualification)s is taken back.") if done else _("Nothing was granted to %(name)s at %(qualification)s.")
        messages.success(request, words % about)
    watching.forget(found)
    return _back(request, found, who)


def _queue(project: Project, text: str) -> Queue | None:
    if not text:
        return None
    found = Queue.objects.filter(project=project, pk=int(text)).first() if text.isascii() and text.isdecimal() and len(text) < 19 else None
    if found is None:
        raise Missing()
    return found


@page
def timesheet(request: PageRequest, project: int) -> Any:
    """The form for a range of days, and with `download` its CSV."""
    found = _managed(request, project)
    asked = {name: request.GET.get(name, "")[:60] for name in ("from", "to", "tz")}
    fields: dict[str, str] = {}
    try:
        days = read_range(asked["from"], asked["to"], asked["tz"], now=watching.clock())
    except Invalid as error:
        fields = {name: str(why) for name, why in error.fields.items()}
        days = read_range("", "", "", now=watching.clock())
    if "download" in request.GET and not fields:
        return as_file(found, days, mark=True)
    values = {"first": asked["from"] or days.first.isoformat(), "last": asked["to"] or days.last.isoformat(), "zone": asked["tz"] or "UTC"}
    context = {"values": values, "wrong": fields, "zones": ZONES}
    return render_page(request, "insight/timesheet.html", context, project=found, section="people", status=400 if fields else 200)


@page
def progress(request: PageRequest, project: int) -> HttpResponse:
    """How fast queues go, when they are done, who does how much in them, and what is stuck."""
    found = _managed(request, project)

    def make() -> tuple[Any, ...]:
        now = watching.clock()
        return queue_pace.queue_paces(found, now=now), queue_pace.shares(found, now=now), stuck(found, now=now)

    (paces, shares, kinds), mark = watching.watched("progress", found, make, fresh=not fragment(request))
    context = {"paces": paces, "shares": shares, "kinds": kinds}
    return _answered(request, mark, "insight/progress.html", "insight/progress_live.html", context, found, "people")


people_routes = [
    path("p/<id:project>/people", people),
    path("p/<id:project>/people/timesheet", timesheet),
    path("p/<id:project>/people/<id:person>", person),
    path("p/<id:project>/people/<id:person>/pause", pause),
    path("p/<id:project>/people/<id:person>/attempt", attempt),
    path("p/<id:project>/progress", progress),
]
