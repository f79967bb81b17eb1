"""Ids of objects that several people's objects come to: the same whenever the same objects of the same people come together (UUID version 5). Pure numpy."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

NAMESPACE = uuid.UUID("5e1c6f0a-52a8-5f0e-9d3b-7a4c1e0b9f26")  # of the ids made here
_BEFORE = NAMESPACE.bytes
AS_IT_IS = re.compile(r"[ -\[\]-~]*")  # what JSON writes as it is, but for quotes
_DIGITS = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), dtype=np.uint8).reshape(256, 2)
_PLACES = np.array([place for place in range(36) if place not in (8, 13, 18, 23)])  # of the digits between the dashes


def id_of(item: Any, members: Sequence[str]) -> str:
    """Of the objects `members` (whose, and which of theirs) of an item."""
    text = '", "'.join((str(item), *members))
    plain = text.count('"') == 2 * len(members) and AS_IT_IS.fullmatch(text)
    said = f'["{text}"]' if plain else json.dumps([str(item), *members])  # the same text, sooner
    digest = bytearray(_hashed(said)[:16])  # uuid5, sooner
    digest[6], digest[8] = digest[6] & 0x0F | 0x50, digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def ids_of(said: Iterable[str]) -> list[str]:
    """Of many, sooner still: each given as JSON, [item, members…] as texts."""
    raw = np.frombuffer(b"".join(map(_hashed, said)), dtype=np.uint8).reshape(-1, 20)[:, :16].copy()
    raw[:, 6], raw[:, 8] = raw[:, 6] & 0x0F | 0x50, raw[:, 8] & 0x3F | 0x80
    texts = np.full((len(raw), 36), ord("-"), dtype=np.uint8)
    texts[:, _PLACES] = _DIGITS[raw].reshape(-1, 32)
    whole = texts.tobytes().decode()
    return [whole[at : at + 36] for at in range(0, len(whole), 36)]


def _hashed(said: str) -> bytes:
    return hashlib.sha1(_BEFORE + said.encode(), usedforsecurity=False).digest()
