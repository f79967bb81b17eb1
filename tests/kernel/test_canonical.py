"""Canonical JSON: the same text for the same value, the same value from the text, and no text that it could not write."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.kernel import canonical
from annotate.kernel.errors import Invalid

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_reads_back_and_is_written_the_same_again(value: Any) -> None:
    text = canonical.dumps(value)
    read = canonical.loads_strict(text)
    assert read == value and canonical.dumps(read) == text


@given(VALUES)
def test_the_text_is_plain_json_without_blanks_and_with_sorted_keys(value: Any) -> None:
    plain = json.dumps(canonical._plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert canonical.dumps(value) == plain


def test_whole_floats_are_written_as_integers_and_others_in_their_shortest_form() -> None:
    assert canonical.dumps([1.0, -0.0, 0.1, 1e300, 2.0**53, True, None]) == "[1,0,0.1,1e+300,9007199254740992.0,true,null]"


@pytest.mark.parametrize("value", [float("nan"), [float("inf")], {"a": [float("-inf")]}])
def test_numbers_that_are_none_are_not_written(value: Any) -> None:
    with pytest.raises(Invalid):
        canonical.dumps(value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("NaN", "not_finite"),
        ('{"a":1e999}', "not_finite"),
        ('{"a":1,"a":2}', "duplicate_key"),
        ('["\\u0000"]', "bad_text"),
        ('{"\\ud800":1}', "bad_text"),
        ('["a","\\ud800"]', "bad_text"),
        ("[" * 70 + "]" * 70, "too_deep"),
        ("9" * 30, "out_of_range"),
        ("", "not_json"),
        (b"\xff", "not_utf8"),
    ],
)
def test_what_could_not_be_written_is_not_read(text: str | bytes, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        canonical.loads_strict(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":2}', b'{"a":{"b":1,"b" :2}}', b'{"a":1,"a":"\\u003a"}', b'{"a":1,"\\u0061":2}', b'["\\u0000"]', b"[1e999]", b"[NaN]",
        b"[9223372036854775808]", b"[18446744073709551616]", b"[" * 70 + b"]" * 70, b'["\\ud800"]', b"[1,]", b'"\xff"',
    ],
)  # fmt: skip
def test_what_the_careful_reader_refuses_the_quick_one_does_not_take(raw: bytes) -> None:
    assert canonical._quick(raw) is canonical._UNSURE
    with pytest.raises(Invalid):
        canonical.loads_strict(raw)


@given(VALUES)
def test_the_quick_reader_reads_what_the_careful_one_reads(value: Any) -> None:
    raw = json.dumps(value).encode()
    quick = canonical._quick(raw)
    assert quick is canonical._UNSURE or (quick == canonical.loads_strict(raw.decode()) and repr(quick) == repr(canonical.loads_strict(raw.decode())))
