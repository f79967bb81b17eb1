"""Languages of short and long texts."""

from __future__ import annotations

import pytest

from workflows.cleaning.measures.text import measure


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I still have not received my new card, can you help?", "en"),
        ("Das Haus steht am Ende der Straße.", "de"),
        ("Je voudrais un café, s’il vous plaît.", "fr"),
        ("今天天气很好，我们去公园吧。", "zh"),
        ("耶律乞奴被谁所杀？", "zh"),
        ("我哋今日去邊度食飯呀？", "zh"),
        ("今日は東京に行きました。", "ja"),
        ("오늘 날씨가 좋습니다.", "ko"),
        ("Сегодня хорошая погода.", "ru"),
        ("Ik kan niet wachten tot de nieuwe serie in november.", "nl"),
    ],
)
def test_sentences_are_told(text: str, language: str) -> None:
    found = measure(text)
    assert found.language == language and found.language_score > 0.65


@pytest.mark.parametrize("text", ["", "!!!", "12345 67890", "hi", "😀😀😀", "—…—", "3.14 + 2 = 5.14"])
def test_what_tells_nothing_has_no_language(text: str) -> None:
    found = measure(text)
    assert (found.language, found.language_score) == ("", 0.0)


def test_of_a_long_text_its_parts_tell() -> None:
    assert measure("Das Haus steht am Ende der Straße, und niemand wohnt darin. " * 20_000).language == "de"
