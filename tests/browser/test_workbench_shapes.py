"""Each tool of the workbench in a real browser: drawn by hand, submitted, and what the server keeps looked at."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from annotate.projects.services import change_schema
from annotate.queues.services import create_queue
from tests.browser.bench import READY, Bench, submitted

pytestmark = pytest.mark.django_db(transaction=True)
BODY = {"points": ["head", "hand", "foot"], "edges": [[0, 1], [1, 2]]}
LABELS = [
    {"name": "cell", "kinds": ["box", "polygon"]},
    {"name": "crate", "kinds": ["box"]},
    {"name": "lane", "kinds": ["polyline"]},
    {"name": "nose", "kinds": ["point"]},
    {"name": "person", "kinds": ["keypoints"], "skeleton": BODY},
    {"name": "road", "kinds": ["polygon"]},
]


@pytest.fixture
def bench(live: Any, make_items: Callable[..., Any], sign_in: Any) -> Bench:
    change_schema(live.project, {"labels": LABELS}, by=live.actor(live.owner))
    make_items(3)
    return Bench(sign_in(live.annotator), create_queue(live.project, "label", stage="annotate", by=live.actor(live.owner)))


def click(bench: Bench, *places: tuple[float, float], **options: Any) -> None:
    for place in places:
        bench.page.mouse.click(*bench.place(*place), **options)


def answer(bench: Bench) -> list[dict[str, Any]]:
    """Submits; the objects that the server keeps."""
    item = bench.item
    bench.press("Control+Enter")
    bench.gone(item)
    assert bench.faults == []
    objects: list[dict[str, Any]] = submitted(item)[-1]["objects"]
    return objects


def close_to(points: Any, wanted: Any, by: float = 0.25) -> None:
    assert len(points) == len(wanted), points
    for point, want in zip(points, wanted, strict=True):
        assert point == pytest.approx(list(want), abs=by)


def test_four_clicks_on_the_extremes_make_a_box(bench: Bench) -> None:
    bench.press("x")
    click(bench, (20, 8), (30, 20), (10, 15), (18, 40))
    (made,) = answer(bench)
    assert made["box"] == pytest.approx([10, 8, 20, 32], abs=0.25)


def test_a_turned_box_is_drawn_and_turned_by_hand_and_by_key(bench: Bench) -> None:
    bench.press("Shift+b")
    bench.drag((15, 10), (35, 30))
    click(bench, (20, 34))
    bench.press(".")
    (made,) = answer(bench)
    assert made["rotation"] == pytest.approx(46, abs=0.3)
    assert made["box"][2:] == pytest.approx([28.3, 13.4], abs=0.6)


def test_a_polygon_is_clicked_closed_edited_and_gets_a_hole(bench: Bench) -> None:
    bench.press("p")
    click(bench, (8, 8), (40, 8), (40, 40), (8, 40))
    bench.press("Enter")
    bench.press("v")
    bench.drag((40, 8), (44, 5))  # a point
    bench.drag((24, 40), (24, 45))  # a new one, between two
    bench.press("Alt+p")
    click(bench, (15, 15), (25, 15), (20, 25))
    click(bench, (15, 15))
    (made,) = answer(bench)
    close_to(made["points"], [(8, 8), (44, 5), (40, 40), (24, 45), (8, 40)])
    close_to(made["holes"][0], [(15, 15), (25, 15), (20, 25)])


def test_a_line_ends_by_a_double_click_and_backspace_takes_a_point_back(bench: Bench) -> None:
    bench.press("3")
    click(bench, (5, 5), (20, 20), (60, 40))
    bench.press("Backspace")
    click(bench, (40, 10))
    click(bench, (50, 30), click_count=2)
    (made,) = answer(bench)
    assert made["kind"] == "polyline"
    close_to(made["points"], [(5, 5), (20, 20), (40, 10), (50, 30)])


def test_points_are_set_one_by_one(bench: Bench) -> None:
    bench.press("4")
    click(bench, (5, 5), (50, 30))
    assert bench.rows == ["nose 1", "nose 2"]
    assert [made["points"][0] for made in answer(bench)] == [pytest.approx([5, 5], abs=0.25), pytest.approx([50, 30], abs=0.25)]


def test_keypoints_follow_the_skeleton_with_covered_and_left_out_ones(bench: Bench) -> None:
    bench.press("5")
    click(bench, (30, 5))
    bench.press("q")
    click(bench, (40, 20))
    bench.press("s")
    click(bench, (10, 5))
    bench.press("Enter")
    first, second = answer(bench)
    close_to(first["points"], [(30, 5, 2), (40, 20, 1), (0, 0, 0)])
    assert [row[2] for row in second["points"]] == [2, 0, 0]


def test_keypoints_are_changed_from_the_list_without_the_picture(bench: Bench) -> None:
    bench.press("5")
    click(bench, (30, 5), (40, 20), (30, 40))
    bench.page.get_by_text("Keypoints", exact=True).click()
    bench.page.get_by_label("hand").select_option("covered")
    bench.page.get_by_label("foot").select_option("none")
    (made,) = answer(bench)
    assert [row[2] for row in made["points"]] == [2, 1, 0]


def test_many_are_framed_moved_copied_and_deleted_at_once(bench: Bench) -> None:
    bench.press("2")
    for at in ((5, 5), (20, 5)):
        bench.drag(at, (at[0] + 8, at[1] + 8))
    bench.press("v")
    bench.drag((2, 2), (32, 18))
    bench.drag((9, 9), (14, 19))
    bench.press("Control+d", "Delete", "Control+z")
    assert len(bench.rows) == 4
    bench.press("Control+a", "Control+c")
    kept = answer(bench)
    assert [round(made["box"][0]) for made in kept[:2]] == [10, 25]
    bench.page.wait_for_selector(READY)
    bench.press("Control+v")
    assert len(bench.rows) == 4
    again = answer(bench)
    assert [made["box"] for made in again] == [made["box"] for made in kept]
    assert not {made["id"] for made in again} & {made["id"] for made in kept}


def test_two_polygons_are_merged_and_one_is_cut(bench: Bench) -> None:
    bench.press("6")
    click(bench, (5, 5), (25, 5), (25, 25), (5, 25))
    bench.press("Enter")
    click(bench, (15, 10), (40, 10), (40, 20))
    click(bench, (15, 20))
    bench.press("Enter")
    assert len(bench.rows) == 2
    bench.press("Control+a", "j")
    assert len(bench.rows) == 1
    bench.press("Alt+j")
    bench.drag((20, 2), (20, 45))
    assert len(bench.rows) == 2
    pieces = answer(bench)
    edges = sorted((min(x for x, _ in made["points"]), max(x for x, _ in made["points"])) for made in pieces)
    close_to(edges, [(5, 20), (20, 40)], by=0.5)


def test_order_hiding_and_the_list_of_objects(bench: Bench) -> None:
    bench.press("2")
    bench.drag((5, 5), (15, 15))
    bench.press("Escape", "1")
    bench.drag((30, 5), (60, 40))
    bench.press("Control+[")
    assert bench.rows == ["cell", "crate"]
    bench.page.get_by_label("Filter by label or text").fill("cra")
    assert bench.rows == ["crate"]
    bench.page.get_by_label("Filter by label or text").fill("")
    bench.page.get_by_label("Order of the list").select_option("by size")
    assert bench.rows == ["cell", "crate"]
    bench.page.locator(".canvas").focus()
    bench.press("Alt+h")
    expect(bench.page.get_by_role("button", name="Show crate")).to_be_visible()
    expect(bench.page.get_by_role("button", name="Hide cell")).to_be_visible()
    assert [made["label"] for made in answer(bench)] == ["cell", "crate"]


def pixel(bench: Bench, x: float, y: float) -> list[int]:
    """The picture layer's colour at a place of the picture."""
    at, box = bench.place(x, y), bench.page.locator(".canvas").bounding_box()
    found: list[int] = bench.page.evaluate(
        "([x, y]) => [...document.querySelector('.canvas > canvas').getContext('2d').getImageData(x, y, 1, 1).data]",
        [at[0] - box["x"], at[1] - box["y"]],
    )
    return found


