"""How alike objects of the same nature are in place and form, 0 to 1. Pure numpy.

Boxes, turned boxes, polygons and masks stand on common ground (intersection over union); points, lines, spans and skeletons
of as many points are compared with their own kind only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from workflows.quality.matching import points
from workflows.quality.matching.areas import Floats
from workflows.quality.matching.overlap import Overlaps, over, upright
from workflows.quality.matching.spans import Spans
from workflows.quality.matching.sweep import Places, meeting

AREAS = ("box", "polygon", "mask")
BLOCK = 4096  # pairs of lines or skeletons at a time
FEW = 64  # boxes that are sooner looked at one by one
Thing = dict[str, Any]


def nature(thing: Thing) -> str:
    """What an object can be compared with: "area", its own kind, or skeletons of as many points."""
    kind = str(thing["kind"])
    return "area" if kind in AREAS else f"{kind} {len(thing['points'])}" if kind == "keypoints" else kind


class Nearness:
    """Compares points, lines or skeletons of two lists; each is given the room around it in which another may be like it."""

    def __init__(self, ones: Sequence[Thing], others: Sequence[Thing], picture: float, threshold: float) -> None:
        self.kind, self.picture = ones[0]["kind"], picture
        read = points.along if self.kind == "polyline" else np.array
        self.places = tuple(np.stack([np.asarray(read(thing["points"]), dtype=np.float64) for thing in side]) for side in (ones, others))
        drawn = tuple(np.array([points.bounds(thing["points"]) for thing in side]) for side in (ones, others))
        self.scales = tuple(points.extents(side, picture) for side in drawn)
        self.bounds = tuple(side + self._room(scale, threshold)[:, None] * [-1, -1, 1, 1] for side, scale in zip(drawn, self.scales, strict=True))

    def _room(self, scale: Floats, threshold: float) -> Floats:
        """Half of how far apart two may be: the one's half and the other's come together to no less than the distance."""
        if self.kind == "keypoints":
            return points.reach(scale / 2, float(points.sigmas(self.places[0].shape[1]).max()), threshold)
        return np.full(len(scale), points.reach(self.picture, points.THICKNESS, threshold) / 2)

    def __call__(self, rows: Places, columns: Places) -> Floats:
        found = np.empty(len(rows))
        for start in range(0, len(rows), BLOCK):
            part = slice(start, start + BLOCK)
            one, other = self.places[0][rows[part]], self.places[1][columns[part]]
            if self.kind == "keypoints":
                found[part] = points.oks(one, other, (self.scales[0][rows[part]] + self.scales[1][columns[part]]) / 2, either=True)
            elif self.kind == "polyline":
                found[part] = points.lines(one, other, self.picture)
            else:
                found[part] = points.lone(one[:, 0], other[:, 0], self.picture)
        return found


def alike(ones: Sequence[Thing], others: Sequence[Thing], picture: float, threshold: float) -> Iterator[tuple[Places, Places, Floats]]:
    """(places in ones, places in others, likeness) of the pairs that are alike from `threshold` on, in parts.

    All objects are of one nature. `picture` in pixels² is the scale of lone points and lines. All pairs of one place of
    `ones` come in the same part, next to each other.
    """
    kind = nature(ones[0])
    compare: Callable[[Places, Places], Floats]
    if kind == "area":
        compare = overlaps = Overlaps(ones, others, threshold)
        bounds = overlaps.bounds
    elif kind == "span":
        compare = spans = Spans(ones, others)
        bounds = spans.bounds
    else:
        compare = near = Nearness(ones, others, picture, threshold)
        bounds = near.bounds
    for rows, columns in meeting(*bounds):
        found = compare(rows, columns)
        kept = (found >= threshold) & (found > 0)
        if kept.any():
            yield rows[kept], columns[kept], found[kept]


def like(thing: Thing, others: Sequence[Thing], picture: float, threshold: float) -> list[tuple[float, int]]:
    """(likeness, place) of each of a few others of its nature that is like one thing from `threshold` on: what `alike` says of it."""
    mine = nature(thing)
    near = [place for place, other in enumerate(others) if nature(other) == mine]
    if len(near) <= FEW and upright(thing) and all(upright(others[place]) for place in near):
        found = [(over(thing["box"], others[place]["box"]), place) for place in near]
        return [pair for pair in found if pair[0] >= threshold and pair[0] > 0]
    some = [others[place] for place in near]
    return [
        (value, near[column]) for _rows, columns, values in (alike([thing], some, picture, threshold) if some else ()) for column, value in zip(columns.tolist(), values.tolist(), strict=True)
    ]
