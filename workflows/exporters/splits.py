"""What the splits of a version are called in formats that have names of their own for them. Pure."""

from __future__ import annotations

from workflows.exporters.names import safe_step

WHOLE = "all"  # of a version without splits
_VAL = ("val", "valid", "validation", "dev")


def part_of(split: str) -> str:
    """train, val and test as most tools call them, any other split by its own name."""
    lowered = split.lower()
    if lowered in _VAL:
        return "val"
    return lowered if lowered in ("train", "test") else split


def folder_of(split: str) -> str:
    """The split's folder: its own name, made safe; readers go by steps called images and labels, so no split is called so."""
    made = safe_step(split or WHOLE)
    return f"{made}_" if made.lower() in ("images", "labels") else made
