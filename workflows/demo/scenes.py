"""Seeded street scenes: what stands where in each frame, before anything is drawn. Pure; the same seed gives the same street.

A *take* is a camera standing at one place for some consecutive frames: its things move, its backdrop does not.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

WIDTH, HEIGHT = 960, 540
HORIZON = 215
VANISHING = 185  # where things would shrink to nothing
WEATHERS = ("clear", "rain", "fog", "night")
LABELS = ("car", "person", "bicycle", "sign")
CAR_COLOURS = ((178, 48, 42), (38, 84, 150), (222, 222, 216), (44, 48, 54), (120, 128, 134), (206, 160, 46), (52, 110, 84))
COAT_COLOURS = ((150, 46, 60), (48, 76, 128), (70, 92, 60), (196, 150, 60), (90, 80, 96), (208, 208, 200))
SIGNS = ("stop", "limit", "turn", "crossing")


@dataclass(frozen=True)
class Thing:
    """`x` is the middle and `y` the foot, in pixels; `scale` 1 is the size at the lower edge of the picture."""

    label: str
    x: float
    y: float
    scale: float
    speed: float
    colour: tuple[int, int, int]
    facing: int = 1
    kind: str = ""
    step: int = 0

    def moved(self, frames: int) -> Thing:
        return replace(self, x=self.x + self.speed * self.scale * frames, step=frames)


@dataclass(frozen=True)
class Take:
    name: str
    seed: int
    weather: str
    things: tuple[Thing, ...]

    def frame(self, number: int) -> tuple[Thing, ...]:
        """Things of one frame, farthest first, so that near ones are drawn over far ones."""
        return tuple(sorted((thing.moved(number) for thing in self.things), key=lambda thing: thing.y))


def scale_at(y: float) -> float:
    return max(0.2, (y - VANISHING) / (HEIGHT - VANISHING))


def _thing(rng: random.Random, label: str) -> Thing:
    facing = rng.choice((-1, 1))
    if label == "car":
        y = rng.choice((300.0, 352.0, 420.0)) + rng.uniform(-8, 8)
        return Thing(label, rng.uniform(60, WIDTH - 60), y, scale_at(y), facing * rng.uniform(14, 38), rng.choice(CAR_COLOURS), facing, rng.choice(("saloon", "van")))
    if label == "bicycle":
        y = rng.uniform(330, 470)
        return Thing(label, rng.uniform(40, WIDTH - 40), y, scale_at(y), facing * rng.uniform(8, 16), rng.choice(COAT_COLOURS), facing)
    if label == "person":
        y = rng.choice((rng.uniform(272, 292), rng.uniform(478, 520)))
        return Thing(label, rng.uniform(30, WIDTH - 30), y, scale_at(y), facing * rng.uniform(2, 6), rng.choice(COAT_COLOURS), facing)
    y = rng.choice((276.0, 500.0))
    return Thing("sign", rng.uniform(40, WIDTH - 40), y, scale_at(y), 0.0, (200, 40, 40), 1, rng.choice(SIGNS))


def take(name: str, seed: int, weather: str) -> Take:
    """A street with a handful of things; rain and night have fewer people about."""
    rng = random.Random(seed)
    quiet = weather in ("night", "rain")
    counts = {"car": rng.randint(2, 5), "person": rng.randint(0, 2) if quiet else rng.randint(1, 4), "bicycle": rng.randint(0, 2), "sign": rng.randint(1, 2)}
    things = tuple(_thing(rng, label) for label, count in counts.items() for _ in range(count))
    return Take(name, seed, weather, things)


def takes(prefix: str, count: int, *, seed: int) -> Iterator[Take]:
    """`count` takes whose weather goes round, so that every kind is there."""
    for index in range(count):
        yield take(f"{prefix}-{index + 1:02d}", seed * 1000 + index, WEATHERS[index % len(WEATHERS)])
