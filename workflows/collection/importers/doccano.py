"""doccano's texts: JSON lines (or one JSON list) with spans, relations, categories or both; and fastText's lines.

Spans are [start, end, label] or {"start_offset", "end_offset", "label", "id"}, places in code points, under `label`, `labels`,
`entities` or `spans`. Words under `label`, `labels` or `cats` are said of the whole text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

import orjson

from workflows.collection.importers.documents import fault, load
from workflows.collection.importers.found import Found, LabelDoc, Link, Problem, clean_file_name

FAST = "__label__"
_SPANS = ("entities", "spans", "label", "labels")


def read(file: IO[bytes], place: str) -> Iterator[LabelDoc | Problem]:
    """The file's texts in their order, each with the number of its line."""
    name = clean_file_name(place.rpartition("!")[2])
    count = 0
    for number, entry in _entries(file, place):
        count += 1
        if isinstance(entry, Problem):
            yield entry
            continue
        where = f"{place} line {number}" if number else f"{place} [{count - 1}]"
        wrong = fault(entry)
        yield Problem(where, "bad_entry", wrong) if wrong else _text(entry, where, f"{name}/{number or count:05d}")
    if not count:
        yield Problem(place, "no_texts", "there is no line with a text")


def _entries(file: IO[bytes], place: str) -> Iterator[tuple[int, Any]]:
    """(line, what it says); line 0 for the entries of one JSON list."""
    if (whole := _list(file)) is not None:
        yield from ((0, entry) for entry in whole)
        return
    fast = False
    for number, raw in enumerate(file, start=1):
        line = raw.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else raw.strip()
        fast = fast or line.startswith(FAST.encode())
        if line:
            yield number, _fast(line) if fast else load(line, f"{place} line {number}")


def _list(file: IO[bytes]) -> list[Any] | None:
    """The entries of a file that is one JSON list, else None with the file at its beginning."""
    first = file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    file.seek(0)
    if not first.startswith(b"["):
        return None
    try:
        found = orjson.loads(file.read().removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        found = None
    file.seek(0)
    return found if isinstance(found, list) else None


def _fast(line: bytes) -> dict[str, Any]:
    words = line.decode("utf-8", "replace").split(" ")
    tags = [word.removeprefix(FAST) for word in words if word.startswith(FAST)]
    return {"text": " ".join(word for word in words if not word.startswith(FAST)), "label": tags}


def _text(entry: Any, place: str, key: str) -> LabelDoc | Problem:
    if not isinstance(entry, dict):
        return Problem(place, "bad_entry", "an entry is an object with a text")
    text = entry.get("text", entry.get("data"))
    if not isinstance(text, str) or not text:
        return Problem(place, "no_text", "the entry has no text")
    objects: list[Found] = []
    problems: list[Problem] = []
    tags: list[str] = []
    said = False
    for field in _SPANS:
        values = entry.get(field)
        if values is None or (field == "entities" and entry.get("spans")):
            continue
        said = True
        for index, value in enumerate(values if isinstance(values, list) else [values]):
            where = f"{place} {field}[{index}]"
            if isinstance(value, str) and field in ("label", "labels"):
                tags.append(value)
                continue
            found = _span(value, text, where)
            (objects if isinstance(found, Found) else problems).append(found)  # type: ignore[arg-type]
    cats = entry.get("cats")
    item: dict[str, Any] = {}
    if isinstance(cats, dict):  # spaCy's: word → whether it is said
        for name, value in cats.items():
            attribute, equals, option = str(name).partition("=")
            if value is True or value == 1:
                item[attribute] = [*item.get(attribute, []), option] if equals else True
            elif not equals:
                item[name] = False
    elif cats is not None:
        tags += [word for word in (cats if isinstance(cats, list) else [cats]) if isinstance(word, str)]
    links = _links(entry.get("relations"), place, problems)
    meta = entry.get("meta")
    own = meta.get("key") if isinstance(meta, dict) else None
    return LabelDoc(
        file=clean_file_name(own) or key if isinstance(own, str) else key, place=place, objects=tuple(objects), problems=tuple(problems), text=text,
        item=item, tags=tuple(tag for tag in map(str.strip, tags) if tag), links=tuple(links), labelled=said or cats is not None,
    )  # fmt: skip


def _span(value: Any, text: str, place: str) -> Found | Problem:
    name = ""
    if isinstance(value, dict):
        start, end, label = value.get("start_offset", value.get("start")), value.get("end_offset", value.get("end")), value.get("label")
        name = str(value["id"]) if isinstance(value.get("id"), int | str) else ""
    elif isinstance(value, list) and len(value) == 3:
        start, end, label = value
    else:
        return Problem(place, "bad_span", "a span is [start, end, label]", whole=False)
    if not isinstance(label, str) or not label.strip():
        return Problem(place, "no_label", "the span has no label", whole=False)
    if type(start) is not int or type(end) is not int or abs(start) > 2**31 or abs(end) > 2**31:
        return Problem(place, "bad_span", f"{label}: start and end must be whole numbers", whole=False)
    return Found(label.strip(), {"span": ({"start": start, "end": end, "text": text[max(0, start) : max(0, end)]},)}, place=place, name=name)


def _links(values: Any, place: str, problems: list[Problem]) -> list[Link]:
    links = []
    for index, value in enumerate(values if isinstance(values, list) else []):
        where = f"{place} relations[{index}]"
        ends = [value.get("from_id"), value.get("to_id")] if isinstance(value, dict) else [None]
        label = value.get("type", value.get("label")) if isinstance(value, dict) else None
        if isinstance(label, str) and label and all(isinstance(end, int | str) for end in ends):
            links.append(Link(label, str(ends[0]), str(ends[1]), where))
        else:
            problems.append(Problem(where, "bad_relation", "a relation needs from_id, to_id and a type", whole=False))
    return links
