"""Square pieces of a picture at one small size, cut when they are first asked for and kept in storage beside its renditions, so that
they go when its bytes go. Several pieces of one picture decode it once; pictures are decoded side by side.
"""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from django.conf import settings
from PIL import Image

from annotate.media import renditions, store
from annotate.media.facts import Refused
from annotate.media.flattening import flat
from annotate.media.models import Blob
from annotate.media.probe import FORMATS

SIDE = 192  # pixels of a piece
EDITION = "1"  # of how they are cut: a change gives them new names
SHARP = 1.5  # a piece may be drawn so much larger than the display size has it before the full picture is read
_few_at_once = threading.BoundedSemaphore(3)  # decoded pictures that a process holds for this


class Square(NamedTuple):
    """A part of the upright picture in its own pixels; what reaches beyond the picture stays grey."""

    x: float
    y: float
    side: float

    @property
    def name(self) -> str:
        """The file that keeps it."""
        told = f"{EDITION} {SIDE} {self.x:.2f} {self.y:.2f} {self.side:.2f}"
        return f"crop-{hashlib.sha256(told.encode()).hexdigest()[:20]}.jpg"


def crops(asked: Sequence[tuple[Blob, Square]]) -> list[bytes | None]:
    """A JPEG for each, in order; None where the bytes are gone, no picture, or cannot be read."""
    made: dict[tuple[int, Square], bytes | None] = {}
    missing: dict[int, tuple[Blob, list[Square]]] = {}
    for blob, square in asked:
        if (blob.pk, square) in made:
            continue
        kept = _kept(blob, square)
        made[blob.pk, square] = kept
        if kept is None:
            missing.setdefault(blob.pk, (blob, []))[1].append(square)
    if missing:
        # Where each is cut from is settled here: threads have no connection to the database.
        work = [(blob, squares, source) for blob, squares in missing.values() if (source := _source(blob, squares)) is not None]
        with ThreadPoolExecutor(max_workers=4) as pool:
            for (blob, _squares, _source_of), found in zip(work, pool.map(lambda one: _cut(*one), work), strict=True):
                made |= {(blob.pk, square): data for square, data in found.items()}
    return [made.get((blob.pk, square)) for blob, square in asked]


def _path(blob: Blob, square: Square) -> str:
    return f"{store.rendition_folder(blob.organisation_id, blob.hex)}/{square.name}"


def _kept(blob: Blob, square: Square) -> bytes | None:
    try:
        with store.local(_path(blob, square)) as file:
            return file.read()
    except FileNotFoundError:
        return None


def _source(blob: Blob, squares: Sequence[Square]) -> tuple[str, bool] | None:
    """(the stored picture to cut from, whether it is to be turned upright): the display size where there is one and it is sharp enough,
    else the bytes themselves; of very large pictures always the display size, since the whole would be too much to decode."""
    if not blob.type.startswith("image/"):
        return None
    longest = max(blob.width or 0, blob.height or 0)  # 0 of what was never probed
    display = renditions.SIZES["display"]
    sharp = min(square.side for square in squares) * min(1.0, display / longest) * SHARP >= SIDE if longest else False
    large = (blob.width or 0) * (blob.height or 0) > renditions.LARGE
    if not large and not (sharp and "display" in blob.facts.get("renditions", {})):
        return store.blob_path(blob.organisation_id, blob.hex), True
    try:
        path, _type = renditions.rendition(blob, "display")
        return path if store.exists(path) else renditions.remake(blob, "display")[0], False
    except (Refused, OSError):
        return None


def _cut(blob: Blob, squares: Sequence[Square], source: tuple[str, bool]) -> Mapping[Square, bytes]:
    made: dict[Square, bytes] = {}
    path, turned = source
    try:
        with _few_at_once, store.local(path) as file, Image.open(file, formats=FORMATS) as opened:
            if opened.width * opened.height > settings.MAX_PICTURE_PIXELS:
                return made
            longest = max(blob.width or opened.width, blob.height or opened.height)
            wanted = max(SIDE / square.side for square in squares) * longest / max(opened.size)  # of the stored picture's own size
            if wanted < 1:
                opened.draft(None, (max(1, round(opened.width * wanted)), max(1, round(opened.height * wanted))))
            picture = flat(renditions.turned_upright(opened) if turned else opened)
            scale = max(picture.size) / longest
            for square in squares:
                made[square] = _encoded(picture, square, scale)
    except Exception:  # noqa: BLE001  decoders raise what they like; the place stays empty
        return made
    for square, data in made.items():
        store.put(_path(blob, square), io.BytesIO(data))
    return made


def _encoded(picture: Image.Image, square: Square, scale: float) -> bytes:
    left, top = square.x * scale, square.y * scale
    side = max(1e-3, square.side * scale)
    inside = (max(0.0, left), max(0.0, top), min(float(picture.width), left + side), min(float(picture.height), top + side))
    ground = Image.new("RGB", (SIDE, SIDE), (127, 127, 127))
    if inside[2] > inside[0] and inside[3] > inside[1]:
        factor = SIDE / side
        width, height = (max(1, round((inside[at + 2] - inside[at]) * factor)) for at in (0, 1))
        part = picture.resize((width, height), Image.Resampling.BILINEAR, box=inside, reducing_gap=2.0)
        ground.paste(part, (round((inside[0] - left) * factor), round((inside[1] - top) * factor)))
    out = io.BytesIO()
    ground.save(out, "JPEG", quality=82)
    return out.getvalue()


def sheet(pieces: Sequence[bytes | None], columns: int) -> bytes:
    """The pieces side by side in rows of `columns`, as one JPEG; grey where there is none."""
    rows = max(1, -(-len(pieces) // columns))
    whole = Image.new("RGB", (SIDE * columns, SIDE * rows), (127, 127, 127))
    for place, data in enumerate(pieces):
        if data is not None:
            with Image.open(io.BytesIO(data)) as piece:
                whole.paste(piece, (SIDE * (place % columns), SIDE * (place // columns)))
    out = io.BytesIO()
    whole.save(out, "JPEG", quality=82)
    return out.getvalue()
