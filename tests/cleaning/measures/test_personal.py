"""Personal data: published examples are found, what only looks like it is not."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cleaning.texts_at_hand import chinese, questions, reviews
from workflows.cleaning.measures.numbers import is_card, is_identity, luhn
from workflows.cleaning.measures.personal import names
from workflows.cleaning.measures.text import measure

FOUND = {
    "email": ("Mail Jo.Doe+x@example.co.uk.", "张三邮箱zhang@qq.com。", "ｆｏｏ＠ｂａｒ．ｃｏｍ", "<a@b.io>", "mailto:first-last@sub.example.org?x"),
    "ip": ("at 192.168.1.10", "8.8.8.8", "http://93.184.216.34:8080/x", "地址10.1.2.3。", "10.1.2.3.", "2001:db8::1", "2001:0db8:85a3:0000:0000:8a2e:0370:7334", "fe80::1%eth0", "ip:2001:db8::1: up", "::ffff:c000:280"),
    "phone": (
        "+44 20 7946 0958",
        "+1 (555) 123-4567",
        "+14155552671",
        "0044 20 7946 0958",
        "call (415) 555-2671",
        "415-555-2671",
        "手机号：13812345678",
        "我的号码是13812345678，谢谢",
        "+86 138 1234 5678",
        "86-13812345678",
        "138-1234-5678",
        "１３８１２３４５６７８",
        "北京 010-62785001",
        "phone no: 13812345678",
        "Tel.13812345678.",
        "call 415 555 2671",
    ),
    "card": ("4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005", "卡号4012888888881881。", "6011111111111117", "3530111333300000", "30569309025904", "3782 822463 10005", "exp 12 4111 1111 1111 1111 cvv"),
    "identity": ("身份证440524188001010014，", "id 11010519491231002X", "11010519491231002x"),
}
NOTHING = (
    "@name and a@b, user@host, icon@2x.png",
    "version 10.0.19.41, v2.10.3.7, Chrome/91.0.4472.124",
    "1.2.3 and 1.2.3.4 Scope, 1.2.3.4.5, 300.1.1.1, 127.0.0.1, 0.0.0.0",
    "12:30:45, std::vector, 00:1a:2b:3c:4d:5e, a::b, ::",
    "order no: 13812345678, 订单号13812345678，单号：15912345678",
    "2024-01-15 10:20:30, 20240115103000, 12345678901",
    "UTC+0800, +15 %, tel: 12345, 100-200-3000, 1,234,567,890",
    "ISBN 978-3-16-148410-0, 9783161484100",
    "4111 1111 1111 1112, 0000 0000 0000 0000, 1234567890123452",
    "11010519491231002 and 110105194912310021, 11010519491331002X, 990105194912310025",
    "x4111111111111111x, 991381234567800",
    "0.13812345678 and 13812345678.50 and 1.4111111111111111",
    "rows of 250 300 2000 and 4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
    "order 4111111111111111",
)


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in FOUND.items() for text in texts])
def test_personal_data_is_found(kind: str, text: str) -> None:
    assert names(measure(text).personal) == [kind]


@pytest.mark.parametrize("text", NOTHING)
def test_what_looks_alike_is_not(text: str) -> None:
    assert names(measure(text).personal) == []


def test_kinds_add_up() -> None:
    text = "Write to a@b.org from 10.1.2.3, call +14155552671, pay with 4111 1111 1111 1111, I am 11010519491231002X."
    assert names(measure(text).personal) == ["email", "ip", "phone", "card", "identity"]


def test_luhn_of_its_published_example() -> None:
    """ISO/IEC 7812-1's worked example, and each of its single wrong digits."""
    assert luhn("79927398713") and not any(luhn(f"7992739871{digit}") for digit in "012456789")
    assert is_card("4111111111111111") and not is_card("79927398713")


def test_check_characters_of_identity_numbers() -> None:
    """The examples of GB 11643-1999; one changed digit, or a day that was not, and it is none."""
    assert is_identity("11010519491231002X") and is_identity("440524188001010014")
    assert not any(is_identity(f"1101051949123100{digit}X") for digit in "013456789") and not is_identity("11010519490230002X")


def test_real_texts_hold_none(data: Callable[[str], Path]) -> None:
    """Read by eye: these 2,200 reviews, questions to a bank and Chinese questions name no address or number of a person."""
    texts = reviews(data("uci_sentiment_sentences")) + questions(data("banking77_intents"), 1000) + chinese(data("cmrc2018_zh_spans"))[1][:500]
    assert not [text for text in texts if measure(text).personal]


def test_a_text_of_almost_matches_is_read_in_linear_time() -> None:
    text = "a.b-c_d@e.f-" * 20_000 + "138-1234-567 " * 20_000 + "1.1.1. " * 20_000
    measure("once")
    begun = time.process_time()
    measure(text)
    assert time.process_time() - begun < 3
