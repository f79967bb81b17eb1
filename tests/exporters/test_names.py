"""Names of files for keys: safe everywhere, one per key."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.items.keys import fault
from workflows.exporters.names import Names, folded, safe_name


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("a/b.jpg", "a/b.jpg"),
        ("夜/día 1.jpg", "夜/día 1.jpg"),
        ("../x", "%2E%2E/x"),
        ("a\\b", "a%5Cb"),
        ("/etc/passwd", "%/etc/passwd"),
        ("C:evil.jpg", "C%3Aevil.jpg"),
        ("a//b", "a/%/b"),
        ("nul", "%6Eul"),
        ("CON.png", "%43ON.png"),
        ("x\u202egpj.exe", "x%E2%80%AEgpj.exe"),
        ('a"b\r\nc', "a%22b%0D%0Ac"),
        ("100%25", "100%2525"),
    ],
)
def test_a_key_becomes_a_safe_path(key: str, name: str) -> None:
    assert safe_name(key) == name


def test_a_step_that_is_too_long_is_cut_and_keeps_its_ending() -> None:
    first, second = safe_name("é" * 300 + "1.jpg"), safe_name("é" * 300 + "2.jpg")
    assert first != second and first.endswith(".jpg") and len(first.encode()) < 200


def test_a_key_that_is_the_folder_of_another_does_not_clash() -> None:
    names = Names()
    made = [names.name(key) for key in ("a", "a.jpg", "a/b", "a/b/c", "b")]
    assert made == ["a", "a.jpg", "a%2Fb", "a%2Fb%2Fc", "b"]


def test_names_differ_on_a_file_system_that_ignores_case() -> None:
    names = Names()
    made = [names.name(key) for key in ("A/1.jpg", "B.jpg", "a/1.jpg", "b", "b.jpg", "e\u0301.jpg", "\u00e9.jpg")]
    assert made[:2] == ["A/1.jpg", "B.jpg"] and re.fullmatch(r"a/1%~[0-9a-f]{8}\.jpg", made[2]) and made[3] == "b"
    assert len({folded(name) for name in made}) == len(made)


@given(st.sets(st.text(st.sampled_from("ab/\\%.2FCE:é ") , min_size=1, max_size=8), max_size=40))
def test_two_keys_never_get_one_name_nor_a_file_the_name_of_a_folder(keys: set[str]) -> None:
    names = Names()
    made = [names.name(key) for key in sorted(keys, key=str.encode)]
    assert len(set(made)) == len(made)
    folders = {name[: found.start()] for name in made for found in re.finditer("/", name)}
    assert not folders & set(made)
    assert all(fault(name) is None for name in made)
