"""Label errors put into sound labels, and the predictions of a model that knows better."""

from __future__ import annotations

import random
from typing import Any

from tests.evaluations.conftest import object_id, said

Thing = dict[str, Any]
EACH = 8


def planted(sound: dict[str, list[Thing]], labels: list[str], *, seed: int = 7) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, set[str]]]:
    """(documents with errors, predictions of the sound labels a little off, kind → names of what was planted).

    An error is named by its item and, where an object stands there, by its id."""
    dice = random.Random(seed)
    keys = sorted(key for key, things in sound.items() if len(things) > 1)
    chosen = dice.sample(keys, 4 * EACH)
    documents: dict[str, Any] = {key: {"objects": list(things)} for key, things in sound.items()}
    names: dict[str, set[str]] = {kind: set() for kind in ("missing", "wrong_label", "badly_placed", "doubtful")}
    for place, key in enumerate(chosen):
        kind = list(names)[place % 4]
        things = documents[key]["objects"]
        at = max(range(len(things)), key=lambda at: things[at]["box"][2] * things[at]["box"][3])
        thing = things[at]
        x, y, w, h = thing["box"]
        if kind == "missing":
            del things[at]
            names[kind].add(key)
        elif kind == "wrong_label":
            things[at] = thing | {"label": dice.choice([name for name in labels if name != thing["label"]])}
        elif kind == "badly_placed":
            things[at] = thing | {"box": [x + 0.6 * w if x + 1.6 * w < 640 else x - min(x, 0.6 * w), y, w, h]}
        else:
            extra = {"id": object_id("extra", key), "kind": "box", "label": thing["label"], "box": [2.0, 2.0, 14.0, 11.0]}
            things.append(extra)
            thing = extra
        if kind != "missing":
            names[kind].add(thing["id"])
    given = []
    for key, things in sound.items():
        rows = []
        for thing in things:
            x, y, w, h = thing["box"]
            moved = [max(0.0, x + dice.uniform(-0.05, 0.05) * w), max(0.0, y + dice.uniform(-0.05, 0.05) * h), w, h]
            rows.append(said(thing, round(dice.uniform(0.88, 0.99), 3), box=moved))
        given.append({"key": key, "objects": rows})
    return documents, given, names


def found_of(suspects: list[dict[str, Any]], kind: str) -> set[str]:
    return {row["object"] or row["key"] for row in suspects if row["kind"] == kind}
