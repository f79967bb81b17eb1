"""A file of predictions, checked line by line and laid where each item's can be found: on disk, with 16 bytes of memory a line. Pure.

What a line says goes to a file beside, in its plain form; digests of keys, in order, say where. A key is compared when it is read, so
that two keys of one digest are not taken for one another.
"""

from __future__ import annotations

import hashlib
import tempfile
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

import orjson

from annotate.kernel import canonical
from annotate.kernel.errors import Invalid
from annotate.labels.schema import Schema
from workflows.evaluations.lines import Line, check, refusal

LONGEST_LINE = 8 * 1024**2
MOST_FAULTS = 1000
Fault = tuple[str, str, str]  # place, code, detail
Say = Callable[[int], None]


@dataclass
class Seen:
    """What the whole file says: lines, objects by kind, labels that the schema does not have, and what is wrong with it."""

    lines: int = 0
    objects: int = 0
    scored: int = 0
    flat: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    answers: set[str] = field(default_factory=set)
    chances: set[str] = field(default_factory=set)
    attributes: bool = False
    faults: list[Fault] = field(default_factory=list)
    wrong: int = 0

    def refuse(self, place: str, code: str, detail: str) -> None:
        self.wrong += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append((place, code, detail))

    def take(self, line: Line) -> None:
        self.objects += len(line.objects)
        self.scored += line.scored
        self.flat += line.flat
        self.unknown.update(line.unknown)
        self.answers.update(line.item, line.chances)
        self.chances.update(line.chances)
        for one in line.objects:
            self.kinds[one["kind"]] += 1
            self.attributes = self.attributes or "attributes" in one


def _digest(key: str, number: int | None) -> int:
    text = f"\x01{number}" if number is not None else key
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


