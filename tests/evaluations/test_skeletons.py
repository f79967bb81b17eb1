"""Average precision of skeletons as pycocotools has it, and of points and lines by distance."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from tests.evaluations.conftest import object_id, said
from workflows.evaluations import precise
from workflows.evaluations.reporting import tables
from workflows.evaluations.tallies import Tally
from workflows.quality.evaluation.names import SKELETONS
from workflows.quality.evaluation.precision import figures

Thing = dict[str, Any]
LABELS = ("person", "rider")


def flat(thing: Thing) -> list[float]:
    return [value for point in thing["points"] for value in point]


def by_pycocotools(truths: list[list[Thing]], found: list[list[Thing]]) -> list[float]:
    """Of pictures from 1 on; the area of a truth is that of the box around its labelled points, as our exports write it."""
    rows, results = [], []
    for image, (mine, theirs) in enumerate(zip(truths, found, strict=True), 1):
        for thing in mine:
            seen = [point for point in thing["points"] if point[2]] or [[0, 0, 0]]
            x, y = min(point[0] for point in seen), min(point[1] for point in seen)
            w, h = max(point[0] for point in seen) - x, max(point[1] for point in seen) - y
            told = {"num_keypoints": sum(point[2] > 0 for point in thing["points"]), "iscrowd": 0, "bbox": [x, y, w, h], "area": w * h}
            rows.append({"id": len(rows) + 1, "image_id": image, "category_id": LABELS.index(thing["label"]) + 1, "keypoints": flat(thing), **told})
        results += [{"image_id": image, "category_id": LABELS.index(thing["label"]) + 1, "keypoints": flat(thing), "score": thing["score"]} for thing in theirs]
    return measured_by_coco({"info": {}, "images": [{"id": place} for place in range(1, len(truths) + 1)], "categories": [{"id": 1}, {"id": 2}], "annotations": rows}, results)


def measured_by_coco(document: Any, results: Any) -> list[float]:
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = copy.deepcopy(document)
        truth.createIndex()
        measured = COCOeval(truth, truth.loadRes(copy.deepcopy(results)), "keypoints")
        measured.evaluate()
        measured.accumulate()
        measured.summarize()
    return list(np.asarray(measured.stats))


def ours(truths: list[list[Thing]], found: list[list[Thing]]) -> dict[str, float | None]:
    tally = Tally(fine=True)
    precise.measure("keypoints", truths, found, [0.0] * len(truths), [[tally]] * len(truths))
    return figures(list(tables(tally, "keypoints").values()), SKELETONS)


def same(truths: list[list[Thing]], found: list[list[Thing]], *, within: float) -> None:
    values = ours(truths, found)
    for name, value in zip(SKELETONS, by_pycocotools(truths, found), strict=True):
        assert values[name] == (None if value < 0 else pytest.approx(value, abs=within)), name


coordinates = st.integers(20, 160)
skeletons = st.lists(st.tuples(coordinates, coordinates, st.sampled_from([0, 1, 2, 2])), min_size=17, max_size=17)
people = st.tuples(st.sampled_from(LABELS), skeletons)
moves = st.tuples(st.integers(0, 5), st.floats(0, 30), st.sampled_from([0.1, 0.5, 0.5, 0.9]), st.sampled_from([True, True, True, False]))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(people, max_size=6), min_size=1, max_size=3), st.lists(moves, min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_pycocotools_says_the_same_of_skeletons(pictures: list[Any], moved: list[Any], dice: random.Random) -> None:
    truths = [[{"kind": "keypoints", "label": label, "points": [list(point) if point[2] else [0, 0, 0] for point in points]} for label, points in some] for some in pictures]
    found: list[list[Thing]] = [[] for _each in pictures]
    for at, far, score, right in moved:
        place = at % len(pictures)
        if truths[place]:
            one = truths[place][at % len(truths[place])]
            points = [[x + dice.uniform(-far, far), y + dice.uniform(-far, far), 2] for x, y, _v in one["points"]]
            found[place].append({"kind": "keypoints", "label": one["label"] if right else LABELS[0], "points": points, "score": score})
    if any(found):
        same(truths, found, within=1e-9)


def test_pycocotools_says_the_same_of_a_crowd_and_of_more_than_twenty_predictions() -> None:
    dice = random.Random(17)
    truths, found = [], []
    for _picture in range(30):
        mine: list[Thing] = []
        for _person in range(dice.randrange(9)):
            x, y, size = dice.uniform(0, 500), dice.uniform(0, 400), dice.choice([20, 60, 150, 300])
            mine.append({"kind": "keypoints", "label": dice.choice(LABELS), "points": [[round(x + dice.random() * size, 2), round(y + dice.random() * size, 2), dice.choice([0, 1, 2, 2])] for _point in range(17)]})
            for point in mine[-1]["points"]:
                point[:2] = point[:2] if point[2] else [0, 0]
        if dice.random() < 0.2:
            mine.append({"kind": "keypoints", "label": "person", "points": [[0, 0, 0]] * 17})  # no point is labelled: it need not be found
        theirs: list[Thing] = []
        for one in (mine * 8)[: dice.choice([5, 12, 60])]:
            far = dice.choice([1, 4, 9, 25])
            points = [[round(x + dice.gauss(0, far), 2), round(y + dice.gauss(0, far), 2), dice.choice([0, 2])] for x, y, _v in one["points"]]
            theirs.append({"kind": "keypoints", "label": one["label"], "points": points, "score": round(dice.random(), 2)})
        truths.append(mine)
        found.append(theirs)
    assert max(sum(one["label"] == "person" for one in some) for some in found) > 20
    same(truths, found, within=1e-9)


def test_real_people_are_measured_as_pycocotools_does_on_our_own_export(world: Any, cut: Any, measure: Any, data: Callable[[str], Path], run_jobs: Any) -> None:
    from annotate.projects.services import create
    from workflows.exporters.services import export

    document = json.loads((data("coco_keypoints_sample") / "test_coco.json").read_text())
    names = document["categories"][0]["keypoints"]
    schema = {"labels": [{"name": "person", "kinds": ["keypoints"], "skeleton": {"points": names, "edges": []}}]}
    project = create("people", media="image", schema=schema, organisation_id=world.organisation.pk, by=world.actor(world.owner))
    documents: dict[str, Any] = {one["file_name"]: {"objects": []} for one in document["images"]}
    files = {one["id"]: one["file_name"] for one in document["images"]}
    for place, row in enumerate(document["annotations"]):
        if row["num_keypoints"]:
            flat = row["keypoints"]
            points = [[flat[at], flat[at + 1], flat[at + 2]] for at in range(0, len(flat), 3)]
            documents[files[row["image_id"]]]["objects"].append({"id": object_id(place), "kind": "keypoints", "label": "person", "points": points})
    version = cut(documents, project=project, width=1000, height=1000)
    dice, results = random.Random(4), []
    order = sorted(documents)
    for name, row in documents.items():
        for thing in [*row["objects"], *row["objects"][:2]]:
            far = dice.choice([1.0, 3.0, 8.0, 20.0])
            flat = [value for x, y, _v in thing["points"] for value in (x + dice.gauss(0, far), y + dice.gauss(0, far), 0)]
            results.append({"image_id": order.index(name) + 1, "category_id": 1, "keypoints": flat, "score": round(dice.random(), 3)})
    found = measure(version, results, format="coco", person=world.owner)
    made = export(version, format="coco_keypoints", media="reference", by=world.actor(world.owner))
    run_jobs()
    made.refresh_from_db()
    api = world.api(world.owner)
    [path] = [one["path"] for one in api.get(f"/exports/{made.pk}").json()["files"] if "person_keypoints" in one["path"]]
    answer = api.get(f"/exports/{made.pk}/files/{path}")
    truth = json.loads(b"".join(answer.streaming_content) if answer.streaming else answer.content)
    figured = found["metrics"]["keypoints"]
    assert sum(value is not None for value in figured.values()) >= 6 and figured["AP"] is not None
    for name, value in zip(SKELETONS, measured_by_coco(truth, results), strict=True):
        assert figured[name] is None or figured[name] == pytest.approx(value, abs=1e-6), name
    assert found["report"]["precision_by"]["keypoints"]["by"] == "oks" and found["report"]["precision_by"]["keypoints"]["most"] == 20
    assert found["report"]["labels"][0]["keypoints"]["AP"] == figured["AP"] and found["report"]["box"] is None


@pytest.mark.parametrize("kind", ["point", "polyline"])
def test_points_and_lines_are_measured_by_distance(world: Any, cut: Any, measure: Any, kind: str) -> None:
    """Half of them lie a hundredth of the picture's side off: alike by exp(-1/8) = 0.8825, enough for the thresholds up to 0.85."""
    from annotate.projects.services import create

    project = create(kind, media="image", schema={"labels": [{"name": "spot", "kinds": [kind]}]}, organisation_id=world.organisation.pk, by=world.actor(world.owner))
    documents, given = {}, []
    for place in range(20):
        points = [[100 + 10 * place, 300]] if kind == "point" else [[100, 200 + 10 * place], [400, 200 + 10 * place]]
        thing = {"id": object_id(kind, place), "kind": kind, "label": "spot", "points": points}
        documents[f"{place:02d}.jpg"] = {"objects": [thing]}
        off = 0 if place < 10 else 10
        given.append({"key": f"{place:02d}.jpg", "objects": [said(thing, 0.9 if place < 10 else 0.6, points=[[x, y + off] for x, y in points])]})
    found = measure(cut(documents, project=project, width=1000, height=1000), given, person=world.owner)
    figured = found["metrics"][kind]
    assert figured["AP50"] == figured["AP75"] == pytest.approx(1.0) and figured["AP"] == pytest.approx((8 + 2 * 51 / 101) / 10) and figured["AR"] == pytest.approx(0.9)
    how = found["report"]["precision_by"][kind]
    assert how["by"] == "distance" and how["distances"][0] == pytest.approx(0.02 * np.sqrt(2 * np.log(2)), abs=1e-6) and len(how["distances"]) == len(how["thresholds"]) == 10
    shown = world.page(world.owner).get(f"/evaluations/{found['id']}").content.decode()
    assert "By distance, which no figure of COCO" in shown and "2.4 % down to 0.6 %" in shown
