"""A mask as Label Studio's brush keeps it: run lengths of RGBA values in a stream of bits. Pure.

The stream, most significant bit first: 32 bits number of values; 5 bits word size less one; four times 4 bits size of a run
length's field less one; then until all values are said: one bit (1: a run, 0: literals), two bits which field size, that many
bits of length less one, and the word (a run) or words. Values go row by row, four to a pixel; the last of the four is the mask.
"""

from __future__ import annotations

from typing import Any

FIELDS = (3, 4, 8, 16)  # bits of the four field sizes
_LONGEST = 1 << FIELDS[-1]


def encode(pixels: Any) -> list[int]:
    """The stream's bytes; `pixels` is a numpy array of bool, rows by columns. All four channels are 0 or 255."""
    import numpy as np

    flat = np.repeat(pixels.ravel(), 4)
    ends = np.concatenate([[0], np.flatnonzero(np.diff(flat)) + 1, [len(flat)]]) if len(flat) else np.array([0])
    bits = [f"{len(flat):032b}", f"{7:05b}", *(f"{size - 1:04b}" for size in FIELDS)]
    for start, end in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
        word = "11111111" if flat[start] else "00000000"
        left = end - start
        while left:
            length = min(left, _LONGEST)
            place = next(index for index, size in enumerate(FIELDS) if length <= 1 << size)
            bits.append(f"1{place:02b}{length - 1:0{FIELDS[place]}b}{word}")
            left -= length
    stream = "".join(bits)
    stream += "0" * (-len(stream) % 8)
    return list(int(stream, 2).to_bytes(len(stream) // 8, "big"))
