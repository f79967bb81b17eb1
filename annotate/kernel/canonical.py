"""Canonical JSON: one text per value on any machine, and a reader that refuses what the text could not say.

Annotations, schema versions and version leaves are stored and hashed in this form: keys sorted by code point, no blanks,
UTF-8 unescaped, integral floats as integers, other floats in their shortest form that reads back equal (Python's `repr`).
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from typing import Any

import orjson

from annotate.kernel.errors import Invalid

MAX_DEPTH = 64
_LARGEST_EXACT = 2**53


_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_AS_THEY_ARE = frozenset((str, int, bool, type(None)))  # exact types, looked up first: imports come by here millions of times


def _plain(value: Any) -> Any:
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise Invalid("a number is not finite", code="not_finite")
        if value.is_integer() and abs(value) < _LARGEST_EXACT:
            return int(value)
        return value
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def dumps(value: Any) -> str:
    """The canonical text of a JSON value; `Invalid` on NaN or infinity."""
    return _encoder.encode(_plain(value))


def digest(text: str | bytes) -> bytes:
    """sha256, 32 raw bytes."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).digest()


def _no_constant(name: str) -> Any:
    raise Invalid(f"{name} is not JSON", code="not_finite")


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Invalid(f"the number {text[:20]} is out of range", code="not_finite")
    return number


def _int(text: str) -> int:
    if len(text) > 20:
        raise Invalid(f"the number {text[:20]}… is out of range", code="out_of_range")
    number = int(text)
    if not -(2**63) <= number < 2**63:
        raise Invalid(f"the number {text} is out of range", code="out_of_range")
    return number


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in pairs:
        if key in out:
            raise Invalid(f"the key {key[:80]!r} stands twice in one object", code="duplicate_key")
        out[key] = value
    return out


_decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_float, parse_int=_int)


_lenient = json.JSONDecoder(object_pairs_hook=_unique, parse_int=_int)

_NUMBERS = frozenset((int, float, bool, type(None)))


def _check(value: Any, depth: int = 0) -> None:
    if depth > MAX_DEPTH:
        raise Invalid(f"nested deeper than {MAX_DEPTH} levels", code="too_deep")
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, dict):
        for key, inner in value.items():
            check_text(key)
            if type(inner) not in _NUMBERS:
                _check(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            if type(inner) not in _NUMBERS:
                _check(inner, depth + 1)


def check_text(text: str) -> str:
    """The text itself, or `Invalid` when a database or a UTF-8 file could not hold it."""
    if "\x00" in text:
        raise Invalid("a text contains NUL (U+0000)", code="bad_text")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Invalid("a text contains half of a surrogate pair", code="bad_text") from error
    return text


_DIGITS = bytes(48 if 48 <= byte < 58 else byte for byte in range(256))
_LONG = b"0" * 19
_ESCAPED = re.compile(rb"\\u00(?:00|3[aA])")  # NUL, and a colon that the count would miss
_UNSURE = object()


def _quick(raw: bytes) -> Any:
    """The value of a text that is beyond doubt, read by orjson; `_UNSURE` where only the careful reader can tell.

    Keys stand twice when the text holds more colons than the value written out again: nothing else hides one, since escaped
    colons send a text to the careful reader. So do NUL, numbers of 19 digits and what orjson does not take.
    """
    if (b"\\u" in raw and _ESCAPED.search(raw)) or _LONG in raw.translate(_DIGITS):
        return _UNSURE
    try:
        value = orjson.loads(raw)
        if orjson.dumps(value).count(b":") != raw.count(b":"):
            return _UNSURE
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return _UNSURE
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH:
        level, depth = [value], 0
        while level:
            level = [
                inner
                for each in level
                if each.__class__ is dict or each.__class__ is list
                for inner in (each.values() if each.__class__ is dict else each)
            ]
            depth += 1
            if depth > MAX_DEPTH:
                return _UNSURE
    return value


def loads_strict(text: str | bytes, *, finite: bool = True) -> Any:
    """Parse JSON; `Invalid` on NaN, infinities, duplicate keys, NUL, lone surrogates, huge numbers and deep nesting.

    `finite=False` lets NaN and infinities by, for a reader that refuses the object that holds one and keeps its siblings.
    """
    if isinstance(text, bytes):
        value = _quick(text)
        if value is not _UNSURE:
            return value
        try:
            text = text.decode("utf-8-sig" if text.startswith(b"\xef\xbb\xbf") else "utf-8")
        except UnicodeDecodeError as error:
            raise Invalid(f"not UTF-8 at byte {error.start}", code="not_utf8") from error
    try:
        value = (_decoder if finite else _lenient).decode(text)
    except json.JSONDecodeError as error:
        raise Invalid(f"not JSON: {error.msg} at line {error.lineno} column {error.colno}", code="not_json") from error
    except RecursionError as error:
        raise Invalid(f"nested deeper than {MAX_DEPTH} levels", code="too_deep") from error
    _check(value)
    return value
