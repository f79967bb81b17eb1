"""Where an import stands: its place among the inputs and what it counted, written in the transaction of each chunk's rows.

A job that was killed goes on behind its last whole chunk, so every input is counted once. A second worker on the same
upload finds the record moved on and stops.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from annotate.items.models import Upload
from annotate.jobs.services import Superseded, Work
from workflows.collection.ingest.archives import Refused
from workflows.collection.ingest.names import shown

OUTCOMES = ("accepted", "rejected", "duplicate")


class Chunk:
    """What a chunk of inputs came to; counted only when its rows are committed."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.lines: list[tuple[str, str, str, Any]] = []

    def count(self, outcome: str, n: int = 1) -> None:
        self.counts[outcome] += n

    def refuse(self, place: str, code: str, detail: str) -> None:
        """An input that brings nothing: counted as rejected and reported."""
        self.counts["rejected"] += 1
        self.lines.append((place, code, detail, None))

    def refuse_object(self, place: str, code: str, detail: str, data: Any = None) -> None:
        """An object taken out of an input that is otherwise good."""
        self.counts["objects_rejected"] += 1
        self.lines.append((place, code, detail, data))

    def note(self, place: str, code: str, detail: str) -> None:
        """Something worth knowing that refuses nothing."""
        self.counts["notes"] += 1
        self.lines.append((place, code, detail, None))

    def refused(self, entry: Refused) -> None:
        self.refuse(entry.place, entry.code, entry.detail)


class Ledger:
    def __init__(self, work: Work, upload: Upload) -> None:
        self.work, self.upload = work, upload
        self._written: dict[str, Any] = dict(upload.progress)
        self.total: int | None = None

    @property
    def position(self) -> int:
        """How many inputs are done."""
        return int(self._written.get("position", 0))

    @property
    def finished(self) -> bool:
        return bool(self._written.get("finished"))

    def recall(self, name: str) -> Any:
        """What the first attempt settled under this name; None when nothing."""
        return self._written.get("settled", {}).get(name)

    def settle(self, name: str, value: Any) -> Any:
        """Write down a decision that further attempts must take alike."""
        self._write({**self._written, "settled": {**self._written.get("settled", {}), name: value}})
        return value

    @contextmanager
    def chunk(self, inputs: int) -> Iterator[Chunk]:
        """One transaction: the rows made inside, the report lines, the counts and the new place; all or nothing."""
        with transaction.atomic():
            chunk = Chunk()
            yield chunk
            counts = Counter(self._written.get("counts", {}))
            counts.update(chunk.counts)
            for place, code, detail, data in chunk.lines:
                self.work.report(shown(place), code, detail, data)
            self.work.save_report()
            after = {**self._written, "position": self.position + inputs, "counts": dict(counts)}
            self._write(after, remember=False)
        self._written = after
        self.work.progress(self.position, self.total)

    def _write(self, after: dict[str, Any], *, remember: bool = True) -> None:
        if not Upload.objects.filter(pk=self.upload.pk, progress=self._written).update(progress=after):
            raise Superseded
        if remember:
            self._written = after

    def result(self) -> dict[str, Any]:
        """The counts so far; accepted + rejected + duplicate = inputs."""
        counts = self._written.get("counts", {})
        plain = {name: counts.get(name, 0) for name in OUTCOMES}
        plain |= {name: count for name, count in sorted(counts.items()) if name not in OUTCOMES and "/" not in name}
        dropped = {
            name.partition("/")[2]: count for name, count in sorted(counts.items()) if name.startswith("dropped/")
        }
        return plain | ({"dropped_attributes": dropped} if dropped else {}) | self._written.get("more", {})

    def finish(self, more: dict[str, Any]) -> None:
        """All inputs are done; `more` is said in the result besides the counts."""
        self._write({**self._written, "finished": True, "more": more})
