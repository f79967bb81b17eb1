"""The time runs out: an idle person is told first, nothing is lost, and the same item goes on unless somebody else has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from annotate.queues.claim import next_task
from annotate.queues.models import Draft, Lease
from tests.browser.bench import READY, Bench, labels_of, submitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bench(sign_in: Any, world: Any, queue: Any) -> Iterator[Bench]:
    bench = Bench(sign_in(world.annotator), queue)
    bench.page.wait_for_load_state("networkidle")  # what is fetched ahead is there
    yield bench


def run_out(slots: str = "0") -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE annotate_lease SET created_at = created_at - interval '1 hour', expires_at = clock_timestamp() - interval '1 ms'"
            f" WHERE slot IN ({slots})"
        )


def begun_and_run_out(bench: Bench) -> None:
    """One object reached the server, the next did not before the time was over; the page says so."""
    bench.drag((5, 5), (20, 20))
    bench.page.wait_for_selector("[data-saving=saved]")
    run_out()
    bench.drag((30, 20), (50, 40))
    bench.page.get_by_text("This is no longer yours").wait_for()


def test_a_lease_that_ran_out_keeps_the_work_and_offers_the_same_item_first(bench: Bench) -> None:
    item = bench.item
    assert Lease.objects.filter(slot=1).exists()
    begun_and_run_out(bench)
    assert "kept as a draft" in bench.page.locator(".over").inner_text()
    assert bench.page.get_by_role("button", name="Copy my work").is_visible()
    bench.page.get_by_role("button", name="Go on").click()
    bench.page.wait_for_selector(READY)
    assert bench.item == item
    assert len(bench.rows) == 2
    bench.press("f")
    bench.gone(item)
    assert len(submitted(item)[0]["objects"]) == 2
    assert bench.faults[1:] == []  # the browser tells of the one refusal


def test_of_an_item_that_somebody_else_took_the_work_is_kept_to_be_copied_and_theirs_is_untouched(bench: Bench, world: Any, queue: Any) -> None:
    item, page = bench.item, bench.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    bench.drag((5, 5), (20, 20))
    page.wait_for_selector("[data-saving=saved]")
    run_out()
    theirs = next_task(queue, world.actor(world.annotator2))
    assert theirs.item_id == item
    bench.drag((30, 20), (50, 40))
    page.get_by_text("This is no longer yours").wait_for()
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("Somebody else has").wait_for()
    assert bench.item != item
    assert bench.rows == []
    page.get_by_role("button", name="Show").click()
    kept = page.get_by_role("dialog", name="Work kept in this browser")
    assert "Objects: 2" in kept.inner_text()
    kept.get_by_role("button", name="Copy as text").click()
    kept.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").count('"kind": "box"') == 2
    assert [(row.person_id, len(labels_of(row))) for row in Draft.objects.all()] == [(world.annotator.pk, 2)]
    kept.get_by_role("button", name="Let it go").click()
    kept.get_by_text("everything of yours has reached the server").wait_for()
    bench.press("Escape")
    page.reload()
    page.wait_for_selector(READY)
    bench.press("Control+k")
    page.locator("dialog[open] [role=combobox]").fill("kept")
    bench.press("Enter")
    kept.get_by_text("everything of yours has reached the server").wait_for()  # let go for good
    assert Lease.objects.get(pk=theirs.pk).ended_at is None


def test_an_idle_person_is_told_with_a_countdown_and_a_key_keeps_the_task(sign_in: Any, world: Any, queue: Any) -> None:
    page = sign_in(world.annotator)
    page.clock.install()
    bench = Bench(page, queue)
    before = Lease.objects.get(slot=0).expires_at
    page.clock.fast_forward(13 * 60_000 + 30_000)
    page.get_by_text("Are you still there?").wait_for()
    assert "goes back to the others in 1:" in page.locator(".notice").inner_text()
    bench.press("Shift")
    page.locator(".notice").wait_for(state="hidden")
    assert Lease.objects.get(slot=0).expires_at > before


def test_who_was_away_too_long_finds_the_same_item_with_all_that_was_drawn(sign_in: Any, world: Any, queue: Any) -> None:
    page = sign_in(world.annotator)
    page.clock.install()
    bench = Bench(page, queue)
    item = bench.item
    bench.drag((5, 5), (20, 20))
    page.wait_for_selector("[data-saving=saved]")
    page.clock.fast_forward(14 * 60_000 + 30_000)
    page.get_by_text("Are you still there?").wait_for()
    run_out("0, 1")
    page.clock.fast_forward(60_000)
    page.get_by_text("This is no longer yours").wait_for()
    assert "kept as a draft" in page.locator(".over").inner_text()
    page.get_by_role("button", name="Go on").click()
    page.wait_for_selector(READY)
    assert (bench.item, bench.rows) == (item, ["car"])


def test_who_leaves_by_the_button_finds_what_they_had_begun_first(bench: Bench, queue: Any) -> None:
    item = bench.item
    bench.drag((5, 5), (20, 20))
    bench.page.get_by_role("button", name="Leave").click()
    bench.page.wait_for_url("**/")
    assert not Lease.objects.filter(ended_at=None).exists()
    bench.page.goto(f"/work/{queue.pk}")
    bench.page.wait_for_selector(READY)
    assert (bench.item, bench.rows) == (item, ["car"])
