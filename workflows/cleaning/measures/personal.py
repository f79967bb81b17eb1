"""Which kinds of personal data a text holds. Patterns run on RE2; what they find has to prove itself where it can.

Text comes folded (NFKC, lower case), so full-width digits and signs are found too. What looks alike and is not meant: version and section numbers,
times, order numbers, names of pictures with an `@`.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Any

import re2

from workflows.cleaning.measures.numbers import is_card, is_identity

EMAIL, IP, PHONE, CARD, IDENTITY = 1, 2, 4, 8, 16
NAMES = {"email": EMAIL, "ip": IP, "phone": PHONE, "card": CARD, "identity": IDENTITY}

_EMAIL = re2.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{0,63}[a-z0-9_+-]@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+)([a-z]{2,24})(?:[^a-z0-9@_-]|$)")
_NOT_TOP = frozenset((b"png", b"jpg", b"jpeg", b"gif", b"webp", b"svg", b"bmp", b"tif", b"tiff", b"avif", b"heic"))
_IP4 = re2.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
_IP6 = re2.compile(r"(?:[0-9a-f]{1,4}:|::)(?:[0-9a-f]{0,4}:){0,7}[0-9a-f]{1,4}")
_DIGITS = re2.compile(r"[0-9][0-9 .()+-]{5,}[0-9]")
_CARD = re2.compile(
    r"[0-9]{4}(?:[ -][0-9]{4}){3}(?:[ -][0-9]{1,3})?|[0-9]{4}[ -][0-9]{6}[ -][0-9]{4,5}|[0-9]{6}[ -][0-9]{13}|[0-9]{13,19}"
)
_IDENTITY = re2.compile(r"[1-9][0-9]{16}[0-9x]")
_MOBILE = re2.compile(r"(?:\+?86[ -]?)?1[3-9][0-9](?:[0-9]{8}|[ -][0-9]{4}[ -][0-9]{4})")
_PHONES = (
    re2.compile(r"\+[1-9](?:[ .()-]{0,2}[0-9]){8,14}"),
    re2.compile(r"00[1-9][0-9]{0,2}[ .-]\(?[0-9](?:[ .()-]{0,2}[0-9]){6,12}"),
    re2.compile(r"(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-])[2-9][0-9]{2}[ .-][0-9]{4}"),
    re2.compile(r"(?:\(0(?:10|2[0-9]|[3-9][0-9]{2})\) ?|0(?:10|2[0-9]|[3-9][0-9]{2})-)[2-9][0-9]{6,7}"),
)
_ROW = re2.compile(r"[0-9]{3} [0-9]{3} [0-9]{4}")  # may be any three numbers, when nothing calls it a phone
# What stands right before a number that names a version, or an order.
_VERSION = re2.compile(r"(?:\b(?:v|ver|version|release|build|firmware)|版|版本|版本号|固件)[ .:]{0,2}$")
_ORDER = re2.compile(
    r"(?:\b(?:order|invoice|tracking|serial|ref|reference|item|sku|isbn|id)(?: ?(?:no|id|number|code|#|is))?|#|№|订单|单号|编号|流水号|工号|学号|批号|货号)"
    r"[ .:#=是为]{0,4}$"
)
_PHONE_WORD = re2.compile(r"(?:phone|mobile|\btel|\bcell|\bcall|手机|电话|联系)[^0-9]{0,16}$")
BEFORE = 32  # bytes that are looked at before a number


def personal(folded: str) -> int:
    """The bits of the kinds found in a folded text."""
    text = folded.encode("utf-8", "surrogatepass")
    found = EMAIL if b"@" in text and any(_emails(text)) else 0
    if _is_ip(text):
        found |= IP
    if _DIGITS.search(text) is None:
        return found
    if any(is_identity(number.decode()) for number, _ in _alone(_IDENTITY, text)):
        found |= IDENTITY
    if any(is_card(number.replace(b" ", b"").replace(b"-", b"").decode()) and not _ORDER.search(before) for number, before in _alone(_CARD, text)):
        found |= CARD
    if _is_phone(text):
        found |= PHONE
    return found


def names(bits: int) -> list[str]:
    return [name for name, bit in NAMES.items() if bits & bit]


def _emails(text: bytes) -> Iterator[bool]:
    for match in _EMAIL.finditer(text):
        yield match.group(2) not in _NOT_TOP


def _is_ip(text: bytes) -> bool:
    if text.count(b".") >= 3 and any(_ip4(number, before) for number, before in _alone(_IP4, text)):
        return True
    return text.count(b":") >= 2 and any(_ip6(number) for number, _ in _alone(_IP6, text, also=b":"))


def _ip4(number: bytes, before: bytes) -> bool:
    """Not what names no one's machine, and not what counts versions or sections: four different single digits, or said to be a version."""
    try:
        address = IPv4Address(number.decode())
    except AddressValueError:
        return False
    parts = number.split(b".")
    single = all(len(part) == 1 for part in parts) and len(set(parts)) > 1
    nobody = address.is_loopback or address.is_unspecified or parts[0] in (b"0", b"255")
    return not (single or nobody or _VERSION.search(before))


def _ip6(number: bytes) -> bool:
    groups = [group for group in number.split(b":") if group]
    if len(groups) < 2 or (len(groups) == 2 and len(groups[0]) < 4) or number.isalpha() or not any(48 <= byte < 58 for byte in number):
        return False
    try:
        IPv6Address(number.decode())
    except AddressValueError:
        return False
    return True


def _is_phone(text: bytes) -> bool:
    for number, before in _alone(_MOBILE, text):
        if number.startswith(b"+") or not _ORDER.search(before) or _PHONE_WORD.search(before):
            return True
    for pattern in _PHONES:
        for number, before in _alone(pattern, text):
            if _ORDER.search(before) or (_ROW.fullmatch(number) and not _PHONE_WORD.search(before)):
                continue
            return True
    return False


def _alone(pattern: Any, text: bytes, *, also: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
    """What the pattern finds that stands alone, with what stands before it: no letter or digit touches it, nor a dot (or `also`) with a digit behind it."""
    also += b"."
    for match in pattern.finditer(text):
        start, end = match.span()
        if start and (_touches(text[start - 1]) or (text[start - 1] in also and text[start - 2 : start - 1].isdigit())):
            continue
        if end < len(text) and (_touches(text[end]) or (text[end] in also and text[end + 1 : end + 2].isdigit())):
            continue
        yield match.group(), text[max(0, start - BEFORE) : start]


def _touches(byte: int) -> bool:
    return 48 <= byte < 58 or 97 <= byte < 123 or byte == 95
