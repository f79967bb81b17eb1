"""Simulated annotators of different skill: what each would draw for a known truth. Pure and seeded."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workflows.demo.drawing import Truth
from workflows.demo.scenes import HEIGHT, LABELS, WIDTH


@dataclass(frozen=True)
class Hand:
    """`jitter` is the spread of a box's edges as a share of its size; the rest are chances per object."""

    name: str
    jitter: float
    misses: float
    mislabels: float
    invents: float
    seconds: float


HANDS = {
    "careful": Hand("careful", 0.012, 0.01, 0.005, 0.0, 26.0),
    "steady": Hand("steady", 0.03, 0.03, 0.015, 0.01, 19.0),
    "hasty": Hand("hasty", 0.08, 0.12, 0.06, 0.05, 9.0),
}
EXACT = Hand("exact", 0.0, 0.0, 0.0, 0.0, 12.0)


def _identifier(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _box(rng: random.Random, truth: Truth, jitter: float) -> list[float]:
    x, y, w, h = truth.box
    left, right = x + rng.gauss(0, jitter) * w, x + w + rng.gauss(0, jitter) * w
    top, bottom = y + rng.gauss(0, jitter) * h, y + h + rng.gauss(0, jitter) * h
    left, top = min(max(0.0, left), WIDTH - 4.0), min(max(0.0, top), HEIGHT - 4.0)
    right, bottom = min(float(WIDTH), max(right, left + 3)), min(float(HEIGHT), max(bottom, top + 3))
    return [round(left, 1), round(top, 1), round(right - left, 1), round(bottom - top, 1)]


def answer(truths: Sequence[Truth], weather: str, hand: Hand, *, seed: int) -> tuple[dict[str, Any], float]:
    """(annotation document, seconds of work) of one person for one picture."""
    rng = random.Random(seed)
    objects = []
    for truth in truths:
        if rng.random() < hand.misses:
            continue
        label = rng.choice(LABELS) if rng.random() < hand.mislabels else truth.label
        drawn: dict[str, Any] = {"id": _identifier(rng), "kind": "box", "label": label, "box": _box(rng, truth, hand.jitter)}
        if label in ("car", "person", "bicycle"):
            drawn["attributes"] = {"occluded": truth.occluded}
        objects.append(drawn)
    if rng.random() < hand.invents:
        spot = Truth(rng.choice(LABELS), (rng.uniform(40, WIDTH - 160), rng.uniform(250, HEIGHT - 130), 80, 60), False)
        objects.append({"id": _identifier(rng), "kind": "box", "label": spot.label, "box": _box(rng, spot, 0.1)})
    seconds = max(3.0, rng.gauss(hand.seconds, hand.seconds / 4) + 2.2 * len(objects))
    return {"objects": objects, "item": {"weather": weather}}, round(seconds, 1)
