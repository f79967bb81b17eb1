"""Every file is either a picture with facts or refused with a code; nothing hangs, nothing eats the machine."""

from __future__ import annotations

import datetime as dt
import io
import json
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from annotate.media.probe import Refused, probe, probe_text
from tests.conftest import ROOT

Data = Callable[[str], Path]
CODES = {
    "empty", "too_large", "not_a_picture", "unsupported_format", "too_many_pixels", "too_many_frames", "truncated", "broken",
}  # fmt: skip


def _code(content: bytes) -> str:
    with pytest.raises(Refused) as caught:
        probe(io.BytesIO(content))
    assert caught.value.detail
    return caught.value.code


PROBE_ALL = r"""
import re, sys
from pathlib import Path
import django; django.setup()
from annotate.media.probe import Refused, probe
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        probe(path)
    except Refused:
        pass
# The peak of this very program: `ru_maxrss` begins with that of the one that started it.
print(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])
"""


def test_bad_pictures_are_probed_in_half_a_gigabyte(data: Data) -> None:
    folder = data("bad_images_pillow") / "files"
    done = subprocess.run([sys.executable, "-c", PROBE_ALL, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout.split()[-1]) < 512 * 1024  # kB


def test_every_bad_picture_is_probed_or_refused(data: Data) -> None:
    files = sorted((data("bad_images_pillow") / "files").iterdir())
    assert len(files) > 70
    outcomes = {}
    for path in files:
        started = time.monotonic()
        try:
            facts = probe(path)
            outcomes[path.name] = "ok"
            assert facts.width and facts.height
        except Refused as error:
            outcomes[path.name] = error.code
        assert time.monotonic() - started < 5, path.name
    assert set(outcomes.values()) <= CODES | {"ok"}
    for name in (
        "hopper.png",
        "flower.jpg",
        "hopper.tif",
        "hopper_orientation_6.webp",
        "exif.png",
        "pil_sample_cmyk.jpg",
    ):
        assert outcomes[name] == "ok", name
    assert outcomes["truncated_jpeg.jpg"] == outcomes["truncated_image.png"] == "truncated"
    for name in ("psd-oob-write-overflow.psd", "avif__exif.avif", "zero_dpi.jp2"):
        assert outcomes[name] == "unsupported_format", name


def test_what_pillow_itself_cannot_load_is_refused(data: Data) -> None:
    folder = data("bad_images_pillow")
    observed = json.loads((folder / "observed.json").read_text())["files"]
    checked = 0
    for name, seen in observed.items():
        if seen.get("open") == "ok" and seen.get("load") == "ok":
            continue
        with pytest.raises(Refused):
            probe(folder / "files" / name)
        checked += 1
    assert checked >= 10


def test_all_orientations_give_the_same_upright_size(data: Data) -> None:
    folder = data("exif_orientation")
    sizes = {(probe(path).width, probe(path).height) for path in sorted(folder.glob("Landscape_*.jpg"))}
    assert sizes == {(1800, 1200)}


def test_near_duplicates_probe_whatever_their_names(data: Data) -> None:
    folder = data("near_duplicates_ukbench")
    for path in sorted(folder.rglob("*.*")):
        if path.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".gif"):
            try:
                probe(path)
            except Refused as error:
                assert error.code in CODES


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\xff", "not_a_picture"),
        (b"<html><script>alert(1)</script>", "not_a_picture"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "unsupported_format"),
        (b"%PDF-1.7 ...", "unsupported_format"),
        (b"%!PS-Adobe-3.0 EPSF", "unsupported_format"),
        (b"8BPS\x00\x01", "unsupported_format"),
        (b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00", "unsupported_format"),
        (b"\xff\xd8\xff\xe0", "broken"),
        (b"\x89PNG\r\n\x1a\n", "broken"),
        (b"RIFF\x00\x00\x00\x00WEBP", "broken"),
        (b"BM", "broken"),
        (b"II*\x00\x08\x00\x00\x00", "broken"),
    ],
)
def test_what_is_no_picture_says_why(content: bytes, code: str) -> None:
    found = _code(content)
    assert found == code or (code == "broken" and found == "truncated")