def test_the_picture_is_brightened_inverted_and_shown_as_it_is_again(bench: Bench) -> None:
    plain = pixel(bench, 32, 24)
    bench.press("Alt+i")
    bench.page.wait_for_timeout(100)
    assert pixel(bench, 32, 24)[:3] == pytest.approx([255 - value for value in plain[:3]], abs=3)
    bench.press("Alt+ArrowUp", "Alt+ArrowRight", "Alt+0")
    bench.page.wait_for_timeout(100)
    assert pixel(bench, 32, 24) == plain


def test_two_fingers_move_and_zoom_the_picture_and_draw_nothing(live: Any, bench: Bench) -> None:
    bench.press("2")
    before = bench.page.locator(".zoom").inner_text()
    bench.page.evaluate("""() => {
      const canvas = document.querySelector('.canvas'), box = canvas.getBoundingClientRect();
      canvas.setPointerCapture = () => {};
      const send = (type, id, x, y) => canvas.dispatchEvent(new PointerEvent(type, {
        pointerId: id, pointerType: 'touch', clientX: box.x + x, clientY: box.y + y, bubbles: true, isPrimary: id === 1 }));
      send('pointerdown', 1, 300, 300); send('pointermove', 1, 320, 320); send('pointerdown', 2, 400, 300);
      for (let n = 1; n <= 10; n++) send('pointermove', 2, 400 + 20 * n, 300 + 5 * n);
      send('pointerup', 2, 600, 350); send('pointermove', 1, 350, 350); send('pointerup', 1, 350, 350);
    }""")
    assert bench.page.locator(".zoom").inner_text() != before
    assert bench.rows == []
    assert bench.faults == []


def shown(bench: Bench, width: int, height: int) -> Callable[[float, float], tuple[float, float]]:
    """From pixels of a picture of that size to the page."""
    box = bench.page.locator(".canvas").bounding_box()
    scale = min((box["width"] - 48) / width, (box["height"] - 48) / height)
    return lambda x, y: (box["x"] + box["width"] / 2 + (x - width / 2) * scale, box["y"] + box["height"] / 2 + (y - height / 2) * scale)


