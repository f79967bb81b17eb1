"""A step that loses a deadlock begins anew, and only then."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection

from annotate.kernel.deadlocks import carried_through


class _State(Exception):
    def __init__(self, state: str) -> None:
        self.sqlstate = state


def lost(state: str) -> OperationalError:
    error = OperationalError("ended by the database")
    error.__cause__ = _State(state)
    return error


def losing(times: int, state: str = "40P01") -> Any:
    """A step that writes a row, loses so many times, and then gives how often it was tried and how many rows there are."""
    tried = []

    def step() -> tuple[int, int]:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE IF NOT EXISTS step_rows (n int) ON COMMIT DROP")
            cursor.execute("INSERT INTO step_rows VALUES (1)")
            tried.append(1)
            if len(tried) <= times:
                raise lost(state)
            cursor.execute("SELECT count(*) FROM step_rows")
            return len(tried), int(cursor.fetchone()[0])

    return step


def test_what_a_try_wrote_goes_with_it(db: None) -> None:
    assert carried_through(losing(2)) == (3, 1)


def test_the_last_try_tells_of_the_deadlock(db: None) -> None:
    with pytest.raises(OperationalError):
        carried_through(losing(3), tries=3)
    assert carried_through(losing(2), tries=3) == (3, 1)


def test_another_error_is_told_at_once(db: None) -> None:
    step = losing(1, "55P03")
    with pytest.raises(OperationalError):
        carried_through(step)
    assert step() == (2, 1)
