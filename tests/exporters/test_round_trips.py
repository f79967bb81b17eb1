"""What goes out and comes in again goes out the same: to the byte, where the format can carry it."""

from __future__ import annotations

import io
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.labels import masks
from annotate.labels.schema import parse
from tests.exporters.rows import WIDE, box, export_of, row, thing
from workflows.collection.importers import FORMATS
from workflows.collection.importers.found import LabelDoc
from workflows.collection.ingest.fitting import fit
from workflows.releases.rows import Row

RICH: dict[str, Any] = WIDE | {
    "labels": [
        *WIDE["labels"],
        {"name": "cell & <co>", "kinds": ["mask", "point", "polyline", "polygon", "box"], "color": "#681bd9", "attributes": [
            {"name": "make", "type": "choice", "options": ["a b", "ünï"]}, {"name": "seen", "type": "choice", "options": ["front", "back"], "multiple": True},
            {"name": "note", "type": "text"}, {"name": "speed", "type": "number"}, {"name": "occluded", "type": "bool"},
        ]},
    ],
    "item": [*WIDE["item"], {"name": "usable", "type": "bool"}, {"name": "lux", "type": "number"}],
    "relations": [{"name": "drives"}],
}  # fmt: skip
TEXTS: dict[str, Any] = {
    "labels": [{"name": "place", "kinds": ["span"], "attributes": [{"name": "sure", "type": "bool"}]}, {"name": "creative work", "kinds": ["span"]}],
    "item": [{"name": "mood", "type": "choice", "options": ["good", "bad"]}],
    "relations": [{"name": "near"}],
}
ITEM = {"weather": "rain", "usable": False, "lux": 2.5}
ATTRIBUTES = {"make": "ünï", "note": 'two\nlines "and" <more>', "occluded": True, "seen": ["back", "front"], "speed": 12.5}


def again(folder: Path, format: str, schema: dict[str, Any], like: dict[str, Row], rename: Any = lambda name: name) -> list[Row]:
    """The rows that the export's label files give when they are imported under the same schema."""
    suffixes, reader = FORMATS[format]
    docs: list[LabelDoc] = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in suffixes and not path.name.startswith(("sluice-", "config")):
            for found in reader(io.BytesIO(path.read_bytes()), path.relative_to(folder).as_posix()):
                assert isinstance(found, LabelDoc), found
                docs.append(found)
    rows = []
    for doc in docs:
        old = next(each for key, each in like.items() if rename(doc.file) in (key, key.rpartition("/")[2]))
        fitted = fit([doc], parse(schema), owner=old.key, width=old.width, height=old.height, text=old.text)
        assert fitted.document is not None and not fitted.refusals, fitted.refusals
        more = {"text": old.text, "media_sha256": old.media_sha256, "width": old.width, "height": old.height}
        rows.append(row(old.key, fitted.document["objects"], item=fitted.document["item"], split=old.split, item_id=old.item_id, meta=old.meta, **more))
    return sorted(rows, key=lambda each: each.key.encode())


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file() and not path.name.startswith("sluice-")}


def comes_back(rows: list[Row], place: Path, format: str, schema: dict[str, Any], rename: Any = lambda name: name) -> list[Row]:
    """The rows after the way out and in; what goes out then is what went out before."""
    first = export_of(rows, place / "first", format, schema=schema)[0].root
    back = again(first, format, schema, {each.key: each for each in rows}, rename)
    second = export_of(back, place / "second", format, schema=schema)[0].root
    assert files(first) == files(second)
    return back


def mask(*cells: tuple[int, int]) -> dict[str, Any]:
    grid = np.zeros((48, 64), dtype=bool)
    for y, x in cells:
        grid[y, x] = True
    flat = np.concatenate([[False], grid.T.ravel()])
    runs = np.diff(np.concatenate([[0], np.flatnonzero(np.diff(flat)), [grid.size]]))
    return thing("cell & <co>", kind="mask", rle={"size": [48, 64], "counts": masks.encode([int(run) for run in runs])})


def objects(*, turned: bool = True, pose: bool = False, line: bool = True) -> list[dict[str, Any]]:
    ring = [[0.5, 0.25], [20, 10.1], [3.3, 40]]
    made = [
        box(0.1, 2, 30.7, 4.25),
        box(1, 1, 5, 5, "cell & <co>", attributes=ATTRIBUTES),
        thing("cell & <co>", kind="polygon", points=ring),
        thing("cell & <co>", kind="point", points=[[3.7, 4]]),
        mask((3, 4), (3, 5), (4, 5), (47, 63)),
    ]
    made += [thing("cell & <co>", kind="polyline", points=ring)] if line else []
    made += [box(10, 10, 20, 10, rotation=30.5)] if turned else []
    made += [thing("pose", kind="keypoints", points=[[5.5, 6, 2], [0, 0, 0], [15, 26.25, 1]])] if pose else []
    return made


def pictures(things: list[dict[str, Any]]) -> list[Row]:
    return [row("a/1.jpg", things, item=ITEM, split="train", item_id=1), row("a/2.jpg", [], item={}, split="val", item_id=2)]


