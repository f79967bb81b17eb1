"""Why the machine acts: what a rule of the house does by itself names its cause in every row of activity that it leaves.

The cause goes with what is being done, into the jobs that it asks for too, so that no service has to pass it on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

NAME = "because"  # in a row's data, and among a job's arguments
_cause: ContextVar[Mapping[str, Any] | None] = ContextVar("because", default=None)


@contextmanager
def because(cause: Mapping[str, Any] | None) -> Iterator[None]:
    """Rows that are written inside carry `cause`: {"activity": the row that set it off, …}. None, or an empty one: as outside."""
    token = _cause.set(dict(cause)) if cause else None
    try:
        yield
    finally:
        if token is not None:
            _cause.reset(token)


def named() -> dict[str, Any]:
    """{"because": cause} inside of `because`, else nothing."""
    cause = _cause.get()
    return {NAME: dict(cause)} if cause else {}
