"""What is kept of bytes that were decoded, and the refusal of those that cannot be. Without a decoder, which idle processes do without."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from annotate.kernel.errors import Invalid


class Refused(Invalid):
    """Bytes that cannot become an item; `code` is one of a fixed list, `detail` says it to a person.

    Codes: empty, too_large, not_a_picture, unsupported_format, too_many_pixels, too_many_frames, truncated, broken,
    not_text, too_long.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail, code=code)


@dataclass(frozen=True)
class Facts:
    """`width` and `height` in pixels of the upright picture (None for a text); `orientation` as EXIF has it, 1 to 8; `pixels`: digest of the
    first frame's pixels."""

    type: str
    format: str
    width: int | None = None
    height: int | None = None
    mode: str = ""
    frames: int = 1
    orientation: int = 1
    captured_at: dt.datetime | None = None
    pixels: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As kept in `Blob.facts`."""
        out: dict[str, Any] = {"format": self.format, **self.more}
        if self.width is not None:
            out |= {"mode": self.mode, "frames": self.frames, "orientation": self.orientation, "pixels": self.pixels}
        if self.captured_at is not None:
            out["captured_at"] = self.captured_at.isoformat()
        return out
