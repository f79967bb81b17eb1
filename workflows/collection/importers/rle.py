"""COCO's run lengths: column by column, beginning with zeros; compressed into text five bits at a time."""

from __future__ import annotations

from collections.abc import Sequence


def compress(counts: Sequence[int]) -> str:
    """The compressed text of run lengths.

    >>> compress([4, 2, 1, 2, 3])
    '42102'
    """
    out: list[str] = []
    for index, count in enumerate(counts):
        number = count - counts[index - 2] if index > 2 else count
        more = True
        while more:
            bits = number & 0x1F
            number >>= 5
            more = number != -1 if bits & 0x10 else number != 0
            out.append(chr((bits | 0x20 if more else bits) + 48))
    return "".join(out)


def expand(text: str) -> list[int]:
    """The run lengths of a compressed text; `ValueError` when it is not one.

    >>> expand('42102')
    [4, 2, 1, 2, 3]
    """
    counts: list[int] = []
    position = 0
    while position < len(text):
        number = shift = 0
        while True:
            if position >= len(text) or shift > 60:
                raise ValueError("the run lengths end in the middle of a number")
            bits = ord(text[position]) - 48
            if not 0 <= bits < 64:
                raise ValueError("the run lengths hold a character that they may not")
            position += 1
            number |= (bits & 0x1F) << shift
            shift += 5
            if not bits & 0x20:
                if bits & 0x10:
                    number -= 1 << shift
                break
        if len(counts) > 2:
            number += counts[-2]
        counts.append(number)
    return counts


def checked(segmentation: dict[str, object]) -> dict[str, object]:
    """A COCO mask with `size` and compressed `counts`; `ValueError` says what is wrong with it."""
    size, counts = segmentation.get("size"), segmentation.get("counts")
    if not (
        isinstance(size, list)
        and len(size) == 2
        and all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in size)
    ):
        raise ValueError("size must be [height, width]")
    if isinstance(counts, list):
        runs = counts
        if not all(isinstance(run, int) and not isinstance(run, bool) for run in runs):
            raise ValueError("counts must be whole numbers")
    elif isinstance(counts, str):
        runs = expand(counts)
    else:
        raise ValueError("counts must be a list or a text")
    if any(run < 0 for run in runs) or sum(runs) != size[0] * size[1]:
        raise ValueError("the run lengths do not add up to the picture's size")
    return {"size": [size[0], size[1]], "counts": counts if isinstance(counts, str) else compress(runs)}
