"""Flat names: one stem per key on any file system, safe, short enough for an ending."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from annotate.items.keys import fault
from workflows.exporters.flat import FlatNames, stem_of
from workflows.exporters.names import folded
from workflows.exporters.seen import Seen


def names(*keys: str) -> list[str]:
    made = FlatNames()
    return [made.name(key) for key in sorted(keys, key=str.encode)]


def test_folders_become_part_of_the_name_and_blanks_go() -> None:
    assert names("night/cam 1/a.jpg") == ["night__cam_1__a.jpg"]


def test_pictures_that_differ_by_their_ending_only_get_stems_of_their_own() -> None:
    first, second = names("a.jpg", "a.png")
    assert first == "a.jpg" and second.startswith("a~") and second.endswith(".png") and len(second) == 14


def test_names_differ_on_a_file_system_that_ignores_case() -> None:
    made = names("A/x.jpg", "a/X.jpg", "a/x.jpg")
    assert len({folded(name) for name in made}) == 3


def test_a_key_without_an_ending_keeps_its_whole_name_as_stem() -> None:
    assert [stem_of(name) for name in names("frame.0001x2y3z4w", "plain", ".hidden")] == ["%2Ehidden", "frame%2E0001x2y3z4w", "plain"]


@given(st.sets(st.text(st.sampled_from("abA/\\%._ ~é日\u3000"), min_size=1, max_size=9) | st.text("é/x.", min_size=150, max_size=400), max_size=30))
def test_stems_are_unique_safe_and_short(keys: set[str]) -> None:
    made = names(*keys)
    assert len({folded(stem_of(name)) for name in made}) == len(keys)
    for name in made:
        assert fault(name) is None and "/" not in name and not any(sign.isspace() for sign in name)
        assert len(name.encode()) <= 230 and not name.startswith(".")


def test_the_same_keys_give_the_same_names() -> None:
    keys = ["a.jpg", "a.png", "A.jpg", "x/y.jpg"]
    assert names(*keys) == names(*keys)


@given(st.lists(st.integers(0, 4000), max_size=6000))
def test_seen_tells_what_is_new(numbers: list[int]) -> None:
    seen, known = Seen(), set()
    for number in numbers:
        assert seen.add(str(number)) is (number not in known)
        known.add(number)
