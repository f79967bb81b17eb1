"""A newcomer in a browser: told what they need, through the run, to its result."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.qualifications.conftest import gold, qualification, take  # noqa: F401  fixtures
from tests.queues.conftest import queue_of  # noqa: F401  a fixture

pytestmark = pytest.mark.browser


def test_a_newcomer_takes_the_run_and_reads_the_result(
    world: Any, sign_in: Any, gold: Any, qualification: Any, queue_of: Any  # noqa: F811
) -> None:
    from workflows.quality.gold import measure_some

    gold(2)
    cells = qualification(questions=1, pass_mark=0.8, attempts=2)
    queue_of(name="Label cells", requires=[{"qualification": cells.pk}])
    page = sign_in(world.annotator)
    page.goto("/")
    page.get_by_role("link", name="Take the run Cells").first.click()
    page.wait_for_url(f"**/work/{cells.queue_id}")
    submit = page.get_by_role("button", name="Submit and next")
    expect(submit).to_be_enabled()
    expect(page.get_by_role("button", name="Skip", exact=True)).to_be_disabled()
    submit.click()
    expect(page.get_by_role("heading", name="All questions are answered")).to_be_visible()
    measure_some()
    page.get_by_role("button", name="To the result").click()
    page.wait_for_url(f"**/qualifications/{cells.pk}")
    expect(page.get_by_role("heading", name="Not passed yet")).to_be_visible()
    expect(page.get_by_text("1 attempt is left.")).to_be_visible()
