"""The label wall by keys in a real browser: hundreds of crops, some marked, relabelled by one key, taken back by another."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.bench import press
from tests.wall.conftest import a_box, imported, labels  # noqa: F401  a fixture

pytestmark = pytest.mark.browser


def test_three_of_three_hundred_are_put_right_and_taken_back(live: Any, sign_in: Any, imported: Any) -> None:  # noqa: F811
    boxes = [a_box("car", (1 + 10 * (n % 6), 1 + 9 * (n // 6 % 5), 9, 8)) for n in range(30)]
    items = imported([{"objects": [box | {"id": a_box()["id"]} for box in boxes], "item": {}} for _ in range(10)])
    page = sign_in(live.reviewer)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    sheets: list[str] = []
    page.on("response", lambda answer: sheets.append(answer.url) if "/wall/sheet" in answer.url and answer.status == 200 else None)

    page.goto(f"/p/{live.project.pk}/wall")
    crops = page.locator(".crop")
    expect(crops).to_have_count(300)
    page.wait_for_load_state("networkidle")
    assert len(sheets) == 13
    before = crops.nth(40).bounding_box()
    count = page.locator("[data-count]")

    press(page, "ArrowRight")
    press(page, "x")
    press(page, "Shift+ArrowRight")
    press(page, "l")
    press(page, "x")
    expect(count).to_have_text("3 marked")
    press(page, "x")
    expect(count).to_have_text("2 marked")
    press(page, "x")
    press(page, "3")  # the hotkey of "sign"
    expect(page.locator(".toast")).to_contain_text("1 item relabelled: sign.")
    expect(page.locator(".crop.acted")).to_have_count(3)
    newest = items[-1]
    assert labels([newest])[0].count("sign") == 3
    assert crops.nth(40).bounding_box() == before  # nothing moved

    press(page, "u")
    expect(page.locator(".toast")).to_contain_text("1 item is as it was.")
    expect(page.locator(".crop.acted")).to_have_count(0)
    assert labels(items) == [["car"] * 30] * 10

    press(page, "x")  # and once more, by the first letters of the label; what was seen before the undo still counts
    press(page, "t")
    page.keyboard.type("per")
    press(page, "Enter")
    expect(page.locator(".toast")).to_contain_text("relabelled: person.")
    press(page, "ArrowDown")
    press(page, "Space")
    expect(page.locator("#wall-large")).to_be_visible()
    press(page, "Space")
    press(page, "x")
    press(page, "r")  # of an item that one has just relabelled oneself
    expect(page.locator("#wall-act-dialog")).to_contain_text("0 of 1 items would change.")
    expect(page.locator("#wall-act-dialog")).to_contain_text("your own work")
    press(page, "Escape")
    press(page, "End")
    press(page, "x")
    press(page, "r")
    expect(page.locator("#wall-act-dialog")).to_contain_text("2 items would change.")
    press(page, "Enter")
    expect(page.locator(".toast")).to_contain_text("1 item returned.")
    press(page, "?")
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    assert not faults
