"""Reading what a version froze: rows and leaves, streamed in key order from its shards, and what it counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workflows.releases.models import Version
from workflows.releases.rows import Leaf, Row


def rows(version: Version, split: str = "", *, after: str = "") -> Iterator[Row]:
    """The version's rows in the order of their keys' bytes, only those of `split` when one is named; `after` a key.

    Tombstones of erased items come too (`row.erased`): a writer leaves them out of what it writes for training.
    Memory stays at one batch of rows. `Conflict` when the version is not frozen.
    """
    raise NotImplementedError


def leaves(version: Version) -> Iterator[Leaf]:
    """Every row's leaf in the order that the root is computed in (`merkle.root((l.leaf, l.ends) for l in leaves(v))`)."""
    raise NotImplementedError


def counts(version: Version) -> dict[str, Any]:
    """{"items", "objects", "labels": {name: n}, "splits": {name: items}, "excluded": {reason: n},
    "leakage": {"groups": n, "same_bytes": n}} as counted when it froze."""
    raise NotImplementedError
