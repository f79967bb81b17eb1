"""The root says what the rows are, whoever adds them up and in whatever pieces."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.kernel import canonical
from tests.releases.conftest import ending
from workflows.releases import merkle, reading
from workflows.releases.splits import splitter

ROW: dict[str, Any] = {
    "key": "a.jpg",
    "media": b"m" * 32,
    "uri": None,
    "text": None,
    "width": 64,
    "height": 48,
    "group": "street",
    "frame": 3,
    "split": "train",
    "meta": {"weather": "rain"},
    "labels": b"l" * 32,
}
ENDS = [ending(prefix) for prefix in "bdf"]
keys = st.sets(st.one_of(st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=12), st.sampled_from(ENDS)), min_size=1)


def leaf(key: str) -> bytes:
    return hashlib.sha256(b"leaf of " + key.encode()).digest()


def root(names: Any) -> bytes:
    ordered = sorted(names, key=str.encode)
    return merkle.root((leaf(key), merkle.ends_range(key)) for key in ordered)


@given(keys, st.randoms())
def test_the_root_depends_on_the_rows_and_not_on_their_arrival(names: set[str], chance: Any) -> None:
    shuffled = list(names)
    chance.shuffle(shuffled)
    assert root(shuffled) == root(names)


@given(keys)
def test_ranges_added_up_one_by_one_give_the_same_root(names: set[str]) -> None:
    digests, held = [], []
    for key in sorted(names, key=str.encode):
        held.append(leaf(key))
        if merkle.ends_range(key):
            digests.append(merkle.range_digest(held))
            held = []
    if held:
        digests.append(merkle.range_digest(held))
    assert merkle.root_of_ranges(digests) == root(names)


@given(keys, keys)
def test_other_rows_give_another_root(some: set[str], others: set[str]) -> None:
    assert (root(some) == root(others)) == (some == others)


def test_a_key_more_changes_only_its_own_range() -> None:
    def ranges(names: list[str]) -> list[bytes]:
        return list(merkle.ranges((leaf(key), merkle.ends_range(key)) for key in sorted(names, key=str.encode)))

    names = [*ENDS, "a", "c", "e", "g"]
    before, after = ranges(names), ranges([*names, "cc"])
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, False, True, True]


@pytest.mark.parametrize("name", sorted(ROW))
def test_every_part_of_a_row_counts(name: str) -> None:
    other = {"frame": 4, "width": 65, "height": 49, "meta": {}, "labels": b"x" * 32, "media": None, "text": b"t" * 32}.get(name, "other")
    assert merkle.leaf(**(ROW | {name: other})) != merkle.leaf(**ROW)


def test_the_order_and_spelling_of_meta_do_not_count() -> None:
    assert merkle.leaf(**(ROW | {"meta": {"b": 1.0, "a": 2}})) == merkle.leaf(**(ROW | {"meta": {"a": 2.0, "b": 1}}))


def test_a_leaf_is_what_the_docstring_says() -> None:
    """Written out by hand, so that a change of the format cannot go unseen."""
    text = (
        '{"frame":3,"group":"street","height":48,"key":"a.jpg","labels":"' + "6c" * 32 + '","media":"' + "6d" * 32 + '",'
        '"meta":{"weather":"rain"},"split":"train","text":null,"uri":null,"width":64}'
    )
    assert merkle.leaf(**ROW) == hashlib.sha256(b"sluice.leaf.1\n" + text.encode()).digest()
    one = hashlib.sha256(b"sluice.range.1\n" + leaf("a") + leaf("b")).digest()
    assert root(["a", "b"]) == hashlib.sha256(b"sluice.root.1\n" + one).digest()


@pytest.mark.django_db
def test_leaves_made_by_columns_are_those_of_rows(world: Any, approve: Any, cut: Any) -> None:
    """Whatever stands in a row: quotes, backslashes, line breaks, brackets, other scripts, numbers and nothing at all."""
    odd = ['a "b" \\ c.jpg', "(x,y).jpg", "深圳/1.jpg", "é,'.jpg", "x\\N.jpg", " .jpg"]
    for n, key in enumerate(odd):
        meta = {"t": key, "n": [1.0, 2.5, 1e20], "line": "a\nb\\n", "none": None}
        approve([key], group=key if n % 2 else "", frame=n if n % 3 else None, width=None if n == 4 else 64, meta=meta)
    approve(["plain.jpg"], sha256=None, uri=None, text='He said "no\\yes"\n(ok), done')
    version = cut(splits={"a": 0.5, "b": 0.5})
    rows = list(reading.rows(version))
    assert [row.key for row in rows] == sorted([*odd, "plain.jpg"], key=str.encode)
    for row in rows:
        item = world.project.items.get(key=row.key)
        assert (row.meta, row.group, row.frame, row.text, row.uri, row.document) == (item.meta, item.group, item.frame, item.text, item.uri, item.annotations.get().document)
        assert row.leaf == merkle.leaf(
            key=row.key, media=row.media_sha256, uri=row.uri, text=None if row.text is None else canonical.digest(row.text), width=row.width, height=row.height,
            group=row.group, frame=row.frame, split=row.split, meta=row.meta, labels=row.label_digest or b"",
        )  # fmt: skip
        assert row.split == splitter({"a": 0.5, "b": 0.5})(row.key, row.group)
        assert row.provenance["labelled_at"].endswith("Z") and "T" in row.provenance["labelled_at"]
    assert reading.verify(version)
