"""One figure of one model across the versions of a dataset, next to what changed between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workflows.evaluations import queries
from workflows.evaluations.metrics import first_of, flat
from workflows.releases.models import Dataset, Version

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 640, 48, 604, 18, 112
MOST = 30  # versions, the newest
LIST = 500  # evaluations that are looked at


@dataclass(frozen=True)
class Place:
    """A version with its figure: `x`, `y` of the drawing, `change` against the version before it that has a figure."""

    version: Version
    value: float
    x: float
    y: float
    change: float | None
    items: int | None
    objects: int | None
    dated: bool
    evaluation: int


@dataclass(frozen=True)
class Chart:
    models: list[str]
    metrics: list[str]
    model: str
    metric: str
    places: list[Place]
    line: str
    low: float
    high: float

    @property
    def newest_first(self) -> list[Place]:
        return self.places[::-1]


def chart(dataset: Dataset, *, model: str = "", metric: str = "") -> Chart | None:
    """The chart of the model and metric asked for, else of the newest model's usual figure; None without any evaluation."""
    rows = list(queries.of_dataset(dataset).order_by("-pk")[:LIST])
    if not rows:
        return None
    models = list(dict.fromkeys(row.model for row in rows))
    model = model if model in models else models[0]
    newest: dict[int, tuple[Version, dict[str, float], int]] = {}
    for row in rows:
        if row.model == model:
            newest.setdefault(row.version_id, (row.version, dict(flat(row.metrics)), row.pk))
    named = list(dict.fromkeys(name for _version, found, _pk in newest.values() for name in found))
    metric = metric if metric in named else first_of(named)
    pairs = sorted(((version, found[metric], pk) for version, found, pk in newest.values() if metric in found), key=lambda pair: pair[0].number or 0)
    places = _places(pairs[-MOST:])
    values = [place.value for place in places]
    line = " ".join(f"{place.x:g},{place.y:g}" for place in places) if len(places) > 1 else ""
    return Chart(models, named, model, metric, places, line, min(values, default=0.0), max(values, default=0.0))


def _places(pairs: list[tuple[Version, float, int]]) -> list[Place]:
    if not pairs:
        return []
    low, high = min(value for _version, value, _pk in pairs), max(value for _version, value, _pk in pairs)
    step = (RIGHT - LEFT) / max(len(pairs) - 1, 1)
    every = max(1, -(-len(pairs) // 10))
    made, before = [], None
    for at, (version, value, evaluation) in enumerate(pairs):
        x = LEFT + at * step if len(pairs) > 1 else (LEFT + RIGHT) / 2
        y = BOTTOM - (value - low) / (high - low) * (BOTTOM - TOP) if high > low else (TOP + BOTTOM) / 2
        held: Any = before[0].counts if before else None
        made.append(
            Place(
                version, value, round(x, 1), round(y, 1),
                value - before[1] if before else None,
                version.counts.get("items", 0) - held.get("items", 0) if held else None,
                version.counts.get("objects", 0) - held.get("objects", 0) if held else None,
                at % every == 0,
                evaluation,
            )
        )  # fmt: skip
        before = (version, value)
    return made
