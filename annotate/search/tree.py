"""What a query says, as a tree: names and values as written, not yet matched with declared fields. Columns count from 1."""

from __future__ import annotations

from dataclasses import dataclass

Literal = str | int | float | bool | None


@dataclass(frozen=True)
class Value:
    """`text` is what was written, without quotation marks; `quoted` tells the text "true" from the word true."""

    value: Literal
    column: int
    text: str = ""
    quoted: bool = False


@dataclass(frozen=True)
class Name:
    """A field as written: `parts` are what dots separate; `argument` is what stands in its brackets, None without them. `around`: the
    word around the whole of it, where the reader was told such words."""

    parts: tuple[str, ...]
    column: int
    argument: Value | None = None
    around: str = ""

    @property
    def text(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True)
class Comparison:
    """`operator` is one of = != < <= > >= in contains startswith, or empty for a bare flag."""

    name: Name
    operator: str
    values: tuple[Value, ...]
    column: int


@dataclass(frozen=True)
class Not:
    inner: Node


@dataclass(frozen=True)
class And:
    """`grouped`: the parts stand directly in one explicit pair of brackets, so that conditions on objects go together."""

    parts: tuple[Node, ...]
    grouped: bool = False


@dataclass(frozen=True)
class Or:
    parts: tuple[Node, ...]


Node = Comparison | Not | And | Or
