"""Rows with split and leaf → ranges of the root hash, each a file: written while rows come, so that no range is ever held whole."""

from __future__ import annotations

import hashlib
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Any

from workflows.releases import columns, merkle, parquet, shards
from workflows.releases.fetching import Fetched
from workflows.releases.fitting import Fit, Fitting, LeftOut
from workflows.releases.tallying import tally

DEPTH = 2  # pieces that wait to be written
_IN_MEMORY = 32 * 1024 * 1024


@dataclass(frozen=True)
class Built:
    """A whole range, ready to be stored under its name unless it is there."""

    name: bytes
    content: Future[shards.Encoded]
    first: str
    last: str
    digest: bytes
    taken: int | None
    fingerprint: int | None


class _Open:
    """The range that rows are added to. `name` is over leaves and what stands beside them (ids, batches, approvals)."""

    def __init__(self, writing: Executor) -> None:
        self._writing, self._under_way = writing, deque[Future[None]]()
        self._name, self._digest = hashlib.sha256(b"sluice.shard.3\n"), merkle.range_state()
        self._beside: dict[str, list[bytes]] = {name: [] for name in ("item", "annotation", "approval")}
        self._batches: list[str] = []
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  goes with the range
        self._writer = parquet.Writer(self._file)
        self._fingerprint = self.rows = 0
        self._first = self._last = ""
        self.whole = True  # nothing that the snapshot took was left out

    def add(self, table: Any, made: Any, counted: parquet.Tally) -> None:
        """Rows of the snapshot, and the same as they are written."""
        import numpy as np

        if not self.rows:
            self._first = table["key"][0].as_py()
        self._last = table["key"][-1].as_py()
        self.rows += len(table)
        leaves = columns.digests(made["leaf"])
        self._name.update(leaves)
        self._digest.update(leaves)
        for name, parts in self._beside.items():
            parts.append(np.ascontiguousarray(table[name].to_numpy(), dtype="<i8").tobytes())
        self._batches.append(columns.quoted_list(table["batch"]))
        self._fingerprint ^= columns.fingerprint(table)
        self._under_way.append(self._writing.submit(self._writer.write, made, counted))
        if len(self._under_way) > DEPTH:
            self._under_way.popleft().result()

    def close(self) -> Built:
        for parts in self._beside.values():
            self._name.update(b"".join(parts))
        self._name.update(f"[{', '.join(self._batches)}]".encode())  # as json.dumps has it
        content = self._writing.submit(self._written, self._under_way)
        taken, fingerprint = (self.rows, self._fingerprint) if self.whole else (None, None)
        return Built(self._name.digest(), content, self._first, self._last, self._digest.digest(), taken, fingerprint)

    def _written(self, under_way: Iterable[Future[None]]) -> shards.Encoded:
        for each in under_way:
            each.result()
        return shards.Encoded(self._file, self._writer.close())


class Ranging:
    """Makes ranges of what the database gives, in another thread than the one that asks it, and writes them in a third (`writing`, which does one
    thing after the other)."""

    def __init__(self, fitting: Fitting, writing: Executor) -> None:
        self._fitting, self._writing, self._open = fitting, writing, _Open(writing)

    def build(self, fetched: Fetched) -> tuple[int, list[LeftOut], list[Built]]:
        """(rows read, those that stay out, the ranges that end here)."""
        table = fetched.table()
        fit = self._fitting.fit(table)
        return len(table), fit.left_out, list(self._ended(fit))

    def last(self) -> Built | None:
        """The range that rows were left for."""
        return self._open.close() if self._open.rows else None

    def _ended(self, fit: Fit) -> Iterator[Built]:
        table = fit.table
        leaves = columns.leaves(table, fit.splits, fit.metas)
        made = columns.shard(table, fit.splits, leaves, fit.metas)
        bounds = [int(place) + 1 for place in columns.ends(table).nonzero()[0]]
        for low, high, ended in zip([0, *bounds], [*bounds, len(table)], [*[True] * len(bounds), False], strict=True):
            if any(low <= place < high or (place >= low and not ended) for place in fit.before):
                self._open.whole = False
            if high > low:
                lost = [place - low for place in fit.lost if low <= place < high]
                part = made.slice(low, high - low)
                part = columns.buried(part, lost) if lost else part
                counted = tally(part, plain=self._fitting.plain)
                counted.erased = len(lost)
                self._open.add(table.slice(low, high - low), part, counted)
            if ended:
                yield self._open.close()
                self._open = _Open(self._writing)
