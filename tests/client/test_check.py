"""A gate for data: passes, fails with the parts that fail, or cannot tell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.client.conftest import Line, loaded

MODULE = loaded()
VERSION: dict[str, Any] = {
    "number": 2,
    "counts": {"items": 100, "objects": 250, "labels": {"car": 200, "sign": 50}, "leakage": {"groups": 1, "same_bytes": 0}},
    "splits": {"train": 80, "val": 10, "test": 10},
}
BEFORE: dict[str, Any] = {"number": 1, "counts": {"items": 110, "labels": {"car": 190, "sign": 100, "van": 0}}}
CASES: list[tuple[str, list[bool | None]]] = [
    ("items = {min = 100}", [True]),
    ("items = {min = 101}", [False]),
    ("items = {max = 99}", [False]),
    ("label = {min = 51}", [True, False]),
    ("labels.van = {min = 1}", [False]),
    ("labels.car = {min = 200, max = 200}", [True]),
    ("splits.train = {min = 0.7, max = 0.9}", [True]),
    ("splits.test = {min = 0.2}", [False]),
    ("leakage = {groups = 0, same_bytes = 0}", [False, True]),
    ("lost = {label = 0.5}", [True, True]),
    ("lost = {label = 0.49}", [True, False]),
    ("lost = {items = 0.05}", [False]),
    ('figures."counts.objects" = {min = 250}', [True]),
    ('figures."counts.agreement.value" = {min = 0.8}', [None]),
    ('tag = "production"', [True]),
    ('tag = "other"', [False]),
    ("metrics.detector.mAP = {min = 0.4}", [True]),
    ("metrics.detector.mAP = {min = 0.4, drop = 0.01}", [True, False]),
    ("metrics.detector.recall = {min = 0.4}", [None]),
    ("metrics.other.mAP = {min = 0.4}", [None]),
]


@pytest.mark.parametrize(("text", "wanted"), CASES)
def test_each_part_of_a_gate(tmp_path: Path, text: str, wanted: list[bool | None]) -> None:
    gate = tmp_path / "gate.toml"
    gate.write_text(text)
    figures = {2: {"detector": {"mAP": 0.4}}, 1: {"detector": {"mAP": 0.45}}}
    found = list(MODULE.judged(MODULE.read_gate(str(gate)), VERSION, BEFORE, ["production"], lambda version, model: figures[version["number"]].get(model)))
    assert [passed for passed, _words in found] == wanted, found


def test_a_figure_of_too_few_things_cannot_be_judged_and_says_so(tmp_path: Path) -> None:
    gate = tmp_path / "gate.toml"
    gate.write_text('metrics.detector."box.AP" = {min = 0.4, drop = 0.1}\nmetrics.detector.f1 = {min = 0.4}\nmetrics.detector."box.mAP" = {min = 0.4}')
    found = list(MODULE.judged(MODULE.read_gate(str(gate)), VERSION, BEFORE, [], lambda _version, _model: {"box": {"AP": None}, "f1": None}))
    assert [words for passed, words in found if passed is None] == [
        "detector box.AP: measured on too few things to be told",
        "detector f1: measured on too few things to be told",
        "detector box.mAP: the version does not tell it",
    ]


@pytest.mark.parametrize("text", ["", "nonsense", "items = 5", "items = {least = 5}", "itmes = {min = 5}", "tag = 5", "labels = {car = 5}", "metrics.a = {min = 1}", "items = {min = 'x'}"])
def test_a_gate_that_asks_for_nothing_known_cannot_tell(tmp_path: Path, text: str) -> None:
    gate = tmp_path / "gate.toml"
    gate.write_text(text)
    assert MODULE.main(["check", "--gate", str(gate), "--to", str(tmp_path)]) == 2


def test_the_example_is_a_gate(tmp_path: Path) -> None:
    gate = tmp_path / "gate.toml"
    gate.write_text(MODULE.GATE)
    assert set(MODULE.read_gate(str(gate))) == {"tag", "items", "label", "labels", "splits", "leakage", "lost", "figures", "metrics"}


def test_a_pipeline_reports_flags_tags_compares_and_checks(line: Line, tmp_path: Path, capsys: Any) -> None:
    """The client's other commands against a server."""
    from annotate.reviews.models import Question
    from workflows.evaluations.models import Evaluation, Pull
    from workflows.releases.models import Tag

    keys = line.add(5)
    line.cut()
    line.relabel(keys[2])
    line.add(2)
    second = line.cut()
    line.export(second)
    manager = line.world.token(line.world.manager)
    to = ("--to", str(tmp_path / "data"))
    assert line.client("pull", "streets", *to, "--run", "night-7") == 0
    assert Pull.objects.get().run == "night-7"
    figures = tmp_path / "figures.json"
    figures.write_text(json.dumps({"box": {"mAP": 0.41}}))
    assert line.client("report", "--metrics", str(figures), *to) == 2
    line.module.time.sleep, slept = (lambda _seconds: line.run_jobs()), line.module.time.sleep
    try:
        assert line.client("report", "--metrics", str(figures), "--model", "detector", "--run", "night-7", *to) == 0
    finally:
        line.module.time.sleep = slept
    assert Evaluation.objects.get().version_id == second.pk
    assert line.client("flag", keys[1], "--reason", "a van, not a car", *to) == 0
    assert line.client("flag", "nothing.jpg", "--reason", "x", *to) == 4
    assert Question.objects.get().item.key == keys[1]
    assert line.client("tag", "production", "2", *to) == 3
    assert line.client("tag", "production", "2", *to, token=manager) == 0
    assert Tag.objects.get().version_id == second.pk
    capsys.readouterr()
    assert line.client("diff", "1", "production", *to) == 0
    assert "items: 2 added, 0 removed, 1 changed, 4 same" in capsys.readouterr().out
    assert line.client("diff", "streets@1", "2", "--objects", "--to", str(tmp_path)) == 0
    assert [json.loads(each)["key"] for each in capsys.readouterr().out.splitlines()] == [keys[2], *line.keys[5:]]
    gate = tmp_path / "gate.toml"
    for text, code in (("items = {min = 7}\nmetrics.detector.box.mAP = {min = 0.4}", 2), ('tag = "production"\nitems = {min = 7}', 0), ("items = {min = 8}", 1), ('metrics.detector."box.mAP" = {min = 0.4}', 0)):
        gate.write_text(text)
        assert line.client("check", "--gate", str(gate), *to) == code, text
    assert line.client("check", "streets@1", "--gate", str(gate)) == 2


