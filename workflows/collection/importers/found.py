"""What a label file says, before any schema has been asked: pictures by name, objects with every shape they could take."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

# Best first: what an object becomes when its label allows several kinds.
KINDS = ("keypoints", "mask", "polygon", "box", "polyline", "point", "span")


@dataclass(frozen=True)
class Found:
    """One object. `shapes` maps a kind to its pieces (a polygon of several parts has several), in order of preference.

    `name` is what the file calls it, for relations; where that is a UUID, it stays the object's id.
    """

    label: str
    shapes: Mapping[str, tuple[dict[str, Any], ...]]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    place: str = ""
    score: float | None = None
    name: str = ""


@dataclass(frozen=True)
class Link:
    """A relation from one object to another, by their names in the file."""

    label: str
    start: str
    end: str
    place: str = ""
    name: str = ""


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
    picture's size (`shares.in_pixels`). `painted`: the name of a picture beside the label file whose pixels are those of the
    objects that have a `name`. `item` are values of the whole item by the attribute's name, `tags` words that are
    said of it without one."""

    file: str
    place: str
    width: int | None = None
    height: int | None = None
    objects: tuple[Found, ...] = ()
    problems: tuple[Problem, ...] = ()
    other_name: str = ""
    skeletons: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    text: str | None = None
    item: Mapping[str, Any] = field(default_factory=dict)
    relative: bool = False
    tags: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    painted: str = ""
    labelled: bool = True  # False: nobody has said anything of it, not even that there is nothing


def finite(value: Any) -> float:
    """A number as JSON has it; `ValueError` for anything else, NaN, infinity and what no float holds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number")
    try:
        right = math.isfinite(value)
    except OverflowError:
        right = False
    if not right:
        raise ValueError("must be a finite number")
    return value


def minus(second: float, first: float) -> float:
    """The difference of the numbers as they are written: 0.3 - 0.1 is 0.2."""
    return float(Decimal(repr(second)) - Decimal(repr(first)))


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
