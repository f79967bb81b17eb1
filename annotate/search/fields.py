"""The list of fields a query may name. Rooms declare theirs on start; what is not declared cannot be reached."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

EQUALITY = ("=", "!=", "in")
ORDER = ("<", "<=", ">", ">=")
WORDS = ("contains", "startswith")

# What may be asked of each type of field.
OPERATORS: dict[str, tuple[str, ...]] = {
    "text": (*EQUALITY, *WORDS, *ORDER),
    "name": (*EQUALITY, *WORDS),
    "choice": EQUALITY,
    "whole": (*EQUALITY, *ORDER),
    "number": (*EQUALITY, *ORDER),
    "date": (*EQUALITY, *ORDER),
    "flag": ("=", "!="),
    "any": (*EQUALITY, *WORDS, *ORDER),
}
LARGEST = 2**31 - 1

Operand = str | int | float | bool | None | dt.date | dt.datetime


@dataclass(frozen=True)
class Condition:
    """One checked condition on a field. `operator` is in, <, <=, >, >=, contains or startswith; = is in with one value.

    `name` is the field's. `path`: the parts of the name after a family's prefix. `values` have the field's type; None only where the field
    takes null. `negated`: true where the condition itself is false, for want of a value too.
    """

    operator: str
    values: tuple[Operand, ...]
    name: str = ""
    path: tuple[str, ...] = ()
    argument: str = ""
    negated: bool = False

    @property
    def value(self) -> Any:
        return self.values[0]


# Both are given the project's id. What they return is true or false of an item, never unknown.
Compile = Callable[[Condition, int], Q]
Bind = Callable[[Sequence[Condition], int], Q]


@dataclass(frozen=True)
class Field:
    """`name` ends with a dot for a family ("meta."). Exactly one of `compile` and `bind` is given.

    `compile` ignores `negated`. `bind` takes several conditions that must hold of one and the same object, negated ones too;
    fields that share it go together inside brackets. `argument` says what stands in the field's brackets, if any may.
    `nullable`: may be compared with null. `help` is shown to people, `example` a whole condition.
    """

    name: str
    type: str
    help: Any
    example: str
    compile: Compile | None = None
    bind: Bind | None = None
    options: tuple[str, ...] = ()
    argument: str = ""
    nullable: bool = False
    largest: int = LARGEST

    @property
    def family(self) -> bool:
        return self.name.endswith(".")

    @property
    def operators(self) -> tuple[str, ...]:
        return OPERATORS[self.type]

    @property
    def shown(self) -> str:
        """As help pages and messages write it: meta.<name>, count(<label>)."""
        if self.family:
            return f"{self.name}<name>"
        return f"{self.name}(<{self.argument}>)" if self.argument else self.name


_fields: dict[str, Field] = {}


def declare(*fields: Field) -> None:
    """Add fields to the language. A name belongs to one room; declaring it again replaces it."""
    for field in fields:
        if (field.compile is None) == (field.bind is None):
            raise ValueError(f"field {field.name} needs one of compile and bind")
        _fields[field.name] = field


def declared() -> list[Field]:
    """All fields by name."""
    return sorted(_fields.values(), key=lambda field: field.name)


def find(parts: Sequence[str]) -> tuple[Field, tuple[str, ...]] | None:
    """The field of a name and, in a family, the parts below its prefix. Names do not mind capitals, parts do."""
    head, rest = parts[0].lower(), tuple(parts[1:])
    if rest and all(rest) and (family := _fields.get(f"{head}.")):
        return family, rest
    exact = _fields.get(".".join((head, *rest)).lower())
    return (exact, ()) if exact is not None and not exact.family else None