class Predictions:
    """`of(keys, numbers)` gives what is said of items; `used` which lines were asked for."""

    def __init__(self, seen: Seen, plain: IO[bytes], digests: array[int], places: array[int]) -> None:
        import numpy as np

        self.seen, self._file = seen, plain
        found = np.frombuffer(digests, dtype=np.uint64) if digests else np.empty(0, np.uint64)
        order = np.argsort(found, kind="stable")
        self._digests, self._places = found[order], np.frombuffer(places, dtype=np.uint64)[order] if places else found
        self.used = np.zeros(len(found), dtype=bool)

    def of(self, keys: Sequence[str], numbers: Sequence[int]) -> list[dict[str, Any] | None]:
        """{"objects", "item", "chances"} of each item, by key or by its number in COCO exports; None of which no line speaks."""
        return [self._joined(rows) for rows in self._rows(keys, numbers)]

    def mark(self, keys: Sequence[str], numbers: Sequence[int]) -> None:
        """These items were met, though nothing is measured on them."""
        for _row in self._rows(keys, numbers):
            pass

    def twice(self) -> Iterator[tuple[str, int]]:
        """(key, how many lines) of keys that stand in more than one line."""
        import numpy as np

        same = np.flatnonzero(self._digests[1:] == self._digests[:-1])
        for digest in np.unique(self._digests[same]):
            first, last = int(np.searchsorted(self._digests, digest, "left")), int(np.searchsorted(self._digests, digest, "right"))
            for key, count in Counter(self._read(row)["key"] for row in range(first, last)).items():
                if count > 1:
                    yield key, count

    def strangers(self, most: int) -> list[str]:
        """Keys of the first lines that no item was found for."""
        import numpy as np

        return sorted({self._read(int(row))["key"] for row in np.flatnonzero(~self.used)[: most * 5]})[:most]

    def _rows(self, keys: Sequence[str], numbers: Sequence[int]) -> Iterator[list[dict[str, Any]]]:
        import numpy as np

        sides = [(None, key) for key in keys], [(number, "") for number in numbers]
        asked = [np.array([_digest(key, number) for number, key in side], dtype=np.uint64) for side in sides]
        bounds = [(np.searchsorted(self._digests, side, "left"), np.searchsorted(self._digests, side, "right")) for side in asked]
        for place, (key, number) in enumerate(zip(keys, numbers, strict=True)):
            found = []
            for first, last in bounds:
                for row in range(int(first[place]), int(last[place])):
                    said = self._read(row)
                    if (said["n"] is None and said["key"] == key) or (said["n"] is not None and said["n"] == number):
                        self.used[row] = True
                        found.append(said)
            yield found

    def _read(self, row: int) -> dict[str, Any]:
        self._file.seek(int(self._places[row]))
        made: dict[str, Any] = orjson.loads(self._file.readline())
        return made

    @staticmethod
    def _joined(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
        if not rows:
            return None
        if len(rows) == 1:
            return rows[0]
        return rows[0] | {"objects": [one for row in rows for one in row["objects"]]}


@contextmanager
def gathered(file: IO[bytes], form: str, schema: Schema, say: Say = lambda done: None) -> Iterator[Predictions]:
    """The predictions of a file of `form` "ndjson" or "coco". What is wrong with lines stands in `seen.faults`: who measures looks there
    first, since figures of a file that was half read would be wrong. `say(n)`: how many lines were read."""
    seen, digests, places = Seen(), array("Q"), array("Q")
    with tempfile.TemporaryFile() as plain:
        at = 0
        for line, number in _coco(file, schema, seen) if form == "coco" else _ndjson(file, schema, seen):
            seen.take(line)
            digests.append(_digest(line.key, number))
            places.append(at)
            at += plain.write(orjson.dumps({"key": line.key, "n": number, "objects": line.objects, "item": line.item, "chances": line.chances}) + b"\n")
            if len(places) % 1000 == 0:
                say(len(places))
        found = Predictions(seen, plain, digests, places)
        if form == "ndjson":
            for key, count in found.twice():
                seen.refuse(f"key {key[:200]}", "duplicate_key", f"stands in {count} lines")
        yield found


def _ndjson(file: IO[bytes], schema: Schema, seen: Seen) -> Iterator[tuple[Line, None]]:
    number = 0
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(raw) > LONGEST_LINE:
            while raw and not raw.endswith(b"\n"):
                raw = file.readline(LONGEST_LINE)
            seen.refuse(f"line {number}", "line_too_long", f"the line is longer than {LONGEST_LINE // 1024**2} MB")
            continue
        if number == 1 and raw.startswith(b"\xef\xbb\xbf"):
            raw = raw[3:]
        if not raw.strip():
            continue
        seen.lines += 1
        try:
            yield check(canonical.loads_strict(raw), schema), None
        except Invalid as error:
            seen.refuse(f"line {number}", error.code, error.detail)


def _coco(file: IO[bytes], schema: Schema, seen: Seen) -> Iterator[tuple[Line, int | None]]:
    from workflows.evaluations import coco_results  # numpy, which idle processes do without

    try:
        for value in coco_results.entries(file):
            seen.lines += 1
            try:
                yield coco_results.line_of(value, schema)
            except Invalid as error:
                seen.refuse(f"entry {seen.lines}", error.code, error.detail)
    except Invalid as error:
        seen.refuse(f"after entry {seen.lines}", error.code, error.detail)


def checked(values: Iterable[Any], schema: Schema) -> list[bytes]:
    """Values of a request's list, each checked, as lines; `Invalid` whose `fields` name up to 20 places such as `predictions[3].item.weather`."""
    lines: list[bytes] = []
    wrong: dict[str, str] = {}
    keys: set[str] = set()
    for place, value in enumerate(values):
        try:
            line = check(value, schema)
            if line.key in keys:
                raise refusal("key", "stands there twice")
            keys.add(line.key)
            lines.append(orjson.dumps(value) + b"\n")
        except Invalid as error:
            inner, why = next(iter(error.fields.items()), ("", error.detail))
            wrong[f"predictions[{place}].{inner}".rstrip(".")] = str(why)
            if len(wrong) >= 20:
                break
    if wrong:
        first = next(iter(wrong.items()))
        raise Invalid(f"{first[0]}: {first[1]}", code="bad_field", fields=wrong)
    return lines
