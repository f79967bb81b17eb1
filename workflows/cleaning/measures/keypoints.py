"""Keypoints that lie where none of their person's can: outside the box of the same person, or far from all others of it.

Pixels. The person's box is what encloses a box, polygon or mask of the same track or, without one, that one of the same label that holds
most of the labelled points, if it holds more than half of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np

from workflows.cleaning.measures.outlines import Bounds

SLACK = 1.0  # pixels by which a point may leave the box
LEAST = 4  # labelled points from which on they say where their person is
FAR = 1.0  # of the longer side of what encloses the other points: as far as a point may be from it


class Room(NamedTuple):
    """What encloses an object that covers something."""

    bounds: Bounds
    label: Hashable
    track: Any


def strays(points: Sequence[Sequence[float]], label: Hashable, track: Any, rooms: Sequence[Room]) -> int:
    """How many labelled points lie outside the box of their person, or without one too far from the others."""
    places = np.array([place[:2] for place in points if place[2]], dtype=np.float64)
    if not len(places):
        return 0
    own = [room for room in rooms if track and room.track == track] or [room for room in rooms if room.label == label]
    if own:
        bounds = np.array([room.bounds for room in own])[:, None, :]
        inside = np.all((places >= bounds[..., :2] - SLACK) & (places <= bounds[..., 2:] + SLACK), axis=2)
        most = inside[int(inside.sum(axis=1).argmax())]
        sure = bool(track) and own[0].track == track
        if sure or most.sum() * 2 > len(places):
            return int((~most).sum())
    return _far(places) if len(places) >= LEAST else 0


def _far(places: Any) -> int:
    """Points farther from what encloses all others than that is long."""
    count = 0
    for index in range(len(places)):
        others = np.delete(places, index, axis=0)
        low, high = others.min(axis=0), others.max(axis=0)
        away = np.maximum(np.maximum(low - places[index], places[index] - high), 0).max()
        count += bool(away > max(FAR * float((high - low).max()), SLACK))
    return count
