"""WOFF to TrueType: browsers read the web form only from pages, the system's font list wants the plain one."""

from __future__ import annotations

import struct
import zlib

_HEADER = struct.Struct(">4sIIHHIHHIIIII")
_ENTRY = struct.Struct(">4sIIII")


def plain(woff: bytes) -> bytes:
    """The sfnt (TrueType or OpenType) file inside a WOFF 1.0 file. Layout: W3C WOFF File Format 1.0, section 3."""
    signature, flavor, _length, count, *_ = _HEADER.unpack_from(woff)
    if signature != b"wOFF":
        raise ValueError("not a WOFF 1.0 file")
    entries = [_ENTRY.unpack_from(woff, _HEADER.size + index * _ENTRY.size) for index in range(count)]
    power = count.bit_length() - 1
    out = bytearray(struct.pack(">IHHHH", flavor, count, 16 * 2**power, power, 16 * (count - 2**power)))
    body, place = bytearray(), 12 + 16 * count
    for tag, offset, packed, size, checksum in entries:
        table = woff[offset : offset + packed]
        table = zlib.decompress(table) if packed < size else table
        out += struct.pack(">4sIII", tag, checksum, place + len(body), size)
        body += table + b"\0" * (-len(table) % 4)
    return bytes(out + body)
