"""Processes of their own end as they would have ended, and what they say is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import own_process


def test_one_that_ends_by_itself_has_not_died(db: None) -> None:
    with pytest.raises(AssertionError, match="IndexError"):
        own_process.dies("tests.rounds.process")


def test_statuses_are_those_of_a_process_that_python_runs(db: None, tmp_path: Path) -> None:
    asked = own_process.spawn("json.tool", "--no-such-option", log=tmp_path / "log")
    assert asked.wait() == 2 and "no-such-option" in asked.said()
    long = own_process.spawn("http.server", "0", log=tmp_path / "long")
    assert long.poll() is None
    long.terminate()
    assert long.wait() == -15 and long.poll() == -15
    long.kill()  # too late, and no error
