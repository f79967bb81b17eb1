"""/p/{project}/wall: crops of one label side by side; marking and acting work as a form, and faster by keys. /wall-acts/{act}: what came of an act."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import path
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from annotate.annotations.schemas import parsed
from annotate.items.drawing import colours
from annotate.items.gallery_pages import refusal
from annotate.jobs.states import LIVE
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Denied, Invalid, SluiceError
from annotate.kernel.pages import PageRequest, fragment, page, posted, render_page
from annotate.labels.schema import Schema
from annotate.projects import queries as projects
from annotate.projects import return_reasons
from annotate.projects.models import Project
from annotate.projects.queries import current_schema
from workflows.wall import policies, queries
from workflows.wall.acting import act, preview, undo
from workflows.wall.api import present_act, wish_of
from workflows.wall.asking import Asked, read
from workflows.wall.choosing import Chosen, choose
from workflows.wall.models import WallAct
from workflows.wall.showing import cards, sheets
from workflows.wall.wording import ACT_WORDS, LEFT_WORDS, left_words, told
from workflows.wall.words import ORDER_WORDS, script_words

LEAST_CHIPS = 40  # labels that stand side by side; the others are in a list
LATEST = 8


def _labels(project: Project, asked: Asked) -> list[dict[str, Any]]:
    """The labels to choose from, in the schema's order, with the key that relabels to it."""
    content = current_schema(project.pk).content
    css = colours(content)
    return [
        {
            "name": label["name"],
            "title": _titled(label),
            "titles": list({label["name"], *(label.get("title") or {}).values()}),
            "css": css[label["name"]],
            "hotkey": label.get("hotkey") or "",
            "href": asked.address(label=label["name"], answer=None, cell=False),
            "on": label["name"] == asked.label and not asked.cell,
        }
        for label in content.get("labels", [])
    ]


def _titled(of: dict[str, Any]) -> str:
    title = of.get("title") or {}
    language = get_language() or "en"
    return str(title.get(language) or title.get(language.split("-")[0]) or title.get("en") or of["name"])


def _shown(asked: Asked) -> str:
    """What the wall shows, in few words."""
    if asked.cell:
        return f"{asked.given or '–'} / {asked.meant or '–'}"
    return asked.answer[1] if asked.answer is not None else asked.label


def _answers(schema: Schema, asked: Asked) -> list[dict[str, Any]]:
    """Answers about whole items, as walls of their own."""
    found = []
    for attribute in schema.item.values():
        if attribute.type == "choice":
            for option in attribute.options:
                href = asked.address(answer=(attribute.name, option), cell=False, order="newest")
                found.append({"name": f"{attribute.name} = {option}", "href": href, "on": asked.answer == (attribute.name, option), "option": option, "of": attribute.name})
    return found


def _choices(schema: Schema, labels: list[dict[str, Any]], asked: Asked) -> list[dict[str, Any]]:
    """What marked things can be called instead; of whole items, the other options."""
    if asked.answered is None:
        return [] if asked.about else labels
    attribute = schema.item.get(asked.answered[0])
    if attribute is None or attribute.type != "choice":
        return []
    name = attribute.name
    return [{"name": option, "title": option, "titles": [option], "css": "l12", "hotkey": ""} for option in schema.item[name].options]


@page
def wall(request: PageRequest, project: int) -> HttpResponse:
    """A page of the wall; a refused query or parameter stays to be mended."""
    found = projects.get(request.actor, project)
    require(policies.may_see(request.actor, found))
    given = {name: value for name, value in request.GET.items() if "\x00" not in value}
    context: dict[str, Any] = {"refused": None, "q": given.get("q", "")}
    chosen, asked = Chosen(), Asked()
    try:
        asked = read(found, given)
        chosen = choose(found, asked, by=request.actor, cursor=given.get("cursor") or None, anew="anew" in given)
    except (Invalid, Denied) as error:
        context["refused"] = refusal(error, context["q"])
    if "anew" in given and not context["refused"]:
        return HttpResponseRedirect(request.path + asked.address())
    schema = parsed(current_schema(found.pk).pk).schema
    labels = _labels(found, asked)
    may = {name: bool(policies.may_act(request.actor, found, name)) for name in ACT_WORDS}
    shown = cards(found, chosen.spots)
    making = chosen.order is not None and chosen.order.state != "made"
    context |= {
        "asked": asked,
        "cards": shown,
        "sheets": sheets(found, shown),
        "next": f"{asked.address()}&cursor={chosen.next}" if chosen.next else "",
        "later": "cursor" in given,
        "first": asked.address(),
        "order": chosen.order,
        "making": making,
        "anew": f"{asked.address()}&anew=1",
        "labels": labels,
        "answers": _answers(schema, asked),
        "choices": _choices(schema, labels, asked),
        "orders": [(name, word) for name, word in ORDER_WORDS.items() if asked.answer is None or name not in ("smallest", "largest")],
        "people": queries.authors(found),
        "queues": list(queries.queues(found)) if may["queue"] else [],
        "may": may,
        "acts": any(may.values()),
        "new_queue": _("Wall: %(what)s") % {"what": _shown(asked)},
        "approved": _("approved"),
        "waiting": _("a newer revision waits to be approved"),
        "reasons": return_reasons.of(found),
        "kept": asked.words(),
        "title": next((label["title"] for label in labels if label["on"]), ""),
        "last": queries.last_of(request.actor, found) if may["relabel"] else None,
        "latest": list(queries.acts(request.actor, found).order_by("-pk")[:LATEST]),
    }
    if fragment(request) and making:
        return render(request, "wall/making.html", context | {"project": found})
    if fragment(request) and request.headers.get("HX-Target") == "making":
        response = HttpResponse()
        response["HX-Refresh"] = "true"  # it is in order now
        return response
    context["config"] = _config(request, found, context)
    return render_page(request, "wall/wall.html", context, project=found, section="wall", status=400 if context["refused"] else 200)


