"""What a Label Studio task is about: the picture that its data name, or the text that they hold. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from workflows.collection.importers.found import clean_file_name

_PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".svg")
_NAMES = ("image", "img", "picture", "photo", "image_url")
_UPLOADED = re.compile(r"[0-9a-f]{8}-(?=.)")  # what Label Studio puts before the name of an uploaded file


@dataclass(frozen=True)
class Data:
    """A picture by `file`, and by `other_name`, its stem; or a `text`. `key` is what our own exports call the item."""

    file: str = ""
    other_name: str = ""
    text: str | None = None
    key: str = ""


def _path(value: str) -> str:
    """The path that a URL, a storage address or a local file's address names."""
    try:
        parts = urlsplit(value)
        local = parse_qs(parts.query).get("d")
    except ValueError:
        return clean_file_name(value)
    if local:
        return clean_file_name(local[0])
    return clean_file_name(unquote(parts.path) if parts.scheme or value.startswith("/") else value)


def data_of(data: dict[str, Any], *, prefer_text: bool) -> Data | None:
    """The picture or text of a task's data; None when there is neither."""
    words = {name: value for name, value in data.items() if isinstance(name, str) and isinstance(value, str)}
    key = words.get("key", "")
    text = words.get("text")
    if prefer_text and text is None:
        text = max((value for name, value in words.items() if name != "key"), key=len, default=None)
    if prefer_text and text is not None:
        return Data(text=text, key=key)
    named = [words[name] for name in _NAMES if words.get(name)]
    named += [value for value in words.values() if value.lower().partition("?")[0].endswith(_PICTURES) and len(value) < 4000 and "\n" not in value]
    for value in named:
        if file := _path(value):
            name = file.rpartition("/")[2]
            uploaded = "/upload/" in value and _UPLOADED.match(name)
            return Data(file=file, other_name=PurePosixPath(name[9:] if uploaded else name).stem, key=key)
    if text is None:
        text = max((value for name, value in words.items() if name != "key"), key=len, default=None)
    return Data(text=text, key=key) if text is not None else None
