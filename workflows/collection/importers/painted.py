"""Pictures whose pixels are labels: PNG files decoded with care, and which pixels bear which number, as run lengths. Pure; numpy.

Only PNG reaches a decoder, whatever the file is called, and what it would need is known from its head before memory is taken.
Numbers keep their meaning: indexes of a palette stay indexes, greys stay greys, colours are red << 16 | green << 8 | blue.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from annotate.labels.masks import encode
from workflows.collection.importers.pixels import check_size

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LARGEST_FILE = 64 * 1024**2
MOST_RUNS = 10_000_000  # runs of equal pixels, column by column: a label picture has thousands, noise has as many as pixels
_MODES = frozenset(("1", "L", "P", "RGB", "RGBA", "I;16", "I"))


@dataclass(frozen=True)
class Painted:
    """`values`: numbers of [height, width]; `palette`: colours of indexes, None where numbers are greys or colours themselves."""

    values: Any
    palette: list[int] | None = None
    colours: bool = False

    @property
    def height(self) -> int:
        return int(self.values.shape[0])

    @property
    def width(self) -> int:
        return int(self.values.shape[1])

    def colour(self, value: int) -> int | None:
        """The colour that a number is shown in; None for a grey, which is a number only."""
        if self.colours:
            return value
        return self.palette[value] if self.palette is not None and value < len(self.palette) else None


def decoded(content: bytes) -> Painted:
    """The picture; `ValueError` says what is wrong with it, and no other error leaves this."""
    if len(content) > LARGEST_FILE:
        raise ValueError(f"a label picture has at most {LARGEST_FILE // 1024**2} MB")
    if not content.startswith(SIGNATURE) or content[12:16] != b"IHDR":
        raise ValueError("it is no PNG; label pictures are taken as PNG only, since other formats change pixels")
    width, height = int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")
    check_size(width, height)
    return _decoded(content)


def _decoded(content: bytes) -> Painted:
    import numpy as np
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the size was looked at already
        try:
            with Image.open(io.BytesIO(content), formats=("PNG",)) as check:
                check.verify()  # the checksum of every chunk
            with Image.open(io.BytesIO(content), formats=("PNG",)) as picture:
                picture.load()
                found, mode = picture.copy(), picture.mode
        except (MemoryError, Image.DecompressionBombError):
            raise ValueError("it has too many pixels") from None
        except Exception:  # noqa: BLE001  a hostile file may make the decoder raise anything
            raise ValueError("its data cannot be decoded; write the file anew") from None
    if mode not in _MODES:
        raise ValueError(f"its pixels are of the kind {mode}; use indexes of a palette, greys or RGB")
    if mode in ("RGB", "RGBA"):
        parts = np.asarray(found)
        return Painted(parts[..., 0].astype(np.uint32) << 16 | parts[..., 1].astype(np.uint32) << 8 | parts[..., 2], colours=True)
    values = np.asarray(found).astype(np.uint32 if mode == "I" else np.uint16 if mode == "I;16" else np.uint8)
    return Painted(values, _palette(found) if mode == "P" else None)


def _palette(picture: Any) -> list[int]:
    flat = picture.getpalette("RGB") or []
    return [flat[at] << 16 | flat[at + 1] << 8 | flat[at + 2] for at in range(0, len(flat) - 2, 3)]


@dataclass(frozen=True)
class Part:
    """The pixels of one number: starts and lengths of their runs, column by column, in a picture of this height and width."""

    value: int
    starts: Any
    lengths: Any
    height: int
    width: int

    @property
    def area(self) -> int:
        return int(self.lengths.sum())

    def box(self) -> list[int]:
        """[x, y, w, h] of the pixels."""
        ends = self.starts + self.lengths - 1
        first, last = self.starts // self.height, ends // self.height
        left, right = int(first.min()), int(last.max())
        if bool((first != last).any()):  # a run goes over the edge into the next column
            return [left, 0, right - left + 1, self.height]
        top, bottom = int((self.starts % self.height).min()), int((ends % self.height).max())
        return [left, top, right - left + 1, bottom - top + 1]

    def rle(self) -> dict[str, Any]:
        """COCO's compressed run lengths."""
        runs: list[int] = []
        place = 0
        for start, length in zip(self.starts.tolist(), self.lengths.tolist(), strict=True):
            if runs and start == place:
                runs[-1] += length
            else:
                runs += [start - place, length]
            place = start + length
        if place < self.height * self.width:
            runs.append(self.height * self.width - place)
        return {"size": [self.height, self.width], "counts": encode(runs)}


def outside(one: list[int], other: list[float]) -> float:
    """1 - IoU of two boxes [x, y, w, h]: 0 for the same, 1 for those that share nothing."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if across <= 0 or down <= 0:
        return 1.0
    return 1 - across * down / (one[2] * one[3] + other[2] * other[3] - across * down)


def parts(values: Any) -> Iterator[Part]:
    """The pixels of each number but 0, in the order of the numbers; `ValueError` when neighbours hardly ever are alike."""
    import numpy as np

    height, width = values.shape
    flat = values.T.reshape(-1)
    changes = flat[1:] != flat[:-1]
    if int(np.count_nonzero(changes)) > MOST_RUNS:
        raise ValueError("hardly any two neighbouring pixels are alike: this is no picture of labels")
    starts = np.concatenate([[0], np.flatnonzero(changes) + 1])
    lengths = np.diff(np.concatenate([starts, [flat.size]]))
    numbers = flat[starts]
    order = np.argsort(numbers, kind="stable")
    numbers, starts, lengths = numbers[order], starts[order], lengths[order]
    bounds = np.flatnonzero(np.concatenate([[True], numbers[1:] != numbers[:-1], [True]]))
    for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        if numbers[first]:
            yield Part(int(numbers[first]), starts[first:last], lengths[first:last], height, width)
