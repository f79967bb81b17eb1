"""A step of a long run, carried through although others lock the same rows: the database ends one side of a deadlock, which tries again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, transaction

T = TypeVar("T")
TRIES = 5
DEADLOCK = "40P01"


def is_deadlock(error: OperationalError) -> bool:
    """Whether the database ended this side so that the other could go on: the same again may well succeed."""
    return getattr(error.__cause__, "sqlstate", "") == DEADLOCK


def carried_through(step: Callable[[], T], *, tries: int = TRIES, pause: float = 0.0) -> T:
    """What `step` gives, in a transaction of its own, which begins anew after a deadlock; the last of `tries` tells of it. Before the
    n-th further one it waits n times `pause` seconds."""
    for tried in range(1, tries):
        try:
            with transaction.atomic():
                return step()
        except OperationalError as error:
            if not is_deadlock(error):
                raise
        time.sleep(pause * tried)
    with transaction.atomic():
        return step()
