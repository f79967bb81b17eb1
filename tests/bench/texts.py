"""Texts of 100 kB in the workbench, headless Chromium with software rendering: from the key of a label to the second frame
after the mark, without marks and with 2,000, and frames while such a text is scrolled and its caret goes through the words."""

from __future__ import annotations

import json
import random
import uuid
from typing import Any

from playwright.sync_api import Page

from tests.bench.measuring import Client
from tests.bench.serving import Place, place
from tests.bench.workbench import SECONDS, _frames, _signed_in

MARKS, TRIES = 2_000, 30
READY = ".wb[data-phase=working] .reading .words"
LABELS = ("person", "company", "place")
SCHEMA = {"labels": [{"name": name, "kinds": ["span"]} for name in LABELS]}
LINE = "Anna Müller works for the New York Times Company in Paris 👍 and so on. "
TEXTS = {"250 paragraphs": f"{LINE * 6}\n" * 250, "one line": LINE * 1400}
# A word in view is selected as a double click selects it; then comes a label's key. Until the second frame with the mark.
MARK = """
async (tries) => {
  const host = document.querySelector(".reading"), at = host.getBoundingClientRect(), times = [];
  const count = () => Number(document.querySelector("h2 .q").textContent);
  const frame = () => new Promise(requestAnimationFrame);
  for (let n = 0; times.length < tries && n < 4 * tries; n++) {
    if (n % 8 === 7) { host.scrollTop += 400; await new Promise((done) => setTimeout(done, 200)); }
    const x = at.left + at.width / 2 - 200 + (n * 97) % 400, y = at.top + 60 + (n * 53) % (at.height - 120);
    const place = document.caretRangeFromPoint(x, y), words = place.startContainer;
    if (!words.parentElement.matches(".words")) continue; // a tag is there
    const from = Math.max(place.startOffset - 9, 0);
    getSelection().setBaseAndExtent(words, from, words, Math.min(place.startOffset + n % 3, words.length));
    for (const kind of ["mousedown", "mouseup"]) words.parentElement.dispatchEvent(new MouseEvent(kind, {bubbles: true, clientX: x, clientY: y}));
    await new Promise((done) => setTimeout(done, 120));
    const began = performance.now(), before = count();
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: String(n % 3 + 1), bubbles: true}));
    while (count() === before && performance.now() - began < 800) await frame();
    await frame();
    if (count() > before) times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b);
}
"""


def _queue(here: Place, name: str, text: str) -> int:
    project = here.owner.call("POST", "/projects", {"name": name, "media": "text", "schema": SCHEMA})
    here.owner.call("POST", f"/projects/{project['id']}/members", {"person": "annotator0", "role": "annotator"})
    here.manifest(here.batch(project, "work"), json.dumps({"key": name, "text": text}).encode())
    queue: int = here.owner.call("POST", f"/projects/{project['id']}/queues", {"name": name, "stage": "annotate"})["id"]
    here.owner.call("POST", f"/queues/{queue}/fill")
    return queue


def spans(text: str, count: int = MARKS) -> list[dict[str, Any]]:
    """Spans spread over the whole text, a fifth of them over several words."""
    chance = random.Random(7)
    starts = [at for at in range(1, len(text) - 60) if text[at - 1] == " " and text[at].isalpha()]
    found = []
    for n, start in enumerate(sorted(chance.sample(starts, count))):
        end = start
        for _ in range(4 if n % 5 == 0 else 1):
            end = text.index(" ", end + 1)
        words = text[start:end].split("\n")[0]
        found.append({"id": str(uuid.UUID(int=n + 1)), "kind": "span", "label": LABELS[n % 3], "start": start, "end": start + len(words), "text": words})
    return found


def _opened(page: Page, here: Place, queue: int, objects: list[dict[str, Any]]) -> None:
    person = Client(here.up.port, here.tokens[0])
    lease = person.call("POST", f"/queues/{queue}/next")["lease"]["id"]
    if objects:
        person.call("PUT", f"/leases/{lease}/draft", {"annotation": {"objects": objects, "item": {}}, "revision": 0})
    page.goto(f"/work/{queue}")
    page.wait_for_selector(READY)
    page.wait_for_timeout(1000)
    page.evaluate("document.querySelector('.reading').scrollTop = 12000")
    page.wait_for_timeout(500)


def _scroll(page: Page) -> None:
    box = page.locator(".reading").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 300, box["y"] + 300)
    for n in range(int(SECONDS * 60)):
        page.mouse.wheel(0, 90 if n % 160 < 80 else -90)
        page.wait_for_timeout(8)


def _walk(page: Page) -> None:
    page.locator(".reading").focus()
    for n in range(int(SECONDS * 30)):
        page.keyboard.press("Shift+ArrowRight" if n % 9 else "ArrowRight")
        page.wait_for_timeout(16)


def measure() -> dict[str, object]:
    found: dict[str, object] = {}
    with place() as here, _signed_in(here) as page:
        for name, text in TEXTS.items():
            for count in (0, MARKS):
                what = f"{name}, {count:,} marks"
                _opened(page, here, _queue(here, what.replace(",", ""), text), spans(text, count))
                times = page.evaluate(MARK, TRIES)
                if len(times) < TRIES * 0.8:
                    raise RuntimeError(f"{what}: only {len(times)} of {TRIES} marks were made")
                found[f"mark, {what}"] = {"p50 ms": round(times[len(times) // 2], 1), "p95 ms": round(times[int(len(times) * 0.95)], 1), "slowest ms": round(times[-1], 1)}
                if count:
                    found[f"scroll, {what}"] = _frames(page, lambda: _scroll(page))
                    found[f"caret by words, {what}"] = _frames(page, lambda: _walk(page))
    return found
