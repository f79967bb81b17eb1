"""Masks, the quick outline and suggestions in a real browser; what is submitted passes the server's own rules."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from annotate.labels import masks
from annotate.projects.services import create, set_member
from annotate.queues.services import create_queue
from tests.browser.bench import Bench, submitted
from tests.conftest import World

pytestmark = pytest.mark.django_db(transaction=True)
SCHEMA = {
    "labels": [
        {"name": "cell", "kinds": ["mask", "polygon", "box"]},
        {"name": "dirt", "kinds": ["mask"]},
    ],
    "item": [{"name": "stain", "type": "choice", "options": ["blue", "purple"]}],
}


class Microscope(Bench):
    """The workbench over a picture of any size."""

    size = (64, 48)

    def place(self, x: float, y: float) -> tuple[float, float]:
        width, height = self.size
        box = self.page.locator(".canvas").bounding_box()
        scale = min((box["width"] - 48) / width, (box["height"] - 48) / height)
        return box["x"] + box["width"] / 2 + (x - width / 2) * scale, box["y"] + box["height"] / 2 + (y - height / 2) * scale

    def click(self, x: float, y: float) -> None:
        self.page.mouse.click(*self.place(x, y))

    def brush(self, size: int) -> None:
        """The slider has a hundred steps up to a thousand pixels."""
        import math

        slider = self.page.get_by_role("slider", name="Size")
        slider.fill(str(round(math.log(size) * 100 / math.log(1000))))
        self.page.locator(".canvas").focus()

    def answer(self) -> dict[str, Any]:
        item = self.item
        self.press("Control+Enter")
        self.gone(item)
        (document,) = submitted(item)
        return dict(document)


def pixels(rle: dict[str, Any]) -> set[tuple[int, int]]:
    """The (x, y) that a mask covers, by the server's reading of its text."""
    height, found, at = rle["size"][0], set(), 0
    for index, run in enumerate(masks.decode(rle["counts"])):
        if index % 2:
            found |= {divmod(place, height) for place in range(at, at + run)}
        at += run
    return found


@pytest.fixture
def world(live: Any) -> Any:
    project = create("cells", media="image", schema=SCHEMA, organisation_id=live.organisation.pk, by=live.actor(live.owner))
    set_member(project, live.annotator, role="annotator", by=live.actor(live.owner))
    live.project = project
    return live


@pytest.fixture
def items(world: World, make_items: Callable[..., Any]) -> list[Any]:
    return list(make_items(2))


@pytest.fixture
def open_bench(sign_in: Any, world: World) -> Callable[[], Microscope]:
    def start() -> Microscope:
        queue = create_queue(world.project, "cells", stage="annotate", by=world.actor(world.owner))
        return Microscope(sign_in(world.annotator), queue)

    return start


def test_a_painted_mask_is_submitted_as_the_pixels_that_were_painted(items: Any, open_bench: Any) -> None:
    bench = open_bench()
    bench.press("m")
    bench.brush(8)
    bench.drag((20, 20), (40, 20))
    assert bench.rows == ["cell"]
    (drawn,) = bench.answer()["objects"]
    assert drawn["kind"] == "mask"
    covered = pixels(drawn["rle"])
    assert drawn["rle"]["size"] == [48, 64]
    assert {(20, 20), (30, 17), (40, 22)} <= covered
    assert not covered & {(30, 26), (30, 13), (50, 20), (10, 20)}
    assert bench.faults == []


def test_strokes_go_on_with_the_mask_the_eraser_wipes_and_each_is_one_step_back(items: Any, open_bench: Any) -> None:
    bench = open_bench()
    bench.press("m")
    bench.brush(8)
    bench.drag((10, 10), (50, 10))
    bench.drag((10, 30), (50, 30))
    assert bench.rows == ["cell"]
    bench.press("Shift+m")
    bench.drag((30, 4), (30, 16))
    bench.press("Control+z")
    bench.press("Control+Shift+z")
    covered = pixels(bench.answer()["objects"][0]["rle"])
    assert {(12, 10), (48, 10), (30, 30)} <= covered
    assert (30, 10) not in covered


