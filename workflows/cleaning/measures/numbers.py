"""Numbers that prove themselves: cards by Luhn and their issuer's lengths, Chinese identity numbers by date and check character."""

from __future__ import annotations

from datetime import date

# First digits of an issuer, from and to, and how many digits its cards have.
ISSUERS = (
    ("300", "305", (14,)),  # Diners Club
    ("34", "34", (15,)),  # American Express
    ("3528", "3589", (16, 17, 18, 19)),  # JCB
    ("36", "36", (14, 15, 16, 17, 18, 19)),
    ("37", "37", (15,)),
    ("38", "39", (14, 15, 16, 17, 18, 19)),
    ("4", "4", (13, 16, 19)),  # Visa
    ("51", "55", (16,)),  # Mastercard
    ("2221", "2720", (16,)),
    ("6011", "6011", (16, 17, 18, 19)),  # Discover
    ("62", "62", (16, 17, 18, 19)),  # UnionPay
    ("644", "659", (16, 17, 18, 19)),
)
PROVINCES = frozenset(["11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82", "83"])
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"


def luhn(digits: str) -> bool:
    """Whether the check digit at the end is right (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_card(digits: str) -> bool:
    """Whether digits without separators may be the number of a payment card."""
    if len(set(digits)) < 2 or not any(len(digits) in lengths and low <= digits[: len(low)] <= high for low, high, lengths in ISSUERS):
        return False
    return luhn(digits)


def is_identity(number: str) -> bool:
    """Whether 17 digits and a check character are a Chinese resident's identity number (GB 11643)."""
    if len(number) != 18 or number[:2] not in PROVINCES or not 1800 <= int(number[6:10]) <= 2099:
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], WEIGHTS, strict=True))
    return CHECKS[total % 11] == number[17].upper()
