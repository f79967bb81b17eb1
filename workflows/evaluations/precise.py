"""Average precision of a few hundred items at a time, in COCO's own way, into tallies. Pure.

Each family has a likeness of its own, and takes the predictions of a label in the order of their scores, each what it is likest to:
- `box`: intersection over union of boxes, and of whatever else covers an area by its bounds;
- `segment`: the same of polygons and masks among themselves, as they are drawn;
- `keypoints`: COCO's object keypoint similarity, over the points that are labelled in the truth, whatever a prediction says of their
  visibility; the size of a skeleton is that of the box around its labelled points, as in our COCO exports; 20 predictions of a label in a picture;
- `point` and `polyline`: nearness, as `matching.points` has it: a bell of the distance (of a line: of a hundred places along it) that
  widens with the picture. COCO has no such figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflows.evaluations.families import FAMILIES, SIZED
from workflows.evaluations.tallies import Tally
from workflows.quality.evaluation.coco import overlap
from workflows.quality.evaluation.many import Pictures, crossed, pictures
from workflows.quality.evaluation.precision import MOST, THRESHOLDS, Flags, Floats, leading
from workflows.quality.matching import points
from workflows.quality.matching.likeness import BLOCK
from workflows.quality.matching.many import near
from workflows.quality.matching.match import drawn
from workflows.quality.matching.overlap import Overlaps, area_of

Thing = dict[str, Any]
Places = NDArray[np.intp]
Compared = tuple[Floats, Floats, Floats]  # likeness of pairs, sizes of predictions and of truths in pixels²
LEADING = {"keypoints": 20}  # predictions of a label in a picture; of others as many as COCO's boxes
PAIRS = 1 << 17  # that are compared together


@dataclass(frozen=True)
class Group:
    """A label in one item: its predictions, the highest score first, and its truths; `picture` in pixels²."""

    item: int
    label: str
    found: Sequence[Thing]
    truths: Sequence[Thing]
    picture: float


def families_of(kinds: Mapping[str, int], nothing: bool) -> list[str]:
    """Whose figures are told, when so many objects of each kind were predicted; with `nothing` predicted at all, of boxes."""
    return [name for name, of in FAMILIES.items() if any(kinds.get(kind) for kind in of) or (nothing and name == "box")]


def told_by(family: str) -> dict[str, Any]:
    """How the family's figures come about, for the report. Distances are shares of √(width · height) of the picture."""
    made: dict[str, Any] = {"by": {"box": "iou", "segment": "iou", "keypoints": "oks"}.get(family, "distance"), "thresholds": THRESHOLDS.round(2).tolist(), "most": LEADING.get(family, MOST[-1])}
    if family == "keypoints":
        made |= {"sigmas": {"17": points.PERSON.round(4).tolist(), "others": points.SIGMA}, "size": "box around the labelled points"}
    if made["by"] == "distance":
        made["distances"] = [round(float(points.reach(1.0, points.THICKNESS, threshold)), 6) for threshold in THRESHOLDS.tolist()]
    return made


def measure(family: str, truths: Sequence[Sequence[Thing]], found: Sequence[Sequence[Thing]], sizes: Sequence[float], tallies: Sequence[Sequence[Tally]]) -> None:
    """The objects of each item and what was predicted there, its picture in pixels² (0 where not known), and the tallies that it counts in."""
    for groups in _blocks(_groups(family, truths, found, sizes)):
        made = _pictures(family, groups)
        of: dict[tuple[int, str], tuple[Tally, list[int]]] = {}
        for place, group in enumerate(groups):
            for tally in tallies[group.item]:
                of.setdefault((id(tally), group.label), (tally, []))[1].append(place)
        for (_tally, label), (tally, places) in of.items():
            tally.area(family, label, family in SIZED, made.of(np.array(places, dtype=np.intp)))


def _groups(family: str, truths: Sequence[Sequence[Thing]], found: Sequence[Sequence[Thing]], sizes: Sequence[float]) -> Iterator[Group]:
    kinds, most = FAMILIES[family], LEADING.get(family, MOST[-1])
    for item, (mine, theirs) in enumerate(zip(truths, found, strict=True)):
        meant, said = _by_label(mine, kinds), _by_label(theirs, kinds)
        picture = sizes[item] or (0.0 if family in SIZED else drawn([*mine, *theirs]))
        for label in meant.keys() | said.keys():
            things = said.get(label, [])
            order = leading([thing["score"] for thing in things], most) if len(things) > 1 else range(len(things))
            yield Group(item, label, [things[place] for place in order], meant.get(label, []), picture)


