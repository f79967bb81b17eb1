"""File names for formats whose readers look into one folder and go by the stem: flat, one stem per key. Pure.

`night/cam 1/a.jpg` becomes `night__cam_1__a.jpg`. Where that name or its stem was given already (a.jpg and a.png, A.jpg and
a.jpg on a file system that ignores case), the later key in the order of bytes gets a digest of itself: `a~1f2e3d4c.png`.
"""

from __future__ import annotations

import hashlib
import re

from workflows.exporters.names import folded, safe_step
from workflows.exporters.seen import Seen

LONGEST = 180  # bytes of a stem, so that `~`, a digest and an ending fit into the 255 of a file system
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}$")
_BLANK = re.compile(r"\s")  # lists of names part them by blanks


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def split_ending(name: str) -> tuple[str, str]:
    """("stem", ".ending") as readers part them: at the last dot; a name without one has no ending."""
    stem, dot, ending = name.rpartition(".")
    return (stem, dot + ending) if stem else (name, "")


def stem_of(name: str) -> str:
    return split_ending(name)[0]


class FlatNames:
    """Names of keys that come in the order of their bytes."""

    def __init__(self) -> None:
        self._seen = Seen()

    def name(self, key: str) -> str:
        """The file name of the key's picture: no folder, no blank, a stem of its own."""
        made = _BLANK.sub("_", "__".join(safe_step(step) for step in key.split("/")))
        if made.startswith("."):
            made = f"%2E{made[1:]}"
        stem, ending = split_ending(made)
        if ending and not _ENDING.fullmatch(ending):
            stem, ending = made, ""
        if "." in stem and not ending:  # a reader would cut such a stem at its last dot
            stem = stem.replace(".", "%2E")
        if len(stem.encode()) > LONGEST:
            stem = stem.encode()[:120].decode("utf-8", "ignore") + "~" + _digest(key).hex()[:32]
        digits, whole = 8, stem
        while not self._seen.add(folded(whole)):
            whole = f"{stem}~{_digest(key).hex()[:digits]}"
            digits += 8
        return whole + ending
