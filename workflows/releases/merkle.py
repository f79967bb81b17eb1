"""What makes a version the same version: leaves, ranges, root. Pure, and free of anything that a machine or a day adds.

- **Leaf** of a row: sha256(b"sluice.leaf.1\n" + canonical JSON) of {"key", "media", "uri", "text", "width", "height",
  "group", "frame", "split", "meta", "labels"}: `media` the bytes' sha256 in hex, `text` the text's sha256 in hex, `labels`
  the sha256 in hex of the annotation's canonical JSON; null where there is none. No ids, no times, no names of people, no
  batch: who did it and when is provenance, beside the row. The schema is not in it either: a new schema version that
  changes no row changes no identity, and a version names its schema beside its root.
- **Range**: rows in the order of their key's UTF-8 bytes, cut after each row whose sha256(key) has its low 14 bits zero
  (about one in 16,384), so that a range's bounds depend on keys alone. Its digest is sha256(b"sluice.range.1\n" + leaves).
- **Root**: sha256(b"sluice.root.1\n" + range digests).

The three prefixes keep a leaf from being passed off as a range, or a range as a root.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotate.kernel import canonical

CUT_BITS = 14
_MASK = (1 << CUT_BITS) - 1
LEAF, _RANGE, _ROOT = b"sluice.leaf.1\n", b"sluice.range.1\n", b"sluice.root.1\n"


def _hex(digest: bytes | None) -> str | None:
    return None if digest is None else bytes(digest).hex()


def leaf(
    *,
    key: str,
    media: bytes | None,
    uri: str | None,
    text: bytes | None,
    width: int | None,
    height: int | None,
    group: str,
    frame: int | None,
    split: str,
    meta: Mapping[str, Any],
    labels: bytes,
) -> bytes:
    """The leaf of one row, 32 bytes; `media`, `text` and `labels` are sha256 digests."""
    content = {
        "key": key,
        "media": _hex(media),
        "uri": uri,
        "text": _hex(text),
        "width": width,
        "height": height,
        "group": group or None,
        "frame": frame,
        "split": split or None,
        "meta": dict(meta),
        "labels": _hex(labels),
    }
    return hashlib.sha256(LEAF + canonical.dumps(content).encode()).digest()


def ends_range(key: str) -> bool:
    """Whether a range ends with the row of this key.

    >>> sum(ends_range(f"picture-{n}.jpg") for n in range(100_000))
    5
    """
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[-2:], "big") & _MASK == 0


def range_state() -> Any:
    """What the leaves of one range are hashed into, in key order."""
    return hashlib.sha256(_RANGE)


def range_digest(leaves: Iterable[bytes]) -> bytes:
    """The digest of one range's leaves in key order."""
    state = range_state()
    for each in leaves:
        state.update(each)
    return state.digest()


def root_of_ranges(digests: Iterable[bytes]) -> bytes:
    state = hashlib.sha256(_ROOT)
    for each in digests:
        state.update(each)
    return state.digest()


def ranges(leaves: Iterable[tuple[bytes, bool]]) -> Iterator[bytes]:
    """Digests of the ranges of (leaf, ends) pairs in key order; the last range ends with the last leaf."""
    state, some = hashlib.sha256(_RANGE), False
    for each, ends in leaves:
        state.update(each)
        some = True
        if ends:
            yield state.digest()
            state, some = hashlib.sha256(_RANGE), False
    if some:
        yield state.digest()


def root(leaves: Iterable[tuple[bytes, bool]]) -> bytes:
    """The root over (leaf, ends) pairs in key order, as a manifest lists them."""
    return root_of_ranges(ranges(leaves))
