"""Corrections by clicks and by keys, and what the tools have beside drawing, in a real browser."""

# ruff: noqa: F811  fixtures of another module
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from annotate.projects.services import change_schema
from annotate.queues.services import create_queue
from tests.browser.bench import Bench, submitted
from tests.browser.test_workbench_masks import Microscope, nuclei, pixels
from tests.browser.test_workbench_shapes import (  # noqa: F401  fixtures
    answer,
    bench,
    click,
    close_to,
    pixel,
    real,
    shown,
)

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = [
    {"name": "stain", "type": "choice", "options": ["blue", "purple"]},
    {"name": "parts", "type": "choice", "multiple": True, "options": ["rim", "core", "tail"]},
    {"name": "split", "type": "bool"},
    {"name": "count", "type": "number", "min": 0, "max": 9},
    {"name": "note", "type": "text"},
]
TYPED = {"stain": "purple", "parts": ["rim", "tail"], "split": True, "count": 2.5, "note": "a é 细胞"}


@pytest.fixture
def cells(live: Any, world: Any, sign_in: Any, data: Callable[[str], Path]) -> tuple[Microscope, set[tuple[int, int]]]:
    """A real picture of nuclei on the desk, and one nucleus' pixels."""
    change_schema(live.project, {"labels": [{"name": "cell", "kinds": ["mask", "polygon"]}]}, by=live.actor(live.owner))
    _, truth, size = nuclei(data("dsb2018_nuclei_masks"), world)
    opened = Microscope(sign_in(live.annotator), create_queue(live.project, "cells", stage="annotate", by=live.actor(live.owner)))
    opened.size = size
    return opened, truth


def test_clicks_add_to_an_outline_and_take_from_it_until_enter_keeps_it(cells: Any) -> None:
    opened, truth = cells
    opened.press("o")
    opened.page.get_by_label("Makes a").select_option("mask")
    xs, ys = [x for x, _ in truth], [y for _, y in truth]
    opened.drag((min(xs) - 1, min(ys) - 1), (max(xs) + 2, max(ys) + 2))
    expect(opened.page.get_by_text("Enter keeps, Esc drops")).to_be_visible()
    out, middle = (min(xs) - 3.5, (min(ys) + max(ys)) / 2), ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
    opened.click(*out)
    opened.page.keyboard.down("Alt")
    opened.click(*middle)
    opened.page.keyboard.up("Alt")
    opened.press("Enter")
    expect(opened.page.get_by_text("Enter keeps, Esc drops")).to_be_hidden()
    (made,) = opened.answer()["objects"]
    covered = pixels(made["rle"])
    assert (int(out[0]), int(out[1])) in covered
    assert (int(middle[0]), int(middle[1])) not in covered
    assert len(covered & truth) / len(covered | truth) > 0.5
    assert opened.faults == []


