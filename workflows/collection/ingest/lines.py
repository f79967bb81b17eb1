"""Reading manifests: NDJSON and CSV into numbered lines, each a checked row or a refusal. Pure; nothing named is fetched."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, Any
from urllib.parse import urlsplit

from annotate.items.keys import check_key
from annotate.kernel import canonical
from annotate.kernel.errors import Invalid
from workflows.collection.ingest import probabilities
from workflows.collection.ingest.names import safe_path

LONGEST_LINE = 8 * 1024**2
LONGEST_TEXT = 1_000_000
LARGEST_META = 64 * 1024
LARGEST_SIDE = 1_000_000
SCHEMES = ("http", "https", "s3", "gs", "az")
FIELDS = frozenset(
    (
        "key",
        "uri",
        "sha256",
        "text",
        "width",
        "height",
        "group",
        "frame",
        "captured",
        "meta",
        "annotation",
        "approved",
        "prediction",
    )
)
_PARTS = frozenset(("objects", "item"))
CSV_FIELDS = ("key", "uri", "sha256", "text", "width", "height", "group", "frame", "captured")
CSV_JSON = ("meta", "annotation", "approved", "prediction")  # cells that hold what the field of an NDJSON line would
_PLAIN_URI = re.compile(rf"(?:{'|'.join(SCHEMES)})://[A-Za-z0-9][A-Za-z0-9.:-]*(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?")  # of which nothing is wrong
_HEX = re.compile(r"^[0-9a-fA-F]{64}$")
_WHOLE = re.compile(r"^-?[0-9]{1,18}$")


@dataclass(slots=True)
class Row:
    """A manifest line that may become an item. `annotation` and `prediction` are documents as they came, the latter perhaps with
    `probabilities`."""

    key: str
    uri: str | None = None
    sha256: bytes | None = None
    text: str | None = None
    width: int | None = None
    height: int | None = None
    group: str = ""
    frame: int | None = None
    captured: dt.datetime | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    annotation: dict[str, Any] | None = None
    approved: bool = False
    prediction: dict[str, Any] | None = None
    model: str = ""
    score: float | None = None


@dataclass(slots=True)
class Line:
    """One input: its number in the file (1 = the first line) and the row, or why there is none."""

    number: int
    row: Row | None = None
    code: str = ""
    detail: str = ""
    size: int = 0


def _refuse(name: str, why: str, code: str = "bad_field") -> Invalid:
    return Invalid(f"{name}: {why}", code=code)


def _text(value: Mapping[str, Any], name: str, longest: int) -> str | None:
    found = value.get(name)
    if found is None:
        return None
    if not isinstance(found, str):
        raise _refuse(name, "must be a text")
    if len(found) > longest:
        raise _refuse(name, f"is longer than {longest:,} characters")
    return found


def _whole(value: Mapping[str, Any], name: str, least: int, most: int) -> int | None:
    found = value.get(name)
    if found is None or (found.__class__ is int and least <= found <= most):
        return found
    if isinstance(found, float) and not math.isfinite(found):
        raise _refuse(name, "is not a finite number", "not_finite")
    if isinstance(found, float) and found.is_integer():
        found = int(found)
    if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
        raise _refuse(name, f"must be a whole number from {least} to {most:,}")
    return found


def check_uri(uri: str) -> str:
    """A reference as it may be stored: an address of a known scheme without credentials, or a relative path."""
    if _PLAIN_URI.fullmatch(uri):
        return uri
    if not uri or uri != uri.strip() or not uri.isprintable():
        raise _refuse("uri", "is empty, or holds blanks around it or control characters")
    try:
        parts = urlsplit(uri)
    except ValueError as error:
        raise _refuse("uri", "is not an address") from error
    if not parts.scheme and not parts.netloc:
        safe_path(uri)
    elif parts.scheme.lower() not in SCHEMES:
        raise _refuse("uri", f"must begin with {', '.join(SCHEMES)}, or be a relative path")
    elif not parts.netloc:
        raise _refuse("uri", "names no host")
    elif "@" in parts.netloc:
        raise _refuse("uri", "must not hold a user name or password")
    return uri


def _captured(found: str) -> dt.datetime:
    try:
        at = dt.datetime.fromisoformat(found)
        return (at if at.tzinfo else at.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise _refuse("captured", "must be an RFC 3339 time") from error


def _sha256(found: str) -> bytes:
    if not _HEX.match(found):
        raise _refuse("sha256", "must be 64 hexadecimal digits")
    return bytes.fromhex(found)


def _document(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _refuse(name, "must be an object with objects and item")
    if not _PARTS.issuperset(value):
        unknown = sorted(set(value) - _PARTS)
        raise _refuse(f"{name}.{unknown[0][:60]}", "there is no such field", "unknown_field")
    if not isinstance(value.get("objects", []), list) or not isinstance(value.get("item", {}), dict):
        raise _refuse(name, "objects must be a list and item an object")
    return {"objects": value.get("objects", []), "item": value.get("item", {})}


def _prediction(row: Row, value: Any) -> None:
    if not isinstance(value, dict):
        raise _refuse("prediction", "must be an object with objects, item, probabilities, model and score")
    rest = {name: inner for name, inner in value.items() if name not in ("model", "score", "probabilities")}
    row.prediction = _document(rest, "prediction")
    if value.get("probabilities") is not None:
        row.prediction["probabilities"] = probabilities.read(value["probabilities"])
    model, score = value.get("model", ""), value.get("score")
    if not isinstance(model, str) or len(model) > 200:
        raise _refuse("prediction.model", "must be a text of at most 200 characters")
    if score is not None and (isinstance(score, bool) or not isinstance(score, int | float) or not math.isfinite(score)):
        raise _refuse("prediction.score", "must be a number")
    row.model, row.score = model, None if score is None else float(score)


def check_row(value: Any, media: str) -> Row:
    """The row of a parsed line; `Invalid` names the field that is wrong."""
    if not isinstance(value, dict):
        raise Invalid("a line must be a JSON object", code="not_an_object")
    if not FIELDS.issuperset(value):
        unknown = sorted(set(value) - FIELDS)[0]
        raise _refuse(unknown[:60], "there is no such field", "unknown_field")
    key = value.get("key")
    if not isinstance(key, str) or not key:
        raise _refuse("key", "is missing or not a text", "no_key")
    row = Row(check_key(key))
    _content(row, value, media)
    row.width, row.height = _whole(value, "width", 1, LARGEST_SIDE), _whole(value, "height", 1, LARGEST_SIDE)
    if (row.width is None) != (row.height is None):
        raise _refuse("width", "width and height come together")
    row.group = _text(value, "group", 1024) or ""
    row.frame = _whole(value, "frame", 0, 2**31 - 1)
    captured = _text(value, "captured", 64)
    row.captured = _captured(captured) if captured else None
    meta = value.get("meta")
    if meta is not None:
        if not isinstance(meta, dict) or len(canonical.dumps(meta).encode()) > LARGEST_META:
            raise _refuse("meta", f"must be an object of at most {LARGEST_META // 1024} kB")
        row.meta = meta
    if value.get("annotation") is not None:
        row.annotation = _document(value["annotation"], "annotation")
    approved = value.get("approved", False)
    if not isinstance(approved, bool) or (approved and row.annotation is None):
        raise _refuse("approved", "must be true or false, and true only beside an annotation")
    row.approved = approved
    if value.get("prediction") is not None:
        _prediction(row, value["prediction"])
    return row


def _content(row: Row, value: Mapping[str, Any], media: str) -> None:
    uri, sha256 = _text(value, "uri", 4000), _text(value, "sha256", 64)
    row.text = _text(value, "text", LONGEST_TEXT)
    if media == "text":
        if row.text is None or not row.text.strip():
            raise _refuse("text", "is missing or empty; an item of this project is a text", "no_text")
        if uri is not None or sha256 is not None:
            raise _refuse("uri" if uri is not None else "sha256", "a text item has text only", "wrong_media")
        return
    if row.text is not None:
        raise _refuse("text", "an item of this project is a picture", "wrong_media")
    if uri is None and sha256 is None:
        raise _refuse("uri", "an item needs uri or sha256", "no_content")
    row.uri = None if uri is None else check_uri(uri)
    row.sha256 = None if sha256 is None else _sha256(sha256)


def ndjson(file: IO[bytes], media: str, skip: int = 0) -> Iterator[Line]:
    """Every line that is not blank, as a row or a refusal, without the first `skip`. A byte order mark and CRLF are taken."""
    number = 0
    while True:
        raw = file.readline(LONGEST_LINE + 1)
        if not raw:
            return
        number += 1
        if len(raw) > LONGEST_LINE:
            while raw and not raw.endswith(b"\n"):
                raw = file.readline(LONGEST_LINE)
            if skip:
                skip -= 1
                continue
            yield Line(number, code="line_too_long", detail=f"the line is longer than {LONGEST_LINE // 1024**2} MB")
            continue
        if number == 1 and raw.startswith(b"\xef\xbb\xbf"):
            raw = raw[3:]
        if raw.isspace() or not raw:
            continue
        if skip:
            skip -= 1
            continue
        try:
            yield Line(number, check_row(canonical.loads_strict(raw, finite=False), media), size=len(raw))
        except Invalid as error:
            yield Line(number, code=error.code, detail=error.detail)


class _Lines:
    """Decoded lines for the csv module, counting them, so that a row can be told by the line on which it began."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.number, self.size = file, 0, 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        raw = self._file.readline(LONGEST_LINE + 1)
        if not raw:
            raise StopIteration
        self.number += 1
        self.size += len(raw)
        if len(raw) > LONGEST_LINE:
            while raw and not raw.endswith(b"\n"):
                raw = self._file.readline(LONGEST_LINE)
            return "\x00too long\n"
        if self.number == 1 and raw.startswith(b"\xef\xbb\xbf"):
            raw = raw[3:]
        return raw.decode("utf-8", errors="surrogateescape")


