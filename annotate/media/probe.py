"""What bytes are: facts of a picture or text, found by decoding every byte of it; or why they are refused.

Pictures: only the formats listed here reach a decoder, chosen by their first bytes and never by a name. Sizes are those of
the upright picture (EXIF orientation applied). Limits stand before memory is taken: pixels from the header, frames times
pixels for animations, passes of a progressive JPEG.
"""

from __future__ import annotations

import datetime as dt
import re
import struct
import warnings
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageFile, UnidentifiedImageError

from annotate.media.facts import Facts, Refused
from annotate.media.pixels import digest
from annotate.media.sniffing import foreign, sniff

ImageFile.LOAD_TRUNCATED_IMAGES = False
TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
}
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
MAX_FILE = 1024**3  # a picture's file, in bytes
MAX_FRAMES = 2000
MAX_SCANS = 400  # passes of a progressive JPEG
MAX_TEXT = 4_000_000  # characters of a text item


def probe(source: Path | str | IO[bytes]) -> Facts:
    """The facts of a picture; raises `Refused` for anything that is not whole and within limits, and nothing else."""
    if isinstance(source, str | Path):
        with Path(source).open("rb") as file:
            return _probe(file)
    return _probe(source)


def _probe(file: IO[bytes]) -> Facts:
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(1024)
    if size == 0:
        raise Refused("empty", _("The file is empty."))
    if size > MAX_FILE:
        raise Refused("too_large", _("A picture may have at most 1 GB."))
    kind = sniff(head)
    if kind is None:
        other = foreign(head)
        if other:
            raise Refused(
                "unsupported_format",
                _("%(format)s pictures are not taken; use JPEG, PNG, WebP, TIFF, BMP or GIF.") % {"format": other},
            )
        raise Refused("not_a_picture", _("This is not a picture."))
    try:
        if kind == "image/webp":
            _check_pixels(*_webp_size(head), costly=True)
        if kind == "image/jpeg":
            _check_scans(file)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what matters of them is checked here, as errors
            return _decode(file)
    except Refused:
        raise
    except Image.DecompressionBombError as error:
        raise Refused("too_many_pixels", _too_many()) from error
    except UnidentifiedImageError as error:
        raise Refused("broken", _("The picture's header cannot be read.")) from error
    except EOFError as error:
        raise Refused("truncated", _("The file ends before the picture does.")) from error
    except OSError as error:
        if "truncated" in str(error) or "unexpected end" in str(error).lower():
            raise Refused("truncated", _("The file ends before the picture does.")) from error
        raise Refused("broken", _("The picture's data cannot be decoded.")) from error
    except MemoryError as error:
        raise Refused("too_many_pixels", _too_many()) from error
    except Exception as error:
        raise Refused("broken", _("The picture's data cannot be decoded.")) from error


