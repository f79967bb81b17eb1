"""Square pieces of a picture at one small size, cut when they are first asked for and kept in storage beside its renditions, so that
they go when its bytes go. Several pieces of one picture decode it once; pictures are decoded side by side.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from PIL import Image, UnidentifiedImageError

from annotate.media import renditions, store
from annotate.media.facts import Refused
from annotate.media.flattening import flat
from annotate.media.models import Blob
from annotate.media.probe import FORMATS

SIDE = 192  # pixels of a piece
EDITION = "1"  # of how they are cut: a change gives them new names
SHARP = 1.5  # a piece may be drawn so much larger than its source before the full picture is read


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


def _source(blob: Blob, squares: Sequence[Square]) -> str | None:
    """The stored picture to cut from: the smallest that is sharp enough. Of very large pictures never the full one: too much to decode."""
    if not blob.type.startswith("image/"):
        return None
    longest = max(blob.width or 0, blob.height or 0)  # 0 of what was never probed
    least = min(square.side for square in squares)
    sharp = bool(longest) and least * min(1.0, renditions.SIZES["display"] / longest) * SHARP >= SIDE
    large = (blob.width or 0) * (blob.height or 0) > renditions.LARGE
    size = "display" if sharp or large or 0 < longest <= renditions.SIZES["display"] else "full"
    try:
        path, _type = renditions.rendition(blob, size)
        return path if store.exists(path) else renditions.remake(blob, size)[0]
    except (Refused, OSError):
        return None


def _cut(blob: Blob, squares: Sequence[Square], path: str) -> Mapping[Square, bytes]:
    made: dict[Square, bytes] = {}
    try:
        with store.local(path) as file, Image.open(file, formats=FORMATS) as opened:
            whole = blob.width or opened.width
            wanted = max(SIDE / square.side for square in squares) * whole / opened.width  # of the stored picture's own size
            if wanted < 1:
                opened.draft("RGB", (max(1, round(opened.width * wanted)), max(1, round(opened.height * wanted))))
            picture = flat(opened)
            scale = picture.width / whole
            for square in squares:
                made[square] = _encoded(picture, square, scale)
    except (OSError, UnidentifiedImageError, ValueError, Image.DecompressionBombError):
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
