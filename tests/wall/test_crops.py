"""Crops: where they are cut, that they are kept and go with their item, and who gets them."""

from __future__ import annotations

import io
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from annotate.annotations.models import Annotation
from annotate.media import store
from annotate.media.crops import SIDE, Square, crops
from annotate.media.services import store_file
from tests.wall.conftest import a_box, a_document, names
from workflows.wall.framing import area, bounds, mask_path, square

pytestmark = pytest.mark.django_db


def picture_of(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


@given(left=st.floats(0, 900), top=st.floats(0, 600), w=st.floats(0, 900), h=st.floats(0, 600))
def test_a_square_holds_its_object_and_stays_in_the_picture_where_it_fits(left: float, top: float, w: float, h: float) -> None:
    right, bottom = min(1000.0, left + w), min(700.0, top + h)
    x, y, side = square((left, top, right, bottom), 1000, 700)
    assert side <= 1000 and x <= left + 0.02 and x + side >= right - 0.02
    assert y <= top + 0.02 and y + side >= bottom - 0.02
    assert x >= 0 and x + side <= 1000.02
    assert (y >= 0 and y + side <= 700.02) if side <= 700 else abs(y + side / 2 - 350) < 0.02


def test_bounds_and_area_of_every_kind() -> None:
    turned = {"kind": "box", "box": [10, 10, 20, 10], "rotation": 90}
    assert [round(edge, 6) for edge in bounds(turned) or ()] == [15, 5, 25, 25] and area(turned) == 200
    polygon = {"kind": "polygon", "points": [[0, 0], [10, 0], [10, 10], [0, 10]], "holes": [[[2, 2], [4, 2], [4, 4], [2, 4]]]}
    assert bounds(polygon) == (0, 0, 10, 10) and area(polygon) == 96
    from annotate.labels.masks import encode

    # 4 × 6: rows 1 and 2 of columns 2 and 3
    mask = {"kind": "mask", "rle": {"size": [4, 6], "counts": encode([9, 2, 2, 2, 9])}}
    assert bounds(mask) == (2, 1, 4, 3) and area(mask) == 4
    assert mask_path(mask["rle"], 0, 0, 6).startswith("M")
    keypoints = {"kind": "keypoints", "points": [[5, 6, 2], [0, 0, 0], [9, 1, 1]]}
    assert bounds(keypoints) == (5, 1, 9, 6)
    assert bounds({"kind": "span", "start": 1, "end": 4}) is None and area({"kind": "span", "start": 1, "end": 4}) == 3


def halves(size: tuple[int, int] = (400, 200)) -> bytes:
    """Red on the left, blue on the right."""
    whole = Image.new("RGB", size, (200, 0, 0))
    whole.paste((0, 0, 200), (size[0] // 2, 0, *size))
    out = io.BytesIO()
    whole.save(out, "PNG")
    return out.getvalue()


def test_a_crop_is_cut_from_its_place_and_kept(world: Any) -> None:
    from annotate.media.services import probe_and_store_picture

    blob = probe_and_store_picture(io.BytesIO(halves()), organisation_id=world.organisation.pk)
    left, right, beyond = Square(10, 10, 50), Square(300, 10, 50), Square(0, -100, 400)
    found = crops([(blob, left), (blob, right), (blob, beyond)])
    assert [picture_of(data).getpixel((96, 96)) for data in found[:2] if data] == [(200, 0, 0), (0, 0, 200)] or all(found)
    assert picture_of(found[0] or b"").size == (SIDE, SIDE)
    red, blue = picture_of(found[0] or b"").getpixel((96, 96)), picture_of(found[1] or b"").getpixel((96, 96))
    assert red[0] > 150 > red[2] and blue[2] > 150 > blue[0]
    grey = picture_of(found[2] or b"").getpixel((96, 5))
    assert max(grey) - min(grey) < 12
    folder = store.rendition_folder(blob.organisation_id, blob.hex)
    assert {left.name, right.name, beyond.name} <= set(store.listed(folder))
    store.remove(store.blob_path(blob.organisation_id, blob.hex))
    assert crops([(blob, left)]) == found[:1]  # what is kept is not cut again


def blob_of(world: Any, colour: tuple[int, int, int]) -> dict[str, Any]:
    """Of an item: bytes that no other has."""
    from tests.conftest import draw_picture

    blob = store_file(io.BytesIO(draw_picture(color=colour)), organisation_id=world.organisation.pk)
    return {"blob_id": blob.pk, "sha256": bytes(blob.sha256)}


def test_bytes_that_cannot_be_shown_leave_their_place_empty(world: Any) -> None:
    text = store_file(io.BytesIO(b"no picture at all"), organisation_id=world.organisation.pk)
    gone = store_file(io.BytesIO(b"\\x89PNG\\r\\n\\x1a\\n broken"), organisation_id=world.organisation.pk)
    assert crops([(text, Square(0, 0, 9)), (gone, Square(0, 0, 9))]) == [None, None]


def test_crops_are_served_whole_and_once(world: Any, imported: Any) -> None:
    [item] = imported([a_document("car", "car")])
    api, revision = world.api(world.viewer), Annotation.objects.get().pk
    first = api.get(f"/items/{item.pk}/crop?annotation={revision}&place=0")
    assert first.status_code == 200 and picture_of(first.content).size == (SIDE, SIDE)
    assert "immutable" in first["Cache-Control"] and "sandbox" in first["Content-Security-Policy"]
    again = api.get(f"/items/{item.pk}/crop?annotation={revision}&place=0", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304 and not again.content
    sheet = api.get(f"/projects/{world.project.pk}/wall/sheet?of={','.join(names(world, label='car'))}")
    assert picture_of(sheet.content).size == (6 * SIDE, SIDE)
    same = api.get(f"/projects/{world.project.pk}/wall/sheet?of={','.join(names(world, label='car'))}", headers={"If-None-Match": sheet["ETag"]})
    assert same.status_code == 304
    assert api.get(f"/items/{item.pk}/crop?annotation={revision}&place=7").status_code == 404
    for wrong in ("", "of=", "of=1-2", f"of={'1-1-0,' * 25}"):
        assert api.get(f"/projects/{world.project.pk}/wall/sheet?{wrong}").status_code == 400
    assert api.get(f"/items/{item.pk}/crop").status_code == 400


def test_crops_are_for_who_sees_every_item(world: Any, line: Any) -> None:
    bench = line(1)
    [item] = bench.items
    revision, name = Annotation.objects.get().pk, names(world, label="car")[0]
    calls = (f"/items/{item.pk}/crop?annotation={revision}&place=0", f"/projects/{world.project.pk}/wall/sheet?of={name}")
    assert [world.api(world.annotator).get(call).status_code for call in calls] == [403, 403]
    assert [world.api(world.outsider).get(call).status_code for call in calls] == [404, 404]
    assert [world.api(world.reviewer).get(call).status_code for call in calls] == [200, 200]
    theirs = f"/projects/{world.other_project.pk}/wall/sheet?of={name}"
    assert world.api(world.outsider).get(theirs).status_code == 404


def test_an_erased_item_takes_its_crops_along(world: Any, imported: Any, run_jobs: Any) -> None:
    from annotate.items.erasure import erase

    [item], [other] = (imported([a_document("car")], **blob_of(world, colour)) for colour in ((200, 0, 0), (0, 0, 200)))
    api, found = world.api(world.manager), names(world, label="car")
    sheet = f"/projects/{world.project.pk}/wall/sheet?of={','.join(found)}"
    before, revision = api.get(sheet), Annotation.objects.get(item=item).pk
    folder = store.rendition_folder(world.organisation.pk, item.blob.hex)
    assert any(name.startswith("crop-") for name in store.listed(folder))
    erase(item, reason="asked for", by=world.actor(world.owner))
    run_jobs()
    assert store.listed(folder) == []
    assert api.get(f"/items/{item.pk}/crop?annotation={revision}&place=0").status_code == 410
    after = api.get(sheet, headers={"If-None-Match": before["ETag"]})
    place = next(at for at, name in enumerate(found) if name.startswith(f"{item.pk}-"))
    assert after.status_code == 200
    grey = picture_of(after.content).getpixel((SIDE * place + 96, 96))
    assert max(grey) - min(grey) < 8  # its place is empty
    assert [name.split("-")[0] for name in names(world, label="car")] == [str(other.pk)]


def test_objects_without_a_place_are_no_crops(world: Any, imported: Any) -> None:
    from workflows.wall.showing import cards

    hidden = {"id": str(uuid.uuid4()), "kind": "box", "label": "car", "box": [1, 1, 5, 5]}
    imported([{"objects": [hidden, a_box("car")], "item": {}}], width=None, height=None, blob_id=None, sha256=None, uri="s3://b/x.jpg")
    from tests.wall.conftest import shown

    assert [card.view for card in cards(world.project, shown(world, label="car").spots)] == ["", ""]
