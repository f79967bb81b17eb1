"""The words of a text as numbers: where they are, how long, and a hash of each that is the same on every machine.

A word is a run of letters, marks and digits, with apostrophes and hyphens inside it. Scripts without spaces between words (Chinese, Japanese, Thai, …)
have no such runs: there every letter is a word, with the marks that follow it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from workflows.cleaning.measures import characters
from workflows.cleaning.measures.characters import DIGIT, LETTER, MARK, SOLID

Hashes = NDArray[np.uint64]
APOSTROPHE, CURLY, HYPHEN = 0x27, 0x2019, 0x2D
CHUNK = 1 << 16  # numbers that are mixed at a time: as many as stay in the cache
PLACES = 256  # of characters in a word, told apart by the hash


@dataclass(frozen=True)
class Words:
    """`hashes`: one per word, in order. `lengths`: characters of each. `solid`: which are letters of a script without spaces."""

    hashes: Hashes
    lengths: NDArray[np.int32]
    solid: NDArray[np.bool_]

    @property
    def is_solid(self) -> bool:
        """Whether most of the words are such letters, so that the length of words says nothing."""
        return bool(2 * int(self.solid.sum()) >= len(self.solid) > 0)

    @property
    def mean(self) -> float | None:
        """Mean characters of a word where words are runs; None where they are not, or where there is none."""
        if self.is_solid or not len(self.solid):
            return None
        return float(self.lengths[~self.solid].mean())


def find_words(codes: NDArray[np.uint32], kinds: NDArray[np.uint8]) -> Words:
    """The words of a text given as code points and their classes, both of one length."""
    run = (kinds == LETTER) | (kinds == DIGIT)
    mark = kinds == MARK
    solid = kinds == SOLID
    if mark.any():
        run, solid = _marked(run, solid, mark)
    joins = (codes == APOSTROPHE) | (codes == CURLY) | (codes == HYPHEN)
    if joins.any():
        joins[0] = joins[-1] = False
        joins[1:-1] &= run[:-2] & run[2:]
        run |= joins
    starts = run.copy()
    starts[1:] &= ~run[:-1]
    starts |= solid & ~mark
    inside = np.flatnonzero(run | solid)
    if not len(inside):
        return Words(np.zeros(0, np.uint64), np.zeros(0, np.int32), np.zeros(0, np.bool_))
    first = np.flatnonzero(starts[inside])
    lengths = np.diff(first, append=len(inside)).astype(np.int32)
    # In place and in small types where it can be: the longest texts make arrays of 32 MB here.
    solid = solid[inside[first]]
    letters = codes[inside].astype(np.uint64)
    del inside, starts, run, joins
    letters[letters == CURLY] = APOSTROPHE
    letters = mix(letters)
    places = np.arange(len(letters), dtype=np.int32)
    places -= np.repeat(first.astype(np.int32), lengths)
    places %= PLACES
    letters *= _powers()[places]
    return Words(mix(np.add.reduceat(letters, first)), lengths, solid)


def stretches(hashes: Hashes, length: int) -> Hashes:
    """A hash of every `length` words in a row; of all of them where there are fewer. None for no words."""
    if not len(hashes):
        return hashes
    count = max(1, len(hashes) - length + 1)
    total = np.zeros(count, np.uint64)
    for place in range(min(length, len(hashes))):
        total += hashes[place : place + count] * _powers()[place + 1]
    return mix(total)


def mix(values: Hashes) -> Hashes:
    """Spreads values over 64 bits: the finish of splitmix64."""
    spread = values + np.uint64(0x9E3779B97F4A7C15)
    for start in range(0, len(spread), CHUNK):
        part = spread[start : start + CHUNK]
        part ^= part >> np.uint64(30)
        part *= np.uint64(0xBF58476D1CE4E5B9)
        part ^= part >> np.uint64(27)
        part *= np.uint64(0x94D049BB133111EB)
        part ^= part >> np.uint64(31)
    return spread


def _marked(run: NDArray[np.bool_], solid: NDArray[np.bool_], mark: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """A mark is part of what it stands on; one that stands on nothing is no word."""
    base = np.maximum.accumulate(np.where(mark, 0, np.arange(len(mark))))
    return run | (mark & run[base]), solid | (mark & solid[base])


@cache
def _powers() -> Hashes:
    return np.multiply.accumulate(np.full(PLACES, 0xD6E8FEB86659FD93, np.uint64))


def words_of(text: str) -> Words:
    """The words of a text."""
    codes = characters.codes(text)
    return find_words(codes, characters.classes()[codes])
