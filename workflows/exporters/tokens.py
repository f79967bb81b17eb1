"""Texts as tokens with tags. Pure.

The tokeniser, stated once: a token is a run of letters, digits and underscores (as Unicode has them), a Chinese, Japanese or Korean
character by itself, or any other character that is no blank, by itself. A line end ends a sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

_ALONE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
_TOKEN = re.compile(rf"[{_ALONE}]|[^\W{_ALONE}]+|[^\w\s]")

Token = tuple[int, int]  # start and end, code points of the text


def sentences(text: str) -> Iterator[list[Token]]:
    """The tokens of each line that has any.

    >>> [[("Rain in 北京!"[a:b]) for a, b in one] for one in sentences("Rain in 北京!")]
    [['Rain', 'in', '北', '京', '!']]
    """
    line: list[Token] = []
    end = 0
    for found in _TOKEN.finditer(text):
        if line and "\n" in text[end : found.start()]:
            yield line
            line = []
        line.append(found.span())
        end = found.end()
    if line:
        yield line


def apart(spans: Iterable[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """The spans that do not overlap, in order, and how many were left out: of two that do, the one that begins first stays, then the longer."""
    kept: list[dict[str, Any]] = []
    left = 0
    for one in sorted(spans, key=lambda one: (one["start"], -one["end"])):
        if kept and one["start"] < kept[-1]["end"]:
            left += 1
        else:
            kept.append(one)
    return kept, left


def tagged(text: str, spans: Iterable[dict[str, Any]], notes: Counter[str]) -> list[list[tuple[Token, str]]]:
    """Sentences of tokens with IOB2 tags. Notes count spans that are left out and those that end inside a token and are widened to it."""
    kept, left = apart(spans)
    if left:
        notes["spans_that_overlap_left_out"] += left
    waiting = iter(kept)
    span = next(waiting, None)
    made, begun, last = [], False, (0, 0)
    for sentence in sentences(text):
        line = []
        for number, (start, end) in enumerate(sentence):
            while span is not None and span["end"] <= start:
                _settle(span, begun, last, notes)
                span, begun = next(waiting, None), False
            tag = "O"
            if span is not None and span["start"] < end:
                if not begun and start != span["start"]:
                    notes["spans_widened_to_tokens"] += 1
                if begun and not number:
                    notes["spans_parted_by_line_ends"] += 1
                tag = f"{'I' if begun and number else 'B'}-{span['label']}"
                begun, last = True, (start, end)
            line.append(((start, end), tag))
        made.append(line)
    while span is not None:
        _settle(span, begun, last, notes)
        span, begun = next(waiting, None), False
    return made


def _settle(span: dict[str, Any], begun: bool, last: Token, notes: Counter[str]) -> None:
    """A span is over: count what of it the tags do not say."""
    if not begun:
        notes["spans_without_a_token"] += 1
    elif last[1] > span["end"]:
        notes["spans_widened_to_tokens"] += 1
    elif last[1] < span["end"]:
        notes["spans_narrowed_to_tokens"] += 1
