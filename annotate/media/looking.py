"""Who else looks at a picture while its thumbnail is made, so that facts about it need no decoding of their own.

Higher rooms add a `Look` to `looks`. A look never costs the thumbnail: what it raises is told to who makes thumbnails, and no more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from annotate.kernel.registry import Registry
from annotate.media.models import Blob

if TYPE_CHECKING:
    from PIL import Image

log = logging.getLogger("sluice.media")
EDGE = 512  # pixels that the longer side of a picture to be looked at has at least, if it has so many


@dataclass(frozen=True)
class Look:
    """`wants`: which of these blobs (by id) it has not seen yet. `see`: is shown each of them, upright, without transparency, as RGB or L, and
    maybe reduced to no less than `EDGE`; it must not change the picture. `fault`: is told instead the code (of annotate.media.probe) of one
    that cannot be decoded. Both write what they find before they return."""

    wants: Callable[[Sequence[int]], Collection[int]]
    see: Callable[[Blob, Image.Image], None]
    fault: Callable[[Blob, str], None]


looks: Registry[Look] = Registry("looks at pictures")
Errors = dict[str, Exception]  # by name of the look


def wanted(blob_ids: Sequence[int]) -> dict[int, list[str]]:
    """For each blob that some look has not seen, the names of those. A look that cannot tell is not asked to see, this time."""
    out: dict[int, list[str]] = {}
    for name, look in looks:
        try:
            with transaction.atomic():
                found = look.wants(blob_ids)
        except Exception:
            log.exception("%s could not tell which pictures it wants", name)
            continue
        for blob in found:
            out.setdefault(blob, []).append(name)
    return out


def show(blob: Blob, picture: Image.Image, names: Sequence[str]) -> Errors:
    """Let these looks see the picture; returns what they raised."""
    return _each(names, lambda look: look.see(blob, picture))


def tell(blob: Blob, code: str, names: Sequence[str]) -> Errors:
    """Tell these looks that there is no picture to see; returns what they raised."""
    return _each(names, lambda look: look.fault(blob, code))


def _each(names: Sequence[str], do: Callable[[Look], None]) -> Errors:
    errors: Errors = {}
    for name in names:
        try:
            with transaction.atomic():  # what a look began to write before it failed is not kept, nor does it stop what follows
                do(looks.get(name))
        except Exception as error:  # noqa: BLE001  whatever a look raises, the thumbnail is worth more
            errors[name] = error
    return errors
