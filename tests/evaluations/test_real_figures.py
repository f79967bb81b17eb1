"""Published figures, come to through the API: COCO's average precision to the sixth digit, and counts of confident learning."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from tests.evaluations.conftest import lines, object_id
from tests.evaluations.planting import found_of, planted
from workflows.evaluations.suspecting import Suspecting

Cut = Callable[..., Any]
Measure = Callable[..., dict[str, Any]]
PUBLISHED = {
    "AP": 0.503647, "AP50": 0.696973, "AP75": 0.571667, "APs": 0.593252, "APm": 0.557991, "APl": 0.489363,
    "AR1": 0.386813, "AR10": 0.593680, "AR100": 0.595353, "ARs": 0.654764, "ARm": 0.603130, "ARl": 0.553744,
}  # fmt: skip


def test_average_precision_is_that_of_cocos_own_evaluation(world: Any, cut: Cut, measure: Measure, data: Callable[[str], Path]) -> None:
    from annotate.projects.services import create

    folder = data("coco_ap_reference")
    truth, given = (json.loads((folder / name).read_text()) for name in ("gt_sampled_coco2014val.json", "dets_sampled.json"))
    names = {one["id"]: one["name"] for one in truth["categories"]}
    schema = {"labels": [{"name": names[number], "kinds": ["box"]} for number in sorted(names)]}
    project = create("coco", media="image", schema=schema, organisation_id=world.organisation.pk, by=world.actor(world.owner))
    documents: dict[str, Any] = {f"{one['id']:012d}.jpg": {"objects": []} for one in truth["images"]}
    for place, one in enumerate(truth["annotations"]):
        documents[f"{one['image_id']:012d}.jpg"]["objects"].append({"id": object_id(place), "kind": "box", "label": names[one["category_id"]], "box": one["bbox"]})
    version = cut(documents, project=project, width=1000, height=1000)
    results = [{"key": f"{one['image_id']:012d}.jpg", "category": names[one["category_id"]], "bbox": one["bbox"], "score": one["score"]} for one in given["annotations"]]
    found = measure(version, results, format="coco", uncovered="empty", person=world.owner)
    assert {name: round(value, 6) for name, value in found["metrics"]["box"].items()} == PUBLISHED
    assert found["report"]["predictions"]["objects"] == 734 and sum(row["truth"] for row in found["report"]["labels"]) == 830


@pytest.mark.parametrize(("name", "count"), [("mnist", 15), ("20news", 95)])
def test_confident_learning_finds_as_many_as_was_published(data: Callable[[str], Path], name: str, count: int) -> None:
    folder = data("label_errors")
    labels = np.load(next((folder / "original_test_labels").glob(f"{name}*.npy")))
    chances = np.load(next((folder / "cross_validated_predicted_probabilities").glob(f"{name}*.npy")))
    options = [str(place) for place in range(chances.shape[1])]
    suspecting = Suspecting(0.8, {"what": options}, 0)
    for item, (label, row) in enumerate(zip(labels.tolist(), chances.tolist(), strict=True)):
        suspecting.weigh(item, "what", options[label], dict(zip(options, row, strict=True)))
    ranked = suspecting.ranked()
    assert len(ranked) == suspecting.counts["wrong_answer"] == count
    assert all(one.label == options[labels[one.item]] != one.said for one in ranked)


def test_planted_errors_in_blood_cells_come_out_on_top(world: Any, cut: Cut, measure: Measure, data: Callable[[str], Path]) -> None:
    from annotate.projects.services import create

    sound: dict[str, list[dict[str, Any]]] = {}
    for path in sorted((data("bccd_bbox") / "Annotations").glob("*.xml"))[:120]:
        sound[path.stem] = []
        for place, thing in enumerate(ElementTree.parse(path).iter("object")):
            left, top, right, bottom = (float(thing.findtext(f"bndbox/{name}") or 0) for name in ("xmin", "ymin", "xmax", "ymax"))
            if right > left and bottom > top:
                label = thing.findtext("name") or ""
                sound[path.stem].append({"id": object_id(path.stem, place), "kind": "box", "label": label, "box": [left, top, right - left, bottom - top]})
    labels = ["RBC", "WBC", "Platelets"]
    project = create("blood", media="image", schema={"labels": [{"name": name, "kinds": ["box"]} for name in labels]}, organisation_id=world.organisation.pk, by=world.actor(world.owner))
    documents, given, names = planted(sound, labels, seed=random.Random(1).randrange(100))
    found = measure(cut(documents, project=project), lines(given), person=world.owner)
    rows = world.api(world.owner).get(f"/evaluations/{found['id']}/suspects?limit=500").json()["results"]
    wanted = set().union(*names.values())
    top = {row["object"] or row["key"] for row in rows[: len(wanted) + 12]}
    assert len(wanted & top) >= 0.9 * len(wanted), {kind: (len(found_of(rows, kind)), len(some - top)) for kind, some in names.items()}
