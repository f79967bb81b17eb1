"""A digest of decoded pixels: equal for the same picture in another packing, under another name or with other metadata."""

from __future__ import annotations

import hashlib

from PIL import Image

BAND = 4_000_000  # pixels whose bytes are copied at once


def digest(picture: Image.Image, orientation: int = 1) -> str:
    """The first 16 hex digits of the sha256 over mode, size, palette and pixels of the frame that is loaded.

    `orientation`: what the file says of how to turn it, since the same pixels turned are another picture.
    """
    found = hashlib.sha256(f"{picture.mode} {picture.width} {picture.height} {orientation}\n".encode())
    for part in (picture.getpalette("RGB") if picture.mode in ("P", "PA") else None, picture.info.get("transparency")):
        found.update(repr(part).encode())
    rows = max(1, BAND // picture.width)
    if rows >= picture.height:
        found.update(picture.tobytes())
    else:
        for top in range(0, picture.height, rows):
            found.update(picture.crop((0, top, picture.width, min(picture.height, top + rows))).tobytes())
    return found.hexdigest()[:16]
