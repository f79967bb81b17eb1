"""Signs of a broken encoding: texts that were really read wrong show them, sound ones of many languages do not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cleaning.texts_at_hand import chinese, reviews, tweets
from workflows.cleaning.measures.text import measure

SOUND = (
    "Ça va? «À bientôt», dit-il… L’ÉTÉ»",
    "“NÃO, É A MAÇÃ”",
    "Â vôi – thuốc lá, Đà Nẵng",
    "Größe: 5 µm ± 2 °C, £3 ½",
    "Привет, мир! «Да»",
    "中文：「引号」——省略号……（括号）",
    "日本語のテキスト、カタカナ。",
    "สวัสดีครับ",
    "Íslenska: ð, þ, æ – „gæsalappir“",
    "👩‍👩‍👧 ❤️ 🏳️‍🌈",
    "tab\tand\r\nlines",
    "cafe\u0301 only decomposed",
    "علی‌رضا",
)


@pytest.mark.parametrize("text", SOUND)
def test_sound_texts_show_nothing(text: str) -> None:
    assert measure(text).broken == 0


@pytest.mark.parametrize("text", ["café", "l’été", "naïve – “quoted”", "€ 5", "nbsp\u00a0here", "Привет", "中文字符", "日本語", "😀"])
@pytest.mark.parametrize("wrong", ["cp1252", "latin-1"])
def test_utf8_read_as_a_western_encoding_shows(text: str, wrong: str) -> None:
    """Bytes that Windows-1252 has no character for stay as they are, as browsers and Python's `latin-1` leave them."""
    read = "".join(bytes([byte]).decode(wrong, "replace").replace("\ufffd", chr(byte)) for byte in text.encode())
    assert measure(read).broken > 0


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("lost \ufffd\ufffd here", 2),
        ("bell \x07, escape \x1b", 2),
        ("\ufeffmark", 1),
        ("locked 锟斤拷锟斤拷", 2),
        ("ï»¿mark", 1),
        ("half \ud83d", 1),
        ("none \uffff", 1),
        ("caf\u00e9 and cafe\u0301", 1),
    ],
)
def test_signs_are_counted(text: str, count: int) -> None:
    assert measure(text).broken == count


def test_real_texts_are_sound(data: Callable[[str], Path]) -> None:
    """None of 2,000 tweets, reviews and Chinese questions has a replacement or control character, or a known misreading, when looked for by hand."""
    texts = tweets(data("wnut17_ner"))[:1000] + reviews(data("uci_sentiment_sentences")) + chinese(data("cmrc2018_zh_spans"))[1][:300]
    assert not [text for text in texts if measure(text).broken]
