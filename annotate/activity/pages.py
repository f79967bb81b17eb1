"""The activity page: who did what, newest first; of one project, or of all that the person may see."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import path

from annotate.activity import queries
from annotate.activity.because import NAME
from annotate.activity.models import Activity
from annotate.activity.words import VERBS, page_of, sentence
from annotate.kernel.pages import PageRequest, page, render_page
from annotate.kernel.paging import page as keyset_page
from annotate.people.models import Membership, Person
from annotate.people.queries import administered

ROWS = 50
CHOICES = 500
NAMED = {"project": "Project", "batch": "Batch", "queue": "Queue"}  # noun → model that has names


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 18 else None


def _names(model: str, rows: list[Activity], noun: str) -> dict[int, str]:
    """Names of what the rows are about; of projects, also of those that things belong to."""
    ids = {row.noun_id for row in rows if row.noun == noun and row.noun_id}
    if noun == "project":
        ids |= {row.project_id for row in rows if row.project_id}
    return dict(apps.get_model("annotate", model).objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}


def _item_page(row: Activity) -> str:
    """The item's page, for acts on something that has none of its own."""
    item = row.data.get("item") if isinstance(row.data, dict) else None
    return f"/items/{item}" if isinstance(item, int) else ""


def _page(row: Activity, admins: list[int]) -> str:
    """Where the thing has a page that the reader may open; those of people are for admins."""
    if row.noun == "person" and row.organisation_id not in admins:
        return ""
    return page_of(row.noun, row.noun_id) or _item_page(row)


def _causes(rows: list[Activity]) -> dict[int, Activity]:
    """What set off the acts among these that a machine did by itself: row → the act that it names as its cause."""
    named = {row.pk: cause["activity"] for row in rows if isinstance(cause := row.data.get(NAME), dict) and isinstance(cause.get("activity"), int)}
    found = Activity.objects.in_bulk(set(named.values())) if named else {}
    return {pk: found[cause] for pk, cause in named.items() if cause in found}


def _told(rows: list[Activity], admins: list[int]) -> list[dict[str, Any]]:
    """Rows with names instead of ids: one query for each kind of thing, however many rows."""
    causes = _causes(rows)
    shown = [*rows, *causes.values()]
    people = dict(
        Person.objects.filter(pk__in={row.person_id for row in shown if row.person_id}).values_list("pk", "name")
    )
    about = {row.noun_id for row in rows if row.noun == "person" and row.noun_id}
    people |= (
        dict(Person.objects.filter(pk__in=about - people.keys()).values_list("pk", "name"))
        if about - people.keys()
        else {}
    )
    names = {noun: _names(model, shown, noun) for noun, model in NAMED.items()}
    projects = names["project"]
    return [
        {
            "row": row,
            "person": people.get(row.person_id or 0, ""),
            "words": sentence(row.verb),
            "thing": people.get(row.noun_id or 0, "") if row.noun == "person" else names.get(row.noun, {}).get(row.noun_id or 0, ""),
            "page": _page(row, admins),
            "project": projects.get(row.project_id, ""),
            "hash": row.hash.hex() if row.hash else "",
            "because": _because(causes[row.pk], people, names) if row.pk in causes else None,
        }
        for row in rows
    ]


def _because(cause: Activity, people: dict[int, str], names: dict[str, dict[int, str]]) -> dict[str, Any]:
    thing = names.get(cause.noun, {}).get(cause.noun_id or 0, "")
    return {"person": people.get(cause.person_id or 0, ""), "words": sentence(cause.verb), "thing": thing, "page": page_of(cause.noun, cause.noun_id)}


def _choices(request: PageRequest, project: Any) -> dict[str, Any]:
    organisations = [project.organisation_id] if project is not None else administered(request.actor)
    people = (
        Membership.objects.filter(organisation_id__in=organisations)
        .order_by("person__name")
        .values_list("person_id", "person__name")
    )
    projects = queries.managed_projects(request.actor).order_by("name").values_list("pk", "name")
    return {
        "people": list(dict.fromkeys(people[:CHOICES])),
        "projects": [] if project is not None else list(projects[:CHOICES]),
        "verbs": sorted(((verb, str(words)) for verb, words in VERBS.items()), key=lambda pair: pair[1]),
    }


def _show(request: PageRequest, rows: QuerySet[Activity], project: Any = None) -> HttpResponse:
    asked = {name: request.GET.get(name, "").replace("\x00", "") for name in ("person", "verb", "project")}
    person, about = _number(asked["person"]), _number(asked["project"])
    rows = rows.filter(person_id=person) if person is not None else rows
    rows = rows.filter(verb=asked["verb"]) if asked["verb"] else rows
    rows = rows.filter(project_id=about) if about is not None and project is None else rows
    kept = {name: text for name, text in asked.items() if text}
    bind = f"{request.path}|{request.actor.person_id}|{urlencode(kept)}"
    found = keyset_page(rows, keys=("-id",), cursor=request.GET.get("cursor") or None, limit=ROWS, bind=bind)
    context = {
        "told": _told(found.rows, administered(request.actor)),
        "asked": asked,
        "person": person,
        "about": about,
        "filtered": bool(kept),
        "later": bool(request.GET.get("cursor")),
        "older": urlencode({**kept, "cursor": found.next}) if found.next else "",
        "heads": queries.heads(request.actor) if project is None else [],
        **_choices(request, project),
    }
    return render_page(request, "activity/activity.html", context, project=project, section="activity")


@page
def activity(request: PageRequest) -> HttpResponse:
    return _show(request, queries.visible(request.actor))


@page
def project_activity(request: PageRequest, project: int) -> HttpResponse:
    found = queries.managed_project(request.actor, project)
    return _show(request, Activity.objects.filter(organisation_id=found.organisation_id, project_id=found.pk), found)


page_routes = [
    path("activity", activity),
    path("p/<id:project>/activity", project_activity),
]
