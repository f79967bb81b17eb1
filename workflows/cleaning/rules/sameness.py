"""Which rows hold the same picture: equal bytes, and if wanted equal pixels behind different bytes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflows.cleaning.rules.hamming import joined

Digests = NDArray[np.uint64]
_HEAD = 16  # bits


def first_alike(digests: tuple[Digests, ...], among: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
    """For each row the first row of those that it is the same as by any of the digests, directly or through others; itself when there is none.
    A digest of 0 is like nothing, and a row whose number in `among` is negative is like no other row."""
    n = len(digests[0])
    left, right = [], []
    for digest in digests:
        known = digest != 0 if among is None else (digest != 0) & (among >= 0)
        rows = _repeated(digest, known)
        order = rows[np.argsort(digest[rows], kind="stable") if among is None else np.lexsort((digest[rows], among[rows]))]
        same = digest[order[1:]] == digest[order[:-1]]
        if among is not None:
            same &= among[order[1:]] == among[order[:-1]]
        left.append(order[:-1][same])
        right.append(order[1:][same])
    return joined(n, np.concatenate(left), np.concatenate(right))


def _repeated(digest: Digests, known: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The known rows whose digest some other known row has, ascending. Values are sorted for it, not rows, for that takes a tenth of the time."""
    ordered = np.sort(digest[known])
    repeated = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(repeated):
        return np.empty(0, np.int64)
    heads = np.zeros(1 << _HEAD, bool)
    heads[repeated >> np.uint64(64 - _HEAD)] = True
    rows = np.flatnonzero(known & heads[digest >> np.uint64(64 - _HEAD)])  # most of the others are told by their first bits
    wanted = digest[rows]
    place = np.searchsorted(repeated, wanted)
    return rows[repeated[np.minimum(place, len(repeated) - 1)] == wanted]
