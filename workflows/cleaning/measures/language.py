"""Which language a text is in, by py3langid: naive Bayes over byte sequences, its model of 140 languages in the package.

The model is read at first use (half a second, 80 MB) and stays. Of long texts three pieces are looked at. Closely related languages that
the model tells apart and ISO 639-1 does not count as the one that has a code: Wu and Cantonese as Chinese.
"""

from __future__ import annotations

from functools import cache
from typing import Any

# Fewer letters tell nothing; below this share no language is the likeliest by much.
LETTERS, SOLID_LETTERS, SURE = 4, 1, 0.3
PIECE = 400
SAME = {
    "wuu": "zh",
    "yue": "zh",
    "pcm": "en",
    "arz": "ar",
    "ary": "ar",
    "nn": "no",
    "uzs": "uz",
    "sdh": "ku",
    "hbo": "he",
    "grc": "el",
    "gug": "gn",
    "kik": "ki",
}


def tell(text: str, letters: int, solid: int) -> tuple[str, float]:
    """ISO 639-1 code and probability of the likeliest language; ("", 0) when it cannot be told. `letters`: how many the text has, and of them
    those of scripts without spaces."""
    if letters < LETTERS and solid < SOLID_LETTERS:
        return "", 0.0
    shares: dict[str, float] = {}
    for code, share in _identifier().rank(_sample(text)):
        code = SAME.get(code, code)
        shares[code] = shares.get(code, 0.0) + share
    best = max(shares, key=shares.__getitem__)
    if shares[best] < SURE or len(best) != 2:
        return "", 0.0
    return best, min(1.0, shares[best])


def _sample(text: str) -> str:
    if len(text) <= 3 * PIECE:
        return text
    middle = (len(text) - PIECE) // 2
    return "\n".join((text[:PIECE], text[middle : middle + PIECE], text[-PIECE:]))


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
