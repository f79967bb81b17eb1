"""CoNLL: `<split>.conll`, a token a line with its IOB2 tag; `all.conll` where there are no splits. Pure.

Columns are token, start, end and tag, parted by tabs: places are code points of the text, so that it can be found again. A document
begins with -DOCSTART-; its key and its text (as JSON) stand in comments below. Tokens are cut as `tokens` says. Spans that overlap,
relations, attributes and values of the item have no place: they are counted in the export's notes.
"""

from __future__ import annotations

from typing import Any

import orjson

from workflows.exporters.folder import Counted, Folder
from workflows.exporters.formats import About
from workflows.exporters.names import safe_step
from workflows.exporters.tokens import tagged

START = "-DOCSTART-\t-1\t-1\tO\n"


class SplitFiles:
    """A file per split, begun by the first row of it."""

    def __init__(self, about: About, folder: Folder, ending: str) -> None:
        self._about, self._folder, self._ending = about, folder, ending
        self._files: dict[str, Counted] = {}

    def of(self, split: str) -> Counted:
        if split not in self._files:
            self._files[split] = self._folder.open(f"{safe_step(split or 'all')}{self._ending}")
        return self._files[split]

    def finish(self) -> None:
        if not self._files:
            self.of(self._about.split)
        for file in self._files.values():
            self._folder.close(file)


def spans_of(document: dict[str, Any], about: About) -> list[dict[str, Any]]:
    """The document's spans; what else it holds is counted."""
    spans = []
    for thing in document.get("objects") or ():
        if thing["kind"] == "span":
            spans.append(thing)
            if thing.get("attributes"):
                about.notes["attributes_left_out"] += 1
        else:
            about.notes[f"left_out_{thing['kind']}"] += 1
    return spans


class ConllWriter:
    def __init__(self, about: About, folder: Folder) -> None:
        self._about, self._files = about, SplitFiles(about, folder, ".conll")

    def take(self, row: Any, name: str, chosen: bool, picture: Any = None) -> None:
        if row.erased or not chosen:
            return
        document = orjson.loads(row.document) if row.document else {}
        text = row.text or ""
        if document.get("item"):
            self._about.notes["item_values_left_out"] += 1
        told = orjson.dumps(text).decode().replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("\x85", "\\u0085")
        parts = [START, f"# id = {row.key}\n# text = {told}\n"]
        for sentence in tagged(text, spans_of(document, self._about), self._about.notes):
            parts += [f"{text[start:end]}\t{start}\t{end}\t{tag}\n" for (start, end), tag in sentence]
            parts.append("\n")
        self._files.of(row.split).write("".join(parts).encode())

    def finish(self) -> None:
        self._files.finish()
