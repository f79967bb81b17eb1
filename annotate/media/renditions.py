"""What people are shown of a picture: a thumbnail, a display size, and the full picture; all upright, none with metadata."""

from __future__ import annotations

NAMES = ("thumb.jpg", "display.jpg", "full.jpg", "full.png", "full.webp")
