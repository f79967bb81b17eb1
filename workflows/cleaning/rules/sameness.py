"""Which rows hold the same picture: equal bytes, and if wanted equal pixels behind different bytes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflows.cleaning.rules.hamming import joined

Digests = NDArray[np.uint64]


def first_alike(digests: tuple[Digests, ...], among: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
    """For each row the first row of those that it is the same as by any of the digests, directly or through others; itself when there is none.
    A digest of 0 is like nothing, and a row whose number in `among` is negative is like no other row."""
    n = len(digests[0])
    left, right = [], []
    for digest in digests:
        known = np.flatnonzero((digest != 0) if among is None else (digest != 0) & (among >= 0))
        order = known[np.argsort(digest[known], kind="stable") if among is None else np.lexsort((digest[known], among[known]))]
        same = digest[order[1:]] == digest[order[:-1]]
        if among is not None:
            same &= among[order[1:]] == among[order[:-1]]
        left.append(order[:-1][same])
        right.append(order[1:][same])
    return joined(n, np.concatenate(left), np.concatenate(right))
