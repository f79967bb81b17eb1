"""The demo's batches as files: street scenes in takes of consecutive frames, some of them spoilt, and what is true of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workflows.demo import dirt
from workflows.demo.drawing import Truth, backdrop, draw
from workflows.demo.scenes import takes

FRAMES = 8
UNUSABLE = ("small", "tall", "truncated")  # what nobody can label
EVERY = 11  # one frame in so many is spoilt


@dataclass(frozen=True)
class Plan:
    """One batch: `takes` of 8 frames each, seeded."""

    name: str
    source: str
    takes: int
    seed: int


PLANS = (
    Plan("downtown-march", "car 3, downtown loop", 12, 3),
    Plan("riverside-april", "car 5, riverside", 9, 4),
    Plan("station-may", "car 3, station square", 12, 5),
)


@dataclass(frozen=True)
class Frame:
    """`dirt` is "" for a clean frame; a truncated one is not readable as a picture."""

    key: str
    content: bytes
    group: str
    number: int
    weather: str
    truths: tuple[Truth, ...]
    dirt: str

    @property
    def usable(self) -> bool:
        return self.dirt not in UNUSABLE


def frames(plan: Plan, *, drawn: bool = True) -> Iterator[Frame]:
    """The batch's frames in order, then the duplicates. Not `drawn`: with everything but their bytes."""
    count, again = 0, []
    for take in takes(plan.name, plan.takes, seed=plan.seed):
        behind = backdrop(take)
        for number in range(FRAMES):
            picture, truths = draw(take, number, behind=behind)
            count += 1
            kind = dirt.KINDS[count // EVERY % len(dirt.KINDS)] if count % EVERY == 0 else ""
            key = f"{take.name}/{number:04d}.jpg"
            spoilt = kind if "duplicate" not in kind else ""
            content = b""
            if drawn:
                content = dirt.spoil(picture, spoilt, seed=take.seed + number) if spoilt else dirt.jpeg(picture)
            frame = Frame(key, content, take.name, number, take.weather, tuple(truths), spoilt)
            yield frame
            if kind and not spoilt:
                content = dirt.spoil(picture, kind, seed=take.seed) if drawn else b""
                again.append(Frame(f"{take.name}/{number:04d}-copy.jpg", content, take.name, number, take.weather, tuple(truths), kind))
    yield from again
