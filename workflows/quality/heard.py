"""What goes into deciding an item, and what comes out of it. Pure."""

from __future__ import annotations

from typing import NamedTuple

from annotate.annotations.shape import Shape


class Heard(NamedTuple):
    """`answers` (ids), `people` and `texts` (their documents, as JSON in the words of the schema) belong together. `width` and `height` in pixels or 0."""

    item: int
    answers: tuple[int, ...]
    people: tuple[int, ...]
    texts: tuple[str, ...]
    width: float = 0
    height: float = 0
    text: str | None = None


class Verdict(NamedTuple):
    """`written` (`annotations.written.stored`) and its `shape`: what the item is approved with, None where `why` says that it is left. `explanation` as JSON."""

    item: int
    written: str | None
    shape: Shape | None
    method: str
    confidence: float
    explanation: str
    why: str = ""
