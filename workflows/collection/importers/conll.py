"""CoNLL: one token and its tag per line, tags in BIO, BIOES or BILOU. Each document becomes a text with its spans.

A blank line ends a document; where the file says -DOCSTART-, that begins one and blank lines only end sentences. Tokens are
joined by one blank, sentences by a line end: that text is what the offsets (code points) count in. The first column is the
token, the last its tag; columns are parted by tabs, or by blanks where a line has no tab.

Our own exports say a document's text and where each token stands in it (`# id = …`, `# text = "…"`, four columns): then that is the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

import orjson

from workflows.collection.importers.found import Found, LabelDoc, Problem, clean_file_name

START = "-DOCSTART-"
_BEGIN, _INSIDE, _LAST, _SINGLE = frozenset("B"), frozenset("IM"), frozenset("EL"), frozenset("SU")
_PREFIXES = _BEGIN | _INSIDE | _LAST | _SINGLE
_KEY, _TEXT = "# id = ", "# text = "
_COMMENTS = ("# id", "# text", "# sent_id", "# newdoc", "# newpar", "# global")


def read(file: IO[bytes], place: str) -> Iterator[LabelDoc | Problem]:
    """The file's documents in their order. A line that cannot be read is told with its number; the rest of it stands."""
    try:
        content = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        yield Problem(f"{place} line {line}", "not_utf8", f"not UTF-8: byte {error.object[error.start]:#04x}")
        return
    whole = any(line.lstrip().startswith(START) for line in content.split("\n"))
    name = clean_file_name(place.rpartition("!")[2])
    count = 0
    for document in _documents(content, place, whole):
        if document.empty:
            continue
        count += 1
        yield document.done(f"{name}/{count:05d}")
    if not count:
        yield Problem(place, "no_tokens", "there is no line with a token and its tag")


@dataclass
class _Document:
    """A document as its lines come in; places count code points of the text so far."""

    place: str
    parts: list[str] = field(default_factory=list)
    length: int = 0
    line: int = 0  # of its first token, from 1
    open: tuple[str, int, int, int] | None = None  # label, start, end, line
    objects: list[tuple[str, int, int, int]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    fresh: bool = True  # the next token begins a sentence
    key: str = ""
    text: str | None = None  # where the file says it

    @property
    def empty(self) -> bool:
        return not self.parts and self.text is None

    def told(self, line: str, number: int) -> None:
        """A comment: the document's key or its text, as our own exports say them."""
        if line.startswith(_KEY):
            self.key = line.removeprefix(_KEY).strip()
        elif line.startswith(_TEXT):
            try:
                text = orjson.loads(line.removeprefix(_TEXT))
            except orjson.JSONDecodeError:
                return  # Universal Dependencies have such comments too, not as JSON
            self.text = text if isinstance(text, str) else None
            self.line = self.line or number

    def placed(self, columns: list[str], number: int) -> None:
        """A token whose place in the text the line says."""
        token, tag = columns[0], columns[-1]
        start, end = (int(column) if column.isascii() and column.isdigit() and len(column) < 10 else -1 for column in columns[1:3])
        if self.text is None or start < 0 or self.text[start:end] != token:
            self.close()
            self.problems.append(Problem(f"{self.place} line {number}", "bad_place", f"{token[:60]!r} does not stand there in the text", whole=False))
        else:
            self._tag(tag, start, end, number)

    def token(self, token: str, tag: str, line: int) -> None:
        self.line = self.line or line
        if self.parts:
            self.parts.append("\n" if self.fresh else " ")
            self.length += 1
        self.fresh = False
        start = self.length
        self.parts.append(token)
        self.length += len(token)
        self._tag(tag, start, self.length, line)

    def _tag(self, tag: str, start: int, end: int, line: int) -> None:
        if tag == "O":
            return self.close()
        prefix, dash, label = tag.partition("-")
        prefix, label = prefix.upper(), label.strip()
        if prefix not in _PREFIXES or not dash or not label:
            self.close()
            self.problems.append(Problem(f"{self.place} line {line}", "bad_tag", f"{tag[:60]!r} is no tag: O, B-name, I-name, E-name or S-name", whole=False))
            return
        if self.open is not None and self.open[0] == label and prefix in _INSIDE | _LAST:
            self.open = (label, self.open[1], end, self.open[3])
        else:
            self.close()
            self.open = (label, start, end, line)
        if prefix in _LAST | _SINGLE:
            self.close()

    def close(self) -> None:
        if self.open is not None:
            self.objects.append(self.open)
        self.open = None

    def pause(self) -> None:
        """A sentence ends: no span goes on over it."""
        self.close()
        self.fresh = True

    def done(self, file: str) -> LabelDoc:
        self.close()
        own = self.text is not None and not self.parts  # with other lines among them, the comment was not ours
        text = self.text or "" if own else "".join(self.parts)
        objects = tuple(
            Found(label, {"span": ({"start": start, "end": end, "text": text[start:end]},)}, place=f"{self.place} line {line}")
            for label, start, end, line in self.objects
        )
        return LabelDoc(file=(own and clean_file_name(self.key)) or file, place=f"{self.place} line {self.line}", objects=objects, problems=tuple(self.problems), text=text)


def _columns(line: str) -> list[str]:
    if "\t" in line:
        return [column.strip() for column in line.split("\t")]
    return line.split()


def _documents(content: str, place: str, whole: bool) -> Iterator[_Document]:
    document = _Document(place)
    for number, raw in enumerate(content.split("\n"), 1):
        line = raw.rstrip("\r")
        if not line.strip():
            if whole:
                document.pause()
            else:
                yield document
                document = _Document(place)
            continue
        if line.lstrip().startswith(START):
            yield document
            document = _Document(place)
            continue
        if line.startswith(_COMMENTS) and "\t" not in line:
            document.told(line, number)
            continue
        columns = _columns(line)
        token, tag = columns[0], columns[-1]
        if len(columns) < 2 or not token or not tag:
            why = "a line is a token and its tag" if token else "the token is missing"
            document.close()
            document.problems.append(Problem(f"{place} line {number}", "no_tag", why, whole=False))
            tag = "O"
        if document.text is not None and len(columns) == 4:
            document.placed([token, *columns[1:3], tag], number)
        elif token:
            document.token(token, tag, number)
    yield document