def _by_label(things: Sequence[Thing], kinds: Sequence[str]) -> dict[str, list[Thing]]:
    found: dict[str, list[Thing]] = {}
    for thing in things:
        if thing["kind"] in kinds:
            found.setdefault(thing["label"], []).append(thing)
    return found


def _blocks(groups: Iterator[Group]) -> Iterator[list[Group]]:
    """So many together that their pairs can be held; at least one."""
    block: list[Group] = []
    pairs = 0
    for group in groups:
        each = len(group.found) * len(group.truths)
        if block and pairs + each > PAIRS:
            yield block
            block, pairs = [], 0
        block.append(group)
        pairs += each
    if block:
        yield block


def _pictures(family: str, groups: Sequence[Group]) -> Pictures:
    found, truths = (np.array([len(getattr(group, side)) for group in groups], dtype=np.intp) for side in ("found", "truths"))
    sides = [thing for group in groups for thing in group.found], [thing for group in groups for thing in group.truths]
    pairs = crossed(found, truths)
    lacking: Flags | None = None
    if family == "box":
        turned = np.array([any(thing.get("rotation") for thing in (*group.found, *group.truths)) for group in groups], dtype=bool)
        like, own, sizes = _boxes(*sides, *pairs, np.repeat(turned, found * truths))
    elif family == "segment":
        like, own, sizes = _segments(*sides, *pairs)
    elif family == "keypoints":
        like, own, sizes = _skeletons(*sides, *pairs)
        lacking = np.array([not any(point[2] > 0 for point in thing["points"]) for thing in sides[1]], dtype=bool)
    else:
        scale = np.repeat([group.picture for group in groups], found * truths)
        like = near([*sides[0], *sides[1]], pairs[0], pairs[1] + len(sides[0]), scale) if len(pairs[0]) else np.empty(0)
        own, sizes = np.ones(len(sides[0])), np.ones(len(sides[1]))
    scores = np.array([thing["score"] for thing in sides[0]], dtype=np.float64)
    return pictures(scores, found, truths, pairs, like, own, sizes, lacking)


def _bounds(things: Sequence[Thing]) -> Floats:
    """[x, y, w, h] of each; of a turned box as it lies."""
    found = [thing["box"] if thing["kind"] == "box" else _framed(*area_of(thing).bounds) for thing in things]
    return np.array(found, dtype=np.float64).reshape(-1, 4)


def _framed(left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
    return left, top, right - left, bottom - top


def _boxes(found: Sequence[Thing], truths: Sequence[Thing], rows: Places, columns: Places, turned: Flags) -> Compared:
    """Turned boxes are compared as they lie, all else by its bounds."""
    sides = _bounds(found), _bounds(truths)
    sizes = np.array([thing["box"][2] * thing["box"][3] if thing["kind"] == "box" else area_of(thing).size for thing in truths], dtype=np.float64)
    like = overlap(sides[0][rows], sides[1][columns])
    if turned.any():
        some = np.flatnonzero(turned)
        lying = [
            [thing if thing["kind"] == "box" else {"kind": "box", "box": box} for box, thing in zip(side.tolist(), of, strict=True)]
            for side, of in zip(sides, (found, truths), strict=True)
        ]
        like[some] = Overlaps(lying[1], lying[0], THRESHOLDS[0])(columns[some], rows[some])
    return like, sides[0][:, 2] * sides[0][:, 3], sizes


def _segments(found: Sequence[Thing], truths: Sequence[Thing], rows: Places, columns: Places) -> Compared:
    sizes = [np.array([area_of(thing).size for thing in side], dtype=np.float64) for side in (found, truths)]
    like = Overlaps(truths, found, THRESHOLDS[0])(columns, rows) if len(rows) else np.empty(0)
    return like, sizes[0], sizes[1]


def _skeletons(found: Sequence[Thing], truths: Sequence[Thing], rows: Places, columns: Places) -> Compared:
    """Skeletons of another number of points are not alike. A prediction is as large as the box around all its points."""
    sizes = np.array([points.framed(thing["points"]) for thing in truths], dtype=np.float64)
    own = np.array([points.framed([point[:2] for point in thing["points"]]) for thing in found], dtype=np.float64)
    like = np.zeros(len(rows))
    counts = [np.array([len(thing["points"]) for thing in side], dtype=np.intp) for side in (found, truths)]
    for count in np.unique(counts[1]).tolist():
        same = np.flatnonzero((counts[0][rows] == count) & (counts[1][columns] == count))
        for start in range(0, len(same), BLOCK):
            some = same[start : start + BLOCK]
            mine, theirs = (np.array([side[place]["points"] for place in at[some].tolist()], dtype=np.float64) for side, at in ((found, rows), (truths, columns)))
            like[some] = points.oks(theirs, mine, sizes[columns[some]])
    return like, own, sizes
