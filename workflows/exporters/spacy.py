"""spaCy: `<split>.jsonl`, a line per text, ready to be made a DocBin. Pure.

A line is {"text", "entities": [[start, end, label], …], "meta": {"key"}}, places in code points. `entities` do not overlap, as `doc.ents`
must not; where others do, `spans` has all of them, for `doc.spans`. Choices of the item are `cats`, {"attribute=option": 1 or 0}.
"""

from __future__ import annotations

from typing import Any

import orjson

from annotate.labels.schema import Schema
from workflows.exporters.conll import SplitFiles, spans_of
from workflows.exporters.folder import Folder
from workflows.exporters.formats import About
from workflows.exporters.tokens import apart


def _listed(spans: list[dict[str, Any]]) -> list[list[Any]]:
    return [[span["start"], span["end"], span["label"]] for span in spans]


def cats(said: dict[str, Any], schema: Schema) -> dict[str, float]:
    """Every option of the choices that were made, and whether it was."""
    made: dict[str, float] = {}
    for name, value in said.items():
        attribute = schema.item.get(name)
        if attribute is not None and attribute.type == "choice":
            chosen = value if isinstance(value, list) else [value]
            made |= {f"{name}={option}": float(option in chosen) for option in attribute.options}
        elif isinstance(value, bool):
            made[name] = float(value)
    return made


class SpacyWriter:
    def __init__(self, about: About, folder: Folder) -> None:
        self._about, self._files = about, SplitFiles(about, folder, ".jsonl")

    def take(self, row: Any, name: str, chosen: bool, picture: Any = None) -> None:
        if row.erased or not chosen:
            return
        document = orjson.loads(row.document) if row.document else {}
        spans = spans_of(document, self._about)
        kept, left = apart(spans)
        made: dict[str, Any] = {"text": row.text or "", "entities": _listed(kept)}
        if left:
            made["spans"] = _listed(spans)
            self._about.notes["overlapping_only_in_spans"] += left
        if found := cats(document.get("item") or {}, self._about.schema):
            made["cats"] = found
        self._files.of(row.split).write(orjson.dumps(made | {"meta": {"key": row.key}}) + b"\n")

    def finish(self) -> None:
        self._files.finish()