def _header(cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    for name in names:
        if name not in CSV_FIELDS and name not in CSV_JSON and not (name.startswith("meta.") and len(name) > 5):
            raise Invalid(
                f"there is no column {name[:60]!r}; columns are {', '.join(CSV_FIELDS + CSV_JSON)} and meta.<name>",
                code="unknown_column",
            )
    if len(set(names)) != len(names):
        raise Invalid("a column stands twice in the header", code="duplicate_column")
    if "key" not in names:
        raise Invalid("the header has no column key", code="no_key")
    return names


def _meta_value(cell: str) -> Any:
    """A cell of a meta column: true, false and plain numbers become such; everything else stays text."""
    lowered = cell.lower()
    if lowered in ("true", "false"):
        return lowered == "true"
    if re.fullmatch(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?", cell):
        return float(cell) if "." in cell else int(cell)
    return cell


def _json_cell(name: str, cell: str) -> Any:
    """A cell of JSON, as the same field of an NDJSON line would be; `approved` may be written in any case."""
    try:
        return canonical.loads_strict(cell.strip().lower() if name == "approved" else cell, finite=False)
    except Invalid as error:
        raise _refuse(name, error.detail, error.code) from error


def _from_cells(names: list[str], cells: list[str]) -> dict[str, Any]:
    if len(cells) != len(names):
        raise Invalid(f"the row has {len(cells)} cells, the header {len(names)}", code="wrong_cells")
    value: dict[str, Any] = {}
    meta: dict[str, Any] = {}
    for name, cell in zip(names, cells, strict=True):
        canonical.check_text(cell)
        if cell == "":
            continue
        if name in ("width", "height", "frame"):
            if not _WHOLE.match(cell.strip()):
                raise _refuse(name, "must be a whole number")
            value[name] = int(cell)
        elif name in CSV_JSON:
            value[name] = _json_cell(name, cell)
        elif name.startswith("meta."):
            meta[name[5:]] = _meta_value(cell)
        else:
            value[name] = cell
    if meta:
        given = value.get("meta", {})
        if not isinstance(given, dict):
            raise _refuse("meta", "must be an object")
        value["meta"] = given | meta
    return value


def csv_rows(file: IO[bytes], media: str) -> Iterator[Line]:
    """Every row below the header, numbered by the line on which it begins. `Invalid` when the header is not readable."""
    csv.field_size_limit(LONGEST_LINE)
    lines = _Lines(file)
    reader = csv.reader(lines, strict=True)
    try:
        names = _header(next(reader))
    except StopIteration:
        return
    except csv.Error as error:
        raise Invalid(f"the header cannot be read: {error}", code="not_csv") from error
    while True:
        began, lines.size = lines.number + 1, 0
        try:
            cells = next(reader)
            if cells:
                yield Line(began, check_row(_from_cells(names, cells), media), size=lines.size)
        except StopIteration:
            return
        except csv.Error as error:
            yield Line(began, code="not_csv", detail=f"the row cannot be read: {error}")
            reader = csv.reader(lines, strict=True)
        except Invalid as error:
            yield Line(began, code=error.code, detail=error.detail)


def read(file: IO[bytes], kind: str, media: str, skip: int = 0) -> Iterator[Line]:
    """Lines of a manifest of `kind` "ndjson" or "csv", without the first `skip`."""
    return islice(csv_rows(file, media), skip, None) if kind == "csv" else ndjson(file, media, skip)


def from_bytes(data: bytes, kind: str, media: str) -> list[Line]:
    """All lines of a manifest held in memory; for tests and small files."""
    return list(read(io.BytesIO(data), kind, media))
