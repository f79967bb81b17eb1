"""State machines as data: a noun's states and its legal moves, one table for code, constraints and documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from annotate.kernel.errors import Conflict


@dataclass(frozen=True)
class Machine:
    """`moves` maps a move's name to ({states it may start from}, state it ends in).

    >>> door = Machine("door", ("open", "shut"), {"close": ({"open"}, "shut")})
    >>> door.after("open", "close")
    'shut'
    """

    noun: str
    states: tuple[str, ...]
    moves: Mapping[str, tuple[frozenset[str] | set[str], str]]

    def after(self, state: str, move: str) -> str:
        """The state after `move`; raises `Conflict` when the move is not legal from `state`."""
        origins, target = self.moves[move]
        if state not in origins:
            raise Conflict(f"a {self.noun} that is {state} cannot {move}", code="illegal_move")
        return target

    def allows(self, state: str, move: str) -> bool:
        return state in self.moves[move][0]

    def origins(self, move: str) -> frozenset[str]:
        return frozenset(self.moves[move][0])

    def table(self) -> str:
        """The moves as a Markdown table, for the READMEs."""
        rows = ["| move | from | to |", "| --- | --- | --- |"]
        for name, (origins, target) in self.moves.items():
            listed = ", ".join(state for state in self.states if state in origins)
            rows.append(f"| {name} | {listed} | {target} |")
        return "\n".join(rows)
