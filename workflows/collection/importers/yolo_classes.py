"""What the classes of YOLO's label files are called: `data.yaml`, `classes.txt`, `obj.names`. Pure.

YAML comes from strangers: only plain values are made of it, it may have no aliases (a few lines of them unfold to gigabytes)
and no more than 256 kB.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

LARGEST = 256 * 1024
MOST = 10_000  # classes


@dataclass(frozen=True)
class Classes:
    """`points`: how many keypoints a row has, `values` numbers for each; `point_names` by class; `task` as our own exports say it."""

    names: dict[int, str]
    points: int = 0
    values: int = 3
    point_names: dict[int, list[str]] = field(default_factory=dict)
    task: str = ""


class _Plain(yaml.SafeLoader):
    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("aliases are not taken")
        return super().compose_node(parent, index)


def from_yaml(content: bytes) -> Classes:
    """The classes of a `data.yaml`; `ValueError` says what is wrong with it."""
    if len(content) > LARGEST:
        raise ValueError("the file is longer than 256 kB")
    try:
        data = yaml.load(content, _Plain)
    except (yaml.YAMLError, ValueError, RecursionError, TypeError, AttributeError) as error:
        raise ValueError(f"not YAML: {' '.join(str(error).split())[:150]}") from None
    if not isinstance(data, dict) or "names" not in data:
        raise ValueError("there are no names")
    names = _named(data["names"])
    shape = data.get("kpt_shape")
    if shape is not None and not (isinstance(shape, list) and len(shape) == 2 and all(type(n) is int for n in shape) and 0 < shape[0] < 10_000 and shape[1] in (2, 3)):
        raise ValueError("kpt_shape must be [points, 2 or 3]")
    named = data.get("kpt_names")
    found = {}
    if isinstance(named, dict):
        found = {key: [str(name) for name in row] for key, row in named.items() if type(key) is int and isinstance(row, list)}
    task = data.get("task")
    points, values = shape or (0, 3)
    return Classes(names, points, values, found, task if isinstance(task, str) else "")


def _named(names: Any) -> dict[int, str]:
    if isinstance(names, list):
        names = dict(enumerate(names))
    if not isinstance(names, dict) or not names or len(names) > MOST:
        raise ValueError("names must be a list of names, or numbers with names")
    found: dict[int, str] = {}
    for number, name in names.items():
        if isinstance(number, str) and number.isdigit():
            number = int(number)
        if type(number) is not int or isinstance(name, dict | list) or name is None or not str(name).strip():
            raise ValueError("names must be a list of names, or numbers with names")
        found[number] = str(name).strip()
    return found


def from_lines(content: bytes) -> Classes:
    """One name a line; `ValueError` when it is no text."""
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    while lines and not lines[-1].strip():
        lines.pop()
    return Classes({number: line.strip() for number, line in enumerate(lines[:MOST]) if line.strip()})
