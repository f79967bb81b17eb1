"""Keys whose ending belongs to another format than the bytes have. Scores 0, and 1 where both agree.

No ending is not wrong, nor is one that belongs to no format (`frame.0001`): such keys are not judged.
"""

from __future__ import annotations

import numpy as np

from workflows.cleaning.measures.equal import firsts
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
TAIL = 8  # bytes: more than any ending above with its dot and what comes before that
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


def tail(key: str | None) -> int:
    """The last bytes of a key as a number, as the column has them: zeros come before a short one.

    >>> hex(tail("a.b"))
    '0x612e62'
    """
    return int.from_bytes((key or "").encode()[-TAIL:], "big")


def _end(tail: int) -> str:
    """The key's last characters, as far as they are whole."""
    return tail.to_bytes(TAIL, "big").lstrip(b"\0").decode(errors="ignore")


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    """Keys of a million items end in few ways. An ending whose dot is not among the last bytes is none that is known."""
    tails, _first, numbers = firsts(columns["tail"])
    endings = [ending(_end(one)) for one in tails.tolist()]
    formats = columns["format"]
    has, belongs = np.full(len(numbers), UNKNOWN), np.array([_PLACES.get(_FORMAT.get(name), UNKNOWN) for name in endings], np.int64)[numbers]
    for format, place in _PLACES.items():
        has[formats == format] = place
    judged = (has >= 0) & (belongs != UNKNOWN)
    scores = np.where(judged, (has == belongs).astype(np.float64), np.nan)
    return Verdict(scores, scores == 0, details={"ending": np.array(endings, object)[numbers], "format": formats})


KIND = Kind(
    name="wrong_extension",
    about="picture",
    columns=("tail", "format"),
    judge=judge,
    source="fastdup names it; the endings are those that the formats' own documents give",
)
