"""Answers of policies: allowed, or denied with a reason that can be shown to the person."""

from __future__ import annotations

from dataclasses import dataclass

from annotate.kernel.errors import Denied


@dataclass(frozen=True)
class Allowed:
    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True)
class Denial:
    why: str
    code: str = "denied"

    def __bool__(self) -> bool:
        return False


Decision = Allowed | Denial


def require(decision: Decision) -> None:
    """Raise `Denied` with the policy's own words unless it allowed."""
    if isinstance(decision, Denial):
        raise Denied(decision.why, code=decision.code)
