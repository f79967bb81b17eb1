"""The server or the network goes away while somebody draws, and comes back: the page says so, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from annotate.queues.models import Draft
from tests.browser.bench import READY, Bench, labels_of, submitted
from tests.browser.restarting import Restart

DRAFTS = "**/api/v1/leases/*/draft"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(live_server: Any) -> Iterator[Restart]:
    found = Restart(live_server.thread.static_handler)
    yield found
    found.stop()


def test_a_restart_of_the_server_while_drawing_is_said_and_loses_nothing(sign_in: Any, world: Any, queue: Any, server: Restart) -> None:
    page = sign_in(world.annotator, base_url=server.url)
    bench = Bench(page, queue)
    item = bench.item
    bench.drag((5, 5), (20, 20))
    page.wait_for_selector("[data-saving=saved]")
    server.stop()
    bench.drag((30, 20), (50, 40))
    page.wait_for_selector("[data-saving=offline]")
    assert "Offline" in page.locator("[data-saving]").inner_text()
    bench.drag((8, 25), (20, 40))  # goes on all the same
    bench.press("Control+z", "Control+Shift+z")
    assert len(bench.rows) == 3
    server.start()
    page.wait_for_selector("[data-saving=saved]", timeout=15_000)
    assert len(labels_of(Draft.objects.get())) == 3
    server.stop()
    bench.press("f")
    page.get_by_text("Offline;").wait_for()
    server.start()
    bench.gone(item)
    assert [len(one["objects"]) for one in submitted(item)] == [3]


def test_a_server_that_answers_503_for_a_while_is_waited_for(bench: Bench) -> None:
    page = bench.page
    page.route(DRAFTS, lambda route: route.fulfill(status=503, headers={"Retry-After": "1"}, body="<h1>busy</h1>"))
    bench.drag((5, 5), (20, 20))
    page.wait_for_selector("[data-saving=offline]")
    assert bench.rows == ["car"]
    page.unroute(DRAFTS)
    page.wait_for_selector("[data-saving=saved]")
    assert labels_of(Draft.objects.get()) == ["car"]


def test_an_answer_whose_reply_was_lost_counts_once(bench: Bench) -> None:
    item, page = bench.item, bench.page
    lost: list[int] = []

    def swallow(route: Any) -> None:
        if lost:
            return route.fallback()
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/api/v1/leases/*/submit*", swallow)
    bench.drag((5, 5), (20, 20))
    bench.press("f")
    bench.gone(item)
    assert lost == [201]
    assert len(submitted(item)) == 1


def minutes_pass(page: Any, minutes: int) -> None:
    """In the browser and, as far as leases know, on the server."""
    page.clock.fast_forward(minutes * 60_000)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE annotate_lease SET created_at = created_at - make_interval(mins => %s), expires_at = expires_at - make_interval(mins => %s)",
            [minutes, minutes],
        )


def test_ten_minutes_without_a_network_lose_nothing(sign_in: Any, world: Any, queue: Any) -> None:
    page = sign_in(world.annotator)
    page.clock.install()
    bench = Bench(page, queue)
    item = bench.item
    bench.drag((5, 5), (20, 20))
    page.wait_for_selector("[data-saving=saved]")
    page.context.set_offline(True)
    bench.drag((30, 20), (50, 40))
    page.wait_for_selector("[data-saving=offline]")
    minutes_pass(page, 5)
    bench.drag((8, 25), (20, 40))
    minutes_pass(page, 5)
    assert len(bench.rows) == 3
    assert page.locator(".wb").get_attribute("data-phase") == "working"
    page.context.set_offline(False)
    page.wait_for_selector("[data-saving=saved]")
    assert len(labels_of(Draft.objects.get())) == 3
    bench.press("f")
    bench.gone(item)
    assert len(submitted(item)[0]["objects"]) == 3


def test_without_a_network_for_longer_than_the_task_is_held_work_goes_on_and_is_kept(sign_in: Any, world: Any, queue: Any) -> None:
    page = sign_in(world.annotator)
    page.clock.install()
    bench = Bench(page, queue)
    item = bench.item
    page.context.set_offline(True)
    bench.drag((5, 5), (20, 20))
    page.wait_for_selector("[data-saving=offline]")
    minutes_pass(page, 16)
    page.get_by_text("The time for this ran out while the network is away").wait_for()
    bench.drag((30, 20), (50, 40))
    assert len(bench.rows) == 2
    page.context.set_offline(False)
    page.get_by_text("This is no longer yours").wait_for()
    assert "kept as a draft" in page.locator(".over").inner_text()
    page.get_by_role("button", name="Go on").click()
    page.wait_for_selector(READY)
    assert (bench.item, len(bench.rows)) == (item, 2)


def test_a_page_that_is_closed_right_after_a_stroke_loses_nothing(bench: Bench, queue: Any) -> None:
    context, item = bench.page.context, bench.item
    bench.drag((5, 5), (20, 20))
    bench.page.close(run_before_unload=True)
    again = Bench(context.new_page(), queue)
    assert (again.item, again.rows) == (item, ["car"])
