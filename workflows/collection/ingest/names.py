"""File names as they come in from outside: which may become an item's key, and what their endings say."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from annotate.items.keys import check_key
from annotate.kernel.errors import Invalid

PICTURES = frozenset(
    [
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".png",
        ".gif",
        ".bmp",
        ".dib",
        ".tif",
        ".tiff",
        ".webp",
        ".avif",
        ".heic",
        ".heif",
        ".jp2",
        ".j2k",
        ".jpx",
        ".jxl",
        ".ppm",
        ".pgm",
        ".pbm",
        ".pnm",
        ".tga",
        ".ico",
        ".svg",
        ".psd",
        ".pcx",
        ".fli",
        ".flc",
        ".eps",
        ".dds",
        ".icns",
        ".mpo",
        ".apng",
    ]
)
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_NESTED = (*ARCHIVES, ".7z", ".rar", ".gz", ".bz2", ".xz", ".zst")
_DRIVE = re.compile(r"^[A-Za-z]:")
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
_LITTER = frozenset((".ds_store", "thumbs.db", "desktop.ini"))


def safe_path(name: str) -> str:
    """The relative path with `/` between its parts; `Invalid` (unsafe_path) when it leads out of its folder."""
    if "\\" in name:
        raise Invalid("the path holds a backslash", code="unsafe_path")
    if name.startswith("/") or _DRIVE.match(name):
        raise Invalid("the path is absolute", code="unsafe_path")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise Invalid("the path leads out of its folder", code="unsafe_path")
    if not _TURNS.isdisjoint(name):
        raise Invalid("the path holds marks that turn the direction of writing", code="unsafe_path")
    return check_key("/".join(parts))


def shown(name: str) -> str:
    """The name as a report may show it: printable, at most 300 characters."""
    clean = "".join(sign if sign.isprintable() and sign not in _TURNS else "\N{REPLACEMENT CHARACTER}" for sign in name)
    return clean[:300]


def is_litter(path: str) -> bool:
    """What file managers leave behind; never an input."""
    parts = path.replace("\\", "/").split("/")
    return "__MACOSX" in parts or parts[-1].lower() in _LITTER or parts[-1].startswith("._")


def ending(path: str) -> str:
    return PurePosixPath(path).suffix.lower()


def is_picture_name(path: str) -> bool:
    return ending(path) in PICTURES


def is_archive_name(path: str) -> bool:
    return path.lower().endswith(ARCHIVES)


def is_nested_archive(path: str) -> bool:
    return path.lower().endswith(_NESTED)
