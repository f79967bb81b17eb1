"""Keys whose ending belongs to another format than the bytes have. Scores 0, and 1 where both agree.

No ending is not wrong, nor is one that belongs to no format (`frame.0001`): such keys are not judged.
"""

from __future__ import annotations

import numpy as np

from workflows.cleaning.rules.kind import Columns, Kind, Parameters, Verdict

ENDINGS = {
    "JPEG": ("jpg", "jpeg", "jpe", "jfif", "jif", "mpo"),
    "PNG": ("png", "apng"),
    "WEBP": ("webp",),
    "GIF": ("gif",),
    "BMP": ("bmp", "dib"),
    "TIFF": ("tif", "tiff"),
}
# Endings of what we never decode; bytes of a format above have none of them.
OTHERS = (
    "avif", "heic", "heif", "jp2", "j2k", "jpx", "jxl", "ico", "icns", "psd", "svg", "pdf", "eps", "dds", "pcx", "pbm", "pgm", "ppm", "pnm", "tga", "exr",
    "hdr", "dcm", "fits", "raw", "cr2", "cr3", "nef", "arw", "dng", "mp4", "mov", "avi", "mkv", "webm", "wav", "mp3", "flac", "txt", "json", "csv", "xml",
    "html", "zip", "tar", "gz", "npy", "pcd", "ply",
)  # fmt: skip
TAIL = 6  # characters, so that most keys end alike
UNKNOWN, _OTHER = -1, -2
_PLACES: dict[str | None, int] = {**{format: place for place, format in enumerate(ENDINGS)}, "": _OTHER}
_FORMAT = {ending: format for format, endings in ENDINGS.items() for ending in endings} | dict.fromkeys(OTHERS, "")


def ending(key: str | None) -> str:
    """What follows the last dot of the last part of a key, in lower case; "" when nothing does.

    >>> ending("a.b/c.JPG"), ending("a.b/c"), ending(".hidden"), ending("c.")
    ('jpg', '', '', '')
    """
    name = (key or "").replace("\\", "/").rpartition("/")[2]
    stem, dot, last = name.rpartition(".")
    return last.lower().strip() if dot and stem else ""


class _Endings(dict[str, int]):
    """The number of the ending (of `names`) of a key that ends with these characters; -1 when the characters before them matter.

    Keys of a million items end in few ways.
    """

    def __init__(self) -> None:
        self.names: list[str] = []

    def __missing__(self, tail: str) -> int:
        dot = tail.rfind(".")
        sure = dot > 0 and not any(mark in tail[dot - 1 :] for mark in "/\\")
        self[tail] = self.number(ending(tail)) if sure else -1
        return self[tail]

    def number(self, name: str) -> int:
        if name not in self.names:
            self.names.append(name)
        return self.names.index(name)


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    keys, formats = columns["key"], columns["format"]
    endings = _Endings()
    numbers = np.fromiter((endings[key[-TAIL:]] if key else -1 for key in keys), np.intp, len(keys))
    for row in np.flatnonzero(numbers < 0):
        numbers[row] = endings.number(ending(keys[row]))
    has, belongs = np.full(len(keys), UNKNOWN), np.array([_PLACES.get(_FORMAT.get(name), UNKNOWN) for name in endings.names], np.int64)[numbers]
    for format, place in _PLACES.items():
        has[formats == format] = place
    judged = (has >= 0) & (belongs != UNKNOWN)
    scores = np.where(judged, (has == belongs).astype(np.float64), np.nan)
    return Verdict(scores, scores == 0, details={"ending": np.array(endings.names, object)[numbers], "format": formats})


KIND = Kind(
    name="wrong_extension",
    about="picture",
    columns=("key", "format"),
    judge=judge,
    source="fastdup names it; the endings are those that the formats' own documents give",
)
