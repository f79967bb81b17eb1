"""A picture's file without its metadata, pixel for pixel the same: no EXIF (place, serial numbers, embedded thumbnail), XMP,
IPTC or comments, and nothing after the picture's end. Colour profiles stay: without them the picture looks different."""

from __future__ import annotations

from collections.abc import Iterator

_PNG_KEPT = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs", b"cICP",
}  # fmt: skip
_WEBP_KEPT = {b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ICCP"}
_WEBP_FLAGS_DROPPED = 0x08 | 0x04  # EXIF, XMP


class NotReadable(ValueError):
    """The file's structure is not what its format says; it cannot be stripped without decoding it."""


def strip_jpeg(data: bytes) -> bytes:
    """Keeps JFIF, colour profile, Adobe and the coding segments; ends at the first picture's end."""
    return b"\xff\xd8" + b"".join(_jpeg_parts(data)) + b"\xff\xd9"


def _jpeg_parts(data: bytes) -> Iterator[bytes]:
    if data[:2] != b"\xff\xd8":
        raise NotReadable("no start")
    at, end = 2, len(data)
    while True:
        while at < end and data[at] != 0xFF:  # stray bytes between segments, as decoders allow
            at += 1
        while at < end and data[at] == 0xFF:
            at += 1
        if at >= end:
            raise NotReadable("no end")
        marker = data[at]
        at += 1
        if marker == 0xD9:
            return
        if marker in (0x00, 0x01) or 0xD0 <= marker <= 0xD8:
            continue
        length = int.from_bytes(data[at : at + 2], "big")
        if length < 2 or at + length > end:
            raise NotReadable("a segment is too long")
        body = data[at : at + length]
        at += length
        if _jpeg_keeps(marker, body[2:]):
            yield bytes((0xFF, marker)) + body
        if marker == 0xDA:
            start, at = at, _scan_end(data, at)
            yield data[start:at]


def _jpeg_keeps(marker: int, body: bytes) -> bool:
    if marker == 0xE2:
        return body.startswith(b"ICC_PROFILE\x00")
    if marker in (0xE0, 0xEE):
        return body.startswith((b"JFIF\x00", b"Adobe"))
    return not (0xE0 <= marker <= 0xEF or marker == 0xFE)


def _scan_end(data: bytes, at: int) -> int:
    """Where a scan's coded data ends: at the next marker that is not a stuffed byte, a fill byte or a restart."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise NotReadable("no end")
        following = data[at + 1]
        if following == 0xFF:
            at += 1
        elif following == 0 or 0xD0 <= following <= 0xD7:
            at += 2
        else:
            return at


def strip_png(data: bytes) -> bytes:
    """Keeps the chunks that make the still picture; text, EXIF, time and animation chunks go."""
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise NotReadable("no start")
    out, at = [data[:8]], 8
    while True:
        length = int.from_bytes(data[at : at + 4], "big")
        whole = data[at : at + 12 + length]
        if len(whole) < 12 + length:
            raise NotReadable("a chunk is too long")
        if whole[4:8] in _PNG_KEPT:
            out.append(whole)
        at += len(whole)
        if whole[4:8] == b"IEND":
            return b"".join(out)


def strip_webp(data: bytes) -> bytes:
    """Keeps the still picture, its alpha and colour profile."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise NotReadable("no start")
    out, at = [], 12
    end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while at + 8 <= end:
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        whole = data[at : at + 8 + length + length % 2]
        if len(whole) < 8 + length:
            raise NotReadable("a chunk is too long")
        if name == b"VP8X":
            whole = whole[:8] + bytes((whole[8] & ~_WEBP_FLAGS_DROPPED,)) + whole[9:]
        if name in _WEBP_KEPT:
            out.append(whole)
        at += len(whole)
    body = b"WEBP" + b"".join(out)
    return b"RIFF" + len(body).to_bytes(4, "little") + body
