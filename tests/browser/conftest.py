"""A real Chromium against a live server; one browser for the run, one context per test."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from annotate.queues.services import create_queue
from tests.browser import chromium
from tests.browser.bench import Bench
from tests.conftest import World, make_world


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium.ensure()
    with sync_playwright() as driver:
        opened = driver.chromium.launch(**chromium.launch_options())
        yield opened
        opened.close()


@pytest.fixture
def live(transactional_db: None, live_server: Any) -> World:
    """The small world, committed, behind `live_server`."""
    return make_world()


@pytest.fixture
def world(live: World) -> World:
    """What `make_items` and the like fill: committed, for the server to see."""
    return live


@pytest.fixture
def queue(world: World, make_items: Callable[..., Any]) -> Any:
    """An annotate queue with three pictures."""
    make_items(3)
    return create_queue(world.project, "label", stage="annotate", by=world.actor(world.owner))


@pytest.fixture
def bench(sign_in: Any, world: World, queue: Any) -> Bench:
    """The annotator's workbench on the first of them."""
    return Bench(sign_in(world.annotator), queue)


@pytest.fixture
def sign_in(live: World, live_server: Any, browser: Browser) -> Iterator[Any]:
    """`sign_in(person, **context options) -> Page` of a browser that is signed in as the person."""
    contexts: list[BrowserContext] = []

    def open_page(person: Any, *, width: int = 1440, height: int = 900, **options: Any) -> Page:
        options = {"base_url": live_server.url} | options
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        client = live.page(person)
        context.add_cookies([{"name": "sluice_session", "value": client.cookies["sluice_session"].value, "url": options["base_url"]}])
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    quiet()


def quiet() -> None:
    """Waits until what the pages sent with their last breath is carried out: a test's database is emptied only then."""
    still = 0
    for _ in range(100):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            still = still + 1 if cursor.fetchone() == (0,) else 0
        if still == 4:
            return
        time.sleep(0.05)