def plain(rows: list[Row]) -> list[list[dict[str, Any]]]:
    """The objects without their ids."""
    return [[{name: value for name, value in one.items() if name != "id"} for one in orjson.loads(each.document)["objects"]] for each in rows]


def test_cvat_carries_every_shape_and_value(tmp_path: Path) -> None:
    rows = pictures(objects(pose=True))
    back = comes_back(rows, tmp_path, "cvat", RICH)
    assert plain(back) == plain(rows) and '"lux":2.5,"usable":false,"weather":"rain"' in back[0].document


def test_label_studio_carries_shapes_values_and_ids(tmp_path: Path) -> None:
    things = objects(line=False)
    link = {"id": str(uuid.uuid4()), "kind": "relation", "label": "drives", "from": things[0]["id"], "to": things[1]["id"]}
    rows = pictures([*things, link])
    back = comes_back(rows, tmp_path, "label_studio", RICH)
    assert plain(back) == plain(rows) and all(one["id"] in back[0].document for one in things)


def test_labelme_carries_shapes_values_and_ids(tmp_path: Path) -> None:
    rows = pictures(objects(turned=False))
    back = comes_back(rows, tmp_path, "labelme", RICH)
    assert plain(back) == plain(rows) and all(each.document == old.document for each, old in zip(back, rows, strict=True))


def test_a_turned_box_of_labelme_comes_back_as_near_as_its_corners_say(tmp_path: Path) -> None:
    rows = pictures([box(10, 10, 20, 10, rotation=30.5)])
    first = export_of(rows, tmp_path, "labelme", schema=RICH)[0].root
    ((one,), _none) = plain(again(first, "labelme", RICH, {each.key: each for each in rows}))
    assert np.allclose(one["box"], [10, 10, 20, 10]) and one["rotation"] == pytest.approx(30.5)


def written() -> list[Row]:
    words = {"a.txt": "Rain in Oslo 🌧 and\nNew York, 北京.", "b.txt": "Nothing\u2028here", "c.txt": "🌧🌧 Oslo"}
    spans = {"a.txt": [(8, 12, "place"), (19, 27, "place"), (29, 31, "creative work")], "c.txt": [(3, 7, "place")]}
    return [
        row(key, [thing(label, kind="span", start=start, end=end, text=text[start:end]) for start, end, label in spans.get(key, ())],
            text=text, item={}, item_id=n, width=None, height=None, media_sha256=None)
        for n, (key, text) in enumerate(words.items(), 1)
    ]  # fmt: skip


def test_conll_carries_texts_and_spans_that_do_not_overlap(tmp_path: Path) -> None:
    rows = written()
    assert plain(comes_back(rows, tmp_path, "conll", TEXTS)) == plain(rows)


def test_spacys_lines_come_back_through_doccanos_reader(tmp_path: Path) -> None:
    rows = written()
    first = export_of(rows, tmp_path, "spacy", schema=TEXTS)[0].root
    back = again(first, "doccano", TEXTS, {each.key: each for each in rows})
    assert plain(back) == plain(rows)


def test_label_studio_counts_in_utf_16_and_comes_back_in_code_points(tmp_path: Path) -> None:
    rows = written()
    first, second = (one["id"] for one in orjson.loads(rows[0].document)["objects"][:2])
    link = {"id": str(uuid.uuid4()), "kind": "relation", "label": "near", "from": first, "to": second}
    rows[0] = row("a.txt", [*orjson.loads(rows[0].document)["objects"], link], text=rows[0].text, item={"mood": "good"}, item_id=1, width=None, height=None, media_sha256=None)
    assert plain(comes_back(rows, tmp_path, "label_studio", TEXTS)) == plain(rows)


number = st.decimals(0, 20, places=3).map(float)
side = st.decimals("0.01", 20, places=3).map(float)


@settings(max_examples=40, deadline=None)
@given(boxes=st.lists(st.tuples(number, number, side, side, st.sampled_from([0, 90, 33.25, 180.5])), min_size=1, max_size=4, unique=True))
@pytest.mark.parametrize("format", ["cvat", "label_studio"])
def test_boxes_of_a_thousandth_of_a_pixel_come_back_exactly(format: str, tmp_path_factory: Any, boxes: Any) -> None:
    made = [box(x, y, w, h, **({"rotation": turned} if turned else {})) for x, y, w, h, turned in boxes]
    rows = [row("a.jpg", made, item={}, split="train")]
    back = plain(comes_back(rows, tmp_path_factory.mktemp("way"), format, RICH))
    assert back == [[{name: value for name, value in one.items() if name != "id"} for one in made]]


@settings(max_examples=40, deadline=None)
@given(cells=st.sets(st.tuples(st.integers(0, 47), st.integers(0, 63)), min_size=1, max_size=30))
@pytest.mark.parametrize("format", ["cvat", "label_studio", "labelme"])
def test_masks_come_back_to_the_pixel(format: str, tmp_path_factory: Any, cells: Any) -> None:
    rows = [row("a.jpg", [mask(*cells)], item={}, split="train")]
    assert plain(comes_back(rows, tmp_path_factory.mktemp("way"), format, RICH)) == plain(rows)
