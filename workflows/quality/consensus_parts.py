"""The consensus of an item on its page: votes, ties, what was left out, drawn on the picture; and whose words an adjudication took."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from annotate.annotations.models import Annotation
from annotate.items.drawing import shapes
from annotate.items.media_api import media_url
from annotate.items.models import Item
from annotate.items.parts import Part, parts
from annotate.items.queries import sees_all
from annotate.kernel.pages import PageRequest
from annotate.people.actor import Actor
from annotate.projects.policies import may_manage
from annotate.queues.sides import lettered
from workflows.quality.explaining import answers_of, explained
from workflows.quality.wording import LEFT_WORDS, METHOD_WORDS, RULES, SHAPES

DRAWN = 4  # outline styles there are


@parts.register("consensus")
def consensus(request: PageRequest, item: Item, refused: Any) -> Part | None:
    """For those who see every answer, where several answered or a run has looked at the item."""
    if not sees_all(request.actor, item.project):
        return None
    found = explained(item, actor=request.actor)
    made, decided = found["consensus"], found["adjudication"]
    if made is None and decided is None and found["answers"] < 2:
        return None
    context: dict[str, Any] = {"item": item, "made": made, "decided": decided, "manages": bool(may_manage(request.actor, item.project))}
    if made is not None:
        context |= _words(made) | {"picture": _picture(item, made, request.actor)}
    return Part("quality/item_consensus.html", context)


def _words(made: dict[str, Any]) -> dict[str, Any]:
    names = {one["letter"]: one["person"]["name"] for one in made["people"] if one["person"]}
    return {
        "method": METHOD_WORDS.get(made["method"], made["method"]),
        "why": "" if made["outcome"] == "decided" else LEFT_WORDS.get(made["outcome"], made["outcome"]),
        "people": [(one["letter"], names.get(one["letter"], "")) for one in made["people"]],
        "weights": {one["letter"]: one["weight"] for one in made["weights"]},
        "rows": [*(_question(one) for one in made["questions"]), *(_thing(one) for one in made["objects"])],
        "left": [_left(one, len(made["people"])) for one in made["left_out"]],
    }


def _question(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": "item",
        "name": one["name"],
        "value": one["value"],
        "sure": one["confidence"],
        "said": [(vote["letter"], vote["value"], vote["weight"]) for vote in one["votes"]],
        "weights": [] if one["votes"] else one["weights"],
        "tie": _tie(one["tie"]),
    }


def _thing(one: dict[str, Any]) -> dict[str, Any]:
    ties = [_tie(one["tie"]), *(_tie(vote["tie"]) for vote in one["attributes"])]
    return {
        "kind": "object",
        "id": one["id"],
        "name": one["label"],
        "value": "",
        "sure": one["score"],
        "said": [(vote["letter"], vote["label"], vote["alike"]) for vote in one["votes"]],
        "seen": (one["seen_by"], one["people"]),
        "shape": SHAPES.get(one["shape"]["by"], one["shape"]["by"]),
        "of": one["shape"]["of"],
        "attributes": [(vote["name"], vote["value"], vote["weights"] if len(vote["weights"]) > 1 else []) for vote in one["attributes"]],
        "tie": next((tie for tie in ties if tie), None),
    }


def _left(one: dict[str, Any], people: int) -> dict[str, Any]:
    said = {"below_quorum": _("too few saw it"), "tie": _("its label was left open"), "end": _("an end of it was left out")}
    return {
        "name": one["label"] or " / ".join(str(value) for value, _weight in one["labels"]),
        "why": said.get(one["why"], one["why"]),
        "seen": (one["seen_by"], people),
        "quorum": one["quorum"],
        "said": [(vote["letter"], vote["label"], vote["alike"]) for vote in one["votes"]],
        "objects": [vote["object"] for vote in one["votes"]],
        "tie": _tie(one["tie"]),
    }


def _tie(found: dict[str, Any] | None) -> dict[str, Any] | None:
    return {"values": found["values"], "rule": RULES.get(found["rule"], found["rule"])} if found else None


def _picture(item: Item, made: dict[str, Any], actor: Actor) -> dict[str, Any] | None:
    """The consensus drawn whole; each person's objects in their own outline style, and those that were left out crossed by it."""
    if not (item.blob_id and item.width and item.height and item.text is None):
        return None
    people, answers = answers_of(item)
    known = Annotation.objects.in_bulk(answers)
    size = {"width": item.width, "height": item.height, "detail": 1200, "most": 500}
    left = {vote["object"] for one in made["left_out"] for vote in one["votes"]}
    sides = []
    for place, (letter, answer) in enumerate(zip(lettered(len(people)), answers, strict=False)):
        if answer in known:
            drawn = shapes(known[answer].document, {}, **size)
            sides.append({"letter": letter, "style": f"side-{place % DRAWN + 1}", "shapes": [(shape, shape.id in left) for shape in drawn]})
    whole = Annotation.objects.filter(pk=made["annotation"]).first() if made["annotation"] else None
    return {
        "src": media_url(item.pk, "display"),
        "box": f"0 0 {item.width} {item.height}",
        "width": item.width,
        "height": item.height,
        "sides": sides,
        "whole": shapes(whole.document, {}, **size) if whole is not None else [],
    }
