"""Spans against the text they lie in: is the quote what stands there, and do its ends lie between characters. Offsets are code points.

A character is what a reader takes for one: a letter with its marks, a flag, a family of emoji. The rules are those of Unicode's text
segmentation (UAX 29, extended grapheme clusters) as far as the standard library's categories tell them.
"""

from __future__ import annotations

from typing import Any
from unicodedata import category

FINE, MISQUOTED, SPLIT, UNKNOWN = 0, 1, 2, -1
_JOINER = "\u200d"
_SPACING = "\u0e33\u0eb3"  # letters of Thai and Lao that stand with the one before them
_EXTENDING = "\u200c\uff9e\uff9f"


def misquoted(thing: dict[str, Any], text: str | None) -> int:
    """`FINE`, `MISQUOTED` where the quote is not what stands there (or nothing does), `SPLIT` where an end is inside a character,
    `UNKNOWN` without a text."""
    if text is None:
        return UNKNOWN
    start, end, quote = thing.get("start"), thing.get("end"), thing.get("text")
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end <= len(text):
        return MISQUOTED
    if quote is not None and text[start:end] != quote:
        return MISQUOTED
    return SPLIT if inside(text, start) or inside(text, end) else FINE


def inside(text: str, place: int) -> bool:
    """Whether the place before `text[place]` is inside a character."""
    if place <= 0 or place >= len(text):
        return False
    before, after = text[place - 1], text[place]
    if before < "\u0300" and after < "\u0300":
        return before == "\r" and after == "\n"
    if before in "\r\n" or category(before) in ("Cc", "Zl", "Zp"):
        return False
    if after == _JOINER or after in _SPACING or _extends(after):
        return True
    if before == _JOINER:
        return _pictured(after) and _pictured(_base(text, place - 1))
    if _flag(before) and _flag(after):
        run = 1
        while place - run - 1 >= 0 and _flag(text[place - run - 1]):
            run += 1
        return run % 2 == 1
    return _syllable(before, after) or ("\ud800" <= before <= "\udbff" and "\udc00" <= after <= "\udfff")


def _extends(sign: str) -> bool:
    """Marks, variation selectors, skin tones and tags: they belong to what stands before them."""
    return category(sign) in ("Mn", "Me", "Mc") or "\U0001f3fb" <= sign <= "\U0001f3ff" or "\U000e0020" <= sign <= "\U000e007f" or sign in _EXTENDING


def _base(text: str, place: int) -> str:
    """The sign before `place` that marks stand on; empty at the beginning."""
    while place > 0 and _extends(text[place - 1]):
        place -= 1
    return text[place - 1] if place > 0 else ""


def _pictured(sign: str) -> bool:
    """Emoji that are joined to others: hearts, people, arrows, signs."""
    return sign != "" and (sign in "\u00a9\u00ae" or category(sign) in ("So", "Sm", "Cn")) and not _flag(sign)


def _flag(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def _syllable(before: str, after: str) -> bool:
    """Parts of one Korean syllable: consonant, vowel, closing consonant."""
    first, second = _jamo(before), _jamo(after)
    return (first == "L" and second in ("L", "V", "LV", "LVT")) or (first in ("LV", "V") and second in ("V", "T")) or (first in ("LVT", "T") and second == "T")


def _jamo(sign: str) -> str:
    if "\u1100" <= sign <= "\u115f" or "\ua960" <= sign <= "\ua97c":
        return "L"
    if "\u1160" <= sign <= "\u11a7" or "\ud7b0" <= sign <= "\ud7c6":
        return "V"
    if "\u11a8" <= sign <= "\u11ff" or "\ud7cb" <= sign <= "\ud7fb":
        return "T"
    if "\uac00" <= sign <= "\ud7a3":
        return "LVT" if (ord(sign) - 0xAC00) % 28 else "LV"
    return ""
