"""COCO's masks as other tools write them, run lengths as a list or compressed, in the one form that is stored."""

from __future__ import annotations

from annotate.labels.masks import decode, encode


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
        runs = decode(counts)
    else:
        raise ValueError("counts must be a list or a text")
    if any(run < 0 for run in runs) or sum(runs) != size[0] * size[1]:
        raise ValueError("the run lengths do not add up to the picture's size")
    return {"size": [size[0], size[1]], "counts": counts if isinstance(counts, str) else encode(runs)}
