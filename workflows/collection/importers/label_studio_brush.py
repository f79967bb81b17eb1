"""Label Studio's brush: a stream of bits with run lengths of RGBA values, row by row; what is not clear is the mask. Pure.

Most significant bit first: 32 bits number of values; 5 bits word size less one; four times 4 bits size of a run length's field less
one; then until all values are said: one bit (1: a run, 0: literals), two bits which field size, that many bits of length less
one, and the word (a run) or words (literals). The last of four values is how opaque a pixel is.
"""

from __future__ import annotations

from typing import Any

from workflows.collection.importers.pixels import check_size


class _Bits:
    def __init__(self, content: bytes) -> None:
        self._content, self._place = content, 0

    def take(self, count: int) -> int:
        end = self._place + count
        if end > len(self._content) * 8:
            raise ValueError("the brush ends too early")
        first, last = self._place >> 3, (end + 7) >> 3
        found = int.from_bytes(self._content[first:last], "big") >> (last * 8 - end)
        self._place = end
        return found & ((1 << count) - 1)


def decode(values: Any, width: int | None, height: int | None) -> Any:
    """Pixels, a numpy array of rows by columns, that is not 0 where the brush was; `ValueError` says what is wrong."""
    import numpy as np

    check_size(width, height)
    assert width is not None and height is not None
    if not isinstance(values, list):
        raise ValueError("rle must be a list of bytes")
    try:
        bits = _Bits(bytes(values))
    except (TypeError, ValueError):
        raise ValueError("rle must be a list of bytes") from None
    total = bits.take(32)
    if total != width * height * 4:
        raise ValueError(f"the brush holds {total} values, the picture has {width} × {height} pixels of 4")
    word = bits.take(5) + 1
    sizes = [bits.take(4) + 1 for _ in range(4)]
    pixels = bytearray(width * height)
    place = 0
    while place < total:
        run = bits.take(1)
        length = bits.take(sizes[bits.take(2)]) + 1
        if place + length > total:
            raise ValueError("the brush holds more values than it says")
        if run:
            if bits.take(word):
                first, last = place // 4, (place + length) // 4  # pixels whose fourth value lies in the run
                pixels[first:last] = b"\1" * (last - first)
            place += length
            continue
        for _ in range(length):
            if bits.take(word) and place % 4 == 3:
                pixels[place // 4] = 1
            place += 1
    return np.frombuffer(bytes(pixels), dtype=np.uint8).reshape(height, width)