def test_a_pipeline_sends_predictions_and_reads_what_was_measured(line: Line, tmp_path: Path, capsys: Any) -> None:
    from workflows.evaluations.models import Evaluation

    keys = line.add(12)
    line.export(line.cut())
    to = ("--to", str(tmp_path / "data"))
    assert line.client("pull", "streets", *to) == 0
    boxes = {key: [at % 7 + 0.5, 2, 30.25, 4] for at, key in enumerate(keys)}
    lines, results, figures = tmp_path / "lines.ndjson", tmp_path / "results.json", tmp_path / "figures.json"
    lines.write_text("".join(json.dumps({"key": key, "objects": [{"label": "car", "box": box, "score": 0.9}]}) + "\n" for key, box in boxes.items()))
    results.write_text(json.dumps([{"image_id": place, "category_id": 1, "bbox": boxes[key], "score": 0.9} for place, key in enumerate(sorted(keys)[:6], start=1)]))
    figures.write_text(json.dumps({"mAP": 0.41}))
    line.module.time.sleep, slept = (lambda _seconds: line.run_jobs()), line.module.time.sleep
    try:
        assert line.client("report", *to, "--model", "detector") == 2
        assert line.client("report", "--predictions", str(lines), *to) == 2
        assert line.client("report", "--predictions", str(lines), "--metrics", str(figures), "--model", "detector", "--by", "batch", *to) == 0
        told = capsys.readouterr().out
        assert "measured on 12 items" in told and "box.AP 1.0000" in told and "box.APl not enough" in told and "suspected label errors: none" in told
        assert line.client("report", "--predictions", str(results), "--model", "detector", "--empty", *to) == 0
        assert "a line for 6 of 12" in capsys.readouterr().out
        lines.write_text("nonsense\n")
        assert line.client("report", "--predictions", str(lines), "--model", "detector", *to) == 9
    finally:
        line.module.time.sleep = slept
    first, second = Evaluation.objects.order_by("pk")
    assert first.metrics["given"] == {"mAP": 0.41} and round(second.metrics["box"]["AR100"], 6) == 0.5