def test_undo_takes_the_last_stroke_alone(items: Any, open_bench: Any) -> None:
    bench = open_bench()
    bench.press("m")
    bench.brush(8)
    bench.drag((10, 10), (50, 10))
    bench.drag((10, 30), (50, 30))
    bench.press("Control+z")
    covered = pixels(bench.answer()["objects"][0]["rle"])
    assert (30, 10) in covered
    assert (30, 30) not in covered


def test_the_brush_begins_a_new_mask_on_demand_and_leaves_others_alone_when_told(items: Any, open_bench: Any) -> None:
    bench = open_bench()
    bench.press("m")
    bench.brush(8)
    bench.drag((10, 20), (50, 20))
    bench.press("m", "Alt+g")
    bench.drag((30, 5), (30, 40))
    assert bench.rows == ["cell 1", "cell 2"]
    first, second = (pixels(one["rle"]) for one in bench.answer()["objects"])
    assert (30, 20) in first
    assert (30, 10) in second
    assert not first & second


def test_a_closed_region_is_filled_and_an_open_one_is_not(items: Any, open_bench: Any) -> None:
    bench = open_bench()
    bench.press("m")
    bench.brush(5)
    for start, end in [((15, 10), (45, 10)), ((45, 10), (45, 35)), ((45, 35), (15, 35))]:
        bench.drag(start, end)
    bench.press("Shift+F")
    bench.click(30, 22)
    bench.page.get_by_text("no closed region").wait_for()
    bench.press("m")  # would begin another
    bench.press("Tab")
    bench.drag((15, 35), (15, 10))
    bench.press("Shift+F")
    bench.click(30, 22)
    covered = pixels(bench.answer()["objects"][0]["rle"])
    assert {(30, 22), (17, 12), (43, 33)} <= covered


def test_a_mask_becomes_a_polygon_and_a_mask_again(items: Any, open_bench: Any) -> None:
    bench = open_bench()
    bench.press("m")
    bench.brush(12)
    bench.drag((20, 20), (40, 28))
    bench.press("Alt+m")
    bench.page.get_by_role("button", name="To mask").wait_for()
    bench.press("Alt+m")
    bench.page.get_by_role("button", name="To polygon").wait_for()
    bench.press("Alt+m")
    bench.page.get_by_role("button", name="To mask").wait_for()
    (drawn,) = bench.answer()["objects"]
    assert drawn["kind"] == "polygon"
    assert 6 <= len(drawn["points"]) < 40
    xs, ys = [x for x, _ in drawn["points"]], [y for _, y in drawn["points"]]
    assert min(xs) == pytest.approx(14, abs=1.2)
    assert max(ys) == pytest.approx(34, abs=1.2)
    assert bench.faults == []


