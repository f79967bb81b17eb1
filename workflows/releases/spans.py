"""Which parts of the version before can be taken as they are: key spans whose rows the snapshot still selects unchanged. Pure.

A span reaches from behind the last key of the span before up to a key at which a range ends, and is one range of the version before; or
several, where the key that ended one has been erased. It is clean when the database counts as many rows in it as then, with the same
exclusive or of their hashes, up to the same last key. Where that key has gone, its rows run on into the next span, so that one is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from workflows.releases.merkle import ends_range


@dataclass(frozen=True)
class Piece:
    """A range of the version before, as it was frozen; `digest` and `fingerprint` None where that was not recorded."""

    shard: int
    first: str
    last: str
    digest: bytes | None
    taken: int | None
    fingerprint: int | None


@dataclass
class Span:
    """`low` < key ≤ `high`; None is no bound."""

    low: str | None
    high: str | None
    pieces: list[Piece] = field(default_factory=list)


def spans(pieces: Sequence[Piece]) -> list[Span]:
    found, open_ = [], Span(None, None)
    for piece in pieces:
        open_.pieces.append(piece)
        if piece.last and ends_range(piece.last) and (open_.low is None or piece.last > open_.low):
            open_.high = piece.last
            found.append(open_)
            open_ = Span(piece.last, None)
    return [*found, open_]


def dirty(parts: Sequence[Span], seen: Mapping[int, tuple[int, int, str]]) -> list[Span]:
    """The spans to build anew. `seen`: place → (rows, exclusive or of their hashes, last key) of those with rows."""
    found, spilt = [], False
    for place, part in enumerate(parts):
        count, xor, last = seen.get(place, (0, 0, ""))
        same = not spilt and _same(part, count, xor)
        gone = part.high is not None and last != part.high and count > 0
        if (not same or gone) and (count or part.pieces):
            found.append(part)
        spilt = gone or (spilt and not count)
    return found


def _same(part: Span, count: int, xor: int) -> bool:
    if not part.pieces:
        return count == 0
    [first, *others] = part.pieces
    return not others and first.digest is not None and first.taken == count and first.fingerprint == xor
