"""What the answers of many items come to, from the texts that are stored to the texts that will be: decided, checked, written out. Pure, so
that it can be done in a process beside the job (`kernel.beside`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from annotate.annotations.shape import shape_of
from annotate.annotations.written import stored
from annotate.kernel.errors import Invalid
from annotate.labels.schema import Schema, parse
from annotate.labels.validation import check
from workflows.quality.deciding import Decision, Panel
from workflows.quality.heard import Heard, Verdict
from workflows.quality.plainly import Documents, Plainly


class Verdicts:
    """By one method under one schema (its document)."""

    def __init__(self, document: dict[str, Any], method: str, quorum: int | None) -> None:
        self.panel, self.schema = Panel(document, method, quorum), parse(document)
        self.plainly = Plainly(self.panel, self.schema)

    def learn(self, parts: Sequence[tuple[int, int, int, bytes]]) -> None:
        """See `Panel.learn`; parts as they are kept."""
        self.panel.learn((item, batch, at, orjson.loads(part)) for item, batch, at, part in parts)
        self.plainly = Plainly(self.panel, self.schema)

    def decide(self, rows: Sequence[Heard]) -> list[Verdict]:
        """Of each, in no order."""
        said = [tuple(map(orjson.loads, row.texts)) for row in rows]
        plain = self.plainly.decide(rows, said)
        others = [place for place, made in enumerate(plain) if made is None]
        return [made for made in plain if made is not None] + self.decide_each([rows[place] for place in others], [said[place] for place in others])

    def decide_each(self, rows: Sequence[Heard], said: Sequence[Documents]) -> list[Verdict]:
        """The same of whatever items, with the documents of their people."""
        known = {row.item: row for row in rows}
        asked = [(row.item, dict(zip(row.people, given, strict=True)), row.width * row.height) for row, given in zip(rows, said, strict=True)]
        return [_verdict(found, known[found.item], self.schema) for found in self.panel.decide(asked)]


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
