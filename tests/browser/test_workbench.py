"""The workbench in a real browser: draw, undo, submit, and the next picture is there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.bench import READY, Bench, submitted

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_box_drawn_by_mouse_is_submitted_and_the_next_picture_comes(bench: Bench) -> None:
    first = bench.item
    bench.press("2")
    bench.drag((10, 8), (30, 28))
    assert bench.rows == ["person"]
    bench.press("Control+Enter")
    bench.page.wait_for_selector(f".wb[data-phase=working]:not([data-item='{first}']) .canvas[data-picture=shown]")
    assert bench.rows == []
    (document,) = submitted(first)
    (drawn,) = document["objects"]
    assert drawn["label"] == "person"
    assert drawn["box"] == pytest.approx([10, 8, 20, 20], abs=0.2)
    assert bench.faults == []


def test_keys_undo_and_redo_what_the_mouse_drew(bench: Bench) -> None:
    bench.drag((5, 5), (20, 20))
    bench.drag((8, 8), (40, 40))  # begins inside the first: draws, and does not drag it along
    assert len(bench.rows) == 2
    bench.press("Control+z")
    assert len(bench.rows) == 1
    bench.press("Control+z")
    assert bench.rows == []
    bench.press("Control+Shift+z")
    assert len(bench.rows) == 1
    assert bench.faults == []


def test_an_item_that_was_only_looked_at_leaves_no_draft(bench: Bench) -> None:
    from annotate.queues.models import Draft

    bench.page.wait_for_timeout(1500)
    assert bench.page.locator("[data-saving=saved]").is_visible()
    assert not Draft.objects.exists()


def test_the_draft_is_there_after_a_reload(bench: Bench) -> None:
    bench.drag((5, 5), (20, 20))
    bench.page.wait_for_selector("[data-saving=saved]")
    bench.page.reload()
    bench.page.wait_for_selector(READY)
    assert bench.rows == ["car"]


def test_an_edge_is_pulled_and_stays_inside_the_picture(bench: Bench) -> None:
    bench.drag((40, 20), (60, 40))
    bench.drag((60, 30), (90, 30))
    first = bench.item
    bench.press("Control+Enter")
    bench.page.wait_for_selector(f".wb[data-phase=working]:not([data-item='{first}'])")
    assert submitted(first)[0]["objects"][0]["box"] == pytest.approx([40, 20, 24, 20], abs=0.2)


def test_when_all_is_answered_the_page_says_so_and_leads_home(bench: Bench) -> None:
    for _ in range(3):
        item = bench.item
        bench.press("f")
        bench.page.wait_for_selector(f".wb:not([data-item='{item}'])")
        if bench.page.locator(".wb[data-phase=empty]").count():
            break
        bench.page.wait_for_selector(READY)
    bench.page.get_by_text("Nothing left for you here").wait_for()
    bench.page.get_by_role("button", name="To the start page").click()
    bench.page.wait_for_url("**/")
    assert bench.faults == []


def test_a_skipped_item_makes_way_for_the_next(bench: Bench) -> None:
    first = bench.item
    bench.page.get_by_role("button", name="Skip").click()
    bench.page.get_by_role("textbox", name="Reason").fill("too dark")
    bench.press("Enter")
    bench.page.wait_for_selector(f".wb[data-phase=working]:not([data-item='{first}'])")
    assert submitted(first) == []


def test_no_connection_is_said_and_the_answer_arrives_when_it_is_back(bench: Bench) -> None:
    first = bench.item
    bench.drag((5, 5), (20, 20))
    bench.page.context.set_offline(True)
    bench.press("Control+Enter")
    bench.page.get_by_text("Offline;").wait_for()
    bench.page.context.set_offline(False)
    bench.page.wait_for_selector(f".wb[data-phase=working]:not([data-item='{first}'])", timeout=15_000)
    assert len(submitted(first)) == 1


def test_the_keys_are_listed_on_demand_and_the_list_closes(bench: Bench) -> None:
    bench.press("?")
    assert bench.page.get_by_role("dialog").is_visible()
    bench.press("Escape")
    bench.page.get_by_role("dialog").wait_for(state="hidden")
    assert bench.faults == []


def test_the_last_answer_is_taken_back_by_a_key_and_sent_again(bench: Bench) -> None:
    first = bench.item
    bench.drag((5, 5), (20, 20))
    bench.press("f")
    bench.gone(first)
    bench.page.wait_for_selector(READY)
    bench.press("d")
    bench.page.locator(".mine > li").first.wait_for()
    bench.press("Enter")
    bench.page.wait_for_selector(f".wb[data-phase=working][data-item='{first}'] .canvas[data-picture=shown]")
    assert bench.rows == ["car"]
    bench.press("Tab", "ArrowRight", "f")
    bench.gone(first)
    before, after = submitted(first)
    assert after["objects"][0]["box"][0] == pytest.approx(before["objects"][0]["box"][0] + 1, abs=0.01)


def test_the_next_picture_is_there_at_once(bench: Bench) -> None:
    first = bench.item
    bench.page.wait_for_timeout(500)  # the one fetched ahead arrives
    asked = []
    bench.page.on("request", lambda request: asked.append(request.url) if "/media" in request.url else None)
    bench.press("f")
    bench.gone(first)
    bench.page.wait_for_selector(READY)
    assert f"/items/{bench.item}/media" not in " ".join(asked)


def test_it_fits_a_small_screen_in_the_dark_and_in_chinese(sign_in: Any, live: Any, queue: Any, live_server: Any) -> None:
    page = sign_in(live.annotator, width=1024, height=768, color_scheme="dark")
    page.context.add_cookies([{"name": "sluice_language", "value": "zh-hans", "url": live_server.url}])
    bench = Bench(page, queue)
    assert page.get_by_role("button", name="提交并继续").is_visible()
    sizes = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert sizes == [1024, 768]
    assert bench.faults == []
