"""The workbench in headless Chromium with software rendering: frames while one of 2,000 shapes is dragged and while the
picture is zoomed, with a large picture too, and from submit to the next picture drawn."""

from __future__ import annotations

import io
import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Page, sync_playwright

from tests.bench.measuring import Client
from tests.bench.serving import Place, place
from tests.browser import chromium

SHAPES, SUBMITS, SECONDS, LARGE = 2_000, 30, 4.0, 8_192
PASSWORD = "long-enough-for-a-bench"
READY = ".wb[data-phase=working] .canvas[data-picture=shown]"
SCHEMA = {"labels": [{"name": name, "kinds": ["box", "polygon"]} for name in ("car", "person", "sign")]}
FRAMES = """
() => { const times = []; window.benchFrames = times;
  const tick = (now) => { if (window.benchFrames !== times) return; times.push(now); requestAnimationFrame(tick); };
  requestAnimationFrame(tick); }
"""
# From the key to the frame after the next picture was there.
WATCH = """
() => { window.benchSubmits = [];
  addEventListener("keydown", (event) => {
    if (event.key !== "f") return;
    const page = document.querySelector(".wb"), before = page.dataset.item, began = event.timeStamp;
    const look = () => {
      const canvas = document.querySelector(".canvas");
      if (page.dataset.item !== before && page.dataset.phase === "working" && canvas.dataset.picture === "shown")
        requestAnimationFrame(() => window.benchSubmits.push(performance.now() - began));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, true); }
"""


