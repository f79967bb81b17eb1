"""What a label file says, before any schema has been asked: pictures by name, objects with every shape they could take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Best first: what an object becomes when its label allows several kinds.
KINDS = ("keypoints", "mask", "polygon", "box", "span")


@dataclass(frozen=True)
class Found:
    """One object. `shapes` maps a kind to its pieces (a polygon of several parts has several), in order of preference."""

    label: str
    shapes: Mapping[str, tuple[dict[str, Any], ...]]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    place: str = ""
    score: float | None = None


@dataclass(frozen=True)
class Problem:
    """Something that could not be read. `whole`: no picture's labels came of it (an input is lost), else one object."""

    place: str
    code: str
    detail: str
    whole: bool = True


@dataclass(frozen=True)
class LabelDoc:
    """Labels of one picture: `file` as the label file calls it, `other_name` what else it may be known by. Or of a `text`,
    which stands in the label file itself; `file` is then the key that its item gets. `relative`: shapes are shares of the
    picture's size (`shares.in_pixels`). `tags` are words that are said of the whole item, without an attribute's name."""

    file: str
    place: str
    width: int | None = None
    height: int | None = None
    objects: tuple[Found, ...] = ()
    problems: tuple[Problem, ...] = ()
    other_name: str = ""
    skeletons: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    text: str | None = None
    relative: bool = False
    tags: tuple[str, ...] = ()


def clean_file_name(name: str) -> str:
    """The name with `/` between its parts and without a leading `./` or drive."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    if parts and len(parts[0]) == 2 and parts[0][1] == ":":
        parts = parts[1:]
    return "/".join(parts)


def side(value: Any) -> int | None:
    """A width or height as a positive whole number, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 2**31 or value != int(value):
        return None
    return int(value)
