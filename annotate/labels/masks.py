"""COCO's compressed run lengths: the text form of a mask, read and written without a library. Pure.

Rule (COCO API, `rleToString`): runs alternate from zeros, column by column; from the third on the difference to the run two
before is stored; each number in groups of five bits, lowest first, bit 0x20 says more follow, bit 0x10 of the last is the sign;
each group + 48 is one character.
"""

from __future__ import annotations

from collections.abc import Sequence


def decode(counts: str) -> list[int]:
    """Run lengths of the text; `ValueError` when it is none."""
    runs: list[int] = []
    place, length = 0, len(counts)
    while place < length:
        value, shift, more = 0, 0, True
        while more:
            if place >= length:
                raise ValueError("the run lengths end in the middle of a number")
            group = ord(counts[place]) - 48
            if not 0 <= group < 64 or shift > 60:
                raise ValueError("the run lengths hold a character that is none of COCO's")
            value |= (group & 0x1F) << shift
            more = bool(group & 0x20)
            place, shift = place + 1, shift + 5
            if not more and group & 0x10:
                value -= 1 << shift
        if len(runs) > 2:
            value += runs[-2]
        if value < 0:
            raise ValueError("a run length is negative")
        runs.append(value)
    return runs


def encode(runs: Sequence[int]) -> str:
    """The text of run lengths."""
    out: list[str] = []
    for index, run in enumerate(runs):
        value = run - runs[index - 2] if index > 2 else run
        more = True
        while more:
            group = value & 0x1F
            value >>= 5
            more = value != -1 if group & 0x10 else value != 0
            out.append(chr((group | 0x20 if more else group) + 48))
    return "".join(out)


def area(counts: str, pixels: int) -> int:
    """Pixels covered; `ValueError` when the runs do not fill exactly `pixels`."""
    runs = decode(counts)
    if sum(runs) != pixels:
        raise ValueError(f"the runs cover {sum(runs)} pixels, the size says {pixels}")
    return sum(runs[1::2])