def nuclei(folder: Path, world: World) -> tuple[Any, set[tuple[int, int]], tuple[int, int]]:
    """An item with a real picture of nuclei, the pixels of its largest nucleus, and the picture's size."""
    from annotate.items import services
    from annotate.media.services import store_file

    source = folder / "72b18a405555ad491721e29454e5cd325055ce81a9e78524b56f2c058a4d2327"
    with Image.open(source / "image.png") as opened:
        picture = opened.convert("RGB")
    content = io.BytesIO()
    picture.save(content, "PNG")
    content.seek(0)
    by = world.actor(world.owner)
    blob = store_file(content, organisation_id=world.project.organisation_id)
    batch = services.create_batch(world.project, "nuclei", by=by)
    row = services.NewItem(key="nuclei.png", blob_id=blob.pk, sha256=bytes(blob.sha256), width=picture.width, height=picture.height)
    services.add_items(batch, [row], by=by)
    best: set[tuple[int, int]] = set()
    for file in sorted((source / "masks_corrected").glob("*.png")):
        with Image.open(file) as mask:
            covered = {(i % mask.width, i // mask.width) for i, value in enumerate(mask.convert("L").tobytes()) if value > 127}
        if len(covered) > len(best):
            best = covered
    return batch, best, picture.size


def test_a_box_around_a_real_nucleus_becomes_its_outline(
    world: World,
    open_bench: Any,
    data: Callable[[str], Path],
) -> None:
    _, truth, size = nuclei(data("dsb2018_nuclei_masks"), world)
    bench = open_bench()
    bench.size = size
    bench.press("o")
    bench.page.get_by_label("Makes a").select_option("mask")
    xs, ys = [x for x, _ in truth], [y for _, y in truth]
    bench.drag((min(xs) - 1, min(ys) - 1), (max(xs) + 2, max(ys) + 2))
    assert bench.rows == ["cell"]
    (drawn,) = bench.answer()["objects"]
    covered = pixels(drawn["rle"])
    assert len(covered & truth) / len(covered | truth) > 0.8
    assert bench.faults == []


def test_a_box_that_is_there_becomes_a_polygon_under_its_own_id(
    world: World,
    open_bench: Any,
    data: Callable[[str], Path],
) -> None:
    _, truth, size = nuclei(data("dsb2018_nuclei_masks"), world)
    bench = open_bench()
    bench.size = size
    bench.press("b")
    xs, ys = [x for x, _ in truth], [y for _, y in truth]
    bench.drag((min(xs) - 1, min(ys) - 1), (max(xs) + 2, max(ys) + 2))
    bench.press("Alt+o")
    (drawn,) = bench.answer()["objects"]
    assert drawn["kind"] == "polygon"
    assert len(drawn["points"]) > 5


def suggest(item: Any, objects: list[dict[str, Any]], values: dict[str, Any] | None = None) -> None:
    from annotate.annotations.models import Prediction

    document = json.dumps({"objects": objects, "item": values or {}})
    Prediction.objects.create(item=item, model="finder-3", score=0.6, document=document)


def guess(x: float, score: float) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "kind": "box", "label": "cell", "box": [x, 10, 12, 12], "score": score}


def test_suggestions_are_no_answer_until_they_are_accepted(items: Any, open_bench: Any) -> None:
    suggest(items[0], [guess(5, 0.9), guess(25, 0.4)])
    bench = open_bench()
    assert bench.page.locator("[data-suggestion]").count() == 2
    assert bench.rows == []
    assert bench.answer()["objects"] == []


def test_one_is_accepted_one_rejected_by_key_and_the_origin_stays(items: Any, open_bench: Any) -> None:
    first, second, third = guess(5, 0.9), guess(25, 0.4), guess(45, 0.8)
    suggest(items[0], [first, second, third])
    bench = open_bench()
    bench.press("y", "u")
    assert bench.rows == ["cell"]
    assert bench.page.locator("[data-suggestion]").count() == 1
    bench.press("Control+z")
    assert bench.page.locator("[data-suggestion]").count() == 2
    bench.press("Control+Shift+z")
    bench.press("Alt+y", "ArrowRight")  # accepted and moved
    (kept, moved) = bench.answer()["objects"]
    assert kept == {**first, "source": "prediction", "model": "finder-3"}
    assert moved["id"] == third["id"]
    assert moved["box"] == [46, 10, 12, 12]
    assert (moved["source"], moved["model"], moved["score"]) == ("prediction", "finder-3", 0.8)
    assert bench.faults == []


def test_all_above_a_score_are_accepted_as_one_step(items: Any, open_bench: Any) -> None:
    suggest(items[0], [guess(5, 0.9), guess(25, 0.4), guess(45, 0.8)])
    bench = open_bench()
    bench.page.get_by_role("slider", name="Lowest score").fill("85")
    bench.page.get_by_role("button", name="Accept 1 from 85 %").wait_for()
    bench.page.get_by_role("slider", name="Lowest score").fill("50")
    bench.page.locator(".canvas").focus()
    bench.press("Shift+y")
    assert bench.rows == ["cell 1", "cell 2"]
    bench.press("Control+z")
    assert bench.rows == []
    bench.press("Control+Shift+z")
    assert len(bench.answer()["objects"]) == 2


def test_a_click_on_a_suggestion_considers_it_and_rejected_ones_come_back(items: Any, open_bench: Any) -> None:
    suggest(items[0], [guess(5, 0.9), guess(25, 0.4)], {"stain": "blue"})
    bench = open_bench()
    bench.press("v")
    bench.click(31, 16)
    bench.press("u")
    assert bench.page.locator("[data-suggestion]").count() == 1
    bench.page.get_by_role("button", name="Bring 1 rejected back").click()
    assert bench.page.locator("[data-suggestion]").count() == 2
    bench.page.get_by_role("button", name="Accept stain").click()
    document = bench.answer()
    assert document == {"objects": [], "item": {"stain": "blue"}}
