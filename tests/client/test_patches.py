"""Files of lines made anew from those before: runs copied as they are give the same bytes as every line looked at."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.client.conftest import sluice  # noqa: F401

key = st.text(st.sampled_from('ab/é"\\,🌧'), min_size=1, max_size=6)


def leaf_lines(module: ModuleType, keys: list[str], changed: set[str]) -> bytes:
    """A manifest's lines: the leaf tells whether the item was changed."""
    lines = [module._leaf_line({"key": each, "split": "train", "leaf": ("b" if each in changed else "a") * 64}) for each in sorted(keys, key=str.encode)]
    if lines and module.ENDS not in lines[-1]:
        lines[-1] = lines[-1][:-1] + module.ENDS
    return b"".join(line + b"\n" for line in lines)


def told(there: set[str], gone: set[str], changed: set[str]) -> list[bytes]:
    """The answer of the server: what makes the lines of the new version of those that there are."""
    return [
        json.dumps({"key": each, "change": "removed"}, ensure_ascii=False).encode()
        if each in gone
        else json.dumps({"key": each, "change": "changed", "split": "train", "leaf": "b" * 64}, separators=(",", ":"), ensure_ascii=False).encode()[:-1] + b',"line":' + item_line(each, "b") + b"}"
        for each in sorted(gone | changed, key=str.encode)
    ]


def item_line(key: str, word: str) -> bytes:
    return json.dumps({"key": key, "split": "train", "leaf": word * 64}, separators=(",", ":"), ensure_ascii=False).encode()


def parts(module: ModuleType, keys: set[str], changed: set[str]) -> list[bytes]:
    """What the server writes: files of lines, each of which ends where a range does."""
    found, open_ = [], b""
    for each in sorted(keys, key=str.encode):
        open_ += item_line(each, "b" if each in changed else "a") + b"\n"
        if module.ends_range(each.encode()):
            found.append(open_)
            open_ = b""
    return found + ([open_] if open_ else [])


def files(pieces: Iterable[Any]) -> list[bytes]:
    """Of pieces and None where one ends."""
    found, open_ = [], b""
    for piece in pieces:
        if piece is None:
            found.append(open_)
            open_ = b""
        else:
            open_ += bytes(piece)
    assert not open_
    return found


versions = st.tuples(st.sets(key, min_size=1, max_size=25), st.sets(key, max_size=8), st.randoms(use_true_random=False))


def next_version(there: set[str], new: set[str], some: Any) -> tuple[set[str], set[str], set[str]]:
    """(gone, changed, keys of the new version)."""
    gone = {each for each in there - new if some.random() < 0.3}
    changed = {each for each in there - gone if some.random() < 0.2} | new
    return gone, changed, (there - gone) | new


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(version=versions, piece=st.integers(1, 400), known=st.booleans())
def test_splicing_gives_the_manifest_of_the_new_version(sluice: ModuleType, monkeypatch: pytest.MonkeyPatch, version: Any, piece: int, known: bool) -> None:  # noqa: F811
    monkeypatch.setattr(sluice, "CUT_MASK", 3)
    monkeypatch.setattr(sluice, "PIECE", piece)
    there = version[0]
    gone, changed, after = next_version(*version)
    head = b'{"sluice":"manifest"}\n'
    old, due = head + leaf_lines(sluice, list(there), set()), leaf_lines(sluice, list(after), changed)
    leaves, _items = sluice.patches(iter([told(there, gone, changed)]), "")
    before = sluice.Rooting()
    before.feed(old[len(head) :])
    before.root()
    rooting, direct, whole = sluice.Rooting(before.found if known else None, len(head)), sluice.Rooting(), b""
    for part in sluice.closing(sluice.together(sluice.spliced(old, sluice.unending(old, leaves, len(head)).changes, len(head)))):
        rooting.feed(part)
        whole += bytes(part)
    direct.feed(due)
    assert whole == due
    assert rooting.root() == direct.root() and rooting.found == direct.found and rooting.count == len(after)
    by_line = sluice.ending(sluice.patched(iter(old[len(head) :].splitlines(keepends=True)), leaves))
    assert b"".join(line + b"\n" for line in by_line) == due


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(version=versions)
def test_parts_made_from_parts_are_those_that_the_server_writes(sluice: ModuleType, monkeypatch: pytest.MonkeyPatch, version: Any) -> None:  # noqa: F811
    monkeypatch.setattr(sluice, "CUT_MASK", 3)
    there = version[0]
    gone, changed, after = next_version(*version)
    old, due = parts(sluice, there, set()), parts(sluice, after, changed)
    _leaves, items = sluice.patches(iter([told(there, gone, changed)]), "")
    made = files(sluice.spliced_parts(iter(old), iter(items.changes)))
    assert sorted(set(old + made) & set(due)) == sorted(due)
    assert not set(made) & set(old) or changed or gone
    by_line = files(sluice.patched_parts(sluice.patched(iter(b"".join(old).splitlines(keepends=True)), items)))
    assert by_line == due
    assert b"".join(map(bytes, sluice.spliced(b"".join(old), iter(items.changes)))) == b"".join(due)