def _png(width: int, height: int, rows: bytes = b"") -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(65535, 65535), (13000, 13000), (1, 2**31 - 1)])
def test_too_many_pixels_are_refused_by_the_header(size: tuple[int, int]) -> None:
    started = time.monotonic()
    assert _code(_png(*size)) == "too_many_pixels"
    assert time.monotonic() - started < 1


def test_zero_width_is_broken() -> None:
    assert _code(_png(0, 5)) == "broken"


def test_a_cut_picture_is_truncated(picture: Any) -> None:
    for format in ("JPEG", "PNG", "WEBP", "BMP", "GIF"):
        whole = picture(200, 150, format=format)
        assert probe(io.BytesIO(whole)).width == 200
        assert _code(whole[: len(whole) // 2]) in ("truncated", "broken"), format


def test_a_wrong_checksum_is_broken(picture: Any) -> None:
    content = bytearray(picture(format="PNG"))
    content[29] ^= 0xFF
    assert _code(bytes(content)) == "broken"


def test_webp_canvas_is_limited_before_decoding(settings: Any, picture: Any) -> None:
    settings.MAX_PICTURE_PIXELS = 1000
    for lossless in (True, False):
        assert _code(picture(100, 100, format="WEBP", lossless=lossless)) == "too_many_pixels"


def test_pictures_whose_decoder_needs_far_more_memory_may_have_half_the_pixels(settings: Any) -> None:
    settings.MAX_PICTURE_PIXELS = 1000

    def saved(mode: str, format: str, **options: Any) -> bytes:
        out = io.BytesIO()
        Image.new(mode, (30, 20)).save(out, format, **options)
        return out.getvalue()

    assert _code(saved("RGB", "WEBP")) == _code(saved("CMYK", "JPEG", progressive=True)) == "too_many_pixels"
    for plain in (saved("CMYK", "JPEG"), saved("RGB", "JPEG", progressive=True), saved("RGBA", "PNG")):
        assert probe(io.BytesIO(plain)).width == 30


def test_animations_count_their_frames() -> None:
    frames = [Image.new("L", (20, 10), n * 50) for n in range(5)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    assert probe(io.BytesIO(out.getvalue())).frames == 5


def test_an_endless_animation_is_refused(settings: Any) -> None:
    settings.MAX_PICTURE_PIXELS = 100
    frames = [Image.new("L", (10, 10), n) for n in range(20)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    assert _code(out.getvalue()) == "too_many_frames"


def test_time_of_capture_is_read_from_exif() -> None:
    exif = Image.Exif()
    exif[0x8769] = {0x9003: "2024:03:01 10:20:30", 0x9011: "+02:00"}
    out = io.BytesIO()
    Image.new("RGB", (9, 9)).save(out, "JPEG", exif=exif)
    facts = probe(io.BytesIO(out.getvalue()))
    assert facts.captured_at == dt.datetime(2024, 3, 1, 8, 20, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize("value", [0, 9, 77])
def test_a_strange_orientation_counts_as_upright(value: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = value
    out = io.BytesIO()
    Image.new("RGB", (9, 5)).save(out, "JPEG", exif=exif)
    facts = probe(io.BytesIO(out.getvalue()))
    assert (facts.width, facts.height, facts.orientation) == (9, 5, 1)


def test_deep_and_odd_modes_are_pictures() -> None:
    for mode, format in (
        ("1", "PNG"),
        ("I;16", "PNG"),
        ("I;16", "TIFF"),
        ("F", "TIFF"),
        ("CMYK", "JPEG"),
        ("RGBA", "WEBP"),
        ("LA", "PNG"),
    ):
        out = io.BytesIO()
        Image.new(mode, (12, 8)).save(out, format)
        facts = probe(io.BytesIO(out.getvalue()))
        assert (facts.width, facts.height) == (12, 8), (mode, format)


def test_texts_are_utf8() -> None:
    facts, text = probe_text(io.BytesIO("\ufeff雨 rain".encode()))
    assert (facts.type, text, facts.more["characters"]) == ("text/plain", "雨 rain", 6)
    for content, code in ((b"", "empty"), (b"  \n", "empty"), (b"\xff\xfe", "not_text"), (b"a\x00b", "not_text")):
        with pytest.raises(Refused) as caught:
            probe_text(io.BytesIO(content))
        assert caught.value.code == code
