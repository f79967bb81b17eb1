"""The gallery by keyboard in a real browser: walking, choosing, opening, searching, and more items below."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from annotate.annotations.services import add_revision
from annotate.items import services
from annotate.items.adding import NewItem, add_items
from annotate.items.models import Item
from annotate.projects.queries import current_schema
from tests.browser.bench import press
from tests.conftest import World
from tests.queues.conftest import a_document


@pytest.fixture
def gallery(live: World, sign_in: Any, monkeypatch: Any) -> Any:
    """A page of two of three items, open for a reviewer."""
    monkeypatch.setattr("annotate.items.gallery_pages.PER_PAGE", 2)
    by = live.actor(live.manager)
    batch = services.create_batch(live.project, "march", by=by)
    add_items(batch, [NewItem(f"{name}.jpg", uri=f"s3://bucket/{name}.jpg") for name in ("one", "two", "three")], by)
    page = sign_in(live.reviewer)
    page.goto(f"/p/{live.project.pk}/items")
    return page


def test_keys_walk_choose_and_open(gallery: Any) -> None:
    press(gallery, "j")
    press(gallery, "x")
    press(gallery, "j")
    press(gallery, "x")
    expect(gallery.locator(".selbar")).to_be_visible()
    press(gallery, "k")
    press(gallery, "x")
    gallery.get_by_role("button", name="Show only these").click()
    expect(gallery.locator("#q")).to_have_value('key in ("two.jpg")')
    expect(gallery.locator(".gallery > li")).to_have_count(1)
    press(gallery, "j")
    press(gallery, "Enter")
    expect(gallery.locator("h1")).to_have_text("two.jpg")


def test_slash_goes_to_the_query(gallery: Any) -> None:
    press(gallery, "/")
    gallery.keyboard.type("state = withdrawn")
    press(gallery, "Enter")
    expect(gallery.get_by_role("heading", name="Nothing matches")).to_be_visible()


def test_more_puts_the_next_items_below(gallery: Any) -> None:
    expect(gallery.locator(".gallery > li")).to_have_count(2)
    gallery.get_by_role("link", name="More").click()
    expect(gallery.locator(".gallery > li")).to_have_count(3)
    expect(gallery.get_by_text("These are all.")).to_be_visible()


def test_an_items_neighbours_are_a_key_away(gallery: Any) -> None:
    gallery.locator(".gallery a").first.click()
    expect(gallery.locator("h1")).to_have_text("three.jpg")
    press(gallery, "j")
    expect(gallery.locator("h1")).to_have_text("two.jpg")
    press(gallery, "k")
    expect(gallery.locator("h1")).to_have_text("three.jpg")


def test_an_answered_item_is_left_by_key_and_spoken_about(gallery: Any, live: World) -> None:
    item = Item.objects.get(key="three.jpg")
    schema = current_schema(live.project.pk)
    add_revision(item.pk, document=a_document("car"), schema_version=schema, by=live.actor(live.annotator))
    gallery.goto(f"/items/{item.pk}")
    press(gallery, "j")  # not into the table of revisions
    expect(gallery.locator("h1")).to_have_text("two.jpg")
    press(gallery, "k")
    expect(gallery.locator("h1")).to_have_text("three.jpg")
    gallery.get_by_label("About").select_option(index=1)
    gallery.get_by_label("Say the first word").fill("One car or two?")
    gallery.get_by_role("button", name="Comment").click()
    expect(gallery.locator(".remarks")).to_contain_text("One car or two?")
    gallery.get_by_role("button", name="Settle").click()
    expect(gallery.locator(".remarks .done")).to_have_count(1)
