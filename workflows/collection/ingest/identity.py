"""Ids of imported objects: made from the content, so that the same input gives the same document again."""

from __future__ import annotations

import hashlib

_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}

def stable_id(seed: str) -> str:
    """A UUID (version 5 by its bits) that the seed alone decides."""
    text = hashlib.blake2b(seed.encode(), digest_size=16).hexdigest()
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:]}"
