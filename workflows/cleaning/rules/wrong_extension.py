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
_FORMAT = {ending: format for format, endings in ENDINGS.items() for ending in endings} | dict.fromkeys(OTHERS, "")


def ending(key: str | None) -> str:
    """What follows the last dot of the last part of a key, in lower case; "" when nothing does.

    >>> ending("a.b/c.JPG"), ending("a.b/c"), ending(".hidden"), ending("c.")
    ('jpg', '', '', '')
    """
    name = (key or "").replace("\\", "/").rpartition("/")[2]
    stem, dot, last = name.rpartition(".")
    return last.lower().strip() if dot and stem else ""


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    endings = [ending(key) for key in columns["key"]]
    scores = np.full(len(endings), np.nan)
    for row, (last, format) in enumerate(zip(endings, columns["format"], strict=True)):
        if format in ENDINGS and last in _FORMAT:
            scores[row] = float(_FORMAT[last] == format)
    found = np.empty(len(endings), dtype=object)
    found[:] = endings
    return Verdict(scores, scores == 0, details={"ending": found, "format": columns["format"]})


KIND = Kind(
    name="wrong_extension",
    about="picture",
    columns=("key", "format"),
    judge=judge,
    source="fastdup names it; the endings are those that the formats' own documents give",
)
