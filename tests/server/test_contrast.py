"""WCAG 2.2 AA on the tokens themselves: text on whatever it is put on reads at 4.5:1, edges and marks at 3:1, in both themes."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

TOKENS = Path(__file__).resolve().parents[2] / "static" / "css" / "tokens.css"
THEMES = ("light", "dark")
SURFACES = ("bg", "surface", "sunken", "hover")
MEANINGS = ("idle", "info", "good", "warn", "bad", "view")
TEXT = [
    *product(("ink", "ink-2", "ink-3"), SURFACES),
    *product(("accent",), ("bg", "surface", "sunken", "hover", "accent-soft")),
    *product(("ink", "ink-2"), ("accent-soft",)),
    ("on-accent", "accent"), ("on-accent", "accent-edge"),
    *((f"{name}-text", f"{name}-soft") for name in MEANINGS),
    *product([f"{name}-text" for name in MEANINGS], ("bg", "surface")),
    *product(("ink",), [f"{name}-soft" for name in MEANINGS]),
    *((f"label-{n}-on", f"label-{n}") for n in range(1, 13)),
]  # fmt: skip
MARKS = [
    ("line-2", "surface"), ("line-2", "bg"), ("accent", "surface"), ("accent", "bg"), ("accent", "sunken"),
    *((name, "surface") for name in MEANINGS),
]  # fmt: skip


def tokens() -> dict[str, tuple[str, str]]:
    """Colour tokens as (light, dark)."""
    found = {}
    for name, value in re.findall(r"--([\w-]+):\s*([^;]+);", TOKENS.read_text()):
        if both := re.fullmatch(r"light-dark\((#[0-9a-f]{3,6}),\s*(#[0-9a-f]{3,6})\)", value):
            found[name] = (both[1], both[2])
        elif re.fullmatch(r"#[0-9a-f]{3,6}", value):
            found[name] = (value, value)
    return found


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(each * 2 for each in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_measure_agrees_with_the_known_values() -> None:
    assert round(contrast("#000", "#ffffff"), 2) == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


@pytest.mark.parametrize("theme", THEMES)
def test_text_reads_on_what_it_stands_on(theme: str) -> None:
    known, at = tokens(), THEMES.index(theme)
    low = {f"{text} on {ground}": round(ratio, 2) for text, ground in TEXT if (ratio := contrast(known[text][at], known[ground][at])) < 4.5}
    assert not low


@pytest.mark.parametrize("theme", THEMES)
def test_edges_and_marks_can_be_seen(theme: str) -> None:
    known, at = tokens(), THEMES.index(theme)
    low = {f"{mark} on {ground}": round(ratio, 2) for mark, ground in MARKS if (ratio := contrast(known[mark][at], known[ground][at])) < 3}
    assert not low
