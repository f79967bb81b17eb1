"""Nothing is lost: the tab crashes, the session ends, another tab or another person comes."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.queues.models import Draft
from tests.browser.bench import READY, Bench, crash, journalled, labels_of, submitted

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "a long enough password"
DRAFTS = "**/api/v1/leases/*/draft"


@pytest.fixture
def world(live: Any) -> Any:
    for person in (live.annotator, live.manager):
        person.set_password(PASSWORD)
        person.save(update_fields=["password"])
    return live


def reach_in(page: Any) -> None:
    """Signs the annotator in, in this tab."""
    page.goto("/sign-in?next=/account")
    page.get_by_label("Name").fill("annotator")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url.endswith("/account") and "sign-in" not in url)


def test_a_crash_before_anything_reached_the_server_loses_nothing(bench: Bench, queue: Any) -> None:
    context, item = bench.page.context, bench.item
    context.route(DRAFTS, lambda route: route.abort())
    bench.drag((5, 5), (20, 20))
    bench.page.keyboard.press("2")
    bench.drag((30, 20), (50, 40))
    journalled(bench)
    assert not Draft.objects.exists()
    crash(bench.page)
    context.unroute(DRAFTS)
    again = Bench(context.new_page(), queue)
    assert again.item == item
    assert again.rows == ["car", "person"]
    assert "2 added" in again.page.locator(".says").inner_text()
    again.page.wait_for_selector("[data-saving=saved]")
    assert labels_of(Draft.objects.get()) == ["car", "person"]
    again.press("Control+z")
    assert again.rows == []
    assert again.faults == []


def test_without_a_network_work_goes_on_survives_a_crash_and_arrives(bench: Bench, queue: Any) -> None:
    context, item = bench.page.context, bench.item
    bench.drag((5, 5), (20, 20))
    bench.page.wait_for_selector("[data-saving=saved]")
    context.set_offline(True)
    bench.drag((30, 20), (50, 40))
    bench.page.wait_for_selector("[data-saving=offline]")
    bench.drag((8, 25), (20, 40))
    journalled(bench)
    crash(bench.page)
    context.set_offline(False)
    again = Bench(context.new_page(), queue)
    assert len(again.rows) == 3
    again.press("f")
    again.gone(item)
    assert len(submitted(item)[0]["objects"]) == 3


def test_leaving_asks_nothing_once_the_work_is_kept_and_a_reload_brings_it_back(bench: Bench) -> None:
    bench.page.context.route(DRAFTS, lambda route: route.abort())
    asked: list[str] = []
    bench.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    bench.drag((5, 5), (20, 20))
    bench.page.wait_for_selector("[data-saving=offline]")
    bench.page.reload()
    bench.page.wait_for_selector(READY)
    assert asked == []
    assert bench.rows == ["car"]


def test_a_session_that_ended_is_said_and_work_goes_on_after_signing_in_elsewhere(bench: Bench, live_server: Any) -> None:
    context, item = bench.page.context, bench.item
    bench.drag((5, 5), (20, 20))
    bench.page.wait_for_selector("[data-saving=saved]")
    context.clear_cookies(name="sluice_session")
    bench.drag((30, 20), (50, 40))
    notice = bench.page.get_by_text("Your session has ended.")
    notice.wait_for()
    bench.drag((8, 25), (20, 40))  # goes on all the same
    with context.expect_page() as opened:
        bench.page.get_by_role("link", name="Sign in").click()
    reach_in(opened.value)
    opened.value.close()
    bench.page.bring_to_front()
    notice.wait_for(state="hidden")
    bench.page.wait_for_selector("[data-saving=saved]")
    assert len(labels_of(Draft.objects.get())) == 3
    bench.press("f")
    bench.gone(item)
    assert len(submitted(item)[0]["objects"]) == 3


def test_an_answer_sent_after_the_session_ended_waits_for_the_person(bench: Bench) -> None:
    item = bench.item
    bench.drag((5, 5), (20, 20))
    bench.page.context.clear_cookies(name="sluice_session")
    bench.press("f")
    bench.page.get_by_text("Your session has ended.").wait_for()
    assert submitted(item) == []
    tab = bench.page.context.new_page()
    reach_in(tab)
    tab.close()
    bench.gone(item)  # by itself
    assert len(submitted(item)) == 1


def test_a_stale_tab_shows_both_drafts_and_the_person_chooses(bench: Bench, queue: Any) -> None:
    other = Bench(bench.page.context.new_page(), queue)
    assert other.item == bench.item
    other.drag((30, 20), (50, 40))
    other.drag((8, 25), (20, 40))
    other.page.wait_for_selector("[data-saving=saved]")
    bench.page.bring_to_front()
    bench.page.keyboard.press("2")
    bench.drag((5, 5), (20, 20))
    dialog = bench.page.get_by_role("dialog", name="This was changed in another tab")
    dialog.wait_for()
    assert "Objects: 1" in dialog.inner_text()
    assert "Objects: 2" in dialog.inner_text()
    assert "2 added, 1 removed" in dialog.inner_text()
    assert labels_of(Draft.objects.get()) == ["car", "car"]
    dialog.get_by_role("button", name="Take this one").click()
    dialog.wait_for(state="hidden")
    assert len(bench.rows) == 2
    bench.press("Control+z")
    assert bench.rows == ["person"]  # what was here is not lost by the choice
    bench.page.wait_for_selector("[data-saving=saved]")
    assert labels_of(Draft.objects.get()) == ["person"]


def test_a_stale_tab_cannot_answer_over_newer_work(bench: Bench, queue: Any) -> None:
    item = bench.item
    other = Bench(bench.page.context.new_page(), queue)
    other.drag((30, 20), (50, 40))
    other.page.wait_for_selector("[data-saving=saved]")
    bench.page.bring_to_front()
    bench.press("f")
    dialog = bench.page.get_by_role("dialog", name="This was changed in another tab")
    dialog.wait_for()
    assert submitted(item) == []
    bench.press("Escape")
    dialog.wait_for(state="hidden")
    bench.press("f")
    dialog.wait_for()  # put off is not decided
    dialog.get_by_role("button", name="Take this one").click()
    bench.press("f")
    bench.gone(item)
    assert len(submitted(item)[0]["objects"]) == 1


def test_the_next_person_on_this_browser_neither_sees_nor_sends_it(bench: Bench, queue: Any, live_server: Any, world: Any) -> None:
    context, item = bench.page.context, bench.item
    context.route(DRAFTS, lambda route: route.abort())
    bench.drag((5, 5), (20, 20))
    journalled(bench)
    tab = context.new_page()
    context.clear_cookies(name="sluice_session")
    tab.goto("/sign-in?next=/account")
    tab.get_by_label("Name").fill("manager")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.keyboard.press("Enter")
    tab.wait_for_url(lambda url: url.endswith("/account") and "sign-in" not in url)
    context.unroute(DRAFTS)
    bench.page.bring_to_front()
    bench.press("f")  # the tab that was left open
    bench.page.get_by_role("heading", name="Somebody else is signed in now").wait_for()
    theirs = Bench(tab, queue)
    assert theirs.rows == []
    theirs.press("Control+k")
    theirs.page.locator("dialog[open] [role=combobox]").fill("kept")
    theirs.press("Enter")
    theirs.page.get_by_text("everything of yours has reached the server").wait_for()
    assert submitted(item) == []
    assert not Draft.objects.exists()
    theirs.page.close()
    bench.page.close()
    client = world.page(world.annotator)
    context.add_cookies([{"name": "sluice_session", "value": client.cookies["sluice_session"].value, "url": live_server.url}])
    again = Bench(context.new_page(), queue)
    assert (again.item, again.rows) == (item, ["car"])
