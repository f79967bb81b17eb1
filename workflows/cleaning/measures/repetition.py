"""How much of a text says again what it has said: stretches of words that stood there before, and short patterns over and over.

Stretches are 5 words, as datatrove counts repeated n-grams; 10 letters in scripts without spaces. Short patterns (`!!!!!!!!`, `hahahaha`, `no no no no`)
are up to 12 characters, four times or more in a row and at least 5 characters. What stands there first is not counted as repeated.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflows.cleaning.measures.words import Words, stretches

WORDS, LETTERS = 5, 10
PERIODS = range(1, 13)
TIMES, LEAST = 3, 4  # that it comes again; characters in which it does


def repeated(codes: NDArray[np.uint32], spaces: NDArray[np.bool_], words: Words) -> float:
    """0 to 1: the larger share of letters in repeated stretches, and of characters in repeated patterns."""
    return max(_stretches(words), _patterns(codes, spaces))


def _stretches(words: Words) -> float:
    length = LETTERS if words.is_solid else WORDS
    if len(words.hashes) <= length:
        return 0.0
    hashes = stretches(words.hashes, length)
    order = np.argsort(hashes, kind="stable")
    hashes = hashes[order]
    again = order[1:][hashes[1:] == hashes[:-1]]
    del hashes, order
    if not len(again):
        return 0.0
    # A stretch covers its words: +1 where one begins, -1 behind its end.
    edges = np.zeros(len(words.hashes) + 1, np.int64)
    np.add.at(edges, again, 1)
    np.add.at(edges, again + length, -1)
    covered = np.cumsum(edges[:-1]) > 0
    return float(words.lengths[covered].sum() / words.lengths.sum())


def _patterns(codes: NDArray[np.uint32], spaces: NDArray[np.bool_]) -> float:
    if spaces.any():
        keep = ~spaces
        keep[1:] |= ~spaces[:-1]  # of spaces in a row the first
        codes = np.where(spaces, np.uint32(32), codes)[keep]
    covered: NDArray[np.bool_] | None = None
    for period in PERIODS:
        least = max(TIMES * period, LEAST)
        if len(codes) < least + period:
            break
        same = codes[period:] == codes[:-period]
        if np.count_nonzero(same) < least:
            continue
        edges = np.flatnonzero(np.diff(same, prepend=False, append=False))
        begins, ends = edges[::2], edges[1::2]
        for begin, end in _long(begins, ends, least):
            if covered is None:
                covered = np.zeros(len(codes), np.bool_)
            covered[begin + period : end + period] = True
    return 0.0 if covered is None else float(np.count_nonzero(covered) / len(codes))


def _long(begins: NDArray[np.int64], ends: NDArray[np.int64], least: int) -> list[tuple[int, int]]:
    long = ends - begins >= least
    return list(zip(begins[long].tolist(), ends[long].tolist(), strict=True))