def test_escape_drops_an_outline_and_a_click_is_taken_back_by_undo(cells: Any) -> None:
    opened, truth = cells
    opened.press("o")
    xs, ys = [x for x, _ in truth], [y for _, y in truth]
    opened.drag((min(xs) - 1, min(ys) - 1), (max(xs) + 2, max(ys) + 2))
    measure = opened.page.locator(".olist .pick").first
    before = measure.inner_text()
    opened.page.keyboard.down("Alt")
    opened.click((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
    opened.page.keyboard.up("Alt")
    assert measure.inner_text() != before
    opened.press("Control+z")
    assert measure.inner_text() == before
    opened.press("Escape")
    assert opened.rows == []
    opened.press("Control+z")
    assert opened.rows == ["cell"]


def test_one_point_is_walked_to_moved_put_in_and_taken_out_by_keys(bench: Bench) -> None:
    bench.press("p")
    click(bench, (8, 8), (40, 8), (40, 40), (8, 40))
    bench.press("Enter", "v", "w", "w", "Shift+ArrowUp", "ArrowRight", "ArrowUp")
    bench.press("Control+z")
    bench.press("Shift+ArrowUp", "ArrowLeft")
    bench.press("w", "Insert", "ArrowDown", "ArrowDown")
    bench.press("Alt+w", "Alt+w", "Alt+w", "Delete")
    bench.press("Escape", "ArrowRight")  # the object again
    (made,) = answer(bench)
    close_to(made["points"], [(40, 0), (41, 40), (25, 42), (9, 40)], by=0.4)


def test_the_corner_of_a_turned_box_is_moved_by_keys(bench: Bench) -> None:
    bench.press("Shift+b")
    click(bench, (10, 10), (30, 10), (30, 20))
    bench.press(">", ">", ">", ">", ">", ">")  # by 90°
    bench.press("w", "ArrowRight", "ArrowRight", "Escape")
    (made,) = answer(bench)
    assert made["rotation"] == pytest.approx(90, abs=0.5)
    assert made["box"][2:] == pytest.approx([20, 12], abs=0.5)


def test_attributes_of_every_type_are_set_on_an_object_and_on_the_item(live: Any, make_items: Any, sign_in: Any) -> None:
    cell = {"name": "cell", "kinds": ["box"], "attributes": ASKED}
    change_schema(live.project, {"labels": [cell], "item": ASKED}, by=live.actor(live.owner))
    make_items(1)
    opened = Bench(sign_in(live.annotator), create_queue(live.project, "label", stage="annotate", by=live.actor(live.owner)))
    opened.drag((5, 5), (20, 20))
    for place in (opened.page.locator(".olist"), opened.page.locator("section.item")):
        for name in ("purple", "rim", "tail", "yes"):
            place.get_by_role("button", name=name, exact=True).click()
        place.get_by_label("count").fill("2.5")
        place.get_by_label("note").fill(TYPED["note"])
    item = opened.item
    opened.press("Control+Enter")
    opened.page.get_by_text("Nothing left for you here").wait_for()
    (document,) = submitted(item)
    assert document["objects"][0]["attributes"] == TYPED
    assert document["item"] == TYPED
    assert opened.faults == []


def test_a_new_point_sticks_to_a_neighbours_corner_and_edge_but_not_with_alt(bench: Bench) -> None:
    bench.press("p")
    click(bench, (8, 8), (30, 8), (30, 40), (8, 40))
    bench.press("Enter", "Escape", "p")
    near = 3 / ((bench.page.locator(".canvas").bounding_box()["width"] - 48) / 64)
    click(bench, (30 + near, 8 + near), (50, 20), (30 + near, 25))
    bench.page.keyboard.down("Alt")
    click(bench, (30 + near, 20))
    bench.page.keyboard.up("Alt")
    bench.press("Enter")
    first, made = (one["points"] for one in answer(bench))
    assert made[0] == first[1]  # the corner itself
    assert first[1][0] == pytest.approx(made[2][0], abs=0.02)  # on its edge
    assert made[3][0] > made[2][0] + near / 2


def test_a_click_with_alt_goes_on_to_what_lies_under(bench: Bench) -> None:
    bench.press("2")
    bench.drag((5, 5), (55, 45))
    bench.press("Escape", "1")
    bench.drag((20, 15), (35, 30))  # over an object
    bench.press("Escape", "v")
    click(bench, (27, 22))
    chosen = bench.page.locator(".olist .on .pick b")
    assert chosen.inner_text() == "cell"
    bench.page.keyboard.down("Alt")
    click(bench, (27, 22))
    assert chosen.inner_text() == "crate"
    click(bench, (27, 22))
    bench.page.keyboard.up("Alt")
    assert chosen.inner_text() == "cell"


def test_several_are_resized_by_the_frame_around_them_and_what_is_locked_stays(bench: Bench) -> None:
    bench.press("2")
    for x in (5, 25, 45):
        bench.drag((x, 10), (x + 10, 20))
    bench.press("Escape", "v", "Tab", "l", "Control+a")  # the first is locked
    beside = 6 / (bench.place(1, 0)[0] - bench.place(0, 0)[0])  # the frame's handles
    bench.drag((55 + beside, 20 + beside), (60 + beside, 30 + beside))
    first, second, third = (made["box"] for made in answer(bench))
    assert first == pytest.approx([5, 10, 10, 10], abs=0.3)
    assert second == pytest.approx([25, 10, 11.67, 20], abs=0.4)
    assert third == pytest.approx([48.33, 10, 11.67, 20], abs=0.4)


def test_a_box_is_turned_by_the_ring_beside_it(bench: Bench) -> None:
    bench.press("2")
    bench.drag((20, 20), (40, 30))
    bench.press("v")
    (x, top), (cx, cy) = bench.place(30, 20), bench.place(30, 25)
    bench.page.mouse.move(x, top - 26)
    bench.page.mouse.down()
    bench.page.mouse.move(cx + 100, cy - 20)
    bench.page.mouse.move(cx + 150, cy)
    bench.page.mouse.up()
    (made,) = answer(bench)
    assert made["rotation"] == pytest.approx(90, abs=1)


def test_brighter_is_brighter_and_harder_is_farther_from_grey(bench: Bench) -> None:
    plain = pixel(bench, 32, 24)
    bench.press("Alt+ArrowUp", "Alt+ArrowUp")
    bench.page.wait_for_timeout(100)
    assert sum(pixel(bench, 32, 24)[:3]) > sum(plain[:3])
    bench.press("Alt+0", "Alt+ArrowRight", "Alt+ArrowRight")
    bench.page.wait_for_timeout(100)
    now = pixel(bench, 32, 24)
    assert all((after - before) * (before - 128) >= 0 for before, after in zip(plain[:3], now[:3], strict=True))
    assert now != plain


CROSS = """([x, y]) => { const c = document.querySelectorAll('.canvas > canvas'); return [...c[c.length - 1].getContext('2d').getImageData(x * devicePixelRatio, y, 1, 1).data][3] }"""


def test_lines_go_through_the_pointer_while_drawing_until_they_are_turned_off(bench: Bench) -> None:
    box = bench.page.locator(".canvas").bounding_box()
    bench.press("2")
    x, y = bench.place(30, 20)
    bench.page.mouse.move(x, y)
    bench.page.wait_for_timeout(100)
    at = [round(x - box["x"]), 5]
    assert bench.page.evaluate(CROSS, at) > 0
    bench.press("Shift+c")
    bench.page.wait_for_timeout(100)
    assert bench.page.evaluate(CROSS, at) == 0


def test_the_wheel_zooms_at_the_pointer_space_moves_and_keys_fit_and_show_one_to_one(bench: Bench) -> None:
    zoom = bench.page.locator(".zoom")
    fitted = zoom.inner_text()
    x, y = bench.place(10.5, 10.5)
    where = bench.page.locator(".float.br .mono")
    bench.page.mouse.move(x, y)
    before = where.inner_text()
    bench.page.mouse.wheel(0, -400)
    assert zoom.inner_text() != fitted
    bench.page.mouse.move(x + 1, y)
    bench.page.mouse.move(x, y)
    assert where.inner_text() == before
    bench.page.keyboard.down(" ")
    bench.page.mouse.down()
    bench.page.mouse.move(x + 60, y + 45, steps=3)
    bench.page.mouse.up()
    bench.page.keyboard.up(" ")
    assert where.inner_text() == before  # the place went along
    assert bench.rows == []
    bench.press("\\")
    assert zoom.inner_text() == "100 %"
    bench.press("Home")
    assert zoom.inner_text() == fitted


def test_a_picture_of_8192_pixels_is_labelled_to_the_pixel(real: Any, picture: Callable[..., bytes], tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(picture(8192, 8192, format="PNG"))
    opened = real({"labels": [{"name": "cell", "kinds": ["box"]}]}, large)
    at = shown(opened, 8192, 8192)
    x, y = (round(one) for one in at(6000, 7000))
    opened.page.mouse.move(x, y)
    for _ in range(8):
        opened.page.mouse.wheel(0, -600)
    opened.page.wait_for_timeout(1500)
    scale = int(opened.page.locator(".zoom").inner_text().split()[0]) / 100
    opened.page.mouse.down()
    opened.page.mouse.move(x + 20 * scale, y + 10 * scale, steps=3)
    opened.page.mouse.up()
    (made,) = answer(opened)
    (left, top), unit = at(0, 0), (at(8192, 0)[0] - at(0, 0)[0]) / 8192
    assert made["box"] == pytest.approx([(x - left) / unit, (y - top) / unit, 20, 10], abs=1)


def test_a_whole_picture_of_polygons_lines_points_and_boxes_with_the_mouse_on_it_alone(bench: Bench) -> None:
    item = bench.item
    for label, places in (("6", [(5, 5), (25, 5), (15, 20)]), ("3", [(30, 5), (40, 15), (60, 10)]), ("4", [(50, 40)]), ("5", [(10, 30), (14, 36), (12, 44)])):
        bench.press(label)
        click(bench, *places)
        if label in "63":
            bench.press("Enter")
    bench.press("2")
    bench.drag((30, 22), (45, 40))
    bench.press("w", "ArrowLeft", "Escape", "f")
    bench.gone(item)
    made = submitted(item)[0]["objects"]
    assert [one["kind"] for one in made] == ["polygon", "polyline", "point", "keypoints", "box"]
    assert made[-1]["box"] == pytest.approx([29, 22, 16, 18], abs=0.3)
    assert bench.faults == []
