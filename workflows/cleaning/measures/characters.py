"""What a character counts as, looked up for a whole text at once.

A table with one byte per code point, made at first use from Python's own Unicode data. Punctuation is what Unicode calls so, without the signs that
stand for something else (#, @, *, …): those are symbols.
"""

from __future__ import annotations

from functools import cache
from unicodedata import category

import numpy as np
from numpy.typing import NDArray

# In order of use below; SOLID letters are those of scripts that put no space between words.
SYMBOL, SPACE, PUNCTUATION, CONTROL, FORMAT, MARK, DIGIT, LETTER, SOLID = range(9)
# Only here is anything assigned that a table is needed for; all else counts as a symbol.
ASSIGNED = ((0, 0x33480), (0xE0000, 0xE0200))
NOT_USUAL = frozenset("#@*\\/&%_§¶†‡•‰‱※‗⁂⁎⁑")
SOLID_RANGES = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),
    (0x3021, 0x312F),  # kana, bopomofo
    (0x31A0, 0x31BF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9D),
    (0x1B000, 0x1B16F),
    (0x20000, 0x33480),
)


@cache
def classes() -> NDArray[np.uint8]:
    """The class of each code point: 1,114,112 bytes."""
    table = np.zeros(0x110000, np.uint8)
    for low, high in ASSIGNED:
        table[low:high] = [_class(chr(code)) for code in range(low, high)]
    for low, high in SOLID_RANGES:
        part = table[low : high + 1]
        part[part == LETTER] = SOLID
    table[0x3007] = SOLID  # 〇 is a number to Unicode
    table[0xFE00:0xFE10] = FORMAT  # selectors of how an emoji is drawn
    return table


def codes(text: str) -> NDArray[np.uint32]:
    """The code points of a text; lone surrogates too."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


def _class(character: str) -> int:
    if character.isspace():
        return SPACE
    kind = category(character)
    if kind[0] == "P":
        return SYMBOL if character in NOT_USUAL else PUNCTUATION
    return {"L": LETTER, "M": MARK, "N": DIGIT, "Z": SPACE}.get(kind[0]) or {"Cc": CONTROL, "Cf": FORMAT}.get(kind, SYMBOL)
