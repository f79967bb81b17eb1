"""Files of lines made anew from those before: runs copied as they are give the same bytes as every line looked at."""

from __future__ import annotations

import json
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


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(there=st.sets(key, min_size=1, max_size=25), new=st.sets(key, max_size=8), some=st.randoms(use_true_random=False), piece=st.integers(1, 400))
def test_splicing_gives_the_manifest_of_the_new_version(sluice: ModuleType, monkeypatch: pytest.MonkeyPatch, there: set[str], new: set[str], some: Any, piece: int) -> None:  # noqa: F811
    monkeypatch.setattr(sluice, "CUT_MASK", 3)
    monkeypatch.setattr(sluice, "PIECE", piece)
    gone = {each for each in there - new if some.random() < 0.3}
    changed = {each for each in there - gone if some.random() < 0.2} | new
    after = (there - gone) | new
    head = b'{"sluice":"manifest"}\n'
    old, due = head + leaf_lines(sluice, list(there), set()), leaf_lines(sluice, list(after), changed)
    told = [
        json.dumps({"key": each, "change": "removed"} if each in gone else {"key": each, "change": "changed", "split": "train", "leaf": "b" * 64}, ensure_ascii=False).encode()
        for each in sorted(gone | changed, key=str.encode)
    ]
    leaves, _items = sluice.patches(iter(told), "")
    spliced = sluice.spliced(old, sluice.unending(old, leaves, len(head)), len(head))
    assert b"".join(map(bytes, sluice.closing(spliced))) == due
    rooting, direct = sluice.Rooting(), sluice.Rooting()
    for part in sluice.closing(sluice.spliced(old, sluice.unending(old, leaves, len(head)), len(head))):
        rooting.feed(bytes(part))
    direct.feed(due)
    assert rooting.root() == direct.root() and rooting.found == direct.found
    by_line = sluice.ending(sluice.patched(iter(old[len(head) :].splitlines(keepends=True)), leaves))
    assert b"".join(line + b"\n" for line in by_line) == due


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


def test_the_root_of_ranges_that_are_known_is_the_root_of_their_leaves(sluice: ModuleType, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(sluice, "CUT_MASK", 3)
    keys = [f"k{n:03d}" for n in range(60)]
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(b'{"items":60}\n' + leaf_lines(sluice, keys, set()))
    new.write_bytes(b'{"items":60}\n' + leaf_lines(sluice, keys, {"k030"}))
    before, whole = sluice.Rooting(), sluice.Rooting()
    first = sluice.root_of(str(old), before)
    after = sluice.Rooting(before.found)
    assert first != sluice.root_of(str(new), after) == sluice.root_of(str(new), whole)
    assert len(before.found) > 5 and len(after.found.keys() - before.found.keys()) == 1 and after.found == whole.found
