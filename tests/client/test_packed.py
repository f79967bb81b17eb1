"""What changed comes packed to who can unpack it, and is the same lines."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from tests.client.conftest import Line
from workflows.exporters import patching


def _changes(line: Line) -> str:
    line.add(60)
    line.cut()
    for key in line.keys[10:40]:
        line.relabel(key)
    return f"/versions/{line.cut().pk}/patch?since=1&lines=1"


def test_a_patch_is_packed_for_those_who_ask_and_says_the_same(line: Line) -> None:
    address = _changes(line)
    api = line.world.api(line.world.owner)
    plain = api.get(address)
    packed = api.get(address, HTTP_ACCEPT_ENCODING="br, gzip")
    content, small = b"".join(plain.streaming_content), b"".join(packed.streaming_content)
    assert packed["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain and "Accept-Encoding" in plain["Vary"]
    assert gzip.decompress(small) == content and len(small) < len(content) / 2


def test_the_client_reads_packed_lines(line: Line) -> None:
    address = _changes(line)
    server = line.module.Server(line.address, line.token, patience=5)
    found = list(server.lines(address))
    assert len(found) == 30 and server.received < sum(map(len, found)) / 2
    with pytest.raises(line.module.Changed):
        list(server.blocks(address, most=sum(map(len, found)) // 2))


@pytest.mark.parametrize("damage", ["cut off", "no gzip"])
def test_packed_lines_that_break_off_or_are_none_are_no_patch(line: Line, damage: str, monkeypatch: Any) -> None:
    address = _changes(line)
    if damage == "no gzip":
        monkeypatch.setattr(patching, "gzipped", lambda blocks: iter([b"plain"]))
    else:
        pack = patching.gzipped
        monkeypatch.setattr(patching, "gzipped", lambda blocks: iter([b"".join(pack(blocks))[:-9]]))
    server = line.module.Server(line.address, line.token, patience=5)
    with pytest.raises(line.module.Changed):
        list(server.lines(address))