def _config(request: PageRequest, project: Project, context: dict[str, Any]) -> dict[str, Any]:
    """What static/src/pages/wall.ts reads."""
    last = context["last"]
    return {
        "project": project.pk,
        "csrf": get_token(request),
        "answer": "=".join(context["asked"].answered or ()),
        "may": context["may"],
        "choices": [{name: choice[name] for name in ("name", "title", "titles", "css", "hotkey")} for choice in context["choices"]],
        "last": last.pk if last is not None else None,
        "words": script_words(),
        "left": {code: str(word) for code, word in LEFT_WORDS.items()},
    }


@page
@posted("/p/{project}/wall")
def act_on(request: PageRequest, project: int) -> HttpResponse:
    """What is marked, without script: what the act would come to, and when that was seen, the act."""
    found = projects.get(request.actor, project)
    require(policies.may_see(request.actor, found))
    kept = {name: request.POST[f"at-{name}"] for name in ("label", "answer", "q", "order", "person", "given", "meant", "of", "about", "batch") if f"at-{name}" in request.POST}
    data: dict[str, Any] = {
        "act": request.POST.get("act", ""), "things": request.POST.getlist("thing"), "label": request.POST.get("label", ""),
        "option": request.POST.get("label", ""), "reason": request.POST.get("words", "")[:500], "reason_key": request.POST.get("reason", ""), "name": request.POST.get("name", "")[:200], "queue": _number(request.POST.get("queue")),
    }  # fmt: skip
    asked = Asked()
    try:
        asked = read(found, kept)
        wish = wish_of(found, data, asked)
        if request.POST.get("step") != "do":
            context = {"said": preview(found, wish, by=request.actor), "data": data, "kept": kept, "back": asked.address(), "word": ACT_WORDS[wish.act], "queue": wish.queue, "why": return_reasons.said(found, data["reason_key"], data["reason"])}
            context["left"] = left_words(context["said"].left_out)
            return render_page(request, "wall/preview.html", context, project=found, section="wall")
        made = act(found, wish, by=request.actor)
    except SluiceError as error:
        if isinstance(error, Denied):
            raise
        messages.error(request, error.detail)
        return HttpResponseRedirect(f"/p/{project}/wall{asked.address()}")
    messages.success(request, told(made))
    return HttpResponseRedirect(f"/wall-acts/{made.pk}")


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 18 else None


def _back(made: WallAct) -> str:
    """The wall where it was done."""
    try:
        return f"/p/{made.project_id}/wall{read(made.project, made.asked).address()}"
    except Invalid:  # the label is called otherwise by now
        return f"/p/{made.project_id}/wall"


@page
def one_act(request: PageRequest, act: int) -> HttpResponse:
    """What an act changed, what it left out and why, and its undo."""
    made = queries.get(request.actor, act)
    live = made.job is not None and made.job.state in LIVE
    context = {
        "made": made,
        "word": ACT_WORDS[made.act],
        "told": told(made),
        "left": left_words({code: n for code, n in present_act(made)["counts"].items() if code not in ("changed", "undone")}),
        "working": live,
        "back": _back(made),
        "items_link": f"/p/{made.project_id}/items?q=wall+%3D+{made.pk}",
        "may_undo": bool(policies.may_act(request.actor, made.project, made.act))
        and ((made.state == "done" and bool(made.counts.get("changed"))) or (made.state in ("running", "undoing") and not live)),
    }
    return render_page(request, "wall/act.html", context, project=made.project, section="wall")


@page
@posted("/wall-acts/{act}")
def undo_act(request: PageRequest, act: int) -> HttpResponse:
    """Put back what it changed."""
    made = queries.get(request.actor, act)
    try:
        messages.success(request, told(undo(made, by=request.actor)))
    except Conflict as error:
        messages.error(request, error.detail)
    return HttpResponseRedirect(f"/wall-acts/{act}")


page_routes = [
    path("p/<id:project>/wall", wall),
    path("p/<id:project>/wall/act", act_on),
    path("wall-acts/<id:act>", one_act),
    path("wall-acts/<id:act>/undo", undo_act),
]
