"""What is to be done with a step now, as its kind sees it: a move of the machine, or what it waits for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from annotate.items.models import Batch
from annotate.people.actor import Actor
from workflows.automation.models import Step


@dataclass(frozen=True)
class Way:
    """A batch on its way: by which document, since when (None: it has not set out), and whether steps are taken `on` their own."""

    batch: Batch
    document: Mapping[str, Any]
    since: dt.datetime | None = None
    steps: tuple[Step, ...] = ()
    on: frozenset[str] = frozenset()

    def after(self, at: dt.datetime | None) -> bool:
        """Whether something of this time was done on this way, not before."""
        return at is not None and (self.since is None or at >= self.since)


@dataclass(frozen=True)
class Move:
    """`name`: a move of `states.STEP`, or "" for none. `why`: a key of `wording` (with `about`), or words. `refs`: what was found or made."""

    name: str = ""
    why: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)
    by_hand: bool = False
    refs: Mapping[str, Any] = field(default_factory=dict)


def waits(why: str, **about: Any) -> Move:
    return Move(why=why, about=about)


START = Move("start")


@dataclass(frozen=True)
class Kind:
    """`look(step, way)` reads; `act(step, way, by)` does it, in the caller's transaction, and says what the step is then: a move to
    running, done or skipped. Nothing of it is done twice, since the step's state is written with it."""

    look: Callable[[Step, Way], Move]
    act: Callable[[Step, Way, Actor], Move]
