"""The language as help pages and completion show it: every field with its type, operators and an example."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from annotate.search.fields import Field, declared

TYPES = {
    "text": _("text"),
    "name": _("text"),
    "choice": _("one of"),
    "whole": _("whole number"),
    "number": _("number"),
    "date": _("day or time"),
    "flag": _("yes or no"),
    "any": _("text, number, true or false"),
}


@dataclass(frozen=True)
class Explained:
    """`name` as written in help ("count(<label>)"), `insert` what completion puts in, `options` the only values there are."""

    name: str
    insert: str
    type: str
    operators: tuple[str, ...]
    options: tuple[str, ...]
    nullable: bool
    help: str
    example: str

    def document(self) -> dict[str, object]:
        return {
            "name": self.name,
            "insert": self.insert,
            "type": self.type,
            "operators": list(self.operators),
            "options": list(self.options),
            "nullable": self.nullable,
            "help": self.help,
            "example": self.example,
        }


def explain() -> list[Explained]:
    """Every declared field by name, in the reader's language."""
    return [_explained(field) for field in declared()]


def complete(written: str) -> list[Explained]:
    """The fields whose name begins with what has been written so far."""
    start = written.lower()
    return [each for each in explain() if each.insert.startswith(start) or each.name.startswith(start)]


def _explained(field: Field) -> Explained:
    return Explained(
        name=field.shown,
        insert=f"{field.name}(" if field.argument else field.name,
        type=str(TYPES[field.type]),
        operators=field.operators,
        options=field.options,
        nullable=field.nullable,
        help=str(field.help),
        example=field.example,
    )
