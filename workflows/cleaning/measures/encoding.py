"""Signs in a text that its bytes were once read in a wrong encoding, or were damaged on the way.

Counted are U+FFFD, control characters but tab and line ends, byte order marks, noncharacters and halves of surrogate pairs, UTF-8 that was read as
Windows-1252 or Latin-1 (`Ã©`, `â€™`, `ä¸­æ–‡`) or as GBK (`锟斤拷`), and letters written as two characters in a text that also has such letters as one.
"""

from __future__ import annotations

from unicodedata import is_normalized, normalize

import numpy as np
import re2
from numpy.typing import NDArray

from workflows.cleaning.measures.characters import CONTROL

# What the bytes 80 to BF become in Windows-1252 (or Latin-1, for bytes without a character there).
_CP1252 = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
NEXT = f"[{_CP1252}\u0080-\u00bf]"
# After a letter that words may end in, quotation marks, dashes and dots are no sign of anything.
NEXT_TO_LETTER = "[€‚ƒ„†‡ˆ‰Š‹ŒŽ•˜šœžŸ\u0080-\u00aa\u00ac-\u00ba\u00bc-\u00bf]"
MISREAD = re2.compile(
    "|".join(
        (
            f"[ÂÃ]{NEXT_TO_LETTER}",
            f"(?:[Ð-Ñ]{NEXT}){{2,}}",
            f"â[€‚„†ˆ‰Š‹Œ˜šœžŸ\u0080-\u009f]{NEXT}",
            f"(?:[ã-é]{NEXT}{NEXT}){{2,}}",
            f"ðŸ{NEXT}{NEXT}",
            "ï¿½",
            "ï»¿",
            "锟斤拷",
        )
    )
)
NOT_LATIN = "ÂÃÐÑâãäåæçèéðï锟"  # what every one of them begins with


def broken(text: str, codes: NDArray[np.uint32], kinds: NDArray[np.uint8]) -> int:
    """How many such signs the text has; `codes` and `kinds` are its code points and their classes."""
    found = np.count_nonzero(kinds == CONTROL)
    if text.isascii():
        return int(found)
    odd = codes[codes >= 0xD800]
    wrong = (odd == 0xFFFD) | (odd == 0xFEFF) | ((odd & 0xFFFE) == 0xFFFE) | (odd < 0xE000) | ((odd >= 0xFDD0) & (odd <= 0xFDEF))
    found += np.count_nonzero(wrong)
    if any(sign in text for sign in NOT_LATIN):
        found += sum(1 for _ in MISREAD.finditer(text.encode("utf-8", "surrogatepass")))
    return int(found) + _mixed(text)


def _mixed(text: str) -> int:
    if is_normalized("NFC", text):
        return 0
    composed = normalize("NFC", text)
    return max(0, len(text) - len(composed)) if len(normalize("NFD", text)) > len(text) else 0