def _too_many(most: int = 0) -> str:
    most = most or settings.MAX_PICTURE_PIXELS
    return _("The picture has more than %(n)s megapixels.") % {"n": most // 1_000_000}


def _check_pixels(width: int, height: int, *, costly: bool = False) -> None:
    """`costly`: the decoder needs some 15 bytes a pixel instead of 4 to 8, so half as many pixels are allowed."""
    if width < 1 or height < 1:
        raise Refused("broken", _("The picture has no width or no height."))
    most = settings.MAX_PICTURE_PIXELS // 2 if costly else settings.MAX_PICTURE_PIXELS
    if width * height > most:
        raise Refused("too_many_pixels", _too_many(most))


def _webp_size(head: bytes) -> tuple[int, int]:
    """Canvas size from the header, since opening a WebP already takes memory for its canvas."""
    chunk, data = head[12:16], head[20:]
    if chunk == b"VP8X" and len(data) >= 10:
        return 1 + int.from_bytes(data[4:7], "little"), 1 + int.from_bytes(data[7:10], "little")
    if chunk == b"VP8L" and len(data) >= 5:
        bits = int.from_bytes(data[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if chunk == b"VP8 " and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
        return width & 0x3FFF, height & 0x3FFF
    raise Refused("broken", _("The picture's header cannot be read."))


def _check_scans(file: IO[bytes]) -> None:
    """A progressive JPEG of thousands of passes takes minutes to decode: count the marker before it does."""
    file.seek(0)
    scans, last = 0, b""
    while chunk := file.read(1 << 20):
        scans += (last + chunk).count(b"\xff\xda")
        last = chunk[-1:]
    if scans > MAX_SCANS:
        raise Refused("broken", _("The JPEG has more passes than any camera writes."))


def _decode(file: IO[bytes]) -> Facts:
    file.seek(0)
    with Image.open(file, formats=FORMATS) as picture:
        passes = bool(picture.info.get("progressive")) and picture.mode == "CMYK"  # holds all coefficients at once
        _check_pixels(*picture.size, costly=passes or picture.format == "WEBP")
        kind = TYPES[picture.format or ""]
        frames = _frames(picture)
        mode, size = picture.mode, picture.size
        orientation, captured = _exif(picture)
        upright = kind == "image/tiff"  # Pillow turns TIFF as it loads, and gives the upright size before
        picture.load()
        pixels = digest(picture, 1 if upright else orientation)
        for index in range(1, frames):
            picture.seek(index)
            _check_pixels(*picture.size)
            picture.load()
    if kind == "image/png":
        file.seek(0)
        with Image.open(file, formats=("PNG",)) as again:
            again.verify()  # the checksum of every chunk
    width, height = size if orientation < 5 or upright else (size[1], size[0])
    return Facts(
        type=kind,
        format="JPEG" if kind == "image/jpeg" else picture.format or "",
        width=width,
        height=height,
        mode=mode,
        frames=frames,
        orientation=orientation,
        captured_at=captured,
        pixels=pixels,
    )


def _frames(picture: Image.Image) -> int:
    """How many frames there are to verify. The pictures behind a camera's first one (MPO) are not part of it."""
    if picture.format == "MPO":
        return 1
    frames = int(getattr(picture, "n_frames", 1))
    if frames > MAX_FRAMES or frames * picture.width * picture.height > 8 * settings.MAX_PICTURE_PIXELS:
        raise Refused("too_many_frames", _("The animation has too many frames."))
    picture.seek(0)
    return max(frames, 1)


def orientation_of(picture: Image.Image) -> int:
    """EXIF orientation 1 to 8; anything else that stands there counts as 1 (upright)."""
    try:
        value = picture.getexif().get(0x0112, 1)
    except Exception:  # noqa: BLE001  broken EXIF is not a broken picture
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _exif(picture: Image.Image) -> tuple[int, dt.datetime | None]:
    captured = None
    try:
        exif = picture.getexif()
        inner = exif.get_ifd(0x8769)
        captured = _instant(inner.get(0x9003) or exif.get(0x0132), inner.get(0x9011))
    except Exception:  # noqa: BLE001  broken EXIF is not a broken picture
        captured = None
    return orientation_of(picture), captured


def _instant(stamp: Any, offset: Any) -> dt.datetime | None:
    """EXIF's "2024:03:01 10:20:30" and "+02:00"; without an offset it is read as UTC."""
    if not isinstance(stamp, str):
        return None
    zone = (
        offset.strip("\x00 ")
        if isinstance(offset, str) and re.fullmatch(r"[+-]\d\d:\d\d", offset.strip("\x00 "))
        else "+00:00"
    )
    try:
        return dt.datetime.strptime(stamp.strip("\x00 ")[:19] + zone, "%Y:%m:%d %H:%M:%S%z")
    except ValueError:
        return None


def probe_text(file: IO[bytes]) -> tuple[Facts, str]:
    """Facts and content of a UTF-8 text (a byte order mark is taken off); raises `Refused`."""
    file.seek(0)
    raw = file.read(4 * MAX_TEXT + 4)
    if not raw:
        raise Refused("empty", _("The file is empty."))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("not_text", _("Not UTF-8 text, at byte %(n)s.") % {"n": error.start}) from error
    if "\x00" in text:
        raise Refused("not_text", _("The text contains NUL bytes."))
    if not text.strip():
        raise Refused("empty", _("The text is empty."))
    if len(text) > MAX_TEXT:
        raise Refused("too_long", _("A text may have at most %(n)s characters.") % {"n": MAX_TEXT})
    return Facts(type="text/plain", format="TEXT", more={"characters": len(text)}), text