def test_parts_without_a_change_are_not_opened_further(sluice: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(sluice, "CUT_MASK", 3)
    keys = {f"k{n:03d}" for n in range(80)}
    old = parts(sluice, keys, set())
    _leaves, items = sluice.patches(iter([told(keys, set(), {"k040"})]), "")
    (made,) = files(sluice.spliced_parts(iter(old), iter(items.changes)))
    assert len(old) > 8 and made.count(b"\n") < 40 and made in parts(sluice, keys, {"k040"})


def test_a_manifest_that_other_hands_wrote_gives_the_same_root(sluice: ModuleType, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(sluice, "CUT_MASK", 3)
    keys = [f'k{n}"leaf":"' for n in range(40)]
    plain, spaced = tmp_path / "plain", tmp_path / "spaced"
    plain.write_bytes(b'{"items":40}\n' + leaf_lines(sluice, keys, set()))
    spaced.write_text("\n".join(json.dumps(json.loads(line)) for line in plain.read_bytes().splitlines()))
    assert sluice.root_of(str(plain)) == sluice.root_of(str(spaced))
    spaced.write_text(spaced.read_text().replace('"leaf": "a', '"leaf": "x', 1))
    with pytest.raises(sluice.Problem):
        sluice.root_of(str(spaced))


def test_ranges_that_are_known_are_not_read_again(sluice: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(sluice, "CUT_MASK", 3)
    lines = leaf_lines(sluice, [f"k{n:03d}" for n in range(60)], set())
    before, within = sluice.Rooting(), sluice.Rooting()
    before.feed(lines)
    other = [[size, hashlib.sha256(digest.encode()).hexdigest(), many] for size, digest, many in before.found]
    for known, same in ((before.found, True), (other, False)):
        after = sluice.Rooting(known)
        after.feed(sluice.Run(lines, 0, len(lines)))
        assert (after.root() == before.root()) is same and after.found == known and after.count == 60
    cut = before.found[0][0] + lines[before.found[0][0] :].index(b"\n") + 1  # a run that begins within a range
    within = sluice.Rooting(other)
    within.feed(lines[:cut])
    within.feed(sluice.Run(lines, cut, len(lines)))
    within.root()
    assert within.found == before.found[:2] + other[2:]


@pytest.mark.parametrize("how", ["by the kernel", "not here", "refused"])
def test_a_file_of_runs_and_lines_is_written_and_hashed_as_it_is(sluice: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:  # noqa: F811
    monkeypatch.setattr(sluice, "CHUNK", 64)

    def refused(*_given: Any) -> int:
        raise OSError(errno.EXDEV, "not across file systems")

    if how == "not here":
        monkeypatch.delattr(os, "copy_file_range", raising=False)
    elif how == "refused":
        monkeypatch.setattr(os, "copy_file_range", refused, raising=False)
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(bytes(range(256)) * 40)
    with sluice.mapped(str(old)) as source, ThreadPoolExecutor(1) as pool, contextlib.closing(sluice.Making(str(new), pool, threading.Event())) as made:
        for piece in (b"first\n", sluice.Run(source, 10, 9000), b"x" * 50, b"y" * 50, sluice.Run(source, 3, 20), b"last\n"):
            made.add(piece)
        sha256 = made.end()
    content = new.read_bytes()
    assert content == b"first\n" + old.read_bytes()[10:9000] + b"x" * 50 + b"y" * 50 + old.read_bytes()[3:20] + b"last\n"
    assert sha256 == hashlib.sha256(content).hexdigest()


def test_a_manifest_without_its_last_line_end_is_read_to_its_end(sluice: ModuleType) -> None:  # noqa: F811
    lines = leaf_lines(sluice, ["a", "b"], set())
    for broken in (lines[:-1], b"\n" + lines[:-1]):
        for piece in (broken, sluice.Run(broken, 0, len(broken))):
            with contextlib.suppress(ValueError):
                rooting = sluice.Rooting()
                rooting.feed(piece)
                assert rooting.count == 2
