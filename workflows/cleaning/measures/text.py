"""The facts of one text that rules look at, measured once per content: time and memory grow with its length, nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from unicodedata import normalize

import numpy as np

from workflows.cleaning.measures import characters, encoding, language, minhash, repetition
from workflows.cleaning.measures import personal as private
from workflows.cleaning.measures.characters import LETTER, MARK, SOLID, SPACE, SYMBOL
from workflows.cleaning.measures.words import find_words

VERSION = 1


@dataclass(frozen=True)
class TextFacts:
    """What `rules.columns.TEXTS` says of each. `mean_word` is None where words are not parted by spaces, `personal` bits of `measures.personal`, `normal`
    0 when nothing but spaces and punctuation is there, `bands` 14 numbers of 64 bits."""

    characters: int
    words: int
    mean_word: float | None
    symbols: float
    repeated: float
    language: str
    language_score: float
    personal: int
    broken: int
    normal: int
    bands: tuple[int, ...]


def measure(text: str) -> TextFacts:
    """The facts of a text of any length and content."""
    codes = characters.codes(text)
    kinds = characters.classes()[codes]
    symbols = int(np.count_nonzero(kinds == SYMBOL)) / max(1, len(codes))
    broken = encoding.broken(text, codes, kinds)
    folded = fold(text)
    if folded != text:
        codes = characters.codes(folded)
        kinds = characters.classes()[codes]
    words = find_words(codes, kinds)
    kept = codes[(kinds == SYMBOL) | (kinds >= MARK)]
    solid = int(np.count_nonzero(kinds == SOLID))
    code, score = language.tell(text, int(np.count_nonzero(kinds == LETTER)) + solid, solid)
    return TextFacts(
        characters=len(text),
        words=len(words.hashes),
        mean_word=words.mean,
        symbols=symbols,
        repeated=repetition.repeated(codes, kinds == SPACE, words),
        language=code,
        language_score=score,
        personal=private.personal(folded),
        broken=broken,
        normal=int.from_bytes(sha256(kept.astype("<u4").tobytes()).digest()[:8], "big") if len(kept) else 0,
        bands=minhash.bands(words.hashes),
    )


def fold(text: str) -> str:
    """A text without differences of case and width: NFKC, case folded."""
    if text.isascii():
        return text.lower()
    return normalize("NFKC", normalize("NFKC", text).casefold())
