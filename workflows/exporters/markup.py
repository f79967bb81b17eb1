"""XML as text: values escaped, numbers in their shortest exact form. Pure."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape, quoteattr

# What XML 1.0 cannot hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def number(value: float) -> str:
    """The shortest text that reads back as the number.

    >>> number(2.0), number(0.1), number(1e-7)
    ('2', '0.1', '1E-7')
    """
    return _text(Decimal(repr(value)))


def total(first: float, second: float) -> str:
    """The sum in decimals, so that the difference read back from it is the very second number.

    >>> total(0.1, 0.2)
    '0.3'
    """
    return _text(Decimal(repr(first)) + Decimal(repr(second)))


def _text(value: Decimal) -> str:
    if value == value.to_integral_value() and abs(value) < 2**53:
        return str(int(value))
    return str(value)


def words(value: str) -> str:
    """Text of an element."""
    return escape(_FORBIDDEN.sub("\ufffd", value), {"\r": "&#13;"})


def tag(name: str, values: dict[str, Any], end: str = ">") -> str:
    """The opening of an element with those attributes that are not None."""
    given = (f" {key}={quoteattr(_FORBIDDEN.sub(chr(0xFFFD), str(value)))}" for key, value in values.items() if value is not None)
    return f"<{name}{''.join(given)}{end}"
