"""An evaluation as its page shows it: rows of figures with bars, heat maps, suspects in their pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotate.items.drawing import Shape, colours, shapes
from annotate.items.media_api import media_url
from workflows.evaluations.asked import LEAST
from workflows.evaluations.families import NAMES_OF
from workflows.evaluations.metrics import flat
from workflows.evaluations.models import Evaluation, Suspect
from workflows.evaluations.pictures import square
from workflows.evaluations.wording import FAMILIES, FAULTS, KINDS, WHY, reason
from workflows.releases.mapping import schema_of

WIDTH = 200  # of bars
MOST = 30  # labels of a heat map
SHADES = 6
SNIPPET = 60  # characters of a text around a span


@dataclass
class Seen:
    """A suspect: `src` its picture, `box` the part of it that is shown, `old` what was frozen and `new` what was predicted."""

    suspect: Suspect
    word: Any
    reason: str
    name: str
    src: str = ""
    box: str = ""
    text: tuple[str, str, str] | None = None
    old: list[Shape] = field(default_factory=list)
    new: list[Shape] = field(default_factory=list)


def shown(evaluation: Evaluation, rows: Sequence[Suspect]) -> list[Seen]:
    version = evaluation.version
    css = colours(schema_of(version.schema_version.content, version.recipe)) if version.schema_version else {}
    return [_seen(evaluation, one, css) for one in rows]


def _seen(evaluation: Evaluation, one: Suspect, css: dict[str, str]) -> Seen:
    made = Seen(one, KINDS[one.kind], reason(one), one.item.key.rpartition("/")[2])
    if one.item.text is not None:
        made.text = _around(one)
        return made
    place = square(one)
    if place is not None:
        x, y, side = place
        made.box = f"{x:g} {y:g} {side:g} {side:g}"
        made.src = f"/api/v1/evaluations/{evaluation.pk}/suspects/{one.rank}/picture" if one.item.blob_id else ""
        size = max(1, round(side))
        made.old, made.new = (shapes({"objects": [_drawable(thing)]}, css, width=size, height=size) if thing else [] for thing in (one.drawn, one.shape))
    elif one.item.blob_id:
        made.src = media_url(one.item_id, "thumb")
    return made


def _drawable(thing: dict[str, Any]) -> dict[str, Any]:
    """A mask by its bounds: its pixels are not drawn here."""
    if thing["kind"] != "mask":
        return thing
    from workflows.quality.matching.overlap import Area  # numpy, which idle processes do without

    left, top, right, bottom = Area(thing).bounds
    return {"kind": "box", "label": thing["label"], "box": [left, top, right - left, bottom - top]}


def _around(one: Suspect) -> tuple[str, str, str]:
    """(before, the words, after) of a span; the beginning of the text where it has none."""
    text, thing = one.item.text or "", one.drawn or one.shape
    if thing is None or "start" not in thing:
        return text[: 2 * SNIPPET], "", ""
    start, end = thing["start"], min(thing["end"], thing["start"] + 2 * SNIPPET)
    return text[max(0, start - SNIPPET) : start], text[start:end], text[end : end + SNIPPET]


def parts(evaluation: Evaluation) -> dict[str, Any]:
    """What the report's tables take; of figures that were sent, their list."""
    report = evaluation.report
    if report is None:
        return {"numbers": list(flat(evaluation.metrics))}
    families = [name for name in NAMES_OF if report.get(name)]
    main = max(families, key=lambda name: (report[name].get("truth", 0), families.index(name)), default="")  # of which there are most
    return {
        "report": report,
        "given": list(flat(evaluation.metrics.get("given") or {})),
        "families": [_family(name, report) for name in families],
        "labels": [_label(row, families) for row in report["labels"]],
        "family": bool(families),
        "main": FAMILIES[main] if len(families) > 1 else "",
        "faults": [(FAULTS[name], n) for name, n in (report["errors"] or {}).items()],
        "fault_words": [FAULTS[name] for name in FAULTS],
        "heat": heat(report["confusion"]) if report["confusion"] else None,
        "answers": [{**row, "heat": heat(row["confusion"]), "classes": [_barred(one) for one in row["classes"]]} for row in report["answers"]],
        "slices": [_part(row, row["name"], main) for row in report["slices"]],
        "by": [{**one, "rows": [_part(row, row["value"], main) for row in one["values"]]} for one in report["by"]],
        "unmeasured": [(one["what"], WHY.get(one["why"], one["why"])) for one in report["not_measured"]],
        "least": LEAST,
    }


def _family(name: str, report: Mapping[str, Any]) -> dict[str, Any]:
    """Its figures by name, with how they come about. Reports of before had bare figures of few things: these are none here either."""
    found = report[name]
    of = found.get("truth", sum(row[name]["truth"] for row in report["labels"] if name in row))
    how = (report.get("precision_by") or {}).get(name, {})
    near = how.get("distances")
    return {
        "name": name,
        "word": FAMILIES[name],
        "of": of,
        "figures": [(one, found.get(one) if of >= LEAST else None) for one in NAMES_OF[name]],
        "most": how.get("most"),
        "far": (100 * near[0], 100 * near[-1]) if near else None,  # percent
    }


def _barred(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "width": round(WIDTH * (row["f1"] or 0.0), 1)}


def _label(row: Mapping[str, Any], families: Sequence[str]) -> dict[str, Any]:
    family = next((name for name in reversed(families) if name in row), "")
    return {**_barred(row), "precise": row.get(family), "family": FAMILIES.get(family, "") if len(families) > 1 else "", "faults": [row["errors"][name] for name in FAULTS]}


def _part(row: Mapping[str, Any], name: str, family: str) -> dict[str, Any]:
    """A slice or a value: one average precision, one F1 and one accuracy, the first that there are."""
    answered = next(iter((row.get("answers") or {}).items()), None)
    f1 = (row.get("entities") or {}).get("exact", row.get("objects") or {}).get("f1")
    return {
        "name": name,
        "items": row["items"],
        "AP": row[family]["AP"] if family in row else None,
        "AP50": row[family]["AP50"] if family in row else None,
        "f1": f1,
        "width": round(WIDTH * (f1 or 0.0), 1),
        "accuracy": answered[1]["accuracy"] if answered else None,
    }


def heat(found: Mapping[str, Any]) -> dict[str, Any]:
    """Rows of a heat map over the labels with most things: the colour is the share of the row."""
    counts = {(cell["meant"], cell["given"]): cell["count"] for cell in found["cells"]}
    weight = {name: sum(count for pair, count in counts.items() if name in pair) for name in found["labels"]}
    kept = sorted(found["labels"], key=lambda name: -weight[name])[:MOST]
    names = [*(name for name in found["labels"] if name in kept), None]
    rows = []
    for meant in names:
        line = [counts.get((meant, given), 0) for given in names]
        whole = sum(line)
        cells = [{"n": n, "css": f"h{0 if not n else min(SHADES, 1 + int(n / whole * SHADES)) if whole >= LEAST else 1}", "given": given, "share": n / whole if whole >= LEAST else None} for n, given in zip(line, names, strict=True)]
        if meant is not None or whole:
            rows.append({"meant": meant, "of": whole, "cells": cells})
    return {"labels": names[:-1], "rows": rows, "left": len(found["labels"]) - len(kept)}