def _picture(seed: int, size: tuple[int, int]) -> bytes:
    chance = random.Random(seed)
    image = Image.effect_noise((size[0] // 8, size[1] // 8), 60).resize(size).convert("RGB")
    pen = ImageDraw.Draw(image)
    for _ in range(60):
        x, y = chance.randrange(size[0]), chance.randrange(size[1])
        pen.ellipse((x, y, x + size[0] // 12, y + size[1] // 14), fill=(chance.randrange(256), chance.randrange(256), chance.randrange(256)))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82)
    return out.getvalue()


def _upload(here: Place, batch: dict[str, Any], files: dict[str, bytes]) -> None:
    edge = uuid.uuid4().hex
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\nContent-Type: image/jpeg\r\n\r\n'.encode() + body + b"\r\n"
        for name, body in files.items()
    ]
    content = b"".join(parts) + f"--{edge}--\r\n".encode()
    here.owner.finished(here.owner.call("POST", f"/batches/{batch['id']}/files", content, kind=f"multipart/form-data; boundary={edge}"))


def _queue(here: Place, name: str, files: dict[str, bytes]) -> int:
    project = here.owner.call("POST", "/projects", {"name": name, "media": "image", "schema": SCHEMA})
    here.owner.call("POST", f"/projects/{project['id']}/members", {"person": "annotator0", "role": "annotator"})
    _upload(here, here.batch(project, "work"), files)
    queue: int = here.owner.call("POST", f"/projects/{project['id']}/queues", {"name": name, "stage": "annotate"})["id"]
    here.owner.call("POST", f"/queues/{queue}/fill")
    return queue


def shapes(width: int, height: int) -> list[dict[str, Any]]:
    """Two thirds boxes, one third polygons of twelve points, spread over the picture as small objects are."""
    chance = random.Random(7)
    found: list[dict[str, Any]] = []
    for n in range(SHAPES):
        w, h = chance.uniform(0.01, 0.04) * width, chance.uniform(0.01, 0.04) * height
        x, y = chance.uniform(0, width - w), chance.uniform(0, height - h)
        made: dict[str, Any] = {"id": str(uuid.UUID(int=n + 1)), "label": ("car", "person", "sign")[n % 3]}
        if n % 3:
            made |= {"kind": "box", "box": [round(x, 1), round(y, 1), round(w, 1), round(h, 1)]}
        else:
            rim = [(0.5, 0), (0.75, 0.07), (0.93, 0.25), (1, 0.5), (0.93, 0.75), (0.75, 0.93), (0.5, 1), (0.25, 0.93), (0.07, 0.75), (0, 0.5), (0.07, 0.25), (0.25, 0.07)]
            made |= {"kind": "polygon", "points": [[round(x + a * w, 1), round(y + b * h, 1)] for a, b in rim]}
        found.append(made)
    return found


@contextmanager
def _signed_in(here: Place) -> Iterator[Page]:
    chromium.ensure()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(**chromium.launch_options())
        page = browser.new_page(viewport={"width": 1600, "height": 900}, base_url=f"http://127.0.0.1:{here.up.port}")
        page.goto("/sign-in")
        page.fill("[name=name]", "annotator0")
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/")
        yield page
        browser.close()


def _frames(page: Page, act: Any) -> dict[str, float]:
    """Frames per second over the act, and the length of a frame that 5 % exceed."""
    page.evaluate(FRAMES)
    act()
    times: list[float] = page.evaluate("() => { const times = window.benchFrames; window.benchFrames = null; return times; }")
    steps = sorted(b - a for a, b in pairwise(times))
    return {"frames/s": round(1000 * len(steps) / (times[-1] - times[0]), 1), "p95 ms": round(steps[int(len(steps) * 0.95)], 1)}


def _drag(page: Page, at: tuple[float, float]) -> None:
    page.mouse.move(*at)
    page.mouse.down()
    for n in range(int(SECONDS * 60)):
        page.mouse.move(at[0] + 200 * ((n % 120) / 120), at[1] + 120 * ((n % 90) / 90))
        page.wait_for_timeout(8)
    page.mouse.up()
    if not page.get_by_role("button", name="Undo").is_enabled():
        raise RuntimeError("nothing was dragged")


def _zoom(page: Page, at: tuple[float, float]) -> None:
    page.mouse.move(*at)
    for n in range(int(SECONDS * 60)):
        page.mouse.wheel(0, -40 if n % 80 < 40 else 40)
        page.wait_for_timeout(8)


def _middle(page: Page) -> tuple[float, float]:
    box = page.locator(".canvas").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _with_shapes(page: Page, here: Place, queue: int, size: tuple[int, int]) -> tuple[float, float]:
    """The page of the first item with `SHAPES` objects in its draft, the select tool in hand; where one of them lies."""
    person = Client(here.up.port, here.tokens[0])
    lease = person.call("POST", f"/queues/{queue}/next")["lease"]["id"]
    drawn = shapes(*size)
    # One on top in the middle: small, so that a press there means it.
    drawn[-1] |= {"kind": "box", "box": [size[0] / 2 - 8, size[1] / 2 - 8, 16, 16]}
    drawn[-1].pop("points", None)
    person.call("PUT", f"/leases/{lease}/draft", {"annotation": {"objects": drawn, "item": {}}, "revision": 0})
    page.goto(f"/work/{queue}")
    page.wait_for_selector(READY)
    page.wait_for_timeout(800)
    page.keyboard.press("v")
    return _middle(page)


def _submits(page: Page, queue: int) -> list[float]:
    page.goto(f"/work/{queue}")
    page.wait_for_selector(READY)
    page.evaluate(WATCH)
    for n in range(SUBMITS):
        page.wait_for_timeout(700)  # a person looks at the picture meanwhile
        page.keyboard.press("f")
        for _ in range(200):
            if page.evaluate("window.benchSubmits.length") > n:
                break
            page.wait_for_timeout(50)
        else:
            raise RuntimeError(f"after {n} submits the next picture did not come")
    return sorted(page.evaluate("window.benchSubmits"))


def measure() -> dict[str, object]:
    size = (1600, 1200)
    with place() as here:
        many = _queue(here, "many", {"many.jpg": _picture(0, size)})
        large = _queue(here, "large", {"large.jpg": _picture(1, (LARGE, LARGE))})
        work = _queue(here, "work", {f"{n:03d}.jpg": _picture(n, size) for n in range(SUBMITS + 4)})
        with _signed_in(here) as page:
            at = _with_shapes(page, here, many, size)
            drag, zoom = _frames(page, lambda: _drag(page, at)), _frames(page, lambda: _zoom(page, at))
            at = _with_shapes(page, here, large, (LARGE, LARGE))
            far = _frames(page, lambda: _zoom(page, at))
            page.mouse.wheel(0, -1200)  # beyond the display rendition: the original is fetched
            page.wait_for_timeout(4000)
            near = _frames(page, lambda: _zoom(page, at))
            delays = _submits(page, work)
    return {
        f"drag one of {SHAPES} shapes": drag,
        f"zoom with {SHAPES} shapes": zoom,
        f"zoom {LARGE} × {LARGE} with {SHAPES} shapes, far out": far,
        f"zoom {LARGE} × {LARGE} with {SHAPES} shapes, original pixels": near,
        "submit to next picture drawn, p50 ms": round(delays[len(delays) // 2], 1),
        "submit to next picture drawn, p95 ms": round(delays[int(len(delays) * 0.95)], 1),
    }
