"""The fixtures of queues, and a schema change carried out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.annotations.changing import Changing
from tests.queues.conftest import answer, queue_of  # noqa: F401  fixtures


@pytest.fixture
def change(world: Any, run_jobs: Any) -> Changing:
    return Changing(world, run_jobs)
