"""What people are shown of a picture: a thumbnail, a display size, and the full picture; all upright, none with metadata.

Thumbnails are made by jobs at import, everything when it is first asked for; kept in storage beside the blob. `Blob.facts["renditions"]` remembers
which file serves which size; "display" of a small picture is its "full", and "full" is the blob itself when there is
nothing to take out of it.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import IO, Any

from django.conf import settings
from PIL import Image, ImageOps

from annotate.kernel.errors import Unsupported
from annotate.media import store
from annotate.media.facts import Refused
from annotate.media.flattening import flat
from annotate.media.looking import EDGE
from annotate.media.models import Blob
from annotate.media.probe import FORMATS, orientation_of
from annotate.media.stripping import NotReadable, strip_jpeg, strip_png, strip_webp

SIZES = {"thumb": 256, "display": 1600, "full": 0}
NAMES = ("thumb.jpg", "display.jpg", "full.jpg", "full.png", "full.webp")
_STRIP: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "JPEG": (strip_jpeg, "full.jpg"),
    "PNG": (strip_png, "full.png"),
    "WEBP": (strip_webp, "full.webp"),
}
_TYPE = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
LARGE = 16_000_000  # pixels; larger pictures are decoded one at a time, so that a few of them cannot fill a server's memory
_one_at_a_time = threading.Lock()
_TEXT = ("text/plain", "text/plain; charset=utf-8")
See = Callable[[Image.Image], None]


def rendition(blob: Blob, size: str) -> tuple[str, str]:
    """(path in storage, content type) of a size "thumb", "display" or "full"; made now if it was not yet.

    Of a text there is only its full content, and of unknown bytes nothing (`Unsupported`).
    """
    if blob.type == _TEXT[0]:
        return store.blob_path(blob.organisation_id, blob.hex), _TEXT[1]
    if not blob.type.startswith("image/"):
        raise Unsupported("there is no picture of these bytes")
    known = blob.facts.get("renditions", {}).get(size)
    return _place(blob, known or make(blob, (size,))[size])


def remake(blob: Blob, size: str) -> tuple[str, str]:
    """The same when the file that was remembered has gone from storage."""
    return _place(blob, make(blob, (size,))[size])


def _place(blob: Blob, name: str) -> tuple[str, str]:
    if name == ".":
        return store.blob_path(blob.organisation_id, blob.hex), blob.type
    return f"{store.rendition_folder(blob.organisation_id, blob.hex)}/{name}", _TYPE[name.rpartition(".")[2]]


def make(blob: Blob, sizes: Sequence[str], see: See | None = None) -> dict[str, str]:
    """Make these sizes and remember them; raises `Refused` when the bytes are no picture after all, OSError when the store fails. `see` is shown the picture as
    `annotate.media.looking` promises, and must not raise."""
    made: dict[str, str] = {}
    large = (blob.width or 0) * (blob.height or 0) > LARGE
    with _one_at_a_time if large else nullcontext(), store.local(store.blob_path(blob.organisation_id, blob.hex)) as file:
        try:
            if "full" in sizes or ("display" in sizes and _is_small(blob, file)):
                made["full"] = _make_full(blob, file)
            if "display" in sizes and "full" in made and _is_small(blob, file):
                made["display"] = made["full"]
            wanted = [size for size in ("display", "thumb") if size in sizes and size not in made]
            made |= _make_smaller(blob, file, wanted, see) if wanted or see else {}
        except Refused:
            raise
        except Exception as error:  # decoders raise what they like; probing should have refused it before
            if isinstance(error, OSError) and error.errno is not None:  # the store's trouble, not the picture's
                raise
            raise Refused("broken", "the picture's data cannot be decoded") from error
    if made:
        blob.facts = blob.facts | {"renditions": blob.facts.get("renditions", {}) | made}
        Blob.objects.filter(pk=blob.pk).update(facts=blob.facts)
    return made


def _open(file: IO[bytes]) -> Image.Image:
    file.seek(0)
    picture = Image.open(file, formats=FORMATS)
    if picture.width * picture.height > settings.MAX_PICTURE_PIXELS:
        raise Refused("too_many_pixels", "the picture has too many pixels")
    return picture


def _is_small(blob: Blob, file: IO[bytes]) -> bool:
    """Whether the full picture may serve as the display size: no larger, and in a format that browsers show as it is."""
    with _open(file) as picture:
        still = getattr(picture, "n_frames", 1) == 1 or picture.format == "MPO"
        usual = picture.format in ("JPEG", "MPO", "PNG", "WEBP") and picture.mode not in ("I;16", "I", "F")
        return still and usual and max(picture.size) <= SIZES["display"]


def turned_upright(picture: Image.Image) -> Image.Image:
    """Decoded and turned as EXIF says. (TIFF turns itself while it loads, and has no orientation left then.)"""
    picture.load()
    return ImageOps.exif_transpose(picture) if orientation_of(picture) != 1 else picture


def _encode(picture: Image.Image, format: str, **options: Any) -> io.BytesIO:
    out = io.BytesIO()
    profile = picture.info.get("icc_profile")
    keep = {"icc_profile": profile} if isinstance(profile, bytes) and picture.mode in ("RGB", "RGBA") else {}
    # Encoders write a comment that a picture brought along without being asked: only what pixels need stays.
    picture.info = {name: picture.info[name] for name in ("transparency", "icc_profile") if name in picture.info}
    picture.save(out, format, exif=b"", **keep, **options)
    out.seek(0)
    return out


def _put(blob: Blob, name: str, content: IO[bytes]) -> str:
    store.put(f"{store.rendition_folder(blob.organisation_id, blob.hex)}/{name}", content)
    return name


def _within(size: tuple[int, int], edge: int) -> tuple[int, int]:
    """The size with its longer side at `edge`."""
    scale = edge / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _make_smaller(blob: Blob, file: IO[bytes], wanted: Sequence[str], see: See | None = None) -> dict[str, str]:
    """The largest first, straight from a JPEG's reduced decoding; the next one from it."""
    made = {}
    with _open(file) as opened:
        least = max(EDGE, *(SIZES[size] for size in wanted)) if wanted else EDGE
        opened.draft(None, _within(opened.size, least))
        picture = flat(turned_upright(opened))
        picture = picture.reduce(factor) if (factor := max(picture.size) // least) > 1 else picture
        if see is not None:
            see(picture)
        for size in wanted:
            edge = SIZES[size]
            if max(picture.size) > edge:
                gap = 1.0 if size == "thumb" else 2.0  # that small, nobody sees the difference, and it takes half the time
                picture = picture.resize(_within(picture.size, edge), Image.Resampling.LANCZOS, reducing_gap=gap)
            quality = 80 if size == "thumb" else 86
            made[size] = _put(
                blob, f"{size}.jpg", _encode(picture, "JPEG", quality=quality, progressive=size != "thumb")
            )
    return made


def _make_full(blob: Blob, file: IO[bytes]) -> str:
    """Stripped without decoding where that is possible, else encoded again upright, losslessly but for JPEG."""
    with _open(file) as opened:
        format = "JPEG" if opened.format == "MPO" else opened.format or ""
        upright = orientation_of(opened) == 1 and (format != "WEBP" or getattr(opened, "n_frames", 1) == 1)
        if upright and format == "BMP":
            return "."
        if upright and format in _STRIP:
            strip, name = _STRIP[format]
            file.seek(0)
            data = file.read()
            try:
                stripped = strip(data)
            except NotReadable:
                file.seek(0)
            else:
                return "." if stripped == data else _put(blob, name, io.BytesIO(stripped))
        file.seek(0)
    with _open(file) as opened:
        picture = turned_upright(opened)
        if format == "JPEG":
            if picture.mode not in ("L", "RGB", "CMYK"):
                picture = flat(picture)
            return _put(blob, "full.jpg", _encode(picture, "JPEG", quality=95, subsampling=0))
        if picture.mode not in ("1", "L", "LA", "P", "RGB", "RGBA"):
            picture = flat(picture)
        return _put(blob, "full.png", _encode(picture, "PNG", compress_level=4))
