"""Ids of imported objects: made from the content, so that the same input gives the same document again."""

from __future__ import annotations

import hashlib


def stable_id(seed: str) -> str:
    """A UUID (version 5 by its bits) that the seed alone decides."""
    raw = bytearray(hashlib.blake2b(seed.encode(), digest_size=16).digest())
    raw[6] = raw[6] & 0x0F | 0x50
    raw[8] = raw[8] & 0x3F | 0x80
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