@pytest.fixture
def real(live: Any, sign_in: Any, run_jobs: Callable[[], int]) -> Callable[..., Bench]:
    """A queue of one real picture under a schema."""

    def begin(schema: dict[str, Any], picture: Path) -> Bench:
        from annotate.items.services import create_batch

        change_schema(live.project, schema, by=live.actor(live.owner))
        batch = create_batch(live.project, "real", by=live.actor(live.owner))
        live.api(live.owner).upload(f"/batches/{batch.pk}/files", {picture.name: picture.read_bytes()})
        run_jobs()
        return Bench(sign_in(live.annotator), create_queue(live.project, "real", stage="annotate", by=live.actor(live.owner)))

    return begin


def test_blood_cells_are_boxed_as_in_the_truth(real: Any, data: Callable[[str], Path]) -> None:
    import xml.etree.ElementTree as tree

    root = data("bccd_bbox")
    source = sorted((root / "Annotations").glob("*.xml"))[0]
    parsed = tree.parse(source).getroot()
    size = [int(parsed.findtext(f"size/{side}", "0")) for side in ("width", "height")]
    truth = [[int(found.findtext(f"bndbox/{side}", "0")) for side in ("xmin", "ymin", "xmax", "ymax")] for found in parsed.iter("object")][:6]
    bench = real({"labels": [{"name": "cell", "kinds": ["box"]}]}, root / "JPEGImages" / f"{source.stem}.jpg")
    at = shown(bench, *size)
    for left, top, right, bottom in truth:  # over each other, too: a drag always draws
        bench.page.mouse.move(*at(left, top))
        bench.page.mouse.down()
        bench.page.mouse.move(*at((left + right) / 2, (top + bottom) / 2))
        bench.page.mouse.move(*at(right, bottom))
        bench.page.mouse.up()
        bench.press("Escape")
    made = answer(bench)
    assert len(made) == len(truth)
    for object_, (left, top, right, bottom) in zip(made, truth, strict=True):
        assert object_["box"] == pytest.approx([left, top, right - left, bottom - top], abs=2)


def test_a_coco_person_is_placed_point_by_point(real: Any, data: Callable[[str], Path]) -> None:
    root = data("coco_keypoints_sample")
    coco = json.loads((root / "test_coco.json").read_text())
    image = next(one for one in coco["images"] if (root / "images" / one["file_name"]).exists())
    person = next(one for one in coco["annotations"] if one["image_id"] == image["id"] and one["num_keypoints"] > 8)
    category = coco["categories"][0]
    skeleton = {"points": category["keypoints"], "edges": [[a - 1, b - 1] for a, b in category["skeleton"]]}
    bench = real({"labels": [{"name": "person", "kinds": ["keypoints"], "skeleton": skeleton}]}, root / "images" / image["file_name"])
    at = shown(bench, image["width"], image["height"])
    truth = [person["keypoints"][n : n + 3] for n in range(0, len(person["keypoints"]), 3)]
    for x, y, visibility in truth:
        if visibility == 0:
            bench.press("s")
        else:
            bench.page.mouse.move(*at(x, y))
            if visibility == 1:
                bench.page.keyboard.down("Shift")
            bench.page.mouse.click(*at(x, y))
            bench.page.keyboard.up("Shift")
    (made,) = answer(bench)
    assert [row[2] for row in made["points"]] == [row[2] for row in truth]
    for row, (x, y, visibility) in zip(made["points"], truth, strict=True):
        assert not visibility or row[:2] == pytest.approx([x, y], abs=2)


def test_a_large_picture_is_its_small_rendition_until_it_is_zoomed_into(real: Any, picture: Callable[..., bytes], tmp_path: Path) -> None:
    large = tmp_path / "large.jpg"
    large.write_bytes(picture(4000, 3000))
    bench = real({"labels": [{"name": "cell", "kinds": ["box"]}]}, large)
    asked: list[str] = []
    bench.page.on("request", lambda request: asked.append(request.url) if "/media" in request.url else None)
    at = shown(bench, 4000, 3000)
    bench.page.mouse.move(*at(2000, 1500))
    bench.page.mouse.wheel(0, -200)
    bench.page.wait_for_timeout(300)
    assert asked == []
    bench.page.mouse.wheel(0, -1500)
    bench.page.wait_for_timeout(1000)
    assert len(asked) == 1
    bench.page.keyboard.press("Home")
    bench.page.mouse.move(*at(400, 300))
    bench.page.mouse.down()
    bench.page.mouse.move(*at(1000, 900), steps=3)
    bench.page.mouse.up()
    (made,) = answer(bench)
    assert made["box"] == pytest.approx([400, 300, 600, 600], abs=5)


def test_each_kind_is_put_in_the_middle_by_keyboard_alone(bench: Bench) -> None:
    for digit in "23456":
        bench.press("Escape", digit, "Shift+n")
    bench.press("ArrowRight")
    kinds = [made["kind"] for made in answer(bench)]
    assert kinds == ["box", "polyline", "point", "keypoints", "polygon"]
