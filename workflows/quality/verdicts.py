"""What the answers of many items come to, from the texts that are stored to the texts that will be: decided, checked, written out. Pure, so
that it can be done in a process beside the job (`kernel.beside`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from annotate.annotations.shape import Shape, shape_of
from annotate.annotations.written import stored
from annotate.kernel.errors import Invalid
from annotate.labels.schema import Schema, parse
from annotate.labels.validation import check
from workflows.quality.deciding import Decision, Panel


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


class Verdicts:
    """By one method under one schema (its document)."""

    def __init__(self, document: dict[str, Any], method: str, quorum: int | None) -> None:
        self.panel, self.schema = Panel(document, method, quorum), parse(document)

    def learn(self, parts: Sequence[tuple[int, int, int, bytes]]) -> None:
        """See `Panel.learn`; parts as they are kept."""
        self.panel.learn((item, batch, at, orjson.loads(part)) for item, batch, at, part in parts)

    def decide(self, rows: Sequence[Heard]) -> list[Verdict]:
        """Of each, in no order."""
        known = {row.item: row for row in rows}
        said = [(row.item, dict(zip(row.people, map(orjson.loads, row.texts), strict=True)), row.width * row.height) for row in rows]
        return [_verdict(found, known[found.item], self.schema) for found in self.panel.decide(said)]


def _verdict(found: Decision, row: Heard, schema: Schema) -> Verdict:
    explanation, why = found.explanation | {"answers": row.answers}, found.why
    written = shape = None
    if found.document is not None:
        try:
            sound = check(found.document, schema, width=row.width or None, height=row.height or None, text=row.text)
            (written, _digest), shape = stored(sound), shape_of(sound)
        except Invalid as error:
            why, explanation["invalid"] = "invalid", dict(error.fields)
    return Verdict(found.item, written, shape, found.method, found.confidence, orjson.dumps(explanation, option=orjson.OPT_NON_STR_KEYS).decode(), why)
