"""/p/{project}/quality/confusion: the heat map of what is taken for what. /p/{project}/quality/items: the items behind a figure."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from annotate.annotations.schemas import parsed
from annotate.items.models import Item
from annotate.items.thumbs import thumbs
from annotate.jobs.models import Job
from annotate.kernel.decisions import require
from annotate.kernel.pages import PageRequest, page, render_page
from annotate.people.models import Person
from annotate.projects import queries as projects
from annotate.projects.models import Project
from annotate.projects.policies import may_view
from annotate.projects.queries import current_schema
from workflows.quality import answered, mistakes, reporting
from workflows.quality.confused import OF, Matrix
from workflows.quality.confusion_api import cells
from workflows.quality.standings import LEAST, share
from workflows.quality.tabs import tabs

SIDES: dict[str, Any] = {"people": _("People"), "model": _("Model")}
KINDS: dict[str, Any] = {
    "missing": _("missing"),
    "extra": _("extra"),
    "wrong_label": _("wrong label"),
    "badly_placed": _("badly placed"),
    "attribute": _("attribute"),
}
SHADES = 6
MOST = 8  # mistakes that are listed


def number_in(request: PageRequest, name: str) -> int | None:
    """An id of the query; what is none is passed over."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def batch_in(request: PageRequest, project: Project) -> int | None:
    batch = number_in(request, "batch")
    return batch if batch is not None and project.batches.filter(pk=batch).exists() else None


@page
def confusion(request: PageRequest, project: int) -> HttpResponse:
    """Rows are what was meant, columns what was given; each cell leads to its things on the label wall, and to their items."""
    found = projects.get(request.actor, project)
    require(may_view(request.actor, found))
    of = request.GET.get("of", "people")
    of = of if of in OF else "people"
    batch = batch_in(request, found)
    questions = [one["name"] for one in parsed(current_schema(found.pk).pk).document.get("item") or () if one["type"] in ("choice", "bool") and not one.get("multiple")]
    about = request.GET.get("about", "")
    about = about if about in questions else ""
    made = reporting.confusion(found, of=of, batch=batch, about=about, actor=request.actor)
    job, matrix = (made, None) if isinstance(made, Job) else (None, made)
    query = {"of": of} | ({"batch": batch} if batch else {}) | ({"about": about} if about else {})
    context = {
        "tabs": tabs(found, request.actor, "confusion"),
        "of": of,
        "sides": [(name, word, urlencode(query | {"of": name})) for name, word in SIDES.items()],
        "batch": batch,
        "batches": found.batches.order_by("-pk").values_list("pk", "name")[:200],
        "about": about,
        "questions": questions,
        "job": job,
        "matrix": matrix,
        "rows": _rows(matrix, query) if matrix else [],
        "most": _most(matrix, query) if matrix else [],
        "accuracy": share(matrix.right, matrix.total) if matrix else None,
        "query": urlencode(query),
    }
    return render_page(request, "quality/confusion.html", context, project=found, section="people")


def _rows(matrix: Matrix, query: dict[str, Any]) -> list[dict[str, Any]]:
    names = (*matrix.labels, "")
    rows = []
    for row, meant in enumerate(names):
        of = matrix.meant(row)
        if meant or of:
            rows.append({"meant": meant, "of": of, "right": matrix.counts[row][row] / of if of and meant else None, "cells": [_cell(matrix, row, at, given, of, query) for at, given in enumerate(names)]})
    return rows


def _cell(matrix: Matrix, row: int, at: int, given: str, of: int, query: dict[str, Any]) -> dict[str, Any]:
    n, meant = matrix.counts[row][at], (*matrix.labels, "")[row]
    part = n / of if of else 0.0
    shade = 0 if not n else min(SHADES, 1 + int(part * SHADES)) if of >= LEAST else 1  # a share of a handful is no colour
    return {"n": n, "share": part, "css": f"h{shade}", "meant": meant, "given": given, "right": row == at and bool(meant), "query": urlencode(query | {"meant": meant, "given": given}), "never": not meant and not given}


def _most(matrix: Matrix, query: dict[str, Any]) -> list[dict[str, Any]]:
    found = sorted((one for one in cells(matrix) if one["meant"] != one["given"]), key=lambda one: -one["count"])[:MOST]
    return [one | {"query": urlencode(query | {"meant": one["meant"] or "", "given": one["given"] or ""})} for one in found]


@page
def behind(request: PageRequest, project: int) -> HttpResponse:
    """Items in their order, each with how many things of it are meant by the figure that led here."""
    found = projects.get(request.actor, project)
    require(may_view(request.actor, found))
    asked = request.GET
    after = number_in(request, "after") or 0
    batch, person, period = batch_in(request, found), number_in(request, "person"), asked.get("period", "")
    between = answered.days_of(period)
    if between is not None:
        rows = answered.items(found, between, batch=batch, after=after, limit=mistakes.PAGE + 1)
    else:
        of, kind = asked.get("of", "people"), asked.get("kind")
        texts = {name: asked.get(name) for name in ("meant", "given", "label")}
        about = asked.get("about", "" if {"meant", "given", "label"} & set(asked) else None)
        kind = kind if kind in KINDS else None
        rows = mistakes.behind(found, of=of if of in OF else "people", kind=kind, about=about, person=person, batch=batch, after=after, limit=mistakes.PAGE + 1, **texts)
    shown = rows[: mistakes.PAGE]
    items = {item.pk: item for item in Item.objects.filter(pk__in=[item for item, _n in shown], project=found)}
    pictures = thumbs([items[item] for item, _n in shown if item in items])
    counts = dict(shown)
    query = {name: value for name, value in asked.items() if name != "after"}
    wall = urlencode({name: asked[name] for name in ("meant", "given", "of", "batch", "about") if name in asked}) if "meant" in asked and "given" in asked else ""
    context = {
        "tabs": tabs(found, request.actor, ""),
        "rows": [(thumb, counts[thumb.item.pk]) for thumb in pictures],
        "period": period if between is not None else "",
        "kind": KINDS.get(asked.get("kind", "")),
        "meant": asked.get("meant"),
        "given": asked.get("given"),
        "label": asked.get("label"),
        "person": Person.objects.filter(pk=person).values_list("name", flat=True).first() if person else None,
        "batch": found.batches.filter(pk=batch).values_list("name", flat=True).first() if batch else None,
        "wall": wall,
        "next": urlencode(query | {"after": shown[-1][0]}) if len(rows) > mistakes.PAGE else "",
    }
    return render_page(request, "quality/items.html", context, project=found, section="people")


page_routes = [path("p/<id:project>/quality/confusion", confusion), path("p/<id:project>/quality/items", behind)]
