"""Texts that share most of their stretches get equal bands: 14 bands of 8 hashes over stretches of 5 words, as datatrove.

Two texts whose sets of stretches have Jaccard similarity s agree in one hash with probability s, in one band with s ** 8, in any of the 14 with
1 - (1 - s ** 8) ** 14: a half at 0.70, 99 % at 0.86. All numbers come from fixed constants, so that bands of any two machines may be compared.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from workflows.cleaning.measures.words import Hashes, mix, stretches

STRETCH, BANDS, ROWS = 5, 14, 8
CHUNK = 2048  # stretches at a time: 112 hashes of each are 1.8 MB


def bands(words: Hashes) -> tuple[int, ...]:
    """The bands of a text whose words have these hashes; zeros for none."""
    found = stretches(words, STRETCH)
    if not len(found):
        return (0,) * BANDS
    factors, terms = _family()
    least = np.full(BANDS * ROWS, np.iinfo(np.uint64).max, np.uint64)
    for start in range(0, len(found), CHUNK):
        hashed = factors * found[None, start : start + CHUNK]
        hashed += terms
        np.minimum(least, hashed.min(axis=1), out=least)
    rows = mix(least).reshape(BANDS, ROWS) * factors[:ROWS, 0]
    return tuple(mix(rows.sum(axis=1, dtype=np.uint64)).tolist())


@cache
def _family() -> tuple[Hashes, Hashes]:
    """Odd factors and terms of the 112 hashes `factor * x + term` modulo 2 ** 64."""
    numbers = mix(np.arange(2 * BANDS * ROWS, dtype=np.uint64) * np.uint64(0xA24BAED4963EE407))
    return (numbers[: BANDS * ROWS] | np.uint64(1))[:, None], numbers[BANDS * ROWS :][:, None]
