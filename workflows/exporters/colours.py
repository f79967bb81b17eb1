"""Colours of class pictures: the schema's, no two alike, black for what is no object; and PNG files with such a palette. Pure."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

from annotate.labels.schema import Schema

Colour = tuple[int, int, int]
MOST = 255  # indexes beside 0 that a picture of 8 bits holds


def class_colours(schema: Schema) -> list[Colour]:
    """Colour 0 is black, colour n that of the schema's label n; a colour that is taken moves on to the next that is free."""
    found: list[Colour] = [(0, 0, 0)]
    taken = {0}
    for label in schema.labels.values():
        value = int(label.color[1:], 16)
        while value in taken:
            value = (value + 1) % 0x1000000
        taken.add(value)
        found.append((value >> 16, value >> 8 & 255, value & 255))
    return found


@cache
def voc_colours() -> list[Colour]:
    """The 256 colours of Pascal VOC's own pictures: bits of the index spread over the three channels, highest first."""
    found = []
    for index in range(256):
        red = green = blue = 0
        for bit in range(8):
            red |= (index >> 3 * bit & 1) << 7 - bit
            green |= (index >> 3 * bit + 1 & 1) << 7 - bit
            blue |= (index >> 3 * bit + 2 & 1) << 7 - bit
        found.append((red, green, blue))
    return found


def png(values: Any, colours: list[Colour] | None = None) -> bytes:
    """A PNG of whole numbers [height, width]: 8 bits with a palette, 16 bits grey where a number is above 255."""
    import numpy as np
    from PIL import Image

    out = io.BytesIO()
    if values.size and int(values.max()) > MOST:
        Image.fromarray(values.astype(np.uint16)).save(out, "PNG", compress_level=4)
        return out.getvalue()
    made = Image.fromarray(values.astype(np.uint8), "P" if colours else None)
    if colours:
        made.putpalette([part for colour in colours[:256] for part in colour])
    made.save(out, "PNG", compress_level=4)
    return out.getvalue()


def rgb_png(values: Any) -> bytes:
    """A PNG whose pixels are numbers of 24 bits: red + 256 green + 65,536 blue."""
    import numpy as np
    from PIL import Image

    parts = np.stack([values & 255, values >> 8 & 255, values >> 16 & 255], axis=-1).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(parts).save(out, "PNG", compress_level=4)
    return out.getvalue()
