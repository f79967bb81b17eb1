"""What a gate's rule says of figures: pass, fail, or not enough evidence, which never passes. Pure.

Kleene's strong logic of three values (Introduction to Metamathematics, §64): `and` fails when a part fails, and passes when all pass; `or`
passes when a part passes, and fails when all fail; else there is not enough. `not` turns pass and fail around and leaves the third.
A `not` before brackets is carried to the parts, by De Morgan's laws, which hold here, so that each part says how it counts.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field

from annotate.search.tree import And, Comparison, Node, Not, Or

PASS, FAIL, NOT_ENOUGH = "pass", "fail", "not_enough"
OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
ENDS = ("low", "high")


@dataclass(frozen=True)
class Figure:
    """A measure: `value` with the ends of its interval, on `of` things; None where there is none, and `why` says so in a word."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    of: int = 0
    why: str = "not_enough"


@dataclass(frozen=True)
class Part:
    """One comparison as it counts in the rule: `text` with its "not", `end` the end of the interval that was asked for, or ""."""

    text: str
    column: int
    name: str
    argument: str | None
    end: str
    figure: Figure
    state: str


@dataclass(frozen=True)
class Outcome:
    """`parts` in the order of the text; `blamed`: those for which the rule does not pass."""

    state: str
    parts: tuple[Part, ...]
    blamed: tuple[Part, ...] = field(default=())


Figures = Callable[[str, str | None], Figure]


def judge(node: Node, figures: Figures) -> Outcome:
    """The rule on these figures; `figures` is asked with a field's name and what stands in its brackets."""
    return _judge(node, figures, turned=False)


def negated(state: str) -> str:
    return {PASS: FAIL, FAIL: PASS}.get(state, state)


def conjoined(states: list[str]) -> str:
    return FAIL if FAIL in states else NOT_ENOUGH if NOT_ENOUGH in states else PASS


def disjoined(states: list[str]) -> str:
    return PASS if PASS in states else NOT_ENOUGH if NOT_ENOUGH in states else FAIL


def _judge(node: Node, figures: Figures, *, turned: bool) -> Outcome:
    if isinstance(node, Not):
        return _judge(node.inner, figures, turned=not turned)
    if isinstance(node, Comparison):
        part = _part(node, figures, turned=turned)
        return Outcome(part.state, (part,), () if part.state == PASS else (part,))
    found = [_judge(inner, figures, turned=turned) for inner in node.parts]
    whole = conjoined if isinstance(node, And) != turned else disjoined
    state = whole([one.state for one in found])
    parts = tuple(part for one in found for part in one.parts)
    return Outcome(state, parts, () if state == PASS else tuple(part for one in found for part in one.blamed))


def _part(node: Comparison, figures: Figures, *, turned: bool) -> Part:
    name, end = node.name.text.lower(), node.name.around
    argument = str(node.name.argument.text) if node.name.argument is not None else None
    figure = figures(name, argument)
    asked = getattr(figure, end) if end else figure.value
    state = NOT_ENOUGH
    if figure.value is not None and asked is not None:
        state = PASS if OPERATORS[node.operator](asked, float(node.values[0].value or 0)) else FAIL
    return Part(("not " if turned else "") + written(node), node.column, name, argument, end, figure, negated(state) if turned else state)


def written(node: Comparison) -> str:
    """ "low(agreement(car)) >= 0.8"."""
    name = node.name.text.lower()
    if node.name.argument is not None:
        quote = '"' if node.name.argument.quoted else ""
        name = f"{name}({quote}{node.name.argument.text}{quote})"
    if node.name.around:
        name = f"{node.name.around}({name})"
    return f"{name} {node.operator} {node.values[0].text}"


def comparisons(node: Node) -> list[Comparison]:
    """All of them, in the order of the text."""
    if isinstance(node, Comparison):
        return [node]
    if isinstance(node, Not):
        return comparisons(node.inner)
    assert isinstance(node, And | Or)
    return [one for inner in node.parts for one in comparisons(inner)]
