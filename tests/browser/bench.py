"""The workbench as a person has it: places on the picture, rows of the list, faults of the console."""

from __future__ import annotations

import contextlib
from typing import Any

import orjson
from playwright.sync_api import Error

READY = ".wb[data-phase=working] .canvas[data-picture=shown]"


def press(page: Any, key: str) -> None:
    """Presses the key on a page that is loaded, and lets it draw what came of it, as it would before a hand's next key."""
    page.wait_for_load_state()
    page.keyboard.press(key)
    with contextlib.suppress(Error):  # the key led to another page
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    page.wait_for_load_state()


class Bench:
    """A person's workbench: errors of the console are collected, places are given in pixels of the 64 × 48 picture."""

    def __init__(self, page: Any, queue: Any, ready: str = READY) -> None:
        self.page, self.faults = page, []
        page.on("console", lambda message: self.faults.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.goto(f"/work/{queue.pk}")
        page.wait_for_selector(ready)

    def place(self, x: float, y: float) -> tuple[float, float]:
        box = self.page.locator(".canvas").bounding_box()
        scale = min((box["width"] - 48) / 64, (box["height"] - 48) / 48)
        return box["x"] + box["width"] / 2 + (x - 32) * scale, box["y"] + box["height"] / 2 + (y - 24) * scale

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.page.mouse.move(*self.place(*start))
        self.page.mouse.down()
        self.page.mouse.move(*self.place((start[0] + end[0]) / 2, (start[1] + end[1]) / 2))
        self.page.mouse.move(*self.place(*end))
        self.page.mouse.up()

    @property
    def rows(self) -> list[str]:
        return [row.inner_text().split("\n")[0] for row in self.page.locator(".olist .pick b").all()]

    @property
    def item(self) -> int:
        return int(self.page.locator(".wb").get_attribute("data-item"))

    def press(self, *keys: str) -> None:
        for key in keys:
            press(self.page, key)

    def gone(self, item: int) -> None:
        """Waits until another item, or none, is on the desk."""
        self.page.wait_for_selector(f".wb:not([data-item='{item}'])")


def crash(page: Any) -> None:
    """The tab's process dies, without a last word."""
    with contextlib.suppress(Error):
        page.goto("chrome://crash", timeout=3000)
    page.close()


def journalled(bench: Bench) -> None:
    """Until the browser has it: at once, by a person's measure."""
    bench.page.wait_for_timeout(100)


def labels_of(row: Any) -> list[str]:
    return [one["label"] for one in orjson.loads(row.document)["objects"]]


def submitted(item: int) -> list[Any]:
    from annotate.annotations.models import Annotation

    return [orjson.loads(row.document) for row in Annotation.objects.filter(item_id=item).order_by("id")]
