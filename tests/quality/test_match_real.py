"""The matcher on data of others: published scores, cells that were shifted, masks that were redrawn, people's skeletons."""

from __future__ import annotations

import json
import uuid
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco

from workflows.quality.matching.score import score
from workflows.quality.matching.spans import span_f1

Data = Callable[[str], Path]


def thing(kind: str, label: str, **more: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "kind": kind, "label": label, **more}


def document(objects: list[dict[str, Any]]) -> dict[str, Any]:
    return {"objects": objects, "item": {}}


def totals(pairs: Iterator[tuple[dict[str, Any], dict[str, Any]]], **how: Any) -> dict[str, int]:
    """Counts of all labels over all documents."""
    found: dict[str, int] = {}
    for truth, answer in pairs:
        for row in score(truth, answer, **how).parts["labels"].values():
            for name, count in row.items():
                found[name] = found.get(name, 0) + count
    return found


def test_boxes_that_are_shifted_a_little_are_found_again(data: Data) -> None:
    """Pictures of blood cells, crowded and overlapping."""

    def shifted() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        for path in sorted((data("bccd_bbox") / "Annotations").glob("*.xml")):
            truth = []
            for found in ElementTree.parse(path).iter("object"):
                left, top, far, low = (float(found.findtext(f"bndbox/{name}") or 0) for name in ("xmin", "ymin", "xmax", "ymax"))
                if far > left and low > top:
                    truth.append(thing("box", str(found.findtext("name")), box=[left, top, far - left, low - top]))
            yield document(truth), document([one | {"box": [one["box"][0] + 2, one["box"][1] - 1, *one["box"][2:]]} for one in truth[::-1]])

    found = totals(shifted())
    assert found["truth"] == 3350 + 301 + 292 - 2  # two of them have no area
    assert found["right"] / found["truth"] > 0.995
    assert found["right"] + found["wrong_label"] + found["missing"] == found["truth"]


def test_exact_f1_of_named_entities_is_the_published_one(data: Data) -> None:
    """WNUT 2017, entities: 39.98, 37.06 and 41.86."""
    folder = data("wnut17_ner")
    truth = entities(folder / "emerging.test.annotated")
    for name, published in (("arcada", 39.98), ("mic-cis.txt", 37.06), ("uh_ritual", 41.86)):
        answer = entities(folder / "submissions" / name)
        assert len(truth) == 1079
        found = totals(iter([(document(truth), document(answer))]), threshold=1.0)
        assert 100 * 2 * found["right"] / (found["truth"] + found["answer"]) == pytest.approx(published, abs=0.005)
        exact, some = span_f1(truth, answer)
        assert 100 * exact == pytest.approx(published, abs=0.005)
        assert some > exact


def entities(path: Path) -> list[dict[str, Any]]:
    """Spans of words, numbered through the file without its empty lines, under IOB2 tags."""
    found: list[dict[str, Any]] = []
    place, before = 0, "O"
    for line in path.read_text("utf-8").splitlines():
        words = line.split()
        if not words:
            before = "O"
            continue
        tag = words[-1]
        if tag.startswith("B-") or (tag.startswith("I-") and before[2:] != tag[2:]):
            found.append(thing("span", tag[2:], start=place, end=place + 1))
        elif tag.startswith("I-"):
            found[-1]["end"] = place + 1
        place, before = place + 1, tag
    return found


def masks(folder: Path) -> list[dict[str, Any]]:
    return [nucleus(path) for path in sorted(folder.glob("*.png"))]


def nucleus(path: Path) -> dict[str, Any]:
    drawn = coco.encode(np.asfortranarray((np.asarray(Image.open(path).convert("L")) > 0).astype(np.uint8)))
    return thing("mask", "nucleus", rle={"size": [int(side) for side in drawn["size"]], "counts": drawn["counts"].decode()})


def test_masks_match_as_an_assignment_over_pycocotools_overlaps_would(data: Data) -> None:
    """Nuclei before and after their correction; nuclei hardly overlap, so that whoever overlaps by half is the only one."""
    seen = 0
    for folder in sorted(data("dsb2018_nuclei_masks").iterdir()):
        if not (folder / "masks_original_if_changed").is_dir():
            continue
        before, after = masks(folder / "masks_original_if_changed"), masks(folder / "masks_corrected")
        if not before:
            continue
        codes = [[{"size": one["rle"]["size"], "counts": one["rle"]["counts"].encode()} for one in side] for side in (before, after)]
        overlaps = np.asarray(coco.iou(codes[0], codes[1], [0] * len(after)))
        halves = overlaps >= 0.5
        found = score(document(before), document(after)).parts["labels"]["nucleus"]
        assert max(halves.sum(axis=0).max(), halves.sum(axis=1).max()) <= 1 or found["right"] <= halves.any(axis=1).sum()
        if max(halves.sum(axis=0).max(), halves.sum(axis=1).max()) <= 1:
            assert found["right"] == halves.sum()
            seen += 1
    assert seen > 10


def test_skeletons_of_people_are_found_again_in_their_crowd(data: Data) -> None:
    known = json.loads((data("coco_keypoints_sample") / "test_coco.json").read_text())
    chance = np.random.default_rng(3)
    pictures: dict[int, list[dict[str, Any]]] = {}
    for row in known["annotations"]:
        points = np.array(row["keypoints"], dtype=float).reshape(-1, 3)
        if points[:, 2].any():
            pictures.setdefault(row["image_id"], []).append(thing("keypoints", "person", points=points.tolist()))
    sizes = {row["id"]: row["width"] * row["height"] for row in known["images"]}
    for image, people in pictures.items():
        moved = [one | {"points": [[x + chance.normal(0, 1), y + chance.normal(0, 1), v] for x, y, v in one["points"]]} for one in people]
        assert score(document(people), document(moved[::-1]), picture=sizes[image]).value == 1.0
