"""Predictions measured on what a version froze: what is taken, what is counted, what is refused with its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.evaluations.conftest import box, lines, said
from workflows.evaluations.models import Evaluation
from workflows.quality.evaluation.names import AREAS as NAMES

Cut = Callable[..., Any]
Measure = Callable[..., dict[str, Any]]


def test_perfect_predictions_have_perfect_figures_and_no_suspect(cut: Cut, measure: Measure, streets: dict[str, Any]) -> None:
    version = cut(streets)
    chances = {"rain": {"rain": 0.9, "clear": 0.1}, "clear": {"clear": 0.8, "rain": 0.2}}
    given = [{"key": key, "objects": [said(one) for one in row["objects"]], "item": {"weather": chances[row["item"]["weather"]]}} for key, row in streets.items()]
    found = measure(version, given, metrics={"mAP": 0.5}, by=["item.weather", "batch"])
    report, numbers = found["report"], found["metrics"]
    assert report["items"] == {"version": 24, "covered": 24, "measured": 24} and report["lines"]["unknown_keys"] == 0
    assert numbers["box"]["AP"] == 1.0 and numbers["objects"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0} and numbers["given"] == {"mAP": 0.5}
    assert numbers["item"]["weather"]["accuracy"] == 1.0 and round(numbers["item"]["weather"]["log_loss"], 4) == 0.1643
    assert numbers["labels"]["person"]["AP50"] == 1.0 and [row["label"] for row in report["labels"]] == ["car", "person"]
    assert report["labels"][0]["recall"]["of"] == 48 and report["labels"][0]["recall"]["low"] > 0.92
    assert report["confusion"]["cells"] == [{"meant": "car", "given": "car", "count": 48}, {"meant": "person", "given": "person", "count": 24}]
    assert not any(report["errors"].values()) and not any(one["kept"] for one in report["suspects"].values())
    by = {one["field"]: one for one in report["by"]}
    assert {row["value"]: row["items"] for row in by["item.weather"]["values"]} == {"rain": 12, "clear": 12} and by["batch"]["values"][0]["box"]["AP"] == 1.0
    assert found["measured"] and found["model"] == "detector"


def test_few_things_have_no_figure_but_a_word(world: Any, cut: Cut, measure: Measure, streets: dict[str, Any]) -> None:
    some = dict(list(streets.items())[:4])
    version = cut(some)
    found = measure(version, [{"key": key, "objects": [said(one) for one in row["objects"]]} for key, row in some.items()], by=["item.weather"])
    report = found["report"]
    [car, person] = report["labels"]
    assert car["precision"] == {"value": None, "low": None, "high": None, "of": 8, "why": "not_enough"} and person["box"]["AP"] is None
    assert report["box"]["AP"] == 1.0 and report["box"]["truth"] == 12 and report["box"]["APl"] is None and report["answers"] == [] and report["not_measured"] == []
    assert report["by"] == [{"field": "item.weather", "values": [], "others": {"values": 2, "items": 4}}]


def test_few_things_have_no_figure_anywhere(world: Any, cut: Cut, measure: Measure) -> None:
    version = cut({"a.jpg": {"objects": [box("a.jpg", 10, 10)]}})
    found = measure(version, [{"key": "a.jpg", "objects": [said(box("a.jpg", 10, 10))]}])
    assert found["report"]["box"] == dict.fromkeys(NAMES) | {"truth": 1} and found["metrics"]["box"] == dict.fromkeys(NAMES)
    assert set(found["metrics"]["objects"].values()) == {None} and set(found["metrics"]["labels"]["car"].values()) == {None}
    shown = world.page(world.viewer).get(f"/evaluations/{found['id']}").content.decode()
    assert "1.000" not in shown and shown.count("not enough") >= 3 + 1 + 12 and "100 %" not in shown
    Evaluation.objects.update(report=found["report"] | {"box": {"AP": 1.0, "AP50": 1.0, "AP75": 1.0}})  # as reports were written before
    assert "1.000" not in world.page(world.viewer).get(f"/evaluations/{found['id']}").content.decode()


def test_what_has_no_line_is_left_out_unless_it_was_said_to_be_empty(cut: Cut, measure: Measure, streets: dict[str, Any]) -> None:
    version = cut(streets, splits={"train": 0.5, "test": 0.5})
    given = [{"key": key, "objects": [said(one) for one in row["objects"]]} for key, row in list(streets.items())[:16]]
    given.append({"key": "street/elsewhere.jpg", "objects": []})
    skipped = measure(version, lines(given))["report"]
    assert skipped["items"] == {"version": 24, "covered": 16, "measured": 16} and skipped["box"]["AR100"] == 1.0
    assert skipped["lines"] == {"lines": 17, "unknown_keys": 1, "other_splits": 0}
    empty = measure(version, lines(given), uncovered="empty")["report"]
    assert empty["items"]["measured"] == 24 and empty["errors"]["missing"] == 24 and round(empty["box"]["AR100"], 4) == round(2 / 3, 4)
    half = measure(version, lines(given), split="test")
    assert half["split"] == "test" and half["report"]["items"]["version"] == version.splits["test"]
    assert half["report"]["items"]["covered"] + half["report"]["lines"]["other_splits"] == 16 and half["report"]["lines"]["unknown_keys"] == 1


def test_errors_are_told_by_kind_and_label(cut: Cut, measure: Measure, streets: dict[str, Any]) -> None:
    version = cut(streets)
    given = []
    for place, (key, row) in enumerate(streets.items()):
        car, other, person = (said(one) for one in row["objects"])
        if place < 6:
            car = said(car, label="sign")  # wrong label
        elif place < 10:
            other = said(other, box=[other["box"][0] + 22, *other["box"][1:]])  # badly placed
        elif place < 12:
            person = said(person, 0.3)  # below the threshold: missing
        given.append({"key": key, "objects": [car, other, person, said(box(key, 500, 400), 0.6)]})
    given[0]["objects"].append({"label": "bus", "box": [0, 0, 9, 9], "score": 0.9})
    report = measure(version, given)["report"]
    assert report["errors"] == {"missing": 2, "extra": 24, "wrong_label": 6, "badly_placed": 4, "attribute": 0}
    car = next(row for row in report["labels"] if row["label"] == "car")
    assert (car["truth"], car["found"], car["right"]) == (48, 66, 38) and car["errors"]["wrong_label"] == 6
    assert {"meant": "car", "given": "sign", "count": 6} in report["confusion"]["cells"] and {"meant": None, "given": "car", "count": 28} in report["confusion"]["cells"]
    assert report["predictions"]["unknown_labels"] == {"bus": 1}


def test_a_slice_is_measured_on_its_items(world: Any, cut: Cut, measure: Measure, streets: dict[str, Any]) -> None:
    from workflows.releases.models import Slice

    version = cut(streets, meta={key: {"camera": "left" if place < 12 else "right"} for place, key in enumerate(streets)})
    for name, q in (("wet", "item.weather = rain"), ("left.camera", 'meta.camera = "left"'), ("nothing", 'meta.camera = "none"')):
        Slice.objects.create(project=world.project, name=name, q=q)
    given = [{"key": key, "objects": [said(one) for one in row["objects"][: 3 if row["item"]["weather"] == "rain" else 1]]} for key, row in streets.items()]
    found = measure(version, given, by=["meta.camera"])
    slices = {row["name"]: row for row in found["report"]["slices"]}
    assert slices["wet"]["items"] == 12 and slices["wet"]["box"]["AP"] == 1.0 and slices["wet"]["objects"]["recall"]["value"] == 1.0
    assert slices["left.camera"]["items"] == 12 and round(slices["left.camera"]["objects"]["recall"]["value"], 4) == round(24 / 36, 4)
    assert slices["nothing"]["why"] == "not_enough" and slices["nothing"]["objects"]["f1"] is None
    assert found["metrics"]["slices"]["left_camera"]["recall"] == slices["left.camera"]["objects"]["recall"]["value"]
    assert [row["items"] for row in found["report"]["by"][0]["values"]] == [12, 12]


def test_spans_have_the_f1_of_entities(world: Any, cut: Cut, measure: Measure) -> None:
    from annotate.projects.services import create

    schema = {"labels": [{"name": name, "kinds": ["span"]} for name in ("PER", "ORG")]}
    project = create("letters", media="text", schema=schema, organisation_id=world.organisation.pk, by=world.actor(world.owner))
    texts = {f"letter-{place:02d}": {"text": "Anna Berg writes to Acme Works.", "objects": [
        {"id": box(str(place), 0, 0)["id"], "kind": "span", "label": "PER", "start": 0, "end": 9},
        {"id": box(str(place), 1, 0)["id"], "kind": "span", "label": "ORG", "start": 20, "end": 30},
    ]} for place in range(12)}  # fmt: skip
    version = cut(texts, project=project)
    given = [{"key": f"letter-{place:02d}", "objects": [{"label": "PER", "start": 0, "end": 4 if place < 3 else 9, "score": 0.9}, {"label": "ORG", "start": 20, "end": 30}]} for place in range(12)]
    found = measure(version, given, person=world.owner)["report"]
    assert round(found["entities"]["exact"]["f1"], 6) == round(21 / 24, 6) and found["entities"]["overlap"]["f1"] == 1.0
    assert found["box"] is None and found["predictions"]["with_score"] == 12


def test_the_same_file_twice_gives_the_same_report(cut: Cut, measure: Measure, streets: dict[str, Any]) -> None:
    version = cut(streets)
    given = lines({"key": key, "objects": [said(one, 0.5 + place % 5 / 10) for place, one in enumerate(row["objects"])]} for key, row in streets.items())
    one, other = measure(version, given), measure(version, given)
    assert one["id"] != other["id"] and one["report"] == other["report"] and one["metrics"] == other["metrics"]


def test_results_of_coco_name_pictures_as_our_export_does(world: Any, cut: Cut, measure: Measure, streets: dict[str, Any]) -> None:
    from workflows.evaluations.models import Evaluation

    version = cut(streets)
    given = []
    for place, (key, row) in enumerate(streets.items(), start=1):
        for thing in row["objects"]:
            whose = {"image_id": place} if place % 2 else {"image_id": "x", "key": key}
            x, y, w, h = thing["box"]
            outline = {"segmentation": [[x, y, x + w, y, x + w, y + h, x, y + h]]} if place == 3 else {}
            label = {"category_id": 1 if thing["label"] == "car" else 2} if place % 3 else {"category": thing["label"]}
            given.append({**whose, **label, "bbox": thing["box"], "score": 0.8, **outline})
    found = measure(version, given, format="coco", by="batch", metrics='{"mAP": 0.4}')
    assert found["report"]["box"]["AP"] == 1.0 and found["report"]["items"]["covered"] == 24 and found["metrics"]["given"] == {"mAP": 0.4}
    assert found["report"]["lines"] == {"lines": 72, "unknown_keys": 0, "other_splits": 0} and found["report"]["by"][0]["field"] == "batch"
    assert Evaluation.objects.count() == 1
