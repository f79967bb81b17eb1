"""Which texts were there before, in little memory. Pure."""

from __future__ import annotations

import hashlib
from array import array


class Seen:
    """Which texts were there before, by 64 bits of their digest: 16 to 32 bytes each, whatever their length."""

    def __init__(self) -> None:
        self._table, self._count = array("Q", bytes(8 * 1024)), 0

    def add(self, text: str) -> bool:
        """True when it is new. Two texts of one digest would count as the same."""
        value = int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little") or 1
        if 2 * self._count >= len(self._table):
            self._grow()
        table, mask = self._table, len(self._table) - 1
        place = value & mask
        while found := table[place]:
            if found == value:
                return False
            place = (place + 1) & mask
        table[place] = value
        self._count += 1
        return True

    def _grow(self) -> None:
        old = self._table
        self._table = table = array("Q", bytes(16 * len(old)))
        mask = len(table) - 1
        for value in old:
            if value:
                place = value & mask
                while table[place]:
                    place = (place + 1) & mask
                table[place] = value
