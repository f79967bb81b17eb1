"""Which frame of which group an uploaded file is: its folder is the group, the last number in its name the place."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath

from annotate.items.adding import NewItem

LARGEST = 2**31 - 1
_LAST = re.compile(r"(\d+)\D*$", re.ASCII)


def as_frame(item: NewItem, *, otherwise: str) -> NewItem:
    """The item as a frame of its folder, or of the group `otherwise` where it has none; without a number it is no frame."""
    path = PurePosixPath(item.key)
    found = _LAST.search(path.stem)
    if found is None or int(found[1]) > LARGEST:
        return item
    parent = str(path.parent)
    return replace(item, group=otherwise if parent in (".", "/") else parent, frame=int(found[1]))
