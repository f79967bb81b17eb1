"""Histories: what clients asked and were told, and when; and `faults`, which says what in one cannot have been right.

A history is checked after the fact, from the outside: from the calls with their answers, and from what stands at the end.
A call took effect somewhere between its start and its end, or, when no answer came, at any time after its start or never.
A fault is named only where no such choice of moments explains the answers, so every fault is a real one.

Times are seconds since the epoch by the one clock that clients and database share.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import IO, Any

NEVER = float("inf")


@dataclass(frozen=True)
class Call:
    """`about` is what was asked, `answer` what came back ("status" is always there), None when nothing did.

    - next {queue, slot} → 200 with a grant {lease, task, item, round, queue, slot, expires, schema}, or 204
    - step {lease, item}, reopen {task, item} → 200 with a grant
    - renew {lease} → 200 {expires}; release {lease}, skip {lease} → 204
    - save {lease, task, revision, mark} → 200 {revision}
    - submit {lease, task, key, mark, digest} → 201 {annotation, revision}
    - by others: take_back {lease}; return {task, item}; hold, unhold, assign, void, back {item};
      pause, resume {queue, person}; overlap {queue, overlap} → 200

    A mark is unique to a body; a submit and its repeats carry the same one.
    """

    call: str
    person: int
    start: float
    end: float
    about: Mapping[str, Any] = field(default_factory=dict)
    answer: Mapping[str, Any] | None = None

    @property
    def status(self) -> int:
        """0 when no answer came."""
        return int(self.answer["status"]) if self.answer is not None else 0

    @property
    def done(self) -> bool:
        return 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """Surely without effect."""
        return 400 <= self.status < 500

    @property
    def grants(self) -> bool:
        return self.done and self.answer is not None and "lease" in self.answer and self.call in ("next", "step", "reopen")

    @property
    def until(self) -> float:
        """The latest moment at which it can have taken effect."""
        return self.end if self.answer is not None and self.status < 500 else NEVER

    def told(self, name: str) -> Any:
        return None if self.answer is None else self.answer.get(name)


@dataclass(frozen=True)
class Stored:
    """An answer that stands at the end."""

    annotation: int
    item: int
    revision: int
    mark: str
    task: int | None = None
    lease: int | None = None
    person: int | None = None
    schema: int | None = None


@dataclass(frozen=True)
class Kept:
    """A draft that stands at the end."""

    task: int
    person: int
    revision: int
    mark: str


@dataclass(frozen=True)
class Fault:
    kind: str
    words: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.words}"


@dataclass
class History:
    """`items`: queue → the items that waited in it from the begin; `overlaps`: queue → answers asked of each at the begin.

    `stored` and `drafts` are what was read after the last call, None when nobody looked. `framed`: items that are frames of
    a group, which wait for who began them.
    """

    calls: list[Call]
    overlaps: dict[int, int] = field(default_factory=dict)
    items: dict[int, list[int]] = field(default_factory=dict)
    stored: list[Stored] | None = None
    drafts: list[Kept] | None = None
    framed: frozenset[int] = frozenset()

    def named(self, *names: str) -> list[Call]:
        return [call for name in names for call in self._by_name.get(name, [])]

    @cached_property
    def _by_name(self) -> dict[str, list[Call]]:
        found: dict[str, list[Call]] = {}
        for call in sorted(self.calls, key=lambda one: (one.start, one.end)):
            found.setdefault(call.call, []).append(call)
        return found

    def overlap(self, queue: int) -> tuple[int, int]:
        """The least and the most answers that the queue asked of an item at any time."""
        changed = [int(call.about["overlap"]) for call in self.named("overlap") if call.about["queue"] == queue and not call.refused]
        values = [self.overlaps.get(queue, 1), *changed]
        return min(values), max(values)

    def write(self, file: IO[str]) -> None:
        """One JSON line per call."""
        for call in self.calls:
            file.write(json.dumps(asdict(call)) + "\n")


def read(lines: Iterable[str]) -> list[Call]:
    """The calls of a log that `History.write`, or any client, wrote."""
    return [Call(**json.loads(line)) for line in lines if line.strip()]


def faults(history: History) -> list[Fault]:
    """Everything in the history that cannot have been right; [] for a sound one."""
    from tests.concurrency import answering, holding, waiting

    found = [fault for rules in (holding.RULES, answering.RULES, waiting.RULES) for rule in rules for fault in rule(history)]
    return list(dict.fromkeys(found))
