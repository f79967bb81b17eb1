"""A manager cleans a batch in a real browser: a pack, a dry run, a threshold that is moved, applied, an item restored, all undone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from annotate.queues.models import Hold
from tests.browser.bench import press
from tests.cleaning.conftest import collected  # noqa: F401  a fixture
from workflows.cleaning.models import CheckRun, Rule

pytestmark = pytest.mark.browser


def held() -> set[str]:
    return set(Hold.objects.filter(ended_at=None).values_list("item__key", flat=True))


def test_a_manager_cleans_a_batch_and_takes_it_back(live: Any, sign_in: Any, picture: Any, collected: Any, run_jobs: Any) -> None:  # noqa: F811
    tones = {"night": 8, "evening": 40, "dusk": 90, "noon": 140, "day": 200}
    collected({f"{name}.png": picture(color=(tone, tone, tone - 5), size=(640, 480)) for name, tone in tones.items()})
    page = sign_in(live.manager)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))

    page.goto(f"/p/{live.project.pk}/cleaning")
    page.get_by_role("button", name="Add these rules Pictures").click()
    expect(page.get_by_role("switch", name="Too dark runs")).to_be_checked()
    for other in Rule.objects.exclude(kind="dark").exclude(kind="bright"):  # so that one rule decides
        Rule.objects.filter(pk=other.pk).update(active=False)
    page.get_by_role("switch", name="Too bright runs").click()
    expect(page.get_by_role("switch", name="Too bright runs")).not_to_be_checked()

    page.get_by_label("What is checked").select_option("dirt")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_text("You may leave this page")).to_be_visible()
    run_jobs()
    expect(page.get_by_role("heading", name="Applying would put 2 items in quarantine.")).to_be_visible()
    assert not held()

    page.get_by_role("link", name="Too dark").click()
    slider, count = page.get_by_role("slider", name="Darker than"), page.locator("[data-count]")
    expect(count).to_have_text("2")
    chart = page.locator("svg.scores").bounding_box()
    page.mouse.move(chart["x"] + chart["width"] * 0.4, chart["y"] + 60)
    page.mouse.down()
    page.mouse.move(chart["x"] + chart["width"] - 4, chart["y"] + 60, steps=4)
    expect(count).to_have_text("5")
    page.mouse.move(chart["x"] + chart["width"] * 0.6, chart["y"] + 60, steps=4)
    page.mouse.up()
    expect(count).to_have_text("3")
    expect(page.locator(".samples .goes-in")).to_have_count(1)
    press(page, "End")
    expect(count).to_have_text("5")
    press(page, "Home")
    expect(count).to_have_text("0")
    value = page.get_by_label("Darker than", exact=True).and_(page.locator("input"))
    value.fill("0.45")
    expect(count).to_have_text("3")
    assert slider.get_attribute("aria-valuetext").startswith("0.45")

    page.get_by_role("button", name="Use this threshold").click()
    page.wait_for_url("**/check-runs/*?then=*")
    run_jobs()
    page.wait_for_url("**/rules/*")
    expect(count).to_have_text("3")
    assert Rule.objects.get(kind="dark").parameters["threshold"] == 0.45
    page.get_by_role("link", name="Check #").click()
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("3 in quarantine")).to_be_visible()
    assert held() == {"night.png", "evening.png", "dusk.png"}

    page.get_by_role("link", name="Too dark").click()
    page.locator("#findings").get_by_role("link", name="dusk.png").click()
    findings = page.get_by_role("region", name="What rules say")
    expect(findings).to_contain_text("In quarantine")
    expect(findings).to_contain_text("below 0.45")
    findings.get_by_role("button", name="Restore Too dark").click()
    expect(findings).to_contain_text("Restored")
    assert held() == {"night.png", "evening.png"}

    page.goto(f"/check-runs/{CheckRun.objects.get().pk}")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("It was applied and undone")).to_be_visible()
    assert not held() and not faults
