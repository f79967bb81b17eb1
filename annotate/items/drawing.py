"""Objects of an annotation as SVG shapes in the picture's own pixels, coloured by their label."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Classes l1 … l12 of the style sheet (tokens.css: --label-1 … --label-12).
PALETTE = (
    "#de5308", "#ffc09e", "#f8ff42", "#9fbd00", "#329270", "#12fffa",
    "#0080ff", "#681bd9", "#98b7ff", "#a00e71", "#ff4cb0", "#794800",
)  # fmt: skip
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Shape:
    """`d` is the path; `turn` an SVG transform or ""; `css` the label's colour class; `title` what a person reads."""

    d: str
    css: str
    title: str
    id: str = ""
    turn: str = ""
    open: bool = False


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _nearest(colour: str) -> int:
    """Place of the palette's colour that is most like "#rrggbb"; pages carry no styles of their own, so it must be one of them."""
    wanted = _rgb(colour)
    return min(range(len(PALETTE)), key=lambda place: sum((a - b) ** 2 for a, b in zip(wanted, _rgb(PALETTE[place]), strict=True)))


def colours(schema: Mapping[str, Any]) -> dict[str, str]:
    """Label name → colour class: the one most like the label's own colour, else by the label's place in the schema."""
    found = {}
    for place, label in enumerate(schema.get("labels", [])):
        own = label.get("color") or ""
        found[label["name"]] = f"l{(_nearest(own) if _HEX.fullmatch(own) else place % len(PALETTE)) + 1}"
    return found


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _line(points: list[list[float]], step: float, *, closed: bool) -> str:
    """A path through the points, leaving out those nearer than `step` to the one before."""
    kept: list[list[float]] = []
    for point in points:
        if not kept or abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) >= step or point is points[-1]:
            kept.append(point)
    return "M" + "L".join(f"{_n(point[0])} {_n(point[1])}" for point in kept) + ("z" if closed else "")


def _dot(x: float, y: float, radius: float) -> str:
    r = _n(radius)
    return f"M{_n(x - radius)} {_n(y)}a{r} {r} 0 1 0 {_n(2 * radius)} 0a{r} {r} 0 1 0 {_n(-2 * radius)} 0"


def _path(thing: Mapping[str, Any], step: float, radius: float) -> tuple[str, str, bool] | None:
    kind = thing.get("kind")
    if kind == "box":
        x, y, w, h = thing["box"]
        angle = thing.get("rotation") or 0
        turn = f"rotate({_n(angle)} {_n(x + w / 2)} {_n(y + h / 2)})" if angle else ""
        return f"M{_n(x)} {_n(y)}h{_n(w)}v{_n(h)}h{_n(-w)}z", turn, False
    if kind == "polygon":
        rings = [thing["points"], *thing.get("holes", [])]
        return "".join(_line(ring, step, closed=True) for ring in rings), "", False
    if kind == "polyline":
        return _line(thing["points"], step, closed=False), "", True
    if kind in ("point", "keypoints"):
        seen = [point for point in thing["points"] if len(point) < 3 or point[2] > 0]
        return "".join(_dot(point[0], point[1], radius) for point in seen), "", False
    return None


def shapes(
    document: str | Mapping[str, Any],
    colour: Mapping[str, str],
    *,
    width: int,
    height: int,
    detail: int = 300,
    most: int = 300,
) -> list[Shape]:
    """At most `most` shapes, the largest boxes not preferred; fine enough for `detail` pixels of longest side."""
    content = json.loads(document) if isinstance(document, str) else document
    longest = max(width, height)
    out = []
    for thing in content.get("objects", [])[:most]:
        try:
            found = _path(thing, longest / detail, longest * 0.008)
        except (KeyError, TypeError, ValueError, IndexError):
            continue  # a document of an older form: the picture is still shown
        if found and found[0]:
            d, turn, is_open = found
            label = str(thing.get("label", ""))
            out.append(Shape(d, colour.get(label, "l12"), label, str(thing.get("id", "")), turn, is_open))
    return out


def summary(document: str | Mapping[str, Any]) -> str:
    """ "2 × car, 1 × person": what a picture's objects are, for those who do not see it."""
    content = json.loads(document) if isinstance(document, str) else document
    counted = Counter(str(thing.get("label", "")) for thing in content.get("objects", []))
    return ", ".join(f"{n} × {label}" for label, n in sorted(counted.items()))
